"""The pool of all participants and open needs, with a shortlist for each need that follows every change.

pool = Pool(coding, members, needs, policy, run)
pool.shortlist_of(need.id)          # the best, the best first
pool.renew_member(member)           # the needs whose shortlists this touched
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.rules import opening_of, seeker_of
from services.matching.domain.shortlisting import Coding, Entrants, Needs, Participants, ShortlistPolicy, shortlist
from services.matching.domain.situation import Need, Participant
from services.matching.domain.standing_places import StandingPlace


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """Somebody who agrees to be paired: what pairing knows of them, P(level ≥ ℓ − ½) of their skills (4K)."""

    participant: Participant
    exceedance: NDArray[np.float32]
    shortlisted: int


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Many members as columns, ids in sixteen bytes: one by one a country's take too much memory and time."""

    ids: NDArray[np.void]
    columns: Participants

    @classmethod
    def joined(cls, parts: Sequence[Members]) -> Members:
        """Several groups, one behind the other; one at least."""
        return cls(np.concatenate([part.ids for part in parts]), Participants.joined([part.columns for part in parts]))


class Pool:
    """All members and needs by number, behind their ids.

    Somebody who was erased or withdrew is on no list and in no count; their number stays until the pool is made anew.
    """

    def __init__(
        self, coding: Coding, members: Members, needs: Sequence[Need], policy: ShortlistPolicy, run: str
    ) -> None:
        """Make all shortlists. `run` draws the lots of those who tie."""
        self._coding = coding
        self._licences = frozenset(coding.codebook.licences)
        self._people = _Register(members.ids)
        self._number_of_need = {need.id: number for number, need in enumerate(needs)}
        self._needs = [need.id for need in needs]
        self._lists = shortlist(members.columns, self._columns(needs), run=run, policy=policy)
        self._kept_counts = np.full_like(self._lists.dropped().counts, -1)
        self._counted_up_to = 0

    def __len__(self) -> int:
        """How many people the pool holds."""
        return len(self._people)

    @property
    def needs(self) -> tuple[UUID, ...]:
        """Every need that the pool ever held."""
        return tuple(self._needs)

    def holds_need(self, need_id: UUID) -> bool:
        """Whether a need is, or was, in the pool."""
        return need_id in self._number_of_need

    def can_number(self, need: Need) -> bool:
        """Whether all that a need asks is in the codebook of this pool; if not, the pool has to be made anew."""
        return need.occupation in self._coding.occupations and self._licences.issuperset(need.licences)

    def renew_member(self, member: Member) -> set[UUID]:
        """Take somebody in, or what changed of them; gives the needs whose shortlists this could touch."""
        number = self._people.number_for(member.participant.id)
        return self._ids_of(self._lists.update_participant(number, columns_of([member], self._coding)))

    def remove_member(self, participant_id: UUID) -> set[UUID]:
        """Take somebody out, if they are there; gives the needs whose shortlists they were on."""
        number = self._people.number_of(participant_id)
        return set() if number is None else self._ids_of(self._lists.remove_participant(number))

    def renew_need(self, need: Need) -> None:
        """Take a need in, or what changed of it; a closed one has an empty shortlist."""
        number = self._number_of_need.setdefault(need.id, len(self._needs))
        if number == len(self._needs):
            self._needs.append(need.id)
        self._lists.update_need(number, self._columns([need]))

    def shortlist_of(self, need_id: UUID) -> tuple[StandingPlace, ...]:
        """The best of the pool for a need, the best first."""
        found = self._lists.listed(self._number_of_need[need_id])
        return tuple(StandingPlace(self._people.person(one.participant), one.score, one.utility) for one in found)

    def dropped_of(self, need_id: UUID) -> dict[str, int]:
        """How many of the pool each reason keeps from meeting a need."""
        found = self._lists.dropped().of(self._number_of_need[need_id])
        return {reason.value: count for reason, count in found.items()}

    def miscounted(self, at_most: int) -> list[UUID]:
        """Needs whose counts are other ones than were last noted as kept: some of them, each in its turn."""
        counts = self._lists.dropped().counts
        other = np.ones(len(counts), dtype=np.bool_)
        other[: len(self._kept_counts)] = (counts[: len(self._kept_counts)] != self._kept_counts).any(axis=1)
        numbers = np.flatnonzero(np.roll(other, -self._counted_up_to))[:at_most]
        numbers = (numbers + self._counted_up_to) % max(len(counts), 1)
        self._counted_up_to = int(numbers[-1]) + 1 if len(numbers) else 0
        return [self._needs[number] for number in numbers.tolist()]

    def note_kept(self, need_ids: Iterable[UUID]) -> None:
        """Note that the counts of these needs are kept as they are now."""
        counts = self._lists.dropped().counts
        more = np.full((len(counts) - len(self._kept_counts), counts.shape[1]), -1)
        self._kept_counts = np.concatenate([self._kept_counts, more])
        numbers = [self._number_of_need[need_id] for need_id in need_ids]
        self._kept_counts[numbers] = counts[numbers]

    def _ids_of(self, needs: NDArray[np.int64]) -> set[UUID]:
        return {self._needs[need] for need in needs.tolist()}

    def _columns(self, needs: Sequence[Need]) -> Needs:
        return Needs.of(
            [opening_of(need) for need in needs], [need.requirements for need in needs], self._coding.codebook
        )


class _Register:
    """Who has which number. A million people take 24 MB here, and ten times as much as objects in a mapping."""

    def __init__(self, ids: NDArray[np.void]) -> None:
        """`ids`, of sixteen bytes, are numbered from 0 on."""
        self._ids = ids
        self._order = np.argsort(ids.view("S16"))
        self._newcomers: dict[UUID, int] = {}
        self._new: list[UUID] = []

    def __len__(self) -> int:
        return len(self._ids) + len(self._new)

    def person(self, number: int) -> UUID:
        """Who has a number."""
        if number < len(self._ids):
            return UUID(bytes=self._ids[number].tobytes())
        return self._new[number - len(self._ids)]

    def number_of(self, person: UUID) -> int | None:
        """Somebody's number; None for who has none."""
        sought = np.bytes_(person.bytes)
        place = int(np.searchsorted(self._ids.view("S16"), sought, sorter=self._order))
        if place < len(self._ids) and self._ids[self._order[place]].tobytes() == person.bytes:
            return int(self._order[place])
        return self._newcomers.get(person)

    def number_for(self, person: UUID) -> int:
        """Somebody's number; who has none gets the next."""
        number = self.number_of(person)
        if number is None:
            number = self._newcomers[person] = len(self)
            self._new.append(person)
        return number


def columns_of(members: Sequence[Member], coding: Coding) -> Participants:
    """Members as columns."""
    return Participants.entering(
        Entrants.of([seeker_of(member.participant, consent=True) for member in members]),
        np.array([member.exceedance for member in members], dtype=np.float32),
        coding,
        shortlisted=[member.shortlisted for member in members],
    )
