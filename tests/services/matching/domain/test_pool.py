"""The pool knows everybody by their id, whether they were in it from the start or came later."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import numpy as np
import pytest

from services.matching.domain.pool import Member, Members, Pool, columns_of
from services.matching.domain.scoring import RequiredSkill
from services.matching.domain.shortlisting import Codebook, Coding, ShortlistPolicy
from services.matching.domain.situation import Need, Participant

NEED = Need(
    id=UUID(int=9),
    employer_id=UUID(int=9),
    occupation="N1103",
    latitude=50.4,
    longitude=2.8,
    seats=1,
    hours=(),
    licences=(),
    starts_on=None,
    framework="rome-4",
    requirements=(RequiredSkill("6D101", 2, 1.0),),
)
CODING = Coding(Codebook(("6D101",), ("N1103",), ()), lambda _: ())

FIRST = [UUID(int=2**127), UUID(int=0), UUID(int=2**120 - 256), UUID(int=7)]
"""In no order, and some end in bytes of zero."""

LATER = UUID(int=2**64)


def member(person: UUID, chance: float) -> Member:
    """Somebody near the need, of whom one skill is known."""
    known = Participant(person, person, 50.4, 2.8, 30.0, "car", date(2026, 11, 2), (), (), (), ())
    return Member(known, np.full(4, chance, np.float32), shortlisted=0)


@pytest.fixture
def pool() -> Pool:
    people = [member(person, 0.5 + number / 10) for number, person in enumerate(FIRST)]
    ids = np.frombuffer(b"".join(person.bytes for person in FIRST), "V16")
    return Pool(CODING, Members(ids, columns_of(people, CODING)), [NEED], ShortlistPolicy(near_tie=0.0), "run")


def listed(pool: Pool) -> list[UUID]:
    """Who stands on the list of the need, the best first."""
    return [place.participant_id for place in pool.shortlist_of(NEED.id)]


def test_everybody_stands_on_the_list_under_their_own_id(pool: Pool) -> None:
    assert listed(pool) == FIRST[::-1]


@pytest.mark.parametrize("person", FIRST, ids=str)
def test_whoever_is_there_changes_and_leaves_in_their_own_place(pool: Pool, person: UUID) -> None:
    pool.renew_member(member(person, 1.0))
    assert (listed(pool)[0], len(pool)) == (person, len(FIRST))
    pool.remove_member(person)
    assert listed(pool) == [one for one in FIRST[::-1] if one != person]


def test_whoever_comes_later_is_numbered_once(pool: Pool) -> None:
    assert pool.remove_member(LATER) == set()
    for chance in (0.4, 1.0):
        pool.renew_member(member(LATER, chance))
        assert len(pool) == len(FIRST) + 1
    assert listed(pool) == [LATER, *FIRST[::-1]]
    pool.remove_member(LATER)
    assert listed(pool) == FIRST[::-1]
