"""Events as tests need them: complete and valid, with what the test cares about said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.contracts.employers import NeedPublished, RequiredSkill
from shared.contracts.envelope import Envelope, Event
from shared.contracts.meetups import InvitedNeed, MeetupScheduled, ParticipantEnrolled
from shared.contracts.observations import SkillObserved
from shared.contracts.participants import ConsentGranted, ParticipantRegistered
from shared.contracts.vocabulary import Place

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LENS = Place(commune="62498", latitude=50.4322, longitude=2.8333)
LILLE = Place(commune="59350", latitude=50.6311, longitude=3.0468)
NICE = Place(commune="06088", latitude=43.7102, longitude=7.262)

_IDS = UUID("0192f000-0000-7000-8000-000000000000")


def an_id(name: str) -> UUID:
    """The same id for the same name, in every test."""
    return uuid5(_IDS, name)


AGENCY = an_id("agency of Lens")


def sent(event: Event, *, name: str | None = None) -> Envelope:
    """An event in its envelope; the same event has the same id."""
    return Envelope(id=an_id(name or event.type + event.model_dump_json()), source="/tests", time=NOW, event=event)


def participant_registered(name: str, **said: Any) -> ParticipantRegistered:
    """A participant of Lens who can work by day within 30 km from today on."""
    return ParticipantRegistered(
        **{
            "participant_id": an_id(name),
            "revision": 1,
            "agency_id": AGENCY,
            "home": LENS,
            "travel_limit_km": 30.0,
            "transport": "car",
            "available_from": NOW.date(),
            "hours": ("day",),
            "licences": (),
            "wishes": (),
            "refused_occupations": (),
            **said,
        }
    )


def consent_granted(name: str, purpose: str = "pairing", revision: int = 1) -> ConsentGranted:
    """A participant agrees."""
    return ConsentGranted.model_validate({"participant_id": an_id(name), "revision": revision, "purpose": purpose})


def skill_observed(name: str, skill: str, level: int, rater: str = "mediator", **said: Any) -> SkillObserved:
    """A rater saw a skill of a participant at the Louvre-Lens."""
    return SkillObserved(
        **{
            "participant_id": an_id(name),
            "observation_id": an_id(f"{name} {skill} {level} {rater} {sorted(said.items())}"),
            "revision": 1,
            "rater_id": an_id(rater),
            "workshop_id": an_id("workshop of Lens"),
            "venue": "Louvre-Lens",
            "exercise": "le-dessin-dicte",
            "seen_on": date(2026, 10, 1),
            "framework": "rome-4",
            "skill": skill,
            "level": level,
            **said,
        }
    )


def need_published(name: str, skills: dict[str, tuple[int, float]] | None = None, **said: Any) -> NeedPublished:
    """A need in Lens by day with three seats; `skills` gives level and weight by code."""
    asked = skills or {"6D102": (3, 0.6), "6D109": (2, 0.4)}
    return NeedPublished(
        **{
            "employer_id": an_id(f"employer of {name}"),
            "need_id": an_id(name),
            "revision": 1,
            "occupation": "N1103",
            "place": LENS,
            "posts": 1,
            "seats": 3,
            "hours": ("day",),
            "licences": (),
            "starts_on": None,
            "framework": "rome-4",
            "skills": tuple(
                RequiredSkill(skill=code, level=level, weight=weight) for code, (level, weight) in asked.items()
            ),
            **said,
        }
    )


def meetup_scheduled(name: str, needs: list[str], **said: Any) -> MeetupScheduled:
    """A meetup at the Louvre-Lens in ten days, with ten slots of twelve minutes."""
    return MeetupScheduled(
        **{
            "meetup_id": an_id(name),
            "revision": 1,
            "agency_id": AGENCY,
            "venue": "Louvre-Lens",
            "place": LENS,
            "starts_at": NOW + timedelta(days=10),
            "slot_minutes": 12,
            "slots": 10,
            "needs": tuple(InvitedNeed(need_id=an_id(need)) for need in needs),
            **said,
        }
    )


def participant_enrolled(meetup: str, participant: str, **said: Any) -> ParticipantEnrolled:
    """A participant may be paired at a meetup."""
    return ParticipantEnrolled(
        **{"meetup_id": an_id(meetup), "participant_id": an_id(participant), "revision": 1, **said}
    )
