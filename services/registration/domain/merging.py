"""What becomes of two records that are of one person: which notes move, which consents hold, what is filled in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID

from services.registration.domain.meetups import Constraints
from services.registration.domain.participants import Consent, Contact, Participant, ParticipantDraft, Purpose
from services.registration.domain.said import UNSAID
from services.registration.domain.workshops import Observation

FILLED_IN = ("email", "phone", "postal_address")
"""What the record that goes on takes over where it has none: how the person is reached."""


@dataclass(frozen=True, slots=True)
class MovedNote:
    """A note that went over to the record that goes on, and its number under its key before."""

    observation_id: UUID
    ordinal: int


@dataclass(frozen=True, slots=True)
class MovedEnrolment:
    """An enrolment in a meetup ahead that went over; ``is_new`` where the other record was not enrolled."""

    meetup_id: UUID
    constraints: Constraints
    is_new: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """What a merge moved, so that it can be put back; ``workshops`` says of each whether the other was not in it."""

    notes: tuple[MovedNote, ...] = ()
    silent_notes: tuple[UUID, ...] = ()
    """Notes that both records have word for word: they stay where they are, and count once."""
    workshops: Mapping[UUID, bool] = field(default_factory=dict)
    enrolments: tuple[MovedEnrolment, ...] = ()
    presences: tuple[UUID, ...] = ()
    """Sessions of workshops of which the merged record alone said whether the person came."""
    filled_in: tuple[str, ...] = ()
    consents: Mapping[Purpose, int] = field(default_factory=dict)
    """The revision of the record that goes on in which the merge decided."""
    objections: tuple[UUID, ...] = ()
    """Objections of the merged record that the one that goes on makes its own."""
    followers: tuple[UUID, ...] = ()
    """Records that were merged into the one that is merged now: from now on the same one goes on for them."""


def share_out(
    kept: Iterable[Observation], coming: Sequence[Observation], survivor: UUID
) -> tuple[list[Observation], list[Observation]]:
    """The notes that move to the record that goes on, as they are there, and those that it has already.

    The same level under the same key is the same note, written down for both records: it counts once. Another level is
    another note.
    """
    taken: dict[object, set[int]] = defaultdict(set)
    alike: dict[object, list[int]] = defaultdict(list)
    for note in kept:
        taken[note.key].add(note.ordinal)
        alike[note.key].append(note.seen.level)
    moving: list[Observation] = []
    silent: list[Observation] = []
    for note in coming:
        key = replace(note.key, participant_id=survivor)
        if note.seen.level in alike[key]:
            alike[key].remove(note.seen.level)
            silent.append(note)
            continue
        ordinal = next(number for number in count() if number not in taken[key])
        taken[key].add(ordinal)
        moving.append(replace(note, key=key, ordinal=ordinal))
    return moving, silent


def consents_after(mine: Mapping[Purpose, Consent], theirs: Mapping[Purpose, Consent]) -> dict[Purpose, Consent]:
    """The consents that a merge has to decide: a refusal holds against a consent, what only one record says holds.

    A refusal holds until the person says otherwise: no export that still has the other word takes it back.
    """
    return {
        purpose: said if said.granted else replace(said, source="person")
        for purpose, said in theirs.items()
        if purpose not in mine or (mine[purpose].granted and not said.granted)
    }


def filled_in(mine: Contact, theirs: Contact) -> tuple[str, ...]:
    """By what the person is reached according to the other record alone."""
    return tuple(name for name in FILLED_IN if getattr(mine, name) is None and getattr(theirs, name) is not None)


def heard_of_merged(draft: ParticipantDraft, goes_on: Participant) -> ParticipantDraft:
    """What counts of what is still said of a merged record: refusals, and what is missing to reach the person."""
    said = {purpose: Consent(granted, "import") for purpose, granted in draft.consents.items()}
    reached_by = {name: getattr(draft, name) for name in FILLED_IN if getattr(goes_on.contact, name) is None}
    return ParticipantDraft(
        **{name: value for name, value in reached_by.items() if value is not None},
        consents={purpose: each.granted for purpose, each in consents_after(goes_on.consents, said).items()},
        consent_way=draft.consent_way,
    )


def unless_merged_have_it(draft: ParticipantDraft, merged: Iterable[Participant]) -> ParticipantDraft:
    """The draft without the empty cells that would take what a merged record has of ways to reach the person."""
    had = {name for each in merged for name in FILLED_IN if getattr(each.contact, name) is not None}
    kept: dict[str, Any] = {name: UNSAID for name in had if getattr(draft, name) is None}
    return replace(draft, **kept)
