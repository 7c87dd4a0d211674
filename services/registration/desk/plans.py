"""A pairing as people read it: the evening slot by slot, with names, and what approving it sends to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.desk.meetups import InvitedNeed, slot_begins
from services.registration.desk.pairings import InReserve, PairingSeen, ProposedMeeting, SeatReasons
from services.registration.domain.meetups import Meetup
from services.registration.repository.participants import contacts


@dataclass(frozen=True, slots=True)
class Seat:
    """A meeting, or a place in the reserve, with the names of whoever meets; ``begins`` is absent in the reserve."""

    participant_id: UUID
    need_id: UUID
    name: str
    need: str
    employer: str
    why: SeatReasons
    begins: datetime | None = None
    table: int | None = None
    length: int = 1
    is_pinned: bool = False
    is_worthwhile: bool = True
    position: int | None = None

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return f"{self.participant_id}-{self.need_id}"


@dataclass(frozen=True, slots=True)
class Barred:
    """Needs that somebody cannot meet, by their titles, and the codes of the reasons."""

    reasons: Sequence[str]
    needs: Sequence[str]


@dataclass(frozen=True, slots=True)
class EveningPlan:
    """The evening: its seats by begin and table, the same slot by slot, and the reserve."""

    seats: Sequence[Seat]
    reserve: Sequence[Seat]
    tables: Sequence[int]
    slots: Sequence[tuple[datetime, Mapping[int, Seat]]]
    needs: Mapping[UUID, InvitedNeed]

    def barred(self, pairing: PairingSeen, participant_id: UUID) -> list[Barred]:
        """Why somebody can meet none of the needs, those with the same reasons together."""
        by_reasons: dict[tuple[str, ...], list[str]] = {}
        for each in pairing.dropped:
            if each.participant_id == participant_id and each.need_id in self.needs:
                by_reasons.setdefault(each.reasons, []).append(self.needs[each.need_id].need.details.title)
        return [Barred(reasons, sorted(set(needs))) for reasons, needs in by_reasons.items()]


@dataclass(frozen=True, slots=True)
class WhatLeaves:
    """How many invitations a proposal sends by mail, how many become letters, and who may not be written to."""

    by_mail: Sequence[UUID]
    by_letter: Sequence[UUID]
    not_contactable: Sequence[UUID]


def plan_of(
    meetup: Meetup, pairing: PairingSeen, names: Mapping[UUID, str], invited: Sequence[InvitedNeed]
) -> EveningPlan:
    """A pairing with names; who is no longer enrolled is called by none."""
    needs = {each.need.id: each for each in invited}
    seats = [_seat(meeting, names, needs, meetup) for meeting in pairing.meetings]
    tables = sorted({meeting.table for meeting in pairing.meetings})
    placed: dict[int, dict[int, Seat]] = {slot: {} for slot in range(meetup.details.slots)}
    for meeting, seat in zip(pairing.meetings, seats, strict=True):
        placed.setdefault(meeting.slot, {})[meeting.table] = seat
    return EveningPlan(
        seats=sorted(seats, key=lambda each: (each.begins or meetup.details.starts_at, each.table or 0)),
        reserve=[_seat(place, names, needs, meetup) for place in pairing.reserve],
        tables=tables,
        slots=[(slot_begins(meetup, slot), placed[slot]) for slot in sorted(placed)],
        needs=needs,
    )


async def what_leaves(session: AsyncSession, pairing: PairingSeen) -> WhatLeaves:
    """Whom approving invites, and by which way."""
    invited = list(dict.fromkeys(meeting.participant_id for meeting in pairing.meetings))
    known = {each["participant_id"]: each for each in await contacts(session, invited)}
    reachable = [each for each in invited if each in known and known[each]["contact_consent"]]
    return WhatLeaves(
        by_mail=[each for each in reachable if known[each]["email"]],
        by_letter=[each for each in reachable if not known[each]["email"]],
        not_contactable=[each for each in invited if each not in reachable],
    )


def _seat(
    placed: ProposedMeeting | InReserve,
    names: Mapping[UUID, str],
    needs: Mapping[UUID, InvitedNeed],
    meetup: Meetup,
) -> Seat:
    need = needs.get(placed.need_id)
    called: dict[str, Any] = {
        "participant_id": placed.participant_id,
        "need_id": placed.need_id,
        "name": names.get(placed.participant_id, "–"),
        "need": need.need.details.title if need else "–",
        "employer": need.employer if need else "–",
        "why": placed.reasons,
    }
    if isinstance(placed, InReserve):
        return Seat(**called, position=placed.position)
    return Seat(
        **called,
        begins=slot_begins(meetup, placed.slot),
        table=placed.table,
        length=placed.length,
        is_pinned=placed.is_pinned,
        is_worthwhile=placed.is_worthwhile,
    )
