"""Two records become one: each note counts once, the narrower consent holds, only what was missing is filled in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.registration.domain.merging import consents_after, filled_in, share_out
from services.registration.domain.participants import Consent, Contact
from services.registration.domain.workshops import Observation, ObservationKey, Seen

SURVIVOR, MERGED = UUID(int=1), UUID(int=2)
LEVELS = st.dictionaries(st.sampled_from(["6D101", "6D102"]), st.lists(st.integers(0, 4), max_size=4))


def notes_of(person: UUID, levels: dict[str, list[int]]) -> list[Observation]:
    return [
        Observation(
            UUID(int=person.int * 1000 + number * 10 + place),
            1,
            "rome-4",
            ObservationKey(UUID(int=7), person, UUID(int=8), date(2026, 11, 2), "other", skill),
            Seen(level),
            ordinal=place,
        )
        for number, (skill, said) in enumerate(sorted(levels.items()))
        for place, level in enumerate(said)
    ]


def counted(notes: Sequence[Observation]) -> Counter[tuple[str, int]]:
    return Counter((note.key.skill, note.seen.level) for note in notes)


@given(LEVELS, LEVELS)
def test_every_note_goes_over_once_and_none_stands_twice(
    mine: dict[str, list[int]], theirs: dict[str, list[int]]
) -> None:
    kept, coming = notes_of(SURVIVOR, mine), notes_of(MERGED, theirs)
    moving, silent = share_out(kept, coming, SURVIVOR)
    assert sorted(note.id for note in (*moving, *silent)) == [note.id for note in coming]
    assert all(note.key.participant_id == SURVIVOR for note in moving)
    assert counted(silent) <= counted(kept)
    assert counted([*kept, *moving]) == counted(kept) | counted(coming)
    places = [(note.key, note.ordinal) for note in (*kept, *moving)]
    assert len(places) == len(set(places))


def test_a_refusal_holds_against_a_consent_and_what_one_record_alone_says_holds() -> None:
    yes, no = Consent(granted=True, source="import"), Consent(granted=False, source="person")
    assert consents_after({"pairing": yes, "contact": yes}, {"pairing": no, "contact": yes}) == {"pairing": no}
    assert consents_after({"pairing": no}, {"pairing": yes, "contact": yes}) == {"contact": yes}
    assert consents_after({"pairing": yes}, {}) == {}


def test_only_what_is_missing_is_filled_in() -> None:
    mine = Contact("Maurice", "Brunel", email="m@x.fr")
    theirs = Contact("Maurice", "Brunel", email="n@x.fr", phone="+33657018762")
    assert filled_in(mine, theirs) == ("phone",)
