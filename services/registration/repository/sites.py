"""Sites of employers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.places import Place
from services.registration.domain.sites import Site, SiteDetails
from services.registration.repository.searching import like
from services.registration.tables import SiteRow
from shared.asking import as_the_service
from shared.paging import Listing, Page, Paging, read_list
from shared.sql import among, insert_rows, run, table_of, update_rows

SITES = table_of(SiteRow)

_LISTED = Listing(SITES.c.id, SITES.c.kept_at, {"name": (SITES.c.name,), "created": ()}, "name")


async def sites_by_identifier(session: AsyncSession, identifiers: Collection[str]) -> dict[str, Site]:
    """The sites with these external identifiers, locked until the transaction ends."""
    found = await _load(session, among(SITES.c.identifier, identifiers), lock=True) if identifiers else []
    return {each.details.identifier: each for each in found if each.details.identifier is not None}


async def sites_by_id(session: AsyncSession, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Site]:
    """The sites with these ids."""
    return {each.id: each for each in await _load(session, among(SITES.c.id, ids), lock=lock)} if ids else {}


async def sites_of(session: AsyncSession, employers: Collection[UUID]) -> list[Site]:
    """The sites of these employers."""
    return await _load(session, among(SITES.c.employer_id, employers), lock=False) if employers else []


async def add_sites(session: AsyncSession, sites: Sequence[Site]) -> None:
    """Keep new sites."""
    await insert_rows(session, SiteRow, [_row(each) for each in sites])


async def change_sites(session: AsyncSession, sites: Sequence[Site]) -> None:
    """Replace sites."""
    await update_rows(session, SiteRow, [_row(each) for each in sites], key=("id",))


async def list_sites(
    session: AsyncSession, text: str | None, employer_id: UUID | None, paging: Paging
) -> Page[RowMapping]:
    """Sites, or those of one employer."""
    statement = select(SITES)
    if text:
        statement = statement.where(or_(like(SITES.c.name, text), SITES.c.identifier == text))
    if employer_id is not None:
        statement = statement.where(SITES.c.employer_id == employer_id)
    return await read_list(session, statement, _LISTED, paging)


async def _load(session: AsyncSession, which: ColumnElement[bool], *, lock: bool) -> list[Site]:
    statement = select(SITES).where(which).order_by(SITES.c.id)
    if not lock:
        return [_site(row) for row in await run(session, statement)]
    async with as_the_service(session):  # all see them; to PostgreSQL whoever locks already changes
        return [_site(row) for row in await run(session, statement.with_for_update())]


def _site(row: Row[Any]) -> Site:
    details = SiteDetails(
        employer_id=row.employer_id,
        name=row.name,
        place=Place(row.commune, row.latitude, row.longitude),
        identifier=row.identifier,
        siret=row.siret,
        address=row.address,
        access=row.access,
    )
    return Site(row.id, row.revision, details, field_revisions=row.field_revisions)


def _row(site: Site) -> dict[str, Any]:
    details = site.details
    return {
        "id": site.id,
        "identifier": details.identifier,
        "revision": site.revision,
        "field_revisions": dict(site.field_revisions),
        "employer_id": details.employer_id,
        "name": details.name,
        "siret": details.siret,
        "address": details.address,
        "commune": details.place.commune,
        "latitude": details.place.latitude,
        "longitude": details.place.longitude,
        "access": details.access,
    }
