"""A scope as a condition on rows: what a repository reads is bounded by it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import ColumnElement, false, true

from shared.rights import Reach, Scope

OfWorkshops = Callable[[UUID], ColumnElement[bool]]
"""The condition that a row is of a workshop which somebody holds."""


def _of_none(_staff_id: UUID) -> ColumnElement[bool]:
    return false()


def within(
    scope: Scope,
    agency_id: ColumnElement[UUID],
    of_workshops: OfWorkshops = _of_none,
    written_by: ColumnElement[UUID] | None = None,
) -> ColumnElement[bool]:
    """The condition that a row is within a scope.

    ``agency_id`` is the column that says whose a row is, ``of_workshops`` tells which rows are of somebody's workshops,
    ``written_by`` is the column of whoever wrote it.
    """
    match scope.reach:
        case Reach.ALL:
            return true()
        case Reach.AGENCY:
            return agency_id == scope.agency_id
        case Reach.WORKSHOP if scope.staff_id is not None:
            return of_workshops(scope.staff_id)
        case Reach.WRITTEN if scope.staff_id is not None and written_by is not None:
            return of_workshops(scope.staff_id) & (written_by == scope.staff_id)
    return false()
