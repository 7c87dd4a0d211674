"""Freed seats are filled as well as any filling could: held against every other one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from hypothesis import event, given, settings
from hypothesis import strategies as st

from services.matching.domain.pairing import Account, Meeting, Reasons, ReservePlace
from services.matching.domain.proposing.filling import Freed, fill
from services.matching.domain.proposing.placing import meeting_id
from services.matching.domain.rules import MeetupRules
from services.matching.domain.scoring import NOT_WEIGHED
from services.matching.domain.situation import (
    Engagement,
    Enrolment,
    InvitedNeed,
    Meetup,
    Pair,
    Policy,
    Truth,
)
from shared.language import Bilingual
from tests.services.matching.domain.following.strategies import MEETUP, NEEDS, PEOPLE, STARTS_AT, need, participant
from tests.services.matching.domain.proposing.brute_force import Seats

SLOTS = 15
"""Time for everybody to meet everybody one after the other."""
SLOT = timedelta(minutes=12)

NOTHING = Bilingual("", "")
REASONS = Reasons(
    score=NOT_WEIGHED,
    liking=1.0,
    utility=0.5,
    distance_km=None,
    evidence=(),
    account=Account(NOTHING, NOTHING, NOTHING),
)


@dataclass(frozen=True)
class Case:
    """A meetup, who meets, who waits in which order, and the same as the judge sees it."""

    truth: Truth
    staying: tuple[Meeting, ...]
    reserve: tuple[ReservePlace, ...]
    freed: Counter[UUID]
    seats: Seats

    @property
    def filled(self) -> frozenset[Pair]:
        """Who meets whom once the freed seats are filled."""
        meetings = fill(MeetupRules(self.truth), self.staying, self.reserve, Freed(self.freed))
        return frozenset(meeting.pair for meeting in meetings)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Few people and needs, some of whom something stands against."""
    subsets = st.sets(st.sampled_from([Pair(person, need_id) for person in PEOPLE for need_id in NEEDS]))
    staying, waiting, worthwhile, forbidden = (draw(subsets) for _ in range(4))
    waiting = set(sorted(waiting - staying, key=str)[:9])
    gone, silent, far, away = (draw(st.sets(st.sampled_from(PEOPLE), max_size=1)) for _ in range(4))
    closed = draw(st.sets(st.sampled_from(NEEDS), max_size=1))
    asked = {need_id: draw(st.integers(1, 4)) for need_id in NEEDS}
    freed = Counter({need_id: draw(st.integers(0, 2)) for need_id in NEEDS})
    truth = Truth(
        meetup=Meetup(
            id=MEETUP,
            agency_id=MEETUP,
            venue="Louvre-Lens",
            starts_at=STARTS_AT,
            slot_minutes=12,
            slots=SLOTS,
            breaks=(),
            front_tables=None,
            needs=tuple(InvitedNeed(need_id, 1) for need_id in NEEDS),
        ),
        participants=tuple(participant(one, 5.0 if one in far else 60.0) for one in PEOPLE),
        enrolments=tuple(Enrolment(one) for one in PEOPLE),
        consenting=tuple(one for one in PEOPLE if one not in silent),
        needs=tuple(
            need(need_id, seats=asked[need_id], hours=("day",), is_open=need_id not in closed) for need_id in NEEDS
        ),
        replies=dict.fromkeys(gone, "declined"),
        current=(),
        pins=(),
        forbids=tuple(forbidden),
        elsewhere=tuple(Engagement(one, NEEDS[0], STARTS_AT, STARTS_AT + SLOTS * SLOT) for one in away),
        policy=Policy(maximum=draw(st.integers(1, 3))),
    )
    against = gone | silent | far | away
    staying = {pair for pair in staying if pair.participant_id not in against and pair.need_id not in closed}
    held = Counter(pair.need_id for pair in staying)
    order = draw(st.permutations(sorted(waiting, key=str)))
    return Case(
        truth=truth,
        staying=tuple(_meetings(MeetupRules(truth), staying, worthwhile)),
        reserve=tuple(
            ReservePlace(pair.participant_id, pair.need_id, place + 1, pair in worthwhile, REASONS)
            for place, pair in enumerate(order)
        ),
        freed=freed,
        seats=Seats(
            staying=frozenset(staying),
            waiting=frozenset(
                pair
                for pair in waiting - forbidden
                if pair.participant_id not in against and pair.need_id not in closed
            ),
            worthwhile=frozenset(worthwhile),
            seats={need_id: min(held[need_id] + freed[need_id], asked[need_id]) for need_id in NEEDS},
            maximum=truth.policy.maximum,
        ),
    )


def _meetings(rules: MeetupRules, pairs: set[Pair], worthwhile: set[Pair]) -> list[Meeting]:
    """Each pair at its need's table, at an hour when nobody else meets."""
    tables = {need_id: table for table, need_id in rules.seating.items()}
    return [
        Meeting(
            id=meeting_id(MEETUP, pair),
            participant_id=pair.participant_id,
            need_id=pair.need_id,
            slot=slot,
            table=tables[pair.need_id],
            length=1,
            position=slot + 1,
            is_pinned=False,
            is_kept=False,
            is_worthwhile=pair in worthwhile,
            reasons=REASONS,
        )
        for slot, pair in enumerate(sorted(pairs, key=str))
    ]


@settings(max_examples=200, deadline=None)
@given(cases())
def test_no_other_filling_serves_more_people(case: Case) -> None:
    filled, seats = case.filled, case.seats
    event(f"{len(filled - seats.staying)} came")
    assert seats.rank(filled) == seats.best()


@settings(max_examples=100, deadline=None)
@given(cases())
def test_who_comes_may_come_and_no_seat_stays_free_for_which_somebody_waits(case: Case) -> None:
    filled, seats = case.filled, case.seats
    assert seats.staying <= filled
    assert filled - seats.staying <= seats.waiting
    assert seats.fits(filled)
    assert not [pair for pair in seats.waiting - filled if seats.fits(filled | {pair})]
