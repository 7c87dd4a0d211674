"""Events of every type as a producer would tell them, made from the golden examples: one cast of ids for each world."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args
from uuid import UUID, uuid5

from shared.contracts.employers import NeedPublished
from shared.contracts.envelope import Envelope, Event
from shared.contracts.invitations import InvitationSent
from shared.contracts.meetups import MeetupScheduled, ParticipantEnrolled
from shared.contracts.observations import SkillObserved
from shared.contracts.pairings import PairingApproved, PairingState, PairingWithdrawn
from shared.contracts.participants import ConsentGranted, ParticipantErased, ParticipantRegistered
from shared.contracts.vocabulary import ConsentPurpose
from shared.travel.asyncapi import example
from shared.travel.topics import TOPIC_OF_EVENT
from tests.support.events import NOW

AN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

AFTER_ALL = 99
"""The revision of an erasure: the producer says nothing more of that person."""

ANSWERS = ("meet-again", "hire", "not-now")
PURPOSES = get_args(ConsentPurpose)


def differing(revision: int) -> Mapping[str, Any]:
    """What an event says otherwise at each revision, by the name of the field: the older word can be told apart."""
    return {
        "revision": revision,
        "home": {"commune": "62498", "latitude": 50.4 + revision / 100, "longitude": 2.83},
        "place": {"commune": "62498", "latitude": 50.4 + revision / 100, "longitude": 2.83},
        "travel_limit_km": 20.0 + revision,
        "rater_id": str(uuid5(UUID(int=0), f"rater {revision}")),
        "level": revision % 5,
        "seats": revision,
        "occupation": ("G1703", "D1106")[revision % 2],
        "slots": 10 + revision,
        "venue": f"Salle {revision}",
        "starts_at": f"2026-12-{10 + revision}T13:30:00Z",
        "double_slot": revision % 2 == 0,
        "first_slot": revision,
        "last_slot": 6 + revision,
        "answer": ANSWERS[revision % 3],
    }


@dataclass(frozen=True)
class World:
    """People, needs and a meetup of their own, so that histories told to one service do not touch each other."""

    name: str

    def id(self, golden: str) -> UUID:
        """Who here plays the part of an id of the golden examples."""
        return uuid5(UUID(int=0), f"{self.name} {golden}")

    def tell(self, kind: type[Event], revision: int, *, copy: int = 0) -> list[Envelope]:
        """An event as it is told at a revision, once for each purpose of a consent; two steps of a pairing share one.

        Another ``copy`` says the same under other ids.
        """
        body = self._body_of(kind, revision)
        purposes = PURPOSES if "purpose" in body else [None]
        return [
            Envelope(
                self.id(f"{kind.type} {revision} {copy} {purpose}"),
                TOPIC_OF_EVENT[kind].source,
                NOW,
                kind.model_validate(body | ({"purpose": purpose} if purpose else {})),
            )
            for purpose in purposes
        ]

    def _body_of(self, kind: type[Event], revision: int) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(AN_ID.sub(lambda found: str(self.id(found[0])), body_of_example(kind)))
        if issubclass(kind, PairingState | PairingWithdrawn):
            revision = (revision + 1) // 2
        body |= {name: value for name, value in differing(revision).items() if name in body}
        if kind is ParticipantErased:
            body["revision"] = AFTER_ALL
        body |= {name: str(self.id(f"{name} {revision}")) for name in ("pairing_id", "request_id") if name in body}
        for meeting in body.get("meetings", ()):
            meeting |= {"meeting_id": str(self.id(f"meeting {revision}")), "slot": revision}
        return body


@cache
def body_of_example(kind: type[Event]) -> str:
    """What the golden example of an event says."""
    return json.dumps(example(kind)["body"])


@dataclass(frozen=True)
class History:
    """What is told in a world, in the order in which it arrives."""

    world: World
    told: Sequence[Envelope]

    @property
    def events(self) -> list[Event]:
        """What was told."""
        return [envelope.event for envelope in self.told]


SETTING: tuple[type[Event], ...] = (
    ParticipantRegistered,
    ConsentGranted,
    SkillObserved,
    NeedPublished,
    MeetupScheduled,
    ParticipantEnrolled,
    PairingApproved,
    InvitationSent,
)
"""A meetup to which somebody is invited: what an event may end or change."""


def histories_of(kind: type[Event], heard: Collection[type[Event]], manner: str) -> list[History]:
    """An event's arrivals among what a service hears, beside itself and beside each event of its topic."""
    ways = [(way, kind) for way in BESIDE_ITSELF] + [
        (way, other) for way in BESIDE_OTHERS for other in TOPIC_OF_EVENT[kind].events
    ]
    found = []
    for way, other in ways:
        world = World(f"{kind.type} {way.__name__} {other.type} {manner}")
        setting = [envelope for each in SETTING if each in heard for envelope in world.tell(each, 1)]
        found.append(History(world, way(world, setting, kind, other)))
    return found


def first_of_all(world: World, setting: list[Envelope], kind: type[Event], _: type[Event]) -> list[Envelope]:
    """Before anything that it is about."""
    return [*world.tell(kind, 3), *setting]


def doubled(world: World, setting: list[Envelope], kind: type[Event], other: type[Event]) -> list[Envelope]:
    """Once more, as Kafka delivers it twice."""
    return [*world.tell(kind, 3), *world.tell(other, 2), *setting, *world.tell(kind, 3)]


def told_anew(world: World, setting: list[Envelope], kind: type[Event], other: type[Event]) -> list[Envelope]:
    """Once more, as another event that says the same, when something newer is known."""
    return [*setting, *world.tell(kind, 3), *world.tell(other, 4), *world.tell(kind, 3, copy=1)]


def as_a_change(world: World, setting: list[Envelope], kind: type[Event], other: type[Event]) -> list[Envelope]:
    """After another word on the same thing."""
    return [*setting, *world.tell(other, 2), *world.tell(kind, 3)]


def late(world: World, setting: list[Envelope], kind: type[Event], other: type[Event]) -> list[Envelope]:
    """After what happened later."""
    return [*setting, *world.tell(other, 4), *world.tell(kind, 3)]


BESIDE_ITSELF = (first_of_all, doubled, told_anew)
BESIDE_OTHERS = (as_a_change, late)
"""How an event can arrive."""
