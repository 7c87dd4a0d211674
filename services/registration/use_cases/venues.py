"""Venues: keep what is said of them, and let the meetups held there say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.meetups import Meetup, MeetupDetails, MeetupDraft
from services.registration.domain.said import Unsaid, made_of, said_or
from services.registration.domain.venues import Venue, VenueDetails, VenueDraft, VenueKey
from services.registration.repository import meetups as meetup_rows
from services.registration.repository import venues as repository
from services.registration.repository.venues import key_of
from services.registration.use_cases import telling
from services.registration.use_cases.saving import Saved, SavedAs
from shared.asking import as_the_service
from shared.contracts.meetups import MeetupChanged
from shared.moment import Moment

Move = tuple[Venue | None, Venue]
"""A venue as it was, if it was, and as it is now."""

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
        now[key], saved = _settled(now.get(key), draft, moment)
        answers.append(saved)
    await _keep(session, [(before.get(key), venue) for key, venue in now.items()], moment)
    return answers


async def register_venue(session: AsyncSession, draft: VenueDraft, moment: Moment) -> Saved:
    """Register one venue. Raises `Refused` where its commune has one of this name."""
    await _check_is_free(session, draft)
    (saved,) = await save_venues(session, [draft], moment)
    return saved


async def change_venue(session: AsyncSession, venue_id: UUID, draft: VenueDraft, moment: Moment) -> Saved:
    """Change one venue; meetups ahead go where it goes. Raises `Refused` where it is unknown or its name is taken."""
    kept = await venue_named(session, venue_id, lock=True)
    if key_of(draft.name, draft.place) != _key_of(kept):
        await _check_is_free(session, draft)
    after, saved = _settled(kept, draft, moment)
    await _keep(session, [(kept, after)], moment)
    return saved


async def venue_named(session: AsyncSession, venue_id: UUID, *, lock: bool = False) -> Venue:
    """The venue with this id. Raises `Refused` where there is none."""
    found = await repository.venues_by_id(session, [venue_id], lock=lock)
    if venue_id not in found:
        raise find_refused(kinds.UNKNOWN_VENUE, "venue_id")
    return found[venue_id]


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


def _key_of(venue: Venue) -> VenueKey:
    return key_of(venue.details.name, venue.details.place)


async def _check_is_free(session: AsyncSession, draft: VenueDraft) -> None:
    if await repository.venues_by_key(session, {key_of(draft.name, draft.place)}):
        raise find_refused(kinds.DUPLICATE_VENUE, "name")


def _settled(kept: Venue | None, draft: VenueDraft, moment: Moment) -> tuple[Venue, Saved]:
    """What a draft makes of a venue, or of none, and what to answer."""
    if kept is None:
        new = Venue(moment.new_id(), 1, made_of(VenueDetails, draft))
        return new, Saved(new.id, new.revision, SavedAs.NEW)
    after = kept.amended(draft)
    if after == kept:
        return kept, Saved(kept.id, kept.revision, SavedAs.UNCHANGED)
    after = after.revised(*after.differing(kept))
    return after, Saved(after.id, after.revision, SavedAs.CHANGED)


async def _keep(session: AsyncSession, moves: Sequence[Move], moment: Moment) -> None:
    """Keep venues as they are now, and have the meetups ahead that are held there follow."""
    moves = [(before, after) for before, after in moves if after != before]
    await repository.put_venues(session, [after for _, after in moves])
    by_key = {_key_of(before or after): (before, after) for before, after in moves}
    async with as_the_service(session):  # meetups of several agencies are held at one venue
        ahead = await meetup_rows.meetups_ahead_in(session, {commune for _, commune in by_key}, moment.now)
        followed = []
        for meetup in ahead:
            move = by_key.get(key_of(meetup.details.venue, meetup.details.place))
            after = meetup.amended(_following(meetup.details, *move)) if move else meetup
            if after != meetup:
                followed.append(after.revised(*after.differing(meetup)))
        await meetup_rows.change_meetups(session, followed)
    states = [telling.meetup_state(each, MeetupChanged) for each in followed]
    await telling.tell(session, *states, moment=moment)


def _following(meetup: MeetupDetails, before: Venue | None, after: Venue) -> MeetupDraft:
    """What a meetup says of where it is held when its venue changes: street and access of its own stay.

    Unless the venue goes to another commune, where they would lead nobody.
    """
    was, now = before.details if before else None, after.details
    draft = MeetupDraft()
    if was is not None and _key_of(after) != key_of(was.name, was.place):
        draft = replace(draft, venue=now.name, place=now.place)
    is_elsewhere = was is not None and was.place.commune != now.place.commune
    if is_elsewhere or meetup.address in (None, was.address if was else None):
        draft = replace(draft, address=now.address)
    if is_elsewhere or meetup.access in (None, was.access if was else None):
        draft = replace(draft, access=now.access)
    return draft
