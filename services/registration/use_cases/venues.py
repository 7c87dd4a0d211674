"""Venues: keep what is said of them, and let the meetups held there say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.meetups import Meetup, MeetupDraft
from services.registration.domain.said import Unsaid, made_of, said_or
from services.registration.domain.venues import Venue, VenueDetails, VenueDraft, VenueKey
from services.registration.repository import meetups as meetup_rows
from services.registration.repository import venues as repository
from services.registration.repository.venues import key_of
from services.registration.use_cases import telling
from services.registration.use_cases.saving import Saved, SavedAs
from shared.contracts.meetups import MeetupChanged
from shared.moment import Moment

SaidAndKept = tuple[MeetupDraft, Meetup | None]
"""What was said of a meetup, and what is kept of it."""


async def save_venues(session: AsyncSession, drafts: Sequence[VenueDraft], moment: Moment) -> list[Saved]:
    """Keep venues, or change those whose name is known in their commune; one answer each, in order.

    The meetups ahead that are held there and said nothing else of street and access follow.
    """
    before = await repository.venues_by_key(session, {key_of(draft.name, draft.place) for draft in drafts})
    now = dict(before)
    answers = []
    for draft in drafts:
        key = key_of(draft.name, draft.place)
        kept = now.get(key)
        after = kept.amended(draft) if kept else Venue(moment.new_id(), 1, made_of(VenueDetails, draft))
        if kept is not None and after != kept:
            after = after.revised(*after.differing(kept))
        change = SavedAs.NEW if kept is None else SavedAs.CHANGED if after != kept else SavedAs.UNCHANGED
        now[key] = after
        answers.append(Saved(after.id, after.revision, change))
    changed = {key: venue for key, venue in now.items() if venue != before.get(key)}
    await repository.put_venues(session, list(changed.values()))
    await _follow(session, before, changed, moment)
    return answers


async def with_directions(session: AsyncSession, pairs: Sequence[SaidAndKept]) -> list[SaidAndKept]:
    """What was said of meetups, with street and access of their venue where they begin there and say none."""
    keys = {index: key for index, pair in enumerate(pairs) if (key := _key_of_meetup(pair)) is not None}
    venues = await repository.venues_by_key(session, set(keys.values()))
    return [
        (_directed(draft, kept, venue), kept) if (venue := venues.get(keys.get(index, ("", "")))) else (draft, kept)
        for index, (draft, kept) in enumerate(pairs)
    ]


def _key_of_meetup(pair: SaidAndKept) -> VenueKey | None:
    draft, kept = pair
    name = said_or(draft.venue, kept.details.venue if kept else None)
    place = said_or(draft.place, kept.details.place if kept else None)
    return key_of(name, place) if name is not None and place is not None else None


def _directed(draft: MeetupDraft, kept: Meetup | None, venue: Venue) -> MeetupDraft:
    begins_there = kept is None or key_of(kept.details.venue, kept.details.place) != key_of(
        venue.details.name, venue.details.place
    )
    address, access = venue.details.address, venue.details.access
    if draft.address is None or (begins_there and isinstance(draft.address, Unsaid)):
        draft = replace(draft, address=address)
    if draft.access is None or (begins_there and isinstance(draft.access, Unsaid)):
        draft = replace(draft, access=access)
    return draft


async def _follow(
    session: AsyncSession, before: Mapping[VenueKey, Venue], changed: Mapping[VenueKey, Venue], moment: Moment
) -> None:
    """Have the meetups ahead at changed venues say their street and access, unless they had said something else."""
    ahead = await meetup_rows.meetups_ahead_in(session, {commune for _, commune in changed}, moment.now)
    followed: dict[UUID, Meetup] = {}
    for meetup in ahead:
        key = key_of(meetup.details.venue, meetup.details.place)
        if key not in changed:
            continue
        was, now = before[key].details if key in before else None, changed[key].details
        draft = MeetupDraft()
        if meetup.details.address in (None, was.address if was else None):
            draft = replace(draft, address=now.address)
        if meetup.details.access in (None, was.access if was else None):
            draft = replace(draft, access=now.access)
        after = meetup.amended(draft)
        if after != meetup:
            followed[meetup.id] = after.revised(*after.differing(meetup))
    await meetup_rows.change_meetups(session, list(followed.values()))
    states = [telling.meetup_state(each, MeetupChanged) for each in followed.values()]
    await telling.tell(session, *states, moment=moment)
