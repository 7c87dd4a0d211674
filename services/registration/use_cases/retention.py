"""What registration keeps for a time: people without contact are told and then erased, notes lose their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.places import civil_date
from services.registration.domain.retention import Durations, is_without_contact, plan_erasure
from services.registration.repository import imports
from services.registration.repository import retention as repository
from services.registration.repository.exports import EXPORTS
from services.registration.repository.imports import IMPORTS
from services.registration.settings import Settings
from services.registration.tables import FormerContactRow, IdempotencyRow
from services.registration.use_cases.erasing import erase_participant
from services.registration.use_cases.owed_mails import owe_erasure_notices
from services.registration.use_cases.participants import participant_named
from shared.auditing import lines_kept
from shared.idempotency import answers_kept
from shared.ids import new_id
from shared.moment import Moment
from shared.retention import Lasting, rows_kept
from shared.rights import EVERYTHING, Scope
from shared.sql import table_of

NOTES_AT_ONCE = 1_000
REPORTS_AT_ONCE = 20
PEOPLE_TO_TELL_AT_ONCE = 200

FORMER_CONTACTS = table_of(FormerContactRow)


def all_kept(settings: Settings) -> tuple[Lasting, ...]:
    """All that registration keeps for a time, in the order in which it goes."""
    keeping = settings.keeping
    people = _PeopleWithoutContact(keeping)
    notes = _Notes(keeping)
    quoted = _QuotedCells(keeping)
    return (
        Lasting("plans overtaken by contact", people.count_overtaken, people.drop_overtaken),
        Lasting("people to erase", people.count_due, people.erase_next),
        Lasting("people to tell of their erasure", people.count_untold, people.tell_some),
        Lasting("words of notes", notes.count, notes.forget_some),
        rows_kept(
            "former contacts of employers",
            FORMER_CONTACTS,
            lambda now: FORMER_CONTACTS.c.changed_at < now - keeping.former_contacts,
        ),
        Lasting("cells quoted in reports of imports", quoted.count, quoted.forget_some),
        rows_kept("reports of imports", IMPORTS, lambda now: IMPORTS.c.ended_at < now - keeping.reports),
        exports_kept(settings),
        answers_kept(table_of(IdempotencyRow), settings.keep_answers_days),
        lines_kept(settings.keep_audit_years),
    )


def exports_kept(settings: Settings) -> Lasting:
    """Exports with their files: they go by the hour."""
    return rows_kept("exports", EXPORTS, lambda now: EXPORTS.c.ended_at < now - settings.keeping.exports)


async def keep_participant(session: AsyncSession, scope: Scope, participant_id: UUID, moment: Moment) -> None:
    """Somebody said that they stay: they are not erased. Raises `Refused` where that was not planned."""
    await _check_is_planned(session, scope, participant_id)
    await repository.note_heard(session, participant_id, moment.now)
    await repository.plan_no_more(session, [participant_id])


async def note_told(session: AsyncSession, scope: Scope, participant_id: UUID, moment: Moment) -> None:
    """Somebody told them that they will be erased. Raises `Refused` where that is not planned."""
    await _check_is_planned(session, scope, participant_id)
    await repository.note_told(session, participant_id, moment.by, moment.now)


async def _check_is_planned(session: AsyncSession, scope: Scope, participant_id: UUID) -> None:
    if not await repository.is_planned(session, scope, participant_id):
        raise find_refused(kinds.NO_ERASURE_PLANNED, "participant_id")


class _PeopleWithoutContact:
    """Told first, erased later, and neither where there was contact meanwhile."""

    def __init__(self, keeping: Durations) -> None:
        self._keeping = keeping

    async def count_overtaken(self, session: AsyncSession, now: datetime) -> int:
        return len(await self._overtaken(session, await repository.all_planned(session), now))

    async def drop_overtaken(self, session: AsyncSession, now: datetime) -> int:
        overtaken = await self._overtaken(session, await repository.all_planned(session), now)
        return await repository.plan_no_more(session, overtaken)

    async def count_due(self, session: AsyncSession, now: datetime) -> int:
        due = await repository.due_on(session, civil_date(now))
        return len(due) - len(await self._overtaken(session, due, now))

    async def erase_next(self, session: AsyncSession, now: datetime) -> int:
        """Erase one person, in this transaction alone: an erasure searches much."""
        for participant_id in await repository.due_on(session, civil_date(now), 1):
            # Whoever enrols or changes them waits from here on, or is seen.
            await participant_named(session, EVERYTHING, participant_id, lock=True)
            if await self._overtaken(session, [participant_id], now):
                return await repository.plan_no_more(session, [participant_id])
            await erase_participant(session, EVERYTHING, participant_id, Moment(now, new_id))
            return 1
        return 0

    async def count_untold(self, session: AsyncSession, now: datetime) -> int:
        return len(await self._without_contact(session, now))

    async def tell_some(self, session: AsyncSession, now: datetime) -> int:
        some = await self._without_contact(session, now, PEOPLE_TO_TELL_AT_ONCE)
        await repository.plan_erasures(session, [plan_erasure(each, self._keeping, now) for each in some])
        reached = await repository.reached_by_mail(session, some)
        await owe_erasure_notices(session, reached, Moment(now, new_id))
        return len(some)

    async def _without_contact(self, session: AsyncSession, now: datetime, limit: int | None = None) -> list[UUID]:
        found: list[UUID] = []
        async for people in repository.unchanged_since(session, now - self._keeping.people):
            found += [each for each, contacts in people if is_without_contact(contacts, self._keeping, now)]
            if limit is not None and len(found) >= limit:
                return found[:limit]
        return found

    async def _overtaken(self, session: AsyncSession, planned: Sequence[UUID], now: datetime) -> list[UUID]:
        known = await repository.contacts_with(session, planned)
        return [each for each, contacts in known.items() if not is_without_contact(contacts, self._keeping, now)]


class _QuotedCells:
    """What the reports of imports quote of what was handed in: it may name somebody, and nothing else would find it."""

    def __init__(self, keeping: Durations) -> None:
        self._keeping = keeping

    async def count(self, session: AsyncSession, now: datetime) -> int:
        return await imports.count_quoting(session, now - self._keeping.quoted)

    async def forget_some(self, session: AsyncSession, now: datetime) -> int:
        return await imports.forget_quoted(session, now - self._keeping.quoted, REPORTS_AT_ONCE)


class _Notes:
    """The words of notes: what they say was seen stays with the person."""

    def __init__(self, keeping: Durations) -> None:
        self._keeping = keeping

    async def count(self, session: AsyncSession, now: datetime) -> int:
        return await repository.count_old_notes(session, self._ended_before(now))

    async def forget_some(self, session: AsyncSession, now: datetime) -> int:
        return await repository.forget_old_words(session, self._ended_before(now), now, NOTES_AT_ONCE)

    def _ended_before(self, now: datetime) -> date:
        return civil_date(now - self._keeping.notes)
