"""Venues."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.places import Place
from services.registration.domain.venues import Venue, VenueDetails, VenueKey
from services.registration.tables import VenueRow
from shared.reference.normalise import fold
from shared.sql import among, put_rows, run, table_of

VENUES = table_of(VenueRow)


def key_of(name: str, place: Place) -> VenueKey:
    """What tells a venue from others, however its name is written."""
    return fold(name), place.commune


async def all_venues(session: AsyncSession) -> list[Venue]:
    """Every venue, by name; there are few."""
    return [_venue(row) for row in await run(session, select(VENUES).order_by(VENUES.c.name, VENUES.c.commune))]


async def venues_by_id(session: AsyncSession, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, Venue]:
    """The venues with these ids."""
    if not ids:
        return {}
    statement = select(VENUES).where(among(VENUES.c.id, ids)).order_by(VENUES.c.id)
    rows = await run(session, statement.with_for_update() if lock else statement)
    return {row.id: _venue(row) for row in rows}


async def venues_by_key(session: AsyncSession, keys: Collection[VenueKey]) -> dict[VenueKey, Venue]:
    """The venues with these names at these communes, locked until the transaction ends."""
    if not keys:
        return {}
    named = select(VENUES).where(among(VENUES.c.folded_name, {name for name, _ in keys}))
    rows = await run(session, named.order_by(VENUES.c.id).with_for_update())
    found = {(row.folded_name, row.commune): _venue(row) for row in rows}
    return {key: found[key] for key in keys if key in found}


async def put_venues(session: AsyncSession, venues: Sequence[Venue]) -> None:
    """Keep venues, new or changed."""
    await put_rows(session, VenueRow, [_row(each) for each in venues])


def _venue(row: Row[Any]) -> Venue:
    place = Place(row.commune, row.latitude, row.longitude)
    details = VenueDetails(row.name, place, row.address, row.access, row.contact)
    return Venue(row.id, row.revision, details, field_revisions=row.field_revisions)


def _row(venue: Venue) -> dict[str, Any]:
    details = venue.details
    return {
        "id": venue.id,
        "revision": venue.revision,
        "field_revisions": dict(venue.field_revisions),
        "name": details.name,
        "folded_name": fold(details.name),
        "commune": details.place.commune,
        "latitude": details.place.latitude,
        "longitude": details.place.longitude,
        "address": details.address,
        "access": details.access,
        "contact": details.contact,
    }
