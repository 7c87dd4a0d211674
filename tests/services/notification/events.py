"""What tests let notification hear: a meetup, people who can be written to, who meets whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from shared.contracts import pairings
from shared.contracts.meetups import InvitedNeed, MeetupChanged, MeetupScheduled
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantRegistered
from shared.contracts.vocabulary import Bilingual, Place

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 12, 8, 8, 30, tzinfo=UTC)
LENS = Place(commune="62498", latitude=50.4, longitude=2.8)


def an_id(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(UUID(int=7), name)


MEETUP, AGENCY = an_id("meetup"), an_id("agency")


def registered(name: str, revision: int = 1) -> ParticipantRegistered:
    """A participant joined."""
    return ParticipantRegistered(
        participant_id=an_id(name),
        revision=revision,
        agency_id=AGENCY,
        home=LENS,
        travel_limit_km=30,
        transport="car",
        available_from=NOW.date(),
        hours=("day",),
        licences=(),
        wishes=(),
        refused_occupations=(),
    )


def consented(name: str, revision: int = 2) -> ConsentGranted:
    """A participant may be written to."""
    return ConsentGranted(participant_id=an_id(name), revision=revision, purpose="contact")


def unconsented(name: str, revision: int = 3) -> ConsentWithdrawn:
    """A participant may no longer be written to."""
    return ConsentWithdrawn(participant_id=an_id(name), revision=revision, purpose="contact")


def scheduled(revision: int = 1, *, changed: bool = False, **said: Any) -> MeetupScheduled | MeetupChanged:
    """The meetup at the Louvre-Lens, in fifteen days."""
    event_class = MeetupChanged if changed else MeetupScheduled
    return event_class(
        **{
            "meetup_id": MEETUP,
            "revision": revision,
            "agency_id": AGENCY,
            "venue": "Louvre-Lens",
            "place": LENS,
            "starts_at": STARTS_AT,
            "slot_minutes": 15,
            "slots": 8,
            "needs": (InvitedNeed(need_id=an_id("baker")), InvitedNeed(need_id=an_id("mechanic"))),
            **said,
        }
    )


def meeting(name: str, need: str = "baker", slot: int = 0, table: int = 1) -> pairings.Meeting:
    """A participant meets an employer."""
    employer = {"baker": "bakery", "apprentice": "bakery", "mechanic": "garage"}[need]
    return pairings.Meeting(
        meeting_id=an_id(f"{name} {need}"),
        participant_id=an_id(name),
        need_id=an_id(need),
        employer_id=an_id(employer),
        slot=slot,
        length=1,
        table=table,
        position=1,
        score=0.7,
        for_participant=Bilingual(
            fr="Vous avez persévéré devant la consigne du dessin dicté.", en="You persisted in the dictated drawing."
        ),
        for_employer=Bilingual(
            fr="A montré de la persévérance au Louvre-Lens, dans le dessin dicté.",
            en="Showed perseverance at the Louvre-Lens, in the dictated drawing.",
        ),
    )


def in_force(*meetings: pairings.Meeting, revision: int = 1) -> pairings.PairingApproved | pairings.PairingRevised:
    """The pairing in force: approved first, revised later."""
    event_class = pairings.PairingApproved if revision == 1 else pairings.PairingRevised
    return event_class(
        meetup_id=MEETUP,
        pairing_id=an_id(f"pairing {revision}"),
        run_id=None,
        revision=revision,
        meetings=meetings,
        reserve=(),
        difference=pairings.Difference(),
        approved_by=an_id("adviser"),
    )
