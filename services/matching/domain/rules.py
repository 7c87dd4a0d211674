"""What binds a pairing now: why a pair cannot be, when it can meet, at which tables, and how often."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from services.matching.domain.commute import Transport
from services.matching.domain.constraints import Obstacle, ObstacleKind, Opening, Seeker, known_hours, obstacles
from services.matching.domain.pairing import Cause
from services.matching.domain.seating import seat
from services.matching.domain.situation import GONE, Engagement, Enrolment, Meetup, Need, Pair, Participant, Truth

STAYS_IN_FORCE = frozenset(
    {
        ObstacleKind.REFUSED_OCCUPATION,
        ObstacleKind.PLACE_UNKNOWN,
        ObstacleKind.COMMUTE,
        ObstacleKind.AVAILABILITY,
        ObstacleKind.HOURS,
        ObstacleKind.LICENCE,
        ObstacleKind.ELSEWHERE,
    }
)
"""Obstacles that do not undo a meeting somebody has accepted: nobody is un-invited because a form changed."""

BETWEEN_MEETUPS = timedelta(hours=1)
"""What somebody needs at least between a meeting at one meetup and a meeting at another."""


class MeetupRules:
    """The truth of a meetup, ready to be asked about pairs and places."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.meetup = truth.meetup
        self.enrolments = {one.participant_id: one for one in truth.enrolments}
        self.participants = {one.id: one for one in truth.participants}
        self.invited = {one.need_id: one for one in truth.meetup.needs}
        self.needs = {need.id: need for need in truth.needs if need.id in self.invited}
        self.consenting = frozenset(truth.consenting)
        self.forbids = frozenset(truth.forbids)
        self.forbids_at_once = frozenset(truth.forbids_at_once)
        self.seating = seat(truth.meetup, tuple(self.needs.values()), truth.tables)
        self.open_slots = open_slots(truth.meetup)
        self.accepted = frozenset(
            meeting.pair for meeting in truth.current if truth.replies.get(meeting.participant_id) == "accepted"
        )
        self._agreed = {
            meeting.pair: frozenset(range(meeting.slot, meeting.slot + meeting.length))
            for meeting in truth.current
            if meeting.pair in self.accepted
        }
        self._away = _slots_away(truth.meetup, truth.elsewhere)
        self._seekers: dict[UUID, Seeker] = {}
        self._openings: dict[UUID, Opening] = {}

    def free_participants(self) -> list[Participant]:
        """The enrolled who have not declined."""
        return [
            one
            for one in self.truth.participants
            if one.id in self.enrolments and self.truth.replies.get(one.id) not in GONE
        ]

    def cause_against(self, pair: Pair, *, of_in_force: bool = False) -> Cause | None:
        """Why a pair is out whatever was answered: somebody left, the need did, or an adviser said no.

        Of what is in force, only a forbid that holds at once counts: the others wait for a proposal to be approved.
        """
        person = pair.participant_id
        if person not in self.participants or person not in self.enrolments or person not in self.consenting:
            return "withdrawal"
        if self.truth.replies.get(person) in GONE:
            return "refusal"
        if pair.need_id not in self.needs:
            return "uninvited-need"
        if not self.needs[pair.need_id].is_open:
            return "closed-need"
        forbids = self.forbids_at_once if of_in_force else self.forbids
        return "forbid" if pair in forbids else None

    def obstacles(self, pair: Pair) -> tuple[Obstacle, ...]:
        """Everything that stands against a pair of two who are known, whatever was answered."""
        found = obstacles(self._seeker(pair.participant_id), self._opening(pair.need_id))
        return (*found, Obstacle(ObstacleKind.ELSEWHERE, {})) if self._is_elsewhere(pair) else found

    def obstacles_to_pairing(self, pair: Pair) -> tuple[Obstacle, ...]:
        """What keeps a pair from being paired: a meeting that was accepted stays although a limit changed."""
        found = self.obstacles(pair)
        if pair in self.accepted:
            return tuple(obstacle for obstacle in found if obstacle.kind not in STAYS_IN_FORCE)
        return found

    def busy(self, pair: Pair) -> frozenset[int]:
        """The slots in which the participant meets elsewhere, but for those to which they agreed here."""
        return self.away(pair.participant_id) - self._agreed.get(pair, frozenset())

    def away(self, participant_id: UUID) -> frozenset[int]:
        """The slots in which a participant meets elsewhere, or is on the way."""
        return self._away.get(participant_id, frozenset())

    def length(self, participant_id: UUID) -> int:
        """How many slots a meeting of this participant takes."""
        enrolment = self.enrolments.get(participant_id)
        return 2 if enrolment and enrolment.double_slot else 1

    def possible_starts(self, pair: Pair) -> list[int]:
        """The slots in which a meeting of this pair can begin."""
        enrolment = self.enrolments[pair.participant_id]
        first, last = window(self.meetup, enrolment)
        length = self.length(pair.participant_id)
        usable = set(self.open_slots) - self.busy(pair)
        return [
            slot for slot in range(max(first, 0), last - length + 2) if usable.issuperset(range(slot, slot + length))
        ]

    def can_stay(self, pair: Pair, slot: int, table: int) -> bool:
        """Whether a meeting that was accepted can be where people were told."""
        if pair not in self.accepted or pair.participant_id not in self.enrolments:
            return False
        return slot in self.possible_starts(pair) and self.is_table_of(table, pair)

    def fitting(self, participant_id: UUID) -> int:
        """How many meetings fit into the time that a participant is there and not elsewhere."""
        first, last = window(self.meetup, self.enrolments[participant_id])
        away = self.away(participant_id)
        slots = sum(first <= slot <= last and slot not in away for slot in self.open_slots)
        return slots // self.length(participant_id)

    def seats(self, need_id: UUID) -> int:
        """What a need can hold: its seats, no more than its interviewers have slots for, no less than was accepted."""
        interviewers = self.invited[need_id].interviewers
        accepted = sum(
            pair.need_id == need_id for pair in self.accepted if self.cause_against(pair, of_in_force=True) is None
        )
        return max(min(self.needs[need_id].seats, interviewers * len(self.open_slots)), accepted)

    def tables(self, also: Iterable[int] = ()) -> list[int]:
        """All tables of the meetup; where they are common, also those at which somebody sits."""
        return sorted({*self.seating, *also}) if self.common_tables else list(self.seating)

    @property
    def common_tables(self) -> bool:
        """Whether a need may sit at any table: some stand in front."""
        return self.meetup.front_tables is not None

    def is_table_of(self, table: int, pair: Pair) -> bool:
        """Whether a pair may meet at a table."""
        if not self.common_tables:
            return self.seating.get(table) == pair.need_id
        return not self.enrolments[pair.participant_id].front_table or self.is_front_table(table)

    def sits_somewhere(self, table: int, pair: Pair) -> bool:
        """Whether a pair's table is one of the meetup, and one of the need where needs have tables of their own."""
        return table >= 1 if self.common_tables else self.seating.get(table) == pair.need_id

    def is_front_table(self, table: int) -> bool:
        """Whether a table is one of those in front."""
        return self.meetup.front_tables is None or table <= self.meetup.front_tables

    def _seeker(self, participant_id: UUID) -> Seeker:
        if participant_id not in self._seekers:
            consents = participant_id in self.consenting
            self._seekers[participant_id] = seeker_of(self.participants[participant_id], consent=consents)
        return self._seekers[participant_id]

    def _opening(self, need_id: UUID) -> Opening:
        if need_id not in self._openings:
            self._openings[need_id] = opening_of(self.needs[need_id])
        return self._openings[need_id]

    def _is_elsewhere(self, pair: Pair) -> bool:
        away = self.away(pair.participant_id)
        if not away:
            return False
        first, last = window(self.meetup, self.enrolments[pair.participant_id])
        there = {slot for slot in self.open_slots if first <= slot <= last}
        return bool(there) and there <= away


def open_slots(meetup: Meetup) -> list[int]:
    """The slots in which people meet."""
    return [slot for slot in range(meetup.slots) if slot not in meetup.breaks]


def window(meetup: Meetup, enrolment: Enrolment) -> tuple[int, int]:
    """First and last slot in which a participant is there."""
    last = meetup.slots - 1
    return (
        0 if enrolment.first_slot is None else enrolment.first_slot,
        last if enrolment.last_slot is None else min(enrolment.last_slot, last),
    )


def _slots_away(meetup: Meetup, elsewhere: Collection[Engagement]) -> dict[UUID, frozenset[int]]:
    away: dict[UUID, frozenset[int]] = {}
    for one in elsewhere:
        away[one.participant_id] = away.get(one.participant_id, frozenset()) | _slots_within(meetup, one)
    return away


def _slots_within(meetup: Meetup, one: Engagement) -> frozenset[int]:
    begins, ends = one.begins - BETWEEN_MEETUPS, one.ends + BETWEEN_MEETUPS
    step = timedelta(minutes=meetup.slot_minutes)
    return frozenset(
        slot
        for slot in range(meetup.slots)
        if meetup.starts_at + slot * step < ends and begins < meetup.starts_at + (slot + 1) * step
    )


def seeker_of(participant: Participant, *, consent: bool) -> Seeker:
    """A participant as the constraints know them."""
    return Seeker(
        id=participant.id,
        latitude=participant.latitude,
        longitude=participant.longitude,
        travel_limit_km=participant.travel_limit_km,
        transport=Transport(participant.transport),
        hours=known_hours(participant.hours),
        available_from=participant.available_from,
        licences=frozenset(participant.licences),
        wishes=frozenset(participant.wishes),
        refused=frozenset(participant.refused_occupations),
        consent=consent,
    )


def opening_of(need: Need) -> Opening:
    """A need as the constraints know it."""
    return Opening(
        id=need.id,
        latitude=need.latitude,
        longitude=need.longitude,
        occupation=need.occupation,
        hours=known_hours(need.hours),
        starts_on=need.starts_on,
        licences=frozenset(need.licences),
        open=need.is_open,
    )
