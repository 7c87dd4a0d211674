"""The rules of registration, without any I/O."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email, clean_phone, clean_siret
from services.registration.domain.findings import Notes, Refused, Severity
from services.registration.domain.meetups import (
    Constraints,
    Meetup,
    MeetupDetails,
    MeetupDraft,
    ends_the_same_day,
    has_slots,
    is_past,
)
from services.registration.domain.needs import RequiredSkill, adds_up, normalised
from services.registration.domain.participants import is_likely_birth_date
from services.registration.domain.places import Place, civil_date
from services.registration.domain.said import amended, made_of
from services.registration.domain.workshops import Observation, ObservationKey, Seen, SeenDraft, match_notes


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("PENELOPE.COSTE7@COURRIEL.EXAMPLE", "penelope.coste7@courriel.example"),
        ("  a.b@c.fr ", "a.b@c.fr"),
        ("a@b", None),
        ("a@@b.fr", None),
        ("", None),
        ("a b@c.fr", None),
    ],
)
def test_an_address_is_kept_in_lower_case_or_not_at_all(text: str, kept: str | None) -> None:
    assert clean_email(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("06 57 01 87 62", "+33657018762"),
        ("06.57.01.87.62", "+33657018762"),
        ("+33 (0)6 57 01 87 62", "+33657018762"),
        ("0033 6 57 01 87 62", "+33657018762"),
        ("+330657018762", "+33657018762"),
        ("+32 470 12 34 56", "+32470123456"),
        ("657018762", "+33657018762"),
        ("657018762.0", "+33657018762"),
        ("33657018762", "+33657018762"),
        ("Tél. : 06 57 01 87 62", "+33657018762"),
        ("06\u00a057\u202f01 87 62", "+33657018762"),
        ("٠٦٥٧٠١٨٧٦٢", "+33657018762"),
        ("07 00 00 00 00", "+33700000000"),
        ("0800 123 456", "+33800123456"),
        ("0692 12 34 56", "+262692123456"),
        ("0262 20 12 34", "+262262201234"),
        ("0269 61 12 34", "+262269611234"),
        ("0639 69 12 34", "+262639691234"),
        ("+33 692 12 34 56", "+262692123456"),
        ("+262 (0)692 12 34 56", "+262692123456"),
        ("0590 27 12 34", "+590590271234"),
        ("690 30 12 34", "+590690301234"),
        ("0594 28 12 34", "+594594281234"),
        ("0694 20 12 34", "+594694201234"),
        ("0596 50 12 34", "+596596501234"),
        ("0696 20 12 34", "+596696201234"),
        ("+687 25 12 34", "+687251234"),
        ("+1 202 555 0143", "+12025550143"),
        ("06 57 01 87 62 poste 12", None),
        ("06 57 01 87 62 (mère)", None),
        ("06 57 01 87 62 / 03 21 00 00 00", None),
        ("06 57 O1 87 62", None),
        ("6,57E+08", None),
        ("36 46", None),
        ("+999 12 34 56 78", None),
        ("06 57 01 87", None),
        ("00 00 00 00 00", None),
        ("néant", None),
    ],
)
def test_a_number_is_kept_as_e164_or_not_at_all(text: str, kept: str | None) -> None:
    assert clean_phone(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("343 187 859 45763", "34318785945763"),
        ("34318785945763", "34318785945763"),
        ("35600000049837", "35600000049837"),
        ("12345678901234", None),
        ("3431878594576", None),
        ("3431878594576X", None),
    ],
)
def test_a_siret_has_fourteen_digits_and_a_right_check_digit(text: str, kept: str | None) -> None:
    assert clean_siret(text) == kept


def test_every_kind_of_finding_has_a_stable_code_of_its_own_and_a_message_that_can_be_filled() -> None:
    codes = [kind.code for kind in kinds.KINDS]
    assert len(codes) == len(set(codes)) > 50
    for kind in kinds.KINDS:
        assert kind.code == kind.code.lower().replace("_", "-").replace(" ", "-")
        assert kind.message.endswith((".", "}"))
        assert kind.meaning.endswith(".")


def test_strict_notes_refuse_what_others_warn_of() -> None:
    lenient, strict = Notes(), Notes(is_strict=True)
    for notes in (lenient, strict):
        notes.add(kinds.BAD_EMAIL, "email")
    lenient.raise_refusals()
    with pytest.raises(Refused) as refused:
        strict.raise_refusals()
    (finding,) = refused.value.findings
    assert finding.severity is Severity.REFUSED
    assert "gardée" in lenient.findings[0].message
    assert "gardée" not in finding.message


SKILLS = st.lists(st.floats(min_value=0.5, max_value=100, allow_nan=False), min_size=1, max_size=16).map(
    lambda weights: tuple(RequiredSkill(f"S{i}", 2, weight) for i, weight in enumerate(weights))
)


@given(SKILLS)
def test_normalised_weights_are_shares_of_exactly_one_in_the_same_proportions(
    skills: tuple[RequiredSkill, ...],
) -> None:
    shares = normalised(skills)
    assert sum(share.weight for share in shares) == pytest.approx(1.0, abs=1e-9)
    total = sum(skill.weight for skill in skills)
    for skill, share in zip(skills, shares, strict=True):
        assert share.weight == pytest.approx(skill.weight / total, abs=2e-5)
    assert normalised(shares) == shares


@pytest.mark.parametrize(
    ("weights", "whole"),
    [([98], True), ([102.0], True), ([97.9], False), ([102.1], False), ([33, 33, 34], True), ([100, 50], False)],
)
def test_weights_make_a_whole_give_or_take_two_percent(weights: list[float], whole: bool) -> None:
    assert adds_up(weights) is whole


KEY = ObservationKey(UUID(int=1), UUID(int=2), UUID(int=3), date(2026, 11, 12), "dictee", "6D109")
WORDS = st.sampled_from(["", "a", "b"])
NOTES = st.lists(st.builds(SeenDraft, st.integers(0, 4), WORDS), max_size=6).map(tuple)
WITHOUT_WORDS = st.lists(st.builds(SeenDraft, st.integers(0, 4)), max_size=6).map(tuple)
"""As from a file that has no column of comments."""


def _applied(kept: tuple[Observation, ...], handed_in: tuple[SeenDraft, ...]) -> tuple[Observation, ...]:
    matched = match_notes(handed_in, kept)
    corrected = {observation.id: amended(observation.seen, said) for said, observation in matched.corrections}
    after = [
        Observation(each.id, each.revision, each.framework, each.key, corrected.get(each.id, each.seen))
        for each in kept
    ]
    new = [
        Observation(UUID(int=len(kept) + place), 1, "rome-4", KEY, made_of(Seen, said))
        for place, said in enumerate(matched.new)
    ]
    return (*after, *new)


@given(NOTES, st.one_of(NOTES, WITHOUT_WORDS))
def test_handing_in_the_same_notes_twice_changes_nothing_the_second_time(
    before: tuple[SeenDraft, ...], handed_in: tuple[SeenDraft, ...]
) -> None:
    kept = _applied(_applied((), before), handed_in)
    again = match_notes(handed_in, kept)
    assert again.new == ()
    assert again.corrections == ()
    assert {said.level for said in handed_in} <= {observation.seen.level for observation in kept}


@given(NOTES, st.one_of(NOTES, WITHOUT_WORDS))
def test_no_note_is_ever_lost_by_handing_in_others(
    before: tuple[SeenDraft, ...], handed_in: tuple[SeenDraft, ...]
) -> None:
    kept = _applied((), before)
    assert len(_applied(kept, handed_in)) >= len(kept)


@given(NOTES, WITHOUT_WORDS)
def test_notes_without_words_leave_the_words_that_are_kept(
    before: tuple[SeenDraft, ...], handed_in: tuple[SeenDraft, ...]
) -> None:
    kept = _applied((), before)
    after = _applied(kept, handed_in)
    assert [each.seen.note for each in after[: len(kept)]] == [each.seen.note for each in kept]


def test_another_level_corrects_the_note_that_is_kept() -> None:
    kept = _applied((), (SeenDraft(2),))
    matched = match_notes((SeenDraft(3),), kept)
    assert matched.corrections == ((SeenDraft(3), kept[0]),)
    assert matched.new == ()


def test_many_notes_under_one_key_are_matched_in_no_time() -> None:
    many = tuple(SeenDraft(number % 5, str(number)) for number in range(20_000))
    kept = _applied((), many)
    assert len(match_notes(many, kept).known) == len(many)


@pytest.mark.parametrize(
    ("born_on", "likely"),
    [
        (date(2012, 11, 22), True),
        (date(2012, 11, 23), False),
        (date(1916, 11, 22), True),
        (date(1915, 11, 22), False),
        (date(2030, 1, 1), False),
    ],
)
def test_a_birth_date_is_one_of_somebody_who_can_take_part(born_on: date, likely: bool) -> None:
    assert is_likely_birth_date(born_on, date(2026, 11, 22)) is likely


def _meetup(starts_at: datetime, slots: int, commune: str = "59009") -> MeetupDetails:
    return MeetupDetails("R", "LaM", Place(commune), UUID(int=1), starts_at, 30, slots)


def test_the_slots_of_a_meetup_end_on_its_day_by_the_clock_of_its_place() -> None:
    afternoon = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)  # 21 h in Paris, 16 h in Fort-de-France
    assert ends_the_same_day(_meetup(afternoon, 5))
    assert not ends_the_same_day(_meetup(afternoon, 6))
    assert ends_the_same_day(_meetup(afternoon, 6, commune="97209"))


@pytest.mark.parametrize(
    ("commune", "day"),
    [(None, 2), ("59009", 2), ("97411", 2), ("97209", 1), ("98735", 1), ("98818", 2)],
)
def test_the_day_is_the_one_of_the_place(commune: str | None, day: int) -> None:
    now = datetime(2026, 12, 1, 23, 30, tzinfo=UTC)
    assert civil_date(now, Place(commune) if commune else None) == date(2026, 12, day)


def test_no_share_is_negative_however_small_the_last_weight() -> None:
    thirds = [RequiredSkill(str(number), 1, 100 / 55) for number in range(55)]
    shares = normalised([*thirds, RequiredSkill("last", 1, 0.0001)])
    assert min(each.weight for each in shares) >= 0
    assert sum(each.weight for each in shares) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("changed", "directions"),
    [({}, 1), ({"slots": 3}, 1), ({"address": "18 rue Royale"}, 2), ({"access": "Interphone"}, 2)],
)
def test_another_address_or_access_is_counted_since_it_is_not_told(changed: dict[str, Any], directions: int) -> None:
    kept = Meetup(UUID(int=2), 4, _meetup(datetime(2026, 12, 1, 9, 0, tzinfo=UTC), 4))
    assert kept.amended(MeetupDraft(**changed)).directions == directions


def test_a_meetup_that_begins_now_is_past() -> None:
    now = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    assert is_past(now, now)
    assert not is_past(now.replace(minute=1), now)


@pytest.mark.parametrize(
    ("first", "last", "fits"),
    [(None, None, True), (0, 9, True), (3, 3, True), (4, 3, False), (0, 10, False), (10, None, False)],
)
def test_a_window_of_slots_lies_within_the_meetup(first: int | None, last: int | None, fits: bool) -> None:
    assert has_slots(Constraints(first, last), slots=10) is fits
