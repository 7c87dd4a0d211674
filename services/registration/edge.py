"""What registration's routes share of rights: whose something new is, and what all may see but not all change."""

from __future__ import annotations

from uuid import UUID

from shared.identity import NotAllowed
from shared.rights import Scope


def agency_to_write(scope: Scope, asked: UUID | None) -> UUID | None:
    """The agency of something new: the one asked for, or one's own. Raises `NotAllowed` for another one's."""
    agency_id = asked or scope.agency_id
    if agency_id is not None:
        check_covers(scope, agency_id)
    return agency_id


def check_covers(scope: Scope, agency_id: UUID | None) -> None:
    """Raise `NotAllowed` where something that everybody may see is another agency's to change."""
    if not scope.covers(agency_id):
        raise NotAllowed
