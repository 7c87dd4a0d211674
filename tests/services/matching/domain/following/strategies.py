"""Small meetups of all kinds: few slots, few tables, few people, everything that may bind a pairing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import strategies as st

from services.matching.domain.profiling import Components, WeakPriors
from services.matching.domain.scoring import RequiredSkill
from services.matching.domain.situation import (
    Engagement,
    Enrolment,
    InvitedNeed,
    Meetup,
    Need,
    Observation,
    Pair,
    Participant,
    Policy,
    ReplyStatus,
    RunInputs,
)
from shared.language import Bilingual

STARTS_AT = datetime(2026, 12, 2, 14, 0, tzinfo=UTC)
SKILLS = ("6D101", "6D102", "6D109")
_IDS = UUID("0192f000-0000-7000-8000-000000000000")
PEOPLE = tuple(uuid5(_IDS, f"person {number}") for number in range(5))
NEEDS = tuple(uuid5(_IDS, f"need {number}") for number in range(3))
MEETUP = uuid5(_IDS, "meetup")
REPLIES: tuple[ReplyStatus | None, ...] = (None, "invited", "accepted", "accepted", "declined", "expired", "failed")

flags = st.booleans()
mostly = st.sampled_from([True, True, True, True, False])
seldom = st.sampled_from([False, False, False, True])


@st.composite
def meetups(draw: st.DrawFn) -> Meetup:
    """A meetup with a few slots, some of them breaks, and some of the needs."""
    slots = draw(st.integers(1, 5))
    invited = [need_id for need_id in NEEDS if draw(mostly)]
    return Meetup(
        id=MEETUP,
        agency_id=MEETUP,
        venue="Louvre-Lens",
        starts_at=STARTS_AT,
        slot_minutes=draw(st.sampled_from([12, 30])),
        slots=slots,
        breaks=tuple(slot for slot in range(slots) if draw(seldom)),
        front_tables=draw(st.sampled_from([None, None, 0, 1, 2])),
        needs=tuple(InvitedNeed(need_id, draw(st.sampled_from([1, 1, 2]))) for need_id in invited),
    )


@st.composite
def enrolments(draw: st.DrawFn, participant_id: UUID) -> Enrolment:
    """Somebody is enrolled, mostly for all the time."""
    return Enrolment(
        participant_id,
        first_slot=draw(st.sampled_from([None, None, None, 1])),
        last_slot=draw(st.sampled_from([None, None, None, 2])),
        double_slot=draw(seldom),
        front_table=draw(seldom),
    )


def participant(participant_id: UUID, limit_km: float) -> Participant:
    """Somebody of Lens who can work by day."""
    return Participant(
        id=participant_id,
        agency_id=MEETUP,
        latitude=50.4322,
        longitude=2.8333,
        travel_limit_km=limit_km,
        transport="car",
        available_from=date(2026, 1, 1),
        hours=("day",),
        licences=(),
        wishes=(),
        refused_occupations=(),
    )


def need(need_id: UUID, *, seats: int, hours: tuple[str, ...], is_open: bool) -> Need:
    """A need in Lille, 30 km from Lens."""
    return Need(
        id=need_id,
        employer_id=need_id,
        occupation="N1103",
        latitude=50.6311,
        longitude=3.0468,
        seats=seats,
        hours=hours,
        licences=(),
        starts_on=None,
        framework="rome-4",
        requirements=(RequiredSkill("6D101", 3, 0.5), RequiredSkill("6D109", 2, 0.5)),
        is_open=is_open,
    )


@st.composite
def run_inputs(draw: st.DrawFn) -> RunInputs:
    """Everything that one run computes from."""
    meetup = draw(meetups())
    invited = [one.need_id for one in meetup.needs]
    known = [one for one in PEOPLE if draw(mostly)]
    enrolled = [one for one in PEOPLE if draw(mostly)]
    replies = {one: reply for one in PEOPLE if (reply := draw(st.sampled_from(REPLIES)))}
    pairs = st.builds(Pair, st.sampled_from(PEOPLE), st.sampled_from(NEEDS))
    elsewhere = [one for one in enrolled if draw(seldom)]
    return RunInputs(
        meetup=meetup,
        participants=tuple(
            participant(one, draw(st.sampled_from([60.0, 60.0, 60.0, 5.0]))) for one in known if one in enrolled
        ),
        enrolments=tuple(draw(enrolments(one)) for one in enrolled),
        consenting=tuple(one for one in enrolled if draw(mostly)),
        needs=tuple(
            need(
                need_id,
                seats=draw(st.integers(1, 3)),
                hours=("day", "night") if draw(seldom) else ("day",),
                is_open=draw(mostly),
            )
            for need_id in invited
        ),
        replies=replies,
        current=(),
        pins=tuple(draw(st.lists(pairs, max_size=1))),
        forbids=(*(at_once := tuple(draw(st.lists(pairs, max_size=1)))), *draw(st.lists(pairs, max_size=1))),
        forbids_at_once=at_once,
        elsewhere=tuple(
            Engagement(one, NEEDS[0], begins, begins + timedelta(minutes=12))
            for one in elsewhere
            if (begins := STARTS_AT + timedelta(minutes=draw(st.sampled_from([-70, -60, 30, 80, 150]))))
        ),
        policy=Policy(maximum=draw(st.integers(1, 3))),
        observations=tuple(_observations(draw)),
        components={"rome-4": Components.from_priors(SKILLS, WeakPriors()).to_dict()},
        near={},
        skill_labels={skill: Bilingual(skill, skill) for skill in SKILLS},
        exercise_titles={"le-dessin-dicte": Bilingual("Le dessin dicté", "Dictated drawing")},
        exposure={},
        asked_because="other",
        seed=str(MEETUP),
    )


def _observations(draw: st.DrawFn) -> list[Observation]:
    return [
        Observation(
            id=uuid5(person, skill),
            participant_id=person,
            rater_id=MEETUP,
            workshop_id=MEETUP,
            venue="Louvre-Lens",
            exercise="le-dessin-dicte",
            seen_on=date(2026, 10, 1),
            framework="rome-4",
            skill=skill,
            level=draw(st.integers(0, 4)),
        )
        for person in PEOPLE
        for skill in SKILLS
    ]
