"""Topic `pairings`: who meets whom. Key: the meetup."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Bilingual, Id, Pair, Part, Revision, Share

Cause = Literal[
    "first-pairing",
    "pin",
    "forbid",
    "refusal",
    "withdrawal",
    "closed-need",
    "uninvited-need",
    "changed-need",
    "changed-meetup",
    "constraint",
    "clash",
    "capacity",
    "arrival",
    "changed-participant",
    "observations",
    "reserve",
    "follows",
    "policy",
    "unexplained",
]
"""Why a meeting changed; `reserve`: it fills a place that somebody left; `follows`: another change brought it about;
`constraint`: travel, dates, hours or licences no longer allow it; `clash`: the person meets elsewhere at that hour."""


class Meeting(Part):
    """One participant with one need at one table, with its account in two voices.

    It begins with its ``slot`` and lasts ``length`` of them; when that is, the meetup alone says, so that a meetup
    that moves takes its meetings along. ``position`` is the place in the need's shortlist, from 1.
    """

    meeting_id: Id
    participant_id: Id
    need_id: Id
    employer_id: Id
    slot: Annotated[int, Field(ge=0)]
    length: Annotated[int, Field(ge=1)] = 1
    table: Annotated[int, Field(ge=1)]
    position: Annotated[int, Field(ge=1)]
    score: Share
    for_participant: Bilingual
    for_employer: Bilingual


class ReservePlace(Part):
    """Who comes next for a need when somebody declines; ``position`` counts from 1."""

    participant_id: Id
    need_id: Id
    position: Annotated[int, Field(ge=1)]


class Change(Pair):
    """One meeting that is new, gone, or at another slot or table, and why."""

    cause: Cause


class Difference(Part):
    """What distinguishes a pairing from the one before."""

    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    moved: tuple[Change, ...] = ()
    kept: Annotated[int, Field(ge=0)] = 0


class PairingState(Event):
    """A whole pairing. ``revision`` counts the pairings of the meetup."""

    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    pairing_id: Id
    run_id: Id | None
    revision: Revision
    meetings: tuple[Meeting, ...]
    reserve: tuple[ReservePlace, ...]
    difference: Difference


class PairingProposed(PairingState):
    """A proposal waits for an adviser; nobody else hears of it."""

    type: ClassVar[str] = "vernissage.pairing.proposed.v1"


class PairingApproved(PairingState):
    """An adviser approved the first pairing of a meetup: invitations may go out."""

    type: ClassVar[str] = "vernissage.pairing.approved.v1"
    approved_by: Id


class PairingRevised(PairingState):
    """The pairing in force changed: an approved rematch, or a refusal filled from the approved reserve."""

    type: ClassVar[str] = "vernissage.pairing.revised.v1"
    approved_by: Id


class PairingWithdrawn(Event):
    """A pairing no longer holds: its meetup was cancelled."""

    type: ClassVar[str] = "vernissage.pairing.withdrawn.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    pairing_id: Id
    revision: Revision


EVENTS: tuple[type[Event], ...] = (PairingProposed, PairingApproved, PairingRevised, PairingWithdrawn)
