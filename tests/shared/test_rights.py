"""The table of rights: that it is the one that was meant, and what its cells come to."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import Person, Role
from shared.rights import RIGHTS, Reach, Scope, may, right_to, scope_of
from tests.support.rights import EXPECTED

PEOPLE = st.builds(Person, st.uuids(), st.sampled_from(Role), st.none() | st.uuids())
RIGHT_NAMES = st.sampled_from([right.name for right in RIGHTS])
OWN = {Reach.WRITTEN, Reach.WORKSHOP, Reach.AGENCY}


def test_the_table_is_the_one_written_by_hand() -> None:
    words = {Reach.NO: "-", Reach.ALL: "all", **dict.fromkeys(OWN, "own")}
    assert {right.name: {role: words[right.reach_of(role)] for role in Role} for right in RIGHTS} == EXPECTED


def test_no_right_is_named_twice_and_none_is_given_that_is_not_there() -> None:
    assert len({right.name for right in RIGHTS}) == len(RIGHTS)
    with pytest.raises(KeyError):
        right_to("read minds")


@given(PEOPLE, RIGHT_NAMES, st.uuids(), st.lists(st.uuids()), st.uuids())
def test_nothing_of_others_is_within_what_is_ones_own(
    person: Person, right: str, agency: UUID, team: list[UUID], writer: UUID
) -> None:
    scope = scope_of(person, right)
    if scope.reach is not Reach.ALL:
        assert not scope.covers(agency, team=team, written_by=writer)
        assert not scope.covers(None, team=team)
    assert may(person, right) is (scope.reach is not Reach.NO)


@given(PEOPLE, RIGHT_NAMES, st.frozensets(RIGHT_NAMES))
def test_whoever_was_given_some_rights_has_those_of_their_role_among_them(
    person: Person, right: str, given: frozenset[str]
) -> None:
    bounded = scope_of(replace(person, rights=given), right)
    assert bounded == (scope_of(person, right) if right in given else replace(bounded, reach=Reach.NO))


@given(RIGHT_NAMES)
def test_an_adviser_of_no_agency_has_what_is_everybodys_alone(right: str) -> None:
    reach = scope_of(Person(UUID(int=1), Role.ADVISER), right).reach
    assert reach in (Reach.ALL, Reach.NO)


def test_each_reach_covers_what_it_says() -> None:
    me, agency, others = UUID(int=1), UUID(int=2), UUID(int=3)
    assert Scope(Reach.AGENCY, agency, me).covers(agency)
    assert not Scope(Reach.AGENCY, agency, me).covers(others, team=[me], written_by=me)
    assert Scope(Reach.WORKSHOP, agency, me).covers(others, team=[me])
    assert not Scope(Reach.WORKSHOP, agency, me).covers(agency, team=[others], written_by=me)
    assert Scope(Reach.WRITTEN, agency, me).covers(others, team=[me], written_by=me)
    assert not Scope(Reach.WRITTEN, agency, me).covers(agency, team=[me], written_by=others)
    assert not Scope(Reach.WRITTEN, agency, me).covers(agency, team=[others], written_by=me)
