"""How agencies, staff and whoever has access are told of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.registration.api.answers.common import Told
from services.registration.domain.accounts import StaffRole
from shared.language import Language


class AgencyShown(Told):
    """An agency and how it is reached."""

    id: UUID
    name: str
    department: str | None
    revision: int
    phone: str | None
    email: str | None
    address: str | None


class StaffShown(Told):
    """A mediator, an adviser, or an observer whose role nobody has said."""

    id: UUID
    email: str
    role: str | None
    agency_id: UUID | None


class AccountShown(Told):
    """An account, and what its holder may do where."""

    id: UUID
    email: str
    name: str | None
    role: StaffRole
    agency_id: UUID | None
    language: Language
    revision: int


class CredentialShown(Told):
    """A credential of another system; its secret is told nowhere."""

    id: UUID
    name: str
    agency_id: UUID | None
    rights: Sequence[str]
    made_at: datetime
    made_by: UUID | None
    ends_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: UUID | None


class Grantable(Told):
    """The rights that a credential may have."""

    rights: Sequence[str]
