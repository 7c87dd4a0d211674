"""Needs: publish, change, close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.needs import Employer, Need, NeedDetails, NeedDraft
from services.registration.domain.said import Unsaid, made_of, said_or
from services.registration.repository import employers as repository
from services.registration.repository import meetups as meetup_rows
from services.registration.use_cases import telling
from services.registration.use_cases.around_needs import around_needs
from services.registration.use_cases.employers import employer_named
from services.registration.use_cases.former_contacts import keep_former_contacts
from services.registration.use_cases.saving import (
    Saved,
    SavedAs,
    check_is_free,
    identifiers_in,
    once_ended,
    said_of_kept,
    settle,
    unless_refused,
)
from services.registration.use_cases.sites import at_their_sites
from shared.asking import as_the_service
from shared.contracts.employers import NeedChanged, NeedClosed, NeedPublished
from shared.contracts.envelope import Event
from shared.contracts.meetups import MeetupChanged
from shared.moment import Moment
from shared.rights import Scope


async def save_needs(
    session: AsyncSession, scope: Scope, drafts: Sequence[NeedDraft], moment: Moment
) -> list[Saved | Finding]:
    """Publish needs, or change those whose identifier is known, and close them; one answer each, in order.

    The employers of all are known. A `Finding` is a refusal: what is closed does not change any more, nor opens again.
    """
    kept = await repository.needs_by_identifier(session, identifiers_in(drafts))
    pairs = [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts]
    return await _close_where_said(session, drafts, await _save(session, scope, pairs, moment), moment)


async def publish_need(session: AsyncSession, scope: Scope, draft: NeedDraft, moment: Moment) -> Saved:
    """Publish one need. Raises `Refused` where the employer is unknown or the identifier taken."""
    if not isinstance(draft.employer_id, Unsaid):
        await employer_named(session, draft.employer_id)
    check_is_free(await repository.needs_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, scope, [(draft, None)], moment))[0])


async def change_need(session: AsyncSession, scope: Scope, need_id: UUID, draft: NeedDraft, moment: Moment) -> Saved:
    """Change what was said of one need. Raises `Refused` where it is unknown or closed, or its employer differs."""
    kept = await need_named(session, need_id, lock=True)
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.needs_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, scope, [(draft, kept)], moment))[0])


async def close_need(session: AsyncSession, need_id: UUID, moment: Moment) -> Saved:
    """Close a need that is filled or given up; closing it twice changes nothing. Raises `Refused` if unknown."""
    kept = await need_named(session, need_id, lock=True)
    if kept.is_closed:
        return Saved(kept.id, kept.revision, SavedAs.UNCHANGED)
    (closed,) = await _close(session, [kept], moment)
    return Saved(closed.id, closed.revision, SavedAs.CHANGED)


async def need_named(session: AsyncSession, need_id: UUID, *, lock: bool = False) -> Need:
    """The need with this id. Raises `Refused` where there is none."""
    found = await repository.needs_by_id(session, [need_id], lock=lock)
    if need_id not in found:
        raise find_refused(kinds.UNKNOWN_NEED, "need_id")
    return found[need_id]


async def _close(session: AsyncSession, needs: Sequence[Need], moment: Moment) -> list[Need]:
    closed = [replace(each, is_closed=True).revised("is_closed") for each in needs]
    await repository.change_needs(session, closed)
    events = [
        NeedClosed(employer_id=each.details.employer_id, need_id=each.id, revision=each.revision) for each in closed
    ]
    await telling.tell(session, *events, moment=moment)
    return closed


async def _close_where_said(
    session: AsyncSession, drafts: Sequence[NeedDraft], answers: Sequence[Saved | Finding], moment: Moment
) -> list[Saved | Finding]:
    """Close what was said to be closed, once it is kept; whoever says that a closed need is open is refused."""
    said = said_of_kept(answers, [draft.is_closed for draft in drafts])
    kept = await repository.needs_by_id(session, said, lock=True)
    closing = [kept[need_id] for need_id, is_closed in said.items() if is_closed and not kept[need_id].is_closed]
    closed = {each.id: each.revision for each in await _close(session, closing, moment)}
    reopened = {need_id for need_id, is_closed in said.items() if not is_closed and kept[need_id].is_closed}
    return once_ended(answers, closed, reopened, Finding(kinds.NEED_CLOSED, "is_closed"))


async def _save(
    session: AsyncSession, scope: Scope, pairs: Sequence[tuple[NeedDraft, Need | None]], moment: Moment
) -> list[Saved | Finding]:
    around = await around_needs(session, pairs, moment)
    pairs = at_their_sites(_vouched(pairs, around.employers), around.sites)
    settled = settle(
        pairs,
        lambda draft: Need(moment.new_id(), 1, made_of(NeedDetails, draft)),
        objection=lambda after, before: _objection(after, before) or around.objection(after, before, scope),
    )
    await repository.add_needs(session, settled.new)
    await repository.change_needs(session, settled.changed)
    before = {kept.id: kept for _, kept in pairs if kept is not None}
    await keep_former_contacts(
        session, around.redirected([(before[each.id], each) for each in settled.changed]), moment
    )
    happened: list[Event] = [telling.need_state(each, NeedPublished) for each in settled.new]
    happened += [telling.need_state(each, NeedChanged) for each in settled.changed]
    async with as_the_service(session):  # a need comes to the meetups of several agencies
        happened += await _seat_interviewers(session, pairs, settled.changed, moment)
    await telling.tell(session, *happened, moment=moment)
    return settled.answers


def _vouched(
    pairs: Sequence[tuple[NeedDraft, Need | None]], employers: Mapping[UUID, Employer]
) -> list[tuple[NeedDraft, Need | None]]:
    """The same, but a need of which nobody said whose it is belongs to its employer's agency."""
    return [(_of_employers_agency(draft, employers) if kept is None else draft, kept) for draft, kept in pairs]


def _of_employers_agency(draft: NeedDraft, employers: Mapping[UUID, Employer]) -> NeedDraft:
    if not isinstance(draft.agency_id, Unsaid) or isinstance(draft.employer_id, Unsaid):
        return draft
    agency_id = employers[draft.employer_id].details.agency_id
    return replace(draft, agency_id=agency_id) if agency_id else draft


async def _seat_interviewers(
    session: AsyncSession,
    pairs: Sequence[tuple[NeedDraft, Need | None]],
    changed: Sequence[Need],
    moment: Moment,
) -> list[Event]:
    """Let meetups ahead follow a need with more or fewer interviewers now, where as many as before were planned."""
    before = {kept.id: kept.details.interviewers for _, kept in pairs if kept is not None}
    now = {need.id: need.details.interviewers for need in changed if need.details.interviewers != before[need.id]}
    followed = []
    for meetup in await meetup_rows.meetups_ahead_with(session, list(now), moment.now):
        needs = {need: now[need] if need in now and count == before[need] else count for need, count in meetup.needs}
        if needs != dict(meetup.needs):
            followed.append(replace(meetup, needs=tuple(sorted(needs.items()))).revised("needs"))
    await meetup_rows.change_meetups(session, followed)
    return [telling.meetup_state(each, MeetupChanged) for each in followed]


def _objection(after: Need, before: Need | None) -> Finding | None:
    if before is None:
        return None
    if before.is_closed:
        return Finding(kinds.NEED_CLOSED, "identifier")
    if before.details.employer_id != after.details.employer_id:
        # The events of a need are keyed by its employer: with another one their order would be lost.
        return Finding(kinds.OTHER_EMPLOYER, "employer_id")
    return None
