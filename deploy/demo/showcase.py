"""What the demo shows of its outcome: one shortlist, one timetable, one profile, one difference, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from deploy.demo.story import DemoStory
from shared.reference.skills import DEFAULT_FRAMEWORK, framework

CAUSES = {
    "first-pairing": "premier appariement",
    "pin": "imposé par l’agence",
    "forbid": "interdit par l’agence",
    "refusal": "la personne a refusé",
    "withdrawal": "la personne s’est retirée",
    "closed-need": "le besoin est pourvu",
    "uninvited-need": "le besoin n’est plus invité",
    "changed-need": "le besoin a changé",
    "changed-meetup": "la rencontre a changé",
    "constraint": "trajet, disponibilités, horaires ou permis ne le permettent plus",
    "clash": "la personne est attendue ailleurs à cette heure",
    "capacity": "places d’entretien",
    "arrival": "une personne est arrivée",
    "changed-participant": "la situation de la personne a changé",
    "observations": "de nouvelles observations",
    "reserve": "pris dans la réserve",
    "follows": "suite d’un autre changement",
    "policy": "choix du programme",
    "unexplained": "cause inconnue",
}


@dataclass(frozen=True)
class ShownPlace:
    """One place of a shortlist: the score with its interval, its terms (skill, share asked, share shown), and why."""

    position: int
    name: str
    starts_at: datetime
    table: int
    score: float
    low: float
    high: float
    terms: Sequence[tuple[str, float, float]]
    account: str


@dataclass(frozen=True)
class ShownLevel:
    """One skill of a profile; the level is None where nothing was seen."""

    name: str
    level: float | None
    low: float
    high: float
    observations: int


@dataclass(frozen=True)
class Cell:
    """One meeting in the timetable: slot from 0, table from 1, how many slots long."""

    slot: int
    table: int
    length: int
    name: str
    need: str


@dataclass(frozen=True)
class Showcase:
    """Everything that the terminal and the page show, besides the numbers."""

    meetup: str
    venue: str
    need: str
    shortlist: Sequence[ShownPlace]
    person: str
    profile: Sequence[ShownLevel]
    slots: Sequence[datetime]
    tables: Sequence[tuple[int, str]]
    cells: Sequence[Cell]
    added: Sequence[tuple[str, str]]
    removed: Sequence[tuple[str, str]]
    moved: Sequence[tuple[str, str]]
    kept: int


def showcase(told: DemoStory) -> Showcase:
    """Choose what to show: the meetup of the rematch, the need of its pin, and whoever comes first there."""
    rematch = told.rematch
    meetup, pairing = rematch.meetup, told.in_force[rematch.meetup.id]
    shortlist = sorted(
        (each for each in pairing["meetings"] if UUID(each["need_id"]) == rematch.pin.need),
        key=lambda each: int(each["position"]),
    )
    first = UUID(shortlist[0]["participant_id"])
    slots = [meetup.starts_at + timedelta(minutes=meetup.slot_minutes * slot) for slot in range(_slots_used(pairing))]
    changes = {
        kind: [_change_in_words(change, told) for change in rematch.pairing["difference"][kind]]
        for kind in ("added", "removed", "moved")
    }
    return Showcase(
        meetup=meetup.title,
        venue=meetup.venue,
        need=told.needs[rematch.pin.need],
        shortlist=[_candidate(each, told, slots) for each in shortlist],
        person=told.people[first],
        profile=[_level(each, told.profiles[first]["framework"]) for each in told.profiles[first]["skills"]],
        slots=slots,
        tables=sorted({(int(each["table"]), told.needs[UUID(each["need_id"])]) for each in pairing["meetings"]}),
        cells=[_cell(each, told) for each in pairing["meetings"]],
        added=changes["added"],
        removed=changes["removed"],
        moved=changes["moved"],
        kept=len(rematch.pairing["difference"]["kept"]),
    )


def skill_names(name: str) -> dict[str, str]:
    """The French label of each skill of a framework, by its code."""
    return {skill.code: skill.label for skill in framework(name).skills}


def _candidate(meeting: Mapping[str, Any], told: DemoStory, slots: Sequence[datetime]) -> ShownPlace:
    score = meeting["reasons"]["score"]
    names = skill_names(DEFAULT_FRAMEWORK)
    return ShownPlace(
        position=meeting["position"],
        name=told.people[UUID(meeting["participant_id"])],
        starts_at=slots[meeting["slot"]],
        table=meeting["table"],
        score=score["value"],
        low=score["low"],
        high=score["high"],
        terms=[
            (names.get(each["skill"], each["skill"]), each["weight"], each["contribution"]) for each in score["terms"]
        ],
        account=meeting["reasons"]["account"]["for_employer"]["fr"],
    )


def _level(skill: Mapping[str, Any], of_framework: str) -> ShownLevel:
    return ShownLevel(
        name=skill_names(of_framework).get(skill["skill"], skill["skill"]),
        level=skill["level"] if skill["seen"] else None,
        low=skill["low"],
        high=skill["high"],
        observations=skill["evidence"]["observations"],
    )


def _cell(meeting: Mapping[str, Any], told: DemoStory) -> Cell:
    return Cell(
        slot=meeting["slot"],
        table=meeting["table"],
        length=meeting["length"],
        name=told.people[UUID(meeting["participant_id"])],
        need=told.needs[UUID(meeting["need_id"])],
    )


def _slots_used(pairing: Mapping[str, Any]) -> int:
    return max(int(each["slot"]) + int(each["length"]) for each in pairing["meetings"])


def _change_in_words(change: Mapping[str, Any], told: DemoStory) -> tuple[str, str]:
    person = told.people[UUID(change["participant_id"])]
    need = told.needs[UUID(change["need_id"])]
    return f"{person} – {need}", CAUSES[change["cause"]]
