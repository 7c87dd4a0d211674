"""Notification's worker: subscribers, relay, the sender of mails, and the timers."""

from __future__ import annotations

from datetime import timedelta

from services.notification.adapters.directory import RegistrationDirectory
from services.notification.adapters.transport import mail_server
from services.notification.repository.messages import WAKE_CHANNEL
from services.notification.settings import Settings
from services.notification.subscribers import create_router
from services.notification.tables import Base, LimitRow
from services.notification.use_cases import deadlines
from services.notification.use_cases.retention import all_kept
from services.notification.use_cases.sender import Sender, SenderParts
from services.notification.warming import warm
from shared import limits
from shared.asking import IN_WORKER
from shared.auditing import SEAL_EVERY, TELL_HEAD_EVERY, seal_lines, tell_head
from shared.database import create_engine, create_sessions, unit_of_work
from shared.identity import Seal, wall_clock
from shared.ids import new_id
from shared.moment import Moment
from shared.retention import LET_GO_EVERY, let_outlived_go
from shared.sql import table_of
from shared.travel.process import Task, Timer, Well, run
from shared.travel.waking import listening
from shared.travel.worker import Worker

LOOK_AGAIN = timedelta(seconds=5)
"""How long a message whose time has come waits at most before somebody looks."""

DEADLINES_EVERY = timedelta(seconds=30)


def create_worker(settings: Settings) -> Worker:
    """The worker, an ASGI application."""
    engine = create_engine(settings.database_url, pool_size=8 + settings.smtp_connections)
    sessions = create_sessions(engine, IN_WORKER)
    seal = Seal(settings.seal_secret.get_secret_value())

    async def send_mails(well: Well) -> None:
        async with (
            RegistrationDirectory(settings.registration_url, settings.signer("notification"), wall_clock) as directory,
            listening(settings.direct_url, WAKE_CHANNEL) as bell,
        ):
            sender = Sender(
                SenderParts(
                    sessions=sessions,
                    directory=directory,
                    mail_server=mail_server(settings),
                    seal=seal,
                    rules=settings.rules,
                    public_url=settings.public_url,
                    mail_from=settings.mail_from,
                    domain=settings.mail_domain,
                    lease=timedelta(seconds=settings.mail_lease_seconds),
                    connections=settings.smtp_connections,
                    clock=wall_clock,
                    new_id=new_id,
                )
            )
            try:
                while True:
                    await sender.send_due()
                    well()
                    await bell.wait(LOOK_AGAIN)
            finally:
                await sender.close()

    async def look_at_the_clock() -> None:
        async with unit_of_work(sessions) as session:
            await deadlines.keep_deadlines(session, moment=Moment(wall_clock(), new_id), rules=settings.rules)

    async def keep_no_longer() -> None:
        await let_outlived_go(sessions, all_kept(settings), now=wall_clock())

    return Worker(
        service="notification",
        settings=settings,
        engine=engine,
        metadata=Base.metadata,
        router=create_router(),
        given={"rules": settings.rules},
        timers=[
            Timer("deadlines", DEADLINES_EVERY, look_at_the_clock),
            Timer("forget-limits", limits.FORGET_EVERY, lambda: limits.forget_limits(sessions, table_of(LimitRow))),
            Timer("retention", LET_GO_EVERY, keep_no_longer),
            Timer("seal-audit", SEAL_EVERY, lambda: seal_lines(sessions)),
            Timer("audit-head", TELL_HEAD_EVERY, lambda: tell_head(sessions)),
        ],
        tasks=[Task("mails", send_mails)],
    )


def main() -> None:
    """Run notification's worker, configured by the environment."""
    run(create_worker(Settings()), warm=warm)


if __name__ == "__main__":
    main()
