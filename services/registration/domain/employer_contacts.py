"""Contacts of employers: whom to talk to there, and who receives shortlists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.registration.domain.needs import EmployerDraft
from services.registration.domain.participants import DEFAULT_LANGUAGE
from services.registration.domain.records import Record
from services.registration.domain.said import UNSAID, Said
from shared.language import Language

REACH = ("name", "email", "phone")
"""By what a contact is reached."""

OF_EMPLOYER: Mapping[str, str] = {"contact_name": "name", "email": "email", "phone": "phone", "language": "language"}
"""What an employer shows of its main contact, and what that is called there."""


@dataclass(frozen=True, slots=True)
class EmployerContactDetails:
    """What is known of somebody at an employer; the main one receives the shortlists of needs that name nobody else."""

    employer_id: UUID
    name: str | None = None
    identifier: str | None = None
    function: str | None = None
    email: str | None = None
    phone: str | None = None
    language: Language = DEFAULT_LANGUAGE
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class EmployerContactDraft:
    """What was said of somebody at an employer."""

    identifier: Said[str | None] = UNSAID
    employer_id: Said[UUID] = UNSAID
    name: Said[str | None] = UNSAID
    function: Said[str | None] = UNSAID
    email: Said[str | None] = UNSAID
    phone: Said[str | None] = UNSAID
    language: Said[Language] = UNSAID
    is_main: Said[bool] = UNSAID


@dataclass(frozen=True, slots=True)
class EmployerContact(Record[EmployerContactDetails]):
    """Somebody at an employer, as kept."""

    @property
    def is_told_by_employer(self) -> bool:
        """Whether the list of employers says all that is known of them."""
        details = self.details
        is_unknown_elsewhere = details.identifier is None and details.function is None
        return details.is_main and is_unknown_elsewhere and details.language == DEFAULT_LANGUAGE

    def reached_otherwise(self, before: EmployerContact) -> list[str]:
        """By what they are reached otherwise than before."""
        return [name for name in REACH if name in self.differing(before)]


def shown_by_employer(main: EmployerContactDetails | None, employer_id: UUID) -> EmployerDraft:
    """What an employer says of its main contact, whom it may have lost."""
    details = main or EmployerContactDetails(employer_id)
    shown: dict[str, Any] = {ours: getattr(details, theirs) for ours, theirs in OF_EMPLOYER.items()}
    return EmployerDraft(**shown)


@dataclass(frozen=True, slots=True)
class FormerReach:
    """How an employer was reached until now.

    By its main contact where neither a contact nor a need is named, else by this contact, or for this need.
    """

    employer_id: UUID
    contact_name: str | None
    email: str | None
    phone: str | None
    language: Language
    contact_id: UUID | None = None
    need_id: UUID | None = None
