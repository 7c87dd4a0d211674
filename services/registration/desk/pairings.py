"""How the pairing of a meetup stands, as matching tells it, and what advisers decide about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import Field

from services.registration.desk.asking import Desk, Narrow
from shared.contracts.vocabulary import RematchReason
from shared.language import Language
from shared.reference.skills import skill_name

PairNamed = tuple[UUID, UUID]
"""A participant and a need."""


class PairingStanding(Narrow):
    """What is in force, which proposal waits, and whether one is being worked out."""

    in_force: UUID | None
    waiting: UUID | None
    is_computing: bool


class InBoth(Narrow):
    """A text in both languages."""

    fr: str
    en: str

    def in_language(self, language: Language) -> str:
        """The text in one of them."""
        return self.en if language == "en" else self.fr


class Voices(Narrow):
    """Why a pair, told to whoever is concerned."""

    for_participant: InBoth
    for_adviser: InBoth
    for_employer: InBoth


class ScorePart(Narrow):
    """One skill's part of a score: how much the need asks of it, and how much of that is expected."""

    skill: str
    weight: float
    contribution: float


class Scored(Narrow):
    """A score from 0 to 1 with its interval, and what it is made of."""

    value: float
    low: float
    high: float
    terms: tuple[ScorePart, ...]


class SeatReasons(Narrow):
    """Why somebody is proposed for a need; the distance is by road, in kilometres."""

    score: Scored
    distance_km: float | None
    account: Voices

    def parts(self, language: Language) -> list[tuple[str, float, float]]:
        """Each skill's name, what the need asks of it and what is expected, both as shares of the whole."""
        return [(skill_name(part.skill, language), part.weight, part.contribution) for part in self.score.terms]


class ProposedMeeting(Narrow):
    """Who meets whom, in which slot (from 0) for how many, at which table (from 1), and why."""

    participant_id: UUID
    need_id: UUID
    slot: int
    table: int
    length: int
    is_pinned: bool
    is_worthwhile: bool
    reasons: SeatReasons


class InReserve(Narrow):
    """Who comes next for a need when somebody declines."""

    participant_id: UUID
    need_id: UUID
    position: int
    reasons: SeatReasons


class Impossible(Narrow):
    """A pair that cannot be, with the codes of every reason."""

    participant_id: UUID
    need_id: UUID
    reasons: tuple[str, ...]


class Changed(Narrow):
    """A meeting that is new, gone or elsewhere, and the code of its cause."""

    participant_id: UUID
    need_id: UUID
    cause: str


class PlanChanges(Narrow):
    """What a pairing changes beside the one before."""

    added: tuple[Changed, ...]
    removed: tuple[Changed, ...]
    moved: tuple[Changed, ...]
    kept: tuple[Mapping[str, UUID], ...] = Field(default=())


class PairingSeen(Narrow):
    """A whole pairing."""

    id: UUID
    status: str
    based_on: UUID | None
    meetings: tuple[ProposedMeeting, ...]
    reserve: tuple[InReserve, ...]
    dropped: tuple[Impossible, ...]
    unmet_needs: tuple[UUID, ...]
    without_meeting: tuple[UUID, ...]
    difference: PlanChanges


class PairWord(Narrow):
    """An adviser's word on a pair, which holds: ``pin`` or ``forbid``."""

    participant_id: UUID
    need_id: UUID
    rule: str


class PairWords(Narrow):
    """All of them, at one meetup."""

    items: tuple[PairWord, ...]


class RunSeen(Narrow):
    """A run, and why it came to nothing where it did."""

    id: UUID
    status: str
    step: str
    failure: str | None


class RunsSeen(Narrow):
    """Runs, the newest first."""

    items: tuple[RunSeen, ...]


def _at(meetup_id: UUID) -> str:
    return f"/api/v1/meetups/{meetup_id}"


async def standing_of(desk: Desk, meetup_id: UUID) -> PairingStanding | None:
    """How the pairing of a meetup stands; `None` where matching has not heard of it yet. Raises `Away`."""
    return await desk.get("matching", _at(meetup_id), PairingStanding)


async def pairing_named(desk: Desk, pairing_id: UUID) -> PairingSeen | None:
    """A whole pairing. Raises `Away`."""
    return await desk.get("matching", f"/api/v1/pairings/{pairing_id}", PairingSeen)


async def words_at(desk: Desk, meetup_id: UUID) -> dict[PairNamed, str]:
    """The pins and forbids that hold at a meetup. Raises `Away`."""
    found = await desk.get("matching", f"{_at(meetup_id)}/rules", PairWords)
    return {(each.participant_id, each.need_id): each.rule for each in found.items} if found else {}


async def newest_run(desk: Desk, meetup_id: UUID) -> RunSeen | None:
    """The newest run of a meetup. Raises `Away`."""
    found = await desk.get("matching", f"{_at(meetup_id)}/runs", RunsSeen, size=1)
    return found.items[0] if found and found.items else None


async def ask_for_pairing(desk: Desk, meetup_id: UUID, reason: RematchReason, note: str | None) -> None:
    """Ask for a proposal, the first one or another. Raises `Away` or `NotDone`."""
    await desk.do("matching", "POST", f"{_at(meetup_id)}/rematches", body={"reason": reason.value, "note": note})


async def set_word(desk: Desk, meetup_id: UUID, pair: PairNamed, rule: str) -> None:
    """Pin or forbid a pair; with no rule, take the word on it back. Raises `Away` or `NotDone`."""
    participant_id, need_id = pair
    if not rule:
        await desk.do("matching", "DELETE", f"{_at(meetup_id)}/rules/{participant_id}/{need_id}")
        return
    body = {"participant_id": str(participant_id), "need_id": str(need_id), "rule": rule}
    await desk.do("matching", "PUT", f"{_at(meetup_id)}/rules", body=body)


async def approve(desk: Desk, pairing_id: UUID, remove: Sequence[PairNamed], add: Sequence[PairNamed]) -> None:
    """Put a proposal in force, without some of its meetings and with some of its reserve.

    Raises `Away` or `NotDone`.
    """
    body = {
        name: [{"participant_id": str(participant_id), "need_id": str(need_id)} for participant_id, need_id in pairs]
        for name, pairs in (("remove", remove), ("add", add))
    }
    await desk.do("matching", "POST", f"/api/v1/pairings/{pairing_id}/approve", body=body)


async def discard(desk: Desk, pairing_id: UUID, note: str | None) -> None:
    """Discard a proposal; what is in force stays. Raises `Away` or `NotDone`."""
    await desk.do("matching", "POST", f"/api/v1/pairings/{pairing_id}/reject", body={"note": note})
