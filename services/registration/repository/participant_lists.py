"""Participants in lists: by name or by when they were registered, by what changed, and searched by their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, Select, and_, any_, exists, false, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.repository.name_search import SORTED_AS, bearers, bears
from services.registration.repository.participants import (
    CONTACTS,
    NAMED,
    PARTICIPANTS,
    goes_on_for,
    is_in_workshop_of,
)
from services.registration.tables import EnrolmentRow, WorkshopEnrolmentRow
from shared.asking import as_the_service
from shared.paging import Listing, Page, Paging, read_list
from shared.reference.normalise import fold
from shared.rights import Reach, Scope
from shared.scoping import within
from shared.sql import run, table_of

WITHOUT_NAMES = (
    PARTICIPANTS.c.id,
    PARTICIPANTS.c.agency_id,
    PARTICIPANTS.c.commune,
    PARTICIPANTS.c.revision,
    PARTICIPANTS.c.merged_into,
    PARTICIPANTS.c.kept_at,
    CONTACTS.c.email.is_not(None).label("has_email"),
)
"""What a list says of somebody to those who need no names: where they are, and whether mail reaches them."""

_TO_CONTACTS = (CONTACTS, CONTACTS.c.participant_id == PARTICIPANTS.c.id)

_BY_NAME = Listing(
    CONTACTS.c.participant_id, PARTICIPANTS.c.kept_at, {"name": tuple(CONTACTS.c[name] for name in SORTED_AS)}, "name"
)
_BY_ID = Listing(PARTICIPANTS.c.id, PARTICIPANTS.c.kept_at, {"created": ()}, "created")
"""An id says when it was made, so whoever sorts by it sorts by that."""


@dataclass(frozen=True, slots=True)
class ParticipantFilter:
    """Which participants a list shows; what is absent does not matter."""

    agency_id: UUID | None = None
    text: str | None = None
    workshop_id: UUID | None = None
    meetup_id: UUID | None = None
    identifier: str | None = None

    @property
    def is_by_name(self) -> bool:
        """Whether it asks for somebody by what names them."""
        return self.text is not None or self.identifier is not None


async def list_participants(
    session: AsyncSession, scope: Scope, wanted: ParticipantFilter, paging: Paging
) -> Page[RowMapping]:
    """The participants within a scope: `WITHOUT_NAMES`, identifier and names."""
    named = (PARTICIPANTS.c.identifier, CONTACTS.c.first_name, CONTACTS.c.last_name)
    by_name = paging.changed_since is None and paging.sort in (None, "name", "-name")
    whose = CONTACTS.c.agency_id if by_name else PARTICIPANTS.c.agency_id  # as the index by which it is read
    statement = _listed(select(*WITHOUT_NAMES, *named), scope, whose, wanted, paging)
    listing = _BY_NAME if by_name else _BY_ID
    if wanted.text:
        statement, listing = await _searched(session, statement, listing, scope, wanted)
    return await read_list(session, statement, listing, paging)


async def list_participants_unnamed(
    session: AsyncSession, scope: Scope, wanted: ParticipantFilter, paging: Paging
) -> Page[RowMapping]:
    """The participants within a scope, each with `WITHOUT_NAMES` only."""
    statement = _listed(select(*WITHOUT_NAMES), scope, PARTICIPANTS.c.agency_id, wanted, paging)
    async with as_the_service(session):  # managers see no address, but whether there is one
        return await read_list(session, statement, _BY_ID, paging)


def _listed(
    columns: Select[Any], scope: Scope, whose: ColumnElement[UUID], wanted: ParticipantFilter, paging: Paging
) -> Select[Any]:
    """The participants of a list; that a record was merged is told as a change, else it is in no list."""
    statement = _filtered(columns.join(*_TO_CONTACTS).where(within(scope, whose, is_in_workshop_of)), whose, wanted)
    return statement if paging.changed_since else statement.where(PARTICIPANTS.c.merged_into.is_(None))


def _filtered(statement: Select[Any], whose: ColumnElement[UUID], wanted: ParticipantFilter) -> Select[Any]:
    if wanted.agency_id is not None:
        statement = statement.where(whose == wanted.agency_id)
    if wanted.identifier is not None:
        known_so = exists().where(NAMED.c.identifier == wanted.identifier, goes_on_for(NAMED))
        statement = statement.where(known_so)
    for model, column, value in (
        (WorkshopEnrolmentRow, "workshop_id", wanted.workshop_id),
        (EnrolmentRow, "meetup_id", wanted.meetup_id),
    ):
        if value is not None:
            table = table_of(model)
            here = select(func.coalesce(NAMED.c.merged_into, NAMED.c.id)).join(
                table, and_(table.c.participant_id == NAMED.c.id, table.c[column] == value)
            )
            # As a list of ids, for which PostgreSQL looks them up instead of going through everybody.
            statement = statement.where(PARTICIPANTS.c.id == any_(func.array(here.scalar_subquery())))
    return statement


async def _searched(
    session: AsyncSession, statement: Select[Any], listing: Listing, scope: Scope, wanted: ParticipantFilter
) -> tuple[Select[Any], Listing]:
    """Those of a list who bear names with such words, or have the text as their identifier.

    The list is read from the bearers of the words, unless they are soon met in its own order, or among few people.
    """
    text = wanted.text or ""
    words = fold(text).split()
    known_as = await _known_as(session, text)
    is_of_few = wanted.workshop_id or wanted.meetup_id or scope.reach not in (Reach.AGENCY, Reach.ALL)
    agency_id = scope.agency_id if scope.reach is Reach.AGENCY else wanted.agency_id
    found = None if is_of_few else await bearers(session, words, agency_id, known_as)
    if found is None:
        is_known = PARTICIPANTS.c.id == known_as if known_as is not None else false()
        return statement.where(bears(words) | is_known), listing
    if listing is _BY_NAME:
        names = tuple(found.c[name] for name in SORTED_AS)
        listing = replace(listing, id=found.c.participant_id, orders={"name": names})
    return statement.join(found, found.c.participant_id == CONTACTS.c.participant_id), listing


async def _known_as(session: AsyncSession, identifier: str) -> UUID | None:
    """Who has this external identifier, or goes on for a record that has it."""
    goes_on = func.coalesce(PARTICIPANTS.c.merged_into, PARTICIPANTS.c.id)
    known: UUID | None = (
        await run(session, select(goes_on).where(PARTICIPANTS.c.identifier == identifier))
    ).scalar_one_or_none()
    return known
