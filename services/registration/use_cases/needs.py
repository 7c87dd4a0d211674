"""Needs: publish, change, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration import events
from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.needs import Need, NeedDraft
from services.registration.repository import employers as repository
from services.registration.use_cases.employers import employer_named
from services.registration.use_cases.saving import Change, Moment, Saved, tell
from shared.contracts.employers import NeedChanged, NeedClosed, NeedPublished
from shared.contracts.envelope import Event


async def save_needs(session: AsyncSession, drafts: Sequence[NeedDraft], moment: Moment) -> list[Saved | Finding]:
    """Publish needs, or change those whose identifier is known; one answer each, in order.

    The employers of all are known. A `Finding` is a refusal: what is closed does not change any more.
    """
    identifiers = [draft.identifier for draft in drafts if draft.identifier is not None]
    kept = await repository.needs_by_identifier(session, identifiers)
    return await _save(session, [(draft, kept.get(draft.identifier or "")) for draft in drafts], moment)


async def publish_need(session: AsyncSession, draft: NeedDraft, moment: Moment) -> Saved:
    """Publish one need. Raises `Refused` where the employer is unknown or the identifier taken."""
    await employer_named(session, draft.employer_id)
    await _check_identifier_is_free(session, draft.identifier)
    return _unless_refused((await _save(session, [(draft, None)], moment))[0])


async def change_need(session: AsyncSession, need_id: UUID, draft: NeedDraft, moment: Moment) -> Saved:
    """Replace one need. Raises `Refused` where it is unknown or closed, or its employer differs."""
    kept = await need_named(session, need_id, lock=True)
    if draft.identifier != kept.draft.identifier:
        await _check_identifier_is_free(session, draft.identifier)
    return _unless_refused((await _save(session, [(draft, kept)], moment))[0])


async def close_need(session: AsyncSession, need_id: UUID, moment: Moment) -> Saved:
    """Close a need that is filled or given up; closing it twice changes nothing. Raises `Refused` if unknown."""
    kept = await need_named(session, need_id, lock=True)
    if kept.is_closed:
        return Saved(kept.id, kept.revision, Change.UNCHANGED)
    closed = replace(kept, is_closed=True, revision=kept.revision + 1)
    await repository.change_needs(session, [closed])
    event = NeedClosed(employer_id=closed.draft.employer_id, need_id=closed.id, revision=closed.revision)
    await tell(session, [event], moment)
    return Saved(closed.id, closed.revision, Change.CHANGED)


async def need_named(session: AsyncSession, need_id: UUID, *, lock: bool = False) -> Need:
    """The need with this id. Raises `Refused` where there is none."""
    found = await repository.needs_by_id(session, [need_id], lock=lock)
    if need_id not in found:
        raise find_refused(kinds.UNKNOWN_NEED, "need_id")
    return found[need_id]


def _unless_refused(answer: Saved | Finding) -> Saved:
    if isinstance(answer, Finding):
        raise find_refused(answer.kind, answer.where)
    return answer


async def _check_identifier_is_free(session: AsyncSession, identifier: str | None) -> None:
    if identifier is not None and await repository.needs_by_identifier(session, [identifier]):
        raise find_refused(kinds.DUPLICATE_IDENTIFIER, "identifier")


async def _save(
    session: AsyncSession, pairs: Sequence[tuple[NeedDraft, Need | None]], moment: Moment
) -> list[Saved | Finding]:
    new: list[Need] = []
    changed: list[Need] = []
    saved: list[Saved | Finding] = []
    for draft, kept in pairs:
        if kept is None:
            new.append(Need(moment.new_id(), 1, draft))
            saved.append(Saved(new[-1].id, 1, Change.NEW))
        elif kept.draft == draft:
            saved.append(Saved(kept.id, kept.revision, Change.UNCHANGED))
        elif kept.is_closed:
            saved.append(Finding(kinds.NEED_CLOSED, "identifier"))
        elif kept.draft.employer_id != draft.employer_id:
            # The events of a need are keyed by its employer: with another one their order would be lost.
            saved.append(Finding(kinds.OTHER_EMPLOYER, "employer_id"))
        else:
            changed.append(Need(kept.id, kept.revision + 1, draft))
            saved.append(Saved(kept.id, kept.revision + 1, Change.CHANGED))
    await repository.add_needs(session, new)
    await repository.change_needs(session, changed)
    happened: list[Event] = [events.need_state(each, NeedPublished) for each in new]
    happened += [events.need_state(each, NeedChanged) for each in changed]
    await tell(session, happened, moment)
    return saved
