"""Sessions of workshops: plan, change, drop; note who came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, Notes, find_refused
from services.registration.domain.said import made_of, said_or
from services.registration.domain.workshop_sessions import (
    Presence,
    SessionDetails,
    SessionDraft,
    WorkshopSession,
    ends_after_it_begins,
)
from services.registration.domain.workshops import Workshop
from services.registration.repository import participants as participant_rows
from services.registration.repository import workshop_sessions as repository
from services.registration.repository import workshops as workshop_rows
from services.registration.use_cases.saving import Saved, SavedAs, check_is_free, identifiers_in, settle, unless_refused
from services.registration.use_cases.workshops import workshop_named
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope

PeopleAtSession: TypeAlias = dict[UUID, bool | None]
"""Whether each of those enrolled came; None where it is not known."""


@dataclass(frozen=True, slots=True)
class SaidPresence:
    """Whether somebody is said to have come to a session."""

    at: WorkshopSession
    participant_id: UUID
    is_present: bool


async def save_sessions(session: AsyncSession, drafts: Sequence[SessionDraft], moment: Moment) -> list[Saved | Finding]:
    """Plan sessions, or change those whose identifier is known; one answer each, in order.

    The workshops of all are known. A `Finding` is a refusal.
    """
    kept = await repository.sessions_by_identifier(session, identifiers_in(drafts))
    return await _save(session, [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts], moment)


async def plan_session(session: AsyncSession, scope: Scope, draft: SessionDraft, moment: Moment) -> Saved:
    """Plan one session.

    Raises `Refused` where the workshop is unknown, the times are not in order, or the identifier is taken.
    """
    await workshop_named(session, scope, made_of(SessionDetails, draft).workshop_id)
    check_is_free(await repository.sessions_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, None)], moment))[0])


async def change_session(session: AsyncSession, kept: WorkshopSession, draft: SessionDraft, moment: Moment) -> Saved:
    """Change what was said of one session.

    Raises `Refused` where the times are not in order, or the new identifier is taken.
    """
    if said_or(draft.identifier, kept.details.identifier) != kept.details.identifier:
        check_is_free(await repository.sessions_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, kept)], moment))[0])


async def drop_session(session: AsyncSession, scope: Scope, workshop_id: UUID, session_id: UUID) -> None:
    """Drop a session that is not held, and with it who came. Raises `Refused` if unknown."""
    dropped = await session_named(session, scope, workshop_id, session_id)
    await repository.remove_session(session, dropped.id)


async def session_named(
    session: AsyncSession, scope: Scope, workshop_id: UUID, session_id: UUID, *, lock: bool = False
) -> WorkshopSession:
    """The session of a workshop. Raises `Refused` where there is none within the scope."""
    await workshop_named(session, scope, workshop_id)
    found = (await repository.sessions_by_id(session, [session_id], lock=lock)).get(session_id)
    if found is None or found.details.workshop_id != workshop_id:
        raise find_refused(kinds.UNKNOWN_SESSION, "session_id")
    return found


async def people_at(session: AsyncSession, scope: Scope, workshop_id: UUID, session_id: UUID) -> PeopleAtSession:
    """Whether each of those enrolled came to a session, as far as it is known. Raises `Refused` if unknown."""
    found = await session_named(session, scope, workshop_id, session_id)
    enrolled = await workshop_rows.enrolled_in(session, workshop_id)
    known = {each.participant_id: each.is_present for each in await repository.presences_at(session, [found.id])}
    return {**dict.fromkeys(sorted(enrolled)), **known}


async def note_presence(
    session: AsyncSession,
    scope: Scope,
    workshop_id: UUID,
    session_id: UUID,
    participant_id: UUID,
    *,
    is_present: bool | None,
    moment: Moment,
) -> SavedAs:
    """Note whether somebody came, or that it is not known. Raises `Refused` where they are not in the workshop."""
    goes_on = await participant_rows.going_on(session, participant_id, lock=True)
    at = await session_named(session, scope, workshop_id, session_id)
    if is_present is None:
        was_known = await repository.forget_presence(session, at.id, goes_on)
        return SavedAs.CHANGED if was_known else SavedAs.UNCHANGED
    (answer,) = await note_presences(session, [SaidPresence(at, goes_on, is_present)], moment)
    if isinstance(answer, Finding):
        raise find_refused(answer.kind, answer.where)
    return answer


async def note_presences(
    session: AsyncSession, said: Sequence[SaidPresence], moment: Moment
) -> list[SavedAs | Finding]:
    """Note who came to sessions, or correct it; one answer each, in order. A `Finding` refuses who is not enrolled."""
    enrolments = await workshop_rows.enrolments_among(session, {each.participant_id for each in said})
    kept = {
        (each.session_id, each.participant_id): each.is_present
        for each in await repository.presences_at(session, {each.at.id for each in said})
    }
    noted: dict[tuple[UUID, UUID], Presence] = {}
    answers: list[SavedAs | Finding] = []
    for each in said:
        key, workshop_id = (each.at.id, each.participant_id), each.at.details.workshop_id
        if kept.get(key) == each.is_present:
            answers.append(SavedAs.UNCHANGED)
        elif (workshop_id, each.participant_id) not in enrolments:
            answers.append(Finding(kinds.NOT_ENROLLED, "participant_id"))
        else:
            answers.append(SavedAs.CHANGED if key in kept else SavedAs.NEW)
            kept[key] = each.is_present
            noted[key] = Presence(*key, workshop_id, each.is_present)
    await repository.put_presences(session, list(noted.values()), moment.by, moment.now)
    return answers


async def _save(
    session: AsyncSession, pairs: Sequence[tuple[SessionDraft, WorkshopSession | None]], moment: Moment
) -> list[Saved | Finding]:
    named = {said_or(draft.workshop_id, kept.details.workshop_id if kept else None) for draft, kept in pairs}
    workshops = await workshop_rows.workshops_by_id(session, EVERYTHING, {each for each in named if each})
    settled = settle(
        pairs,
        lambda draft: WorkshopSession(moment.new_id(), 1, made_of(SessionDetails, draft)),
        objection=_objection,
        warnings=lambda each: _warnings(each, workshops[each.details.workshop_id]),
    )
    await repository.add_sessions(session, settled.new)
    await repository.change_sessions(session, settled.changed)
    return settled.answers


def _objection(after: WorkshopSession, before: WorkshopSession | None) -> Finding | None:
    if before is not None and before.details.workshop_id != after.details.workshop_id:
        return Finding(kinds.OTHER_WORKSHOP, "workshop_id")
    return None if ends_after_it_begins(after.details) else Finding(kinds.BAD_HOURS, "ends")


def _warnings(kept: WorkshopSession, workshop: Workshop) -> Sequence[Finding]:
    notes = Notes()
    if not workshop.includes(kept.details.held_on):
        notes.add(kinds.SESSION_OUTSIDE_WORKSHOP, "held_on")
    return notes.findings
