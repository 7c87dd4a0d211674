"""Registration's worker: relays its events, follows pairings and invitations, works at imports and exports, sends the
mails that it owes, seals the audit, lets go of what has outlived its time, forgets ended sign-ins, notes which erasures
others were told of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from services.registration.adapters.files.own_folder import sweep_folders
from services.registration.adapters.staff_mail import OwedMailSender, mail_by_notification
from services.registration.domain.accounts import Lifetimes
from services.registration.repository import exports, imports
from services.registration.repository.erasures import note_told
from services.registration.repository.queueing import WorkQueue
from services.registration.repository.sign_in_attempts import forget_attempts
from services.registration.repository.sign_in_links import forget_links
from services.registration.repository.signed_in import forget_ended
from services.registration.settings import Settings
from services.registration.subscribers import create_router
from services.registration.tables import Base, LimitRow
from services.registration.use_cases.exports import work_at_next_export
from services.registration.use_cases.imports import work_at_next_import
from services.registration.use_cases.owed_mails import send_next_owed
from services.registration.use_cases.retention import all_kept, exports_kept
from services.registration.use_cases.working import Workplace
from shared import limits
from shared.asking import IN_WORKER
from shared.auditing import SEAL_EVERY, TELL_HEAD_EVERY, seal_lines, tell_head
from shared.database import Sessions, create_engine, create_sessions, unit_of_work
from shared.identity import Clock, Seal, wall_clock
from shared.ids import new_id
from shared.moment import Moment
from shared.retention import LET_GO_EVERY, let_outlived_go
from shared.sql import table_of
from shared.travel.process import Task, Timer, Well, run
from shared.travel.waking import listening
from shared.travel.worker import Worker

LOOK_AGAIN = timedelta(seconds=10)
"""How long something whose worker died can wait at most, once its lease ran out, before somebody looks."""

FORGET_EVERY = timedelta(hours=1)
NOTE_EVERY = timedelta(minutes=10)
OWED_EVERY = timedelta(seconds=10)


def create_worker(settings: Settings, *, clock: Clock = wall_clock) -> Worker:
    """The worker, an ASGI application."""
    engine = create_engine(settings.database_url)
    seal = Seal(settings.seal_secret.get_secret_value())
    sessions = create_sessions(engine, IN_WORKER, seal=seal)
    place = Workplace(settings.database_url, settings.direct_url, sessions, seal, clock, new_id)
    mail = mail_by_notification(settings)
    return Worker(
        service="registration",
        settings=settings,
        engine=engine,
        metadata=Base.metadata,
        router=create_router(),
        timers=[
            Timer("retention", LET_GO_EVERY, lambda: keep_no_longer(sessions, settings, clock)),
            Timer("exports-gone", FORGET_EVERY, lambda: forget_exports(sessions, settings, clock)),
            Timer("forget-limits", limits.FORGET_EVERY, lambda: limits.forget_limits(sessions, table_of(LimitRow))),
            Timer("sign-ins-ended", FORGET_EVERY, lambda: forget_ended_sign_ins(sessions, settings.lifetimes, clock)),
            Timer("owed-mails", OWED_EVERY, lambda: send_owed_mails(sessions, mail, clock)),
            Timer("seal-audit", SEAL_EVERY, lambda: seal_lines(sessions)),
            Timer("audit-head", TELL_HEAD_EVERY, lambda: tell_head(sessions)),
            Timer("erasures-told", NOTE_EVERY, lambda: note_erasures_told(sessions)),
        ],
        tasks=[
            Task("imports", lambda well: work_as_asked(place, imports.QUEUE, work_at_next_import, well)),
            Task("exports", lambda well: work_as_asked(place, exports.QUEUE, work_at_next_export, well)),
        ],
    )


async def work_as_asked(
    place: Workplace, queue: WorkQueue, work_at_next: Callable[[Workplace], Awaitable[bool]], well: Well
) -> None:
    """Work at what is in a queue, one after the other, as it is asked for."""
    await asyncio.to_thread(sweep_folders)
    async with listening(place.direct_url, queue.channel) as bell:
        while True:
            while await work_at_next(place):
                pass
            well()
            await bell.wait(LOOK_AGAIN)


async def forget_exports(sessions: Sessions, settings: Settings, clock: Clock) -> None:
    """Let the files of exports go when their time is over."""
    await let_outlived_go(sessions, [exports_kept(settings)], now=clock())


async def keep_no_longer(sessions: Sessions, settings: Settings, clock: Clock) -> None:
    """Let go of what has outlived its time: people without contact, words of notes, and more."""
    await let_outlived_go(sessions, all_kept(settings), now=clock())


async def forget_ended_sign_ins(sessions: Sessions, lifetimes: Lifetimes, clock: Clock) -> None:
    """Forget who was signed in where, and links to sign in, once they have ended by themselves."""
    async with unit_of_work(sessions) as session:
        await forget_ended(session, ended_before=clock(), seen_before=clock() - lifetimes.idle)
        await forget_links(session, clock())
        await forget_attempts(session, clock())


async def send_owed_mails(sessions: Sessions, sender: OwedMailSender, clock: Clock) -> None:
    """Send what is owed by mail and due, each in a transaction of its own."""
    was_one = True
    while was_one:
        async with unit_of_work(sessions) as session:
            was_one = await send_next_owed(session, sender, Moment(clock(), new_id))


async def note_erasures_told(sessions: Sessions) -> None:
    """Keep in each erasure's record when Kafka took it: the outbox forgets that with the event."""
    async with unit_of_work(sessions) as session:
        await note_told(session)


def main() -> None:
    """Run registration's worker, configured by the environment."""
    run(create_worker(Settings()))


if __name__ == "__main__":
    main()
