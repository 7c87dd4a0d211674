"""Participants: what pairing may know of them, how they are reached, and what is kept apart for outreach and audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Literal
from uuid import UUID

from services.registration.domain.places import Place
from services.registration.domain.records import Revisioned
from services.registration.domain.said import UNSAID, Said, amended, differing, said_or
from shared.language import Language

Purpose = Literal["pairing", "contact"]
PURPOSES: tuple[Purpose, ...] = ("pairing", "contact")

Transport = Literal["walk", "bicycle", "transit", "car"]
Hours = Literal["day", "evening", "night", "weekend"]
Sex = Literal["F", "M"]
AccessNeed = Literal["step-free", "more-time", "interpreter", "sign-language"]
"""What somebody needs to take part. It never travels as what it is."""

Origin = Literal["person", "import"]
"""Who changed something: a person in the application, or an export of another system."""

ConsentWay = Literal["oral", "paper", "reply-page", "import"]
"""How a decision on a consent was handed in."""

ALL_HOURS: tuple[Hours, ...] = ("day", "evening", "night", "weekend")
PUBLICS: tuple[str, ...] = ("DELD", "RSA", "JEUNE", "QPV", "TH")
ACCESS_NEEDS: tuple[AccessNeed, ...] = ("step-free", "more-time", "interpreter", "sign-language")
DEFAULT_TRAVEL_LIMIT_KM = 20.0
DEFAULT_TRANSPORT: Transport = "transit"
DEFAULT_LANGUAGE: Language = "fr"
DEFAULT_HOURS: tuple[Hours, ...] = ("day",)
LONGEST_TRAVEL_KM = 2000.0
YOUNGEST, OLDEST = 14, 110


@dataclass(frozen=True, slots=True)
class Situation:
    """What pairing may know: place, mobility, availability, hours, licences, wishes. No more than this leaves."""

    agency_id: UUID
    home: Place
    available_from: date
    travel_limit_km: float = DEFAULT_TRAVEL_LIMIT_KM
    transport: Transport = DEFAULT_TRANSPORT
    hours: tuple[Hours, ...] = DEFAULT_HOURS
    licences: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    refused_occupations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """How a participant is named and reached, and in which language. Never on Kafka."""

    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    postal_address: str | None = None
    language: Language = DEFAULT_LANGUAGE


@dataclass(frozen=True, slots=True)
class Protected:
    """Criteria that must never count: kept apart for outreach and the fairness audit, read by nothing else."""

    publics: tuple[str, ...] = ()
    born_on: date | None = None
    sex: Sex | None = None
    access_needs: tuple[AccessNeed, ...] = ()


@dataclass(frozen=True, slots=True)
class Consent:
    """One decision on one purpose, who handed it in, and how; ``text_version`` is of the text that was shown.

    Of what was decided before either was noted, both are unknown (None).
    """

    granted: bool
    source: Origin
    way: ConsentWay | None = None
    text_version: int | None = None

    def is_repeated_by(self, other: Consent) -> bool:
        """Whether another decision says nothing that this one does not."""
        return replace(other, way=other.way or self.way) == self


@dataclass(frozen=True, slots=True)
class ParticipantDraft:
    """What was said of a participant; the consents that it does not name stay as they are."""

    identifier: Said[str | None] = UNSAID
    agency_id: Said[UUID] = UNSAID
    home: Said[Place] = UNSAID
    available_from: Said[date] = UNSAID
    language: Said[Language] = UNSAID
    travel_limit_km: Said[float] = UNSAID
    transport: Said[Transport] = UNSAID
    hours: Said[tuple[Hours, ...]] = UNSAID
    licences: Said[tuple[str, ...]] = UNSAID
    wishes: Said[tuple[str, ...]] = UNSAID
    refused_occupations: Said[tuple[str, ...]] = UNSAID
    first_name: Said[str] = UNSAID
    last_name: Said[str] = UNSAID
    email: Said[str | None] = UNSAID
    phone: Said[str | None] = UNSAID
    postal_address: Said[str | None] = UNSAID
    publics: Said[tuple[str, ...]] = UNSAID
    born_on: Said[date | None] = UNSAID
    sex: Said[Sex | None] = UNSAID
    access_needs: Said[tuple[AccessNeed, ...]] = UNSAID
    consents: Mapping[Purpose, bool] = field(default_factory=dict)
    consent_way: ConsentWay | None = None
    """How the consents were handed in, where that was said."""

    @property
    def says_protected(self) -> bool:
        """Whether anything protected was said."""
        return any(getattr(self, each.name) is not UNSAID for each in fields(Protected))


@dataclass(frozen=True, slots=True)
class Participant(Revisioned):
    """A participant as kept; ``revision`` counts all that happened to them, consents included.

    ``protected`` is absent unless somebody asked for it, which hardly anybody does.
    """

    identifier: str | None
    situation: Situation
    contact: Contact
    protected: Protected | None
    consents: Mapping[Purpose, Consent]
    objects_to: frozenset[Purpose] = frozenset()
    """To what they object: as long as they do, nobody agrees to it for them."""
    merged_into: UUID | None = None
    """The record of the same person that goes on for this one."""

    def amended(self, draft: ParticipantDraft) -> Participant:
        """The participant with what was said, as yet at the same revision; consents are decided apart.

        Raises ValueError where something protected was said of somebody whose protected data nobody asked for.
        """
        if self.protected is None and draft.says_protected:
            raise ValueError("what is kept is not known, so nothing of it can be changed")
        return replace(
            self,
            identifier=said_or(draft.identifier, self.identifier),
            situation=amended(self.situation, draft),
            contact=amended(self.contact, draft),
            protected=self.protected and amended(self.protected, draft),
        )

    def differing(self, before: Participant) -> tuple[str, ...]:
        """What is not as it was before."""
        return (
            *(("identifier",) if self.identifier != before.identifier else ()),
            *differing(before.situation, self.situation),
            *differing(before.contact, self.contact),
            *(("protected",) if self.protected != before.protected else ()),
        )


def is_likely_birth_date(born_on: date, today: date) -> bool:
    """Whether somebody born then is of an age to take part."""
    had_birthday = (today.month, today.day) >= (born_on.month, born_on.day)
    return YOUNGEST <= today.year - born_on.year - (not had_birthday) <= OLDEST


def consents_to_record(draft: ParticipantDraft, kept: Mapping[Purpose, Consent], source: Origin) -> dict[Purpose, bool]:
    """The decisions in ``draft`` that change something.

    A refusal that was never preceded by a consent is recorded too. An import never gives back what a person withdrew.
    """
    return {
        purpose: granted
        for purpose, granted in draft.consents.items()
        if (purpose not in kept or kept[purpose].granted != granted)
        and not is_withdrawn_since(purpose, granted, kept, source)
    }


def is_withdrawn_since(purpose: Purpose, granted: bool, kept: Mapping[Purpose, Consent], source: Origin) -> bool:
    """Whether an import says yes to what the person has withdrawn in the meantime."""
    known = kept.get(purpose)
    return source == "import" and granted and known is not None and not known.granted and known.source == "person"
