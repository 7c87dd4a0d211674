"""Fitted components and what was asked for: the newest of a framework are in use, older ones stay for the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, case, cast, null, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.tables import ComponentsRow, RefitRequestRow
from shared.sql import add_row, among, run, table_of, wake

WAKE_CHANNEL = "matching_components"
"""The PostgreSQL channel on which a request wakes whoever fits."""

_components = table_of(ComponentsRow)
_requests = table_of(RefitRequestRow)


@dataclass(frozen=True, slots=True)
class StoredFit:
    """A fit of a framework: when, and from how many observations. What it found is read apart: it can be large."""

    id: UUID
    framework: str
    fitted_at: datetime
    observations: int


@dataclass(frozen=True, slots=True)
class RefitRequest:
    """A framework's components are to be fitted anew; `requested_by` is None where nobody but the clock asked.

    `error` is the kind of error of the last attempt that failed; `failed_at` is set when it is given up.
    """

    id: UUID
    framework: str
    requested_by: UUID | None
    requested_at: datetime
    done_at: datetime | None = None
    attempts: int = 0
    error: str | None = None
    failed_at: datetime | None = None


async def add(session: AsyncSession, fit: StoredFit, payload: dict[str, Any]) -> None:
    """Keep freshly fitted components: `payload` holds them as `Components.to_dict` writes them."""
    await add_row(session, ComponentsRow(**asdict(fit), payload=payload))


async def newest(session: AsyncSession, framework: str) -> StoredFit | None:
    """The fit in use for a framework; None before the first."""
    query = (
        select(*(_components.c[name] for name in StoredFit.__dataclass_fields__))
        .where(_components.c.framework == framework)
        .order_by(_components.c.fitted_at.desc(), _components.c.id.desc())
        .limit(1)
    )
    row = (await run(session, query)).mappings().one_or_none()
    return StoredFit(**row) if row else None


async def payload_of(session: AsyncSession, fit_id: UUID) -> str:
    """What a fit found, as JSON text."""
    query = select(cast(_components.c.payload, String)).where(_components.c.id == fit_id)
    return str((await run(session, query)).scalar_one())


async def newest_of_each(session: AsyncSession) -> list[StoredFit]:
    """The fit in use for each framework that was ever fitted."""
    frameworks = await run(session, select(_components.c.framework).distinct().order_by(_components.c.framework))
    return [found for framework in list(frameworks.scalars()) if (found := await newest(session, framework))]


async def ask_for_refit(session: AsyncSession, request: RefitRequest) -> None:
    """Keep a request to fit anew and, with the commit, wake whoever fits."""
    await add_row(session, RefitRequestRow(**asdict(request)))
    await wake(session, WAKE_CHANNEL)


async def open_requests(session: AsyncSession) -> list[RefitRequest]:
    """Requests to fit anew that are neither met nor given up, the oldest first."""
    is_open = _requests.c.done_at.is_(None) & _requests.c.failed_at.is_(None)
    query = select(_requests).where(is_open).order_by(_requests.c.requested_at, _requests.c.id)
    return [RefitRequest(**row) for row in (await run(session, query)).mappings()]


async def given_up(session: AsyncSession) -> list[str]:
    """The frameworks whose last request to be fitted was given up, and that were not fitted since."""
    asked = await run(session, select(_requests.c.framework).distinct().order_by(_requests.c.framework))
    return [framework for framework in list(asked.scalars()) if await _is_given_up(session, framework)]


async def _is_given_up(session: AsyncSession, framework: str) -> bool:
    last, fit = await newest_request(session, framework), await newest(session, framework)
    if last is None or last.failed_at is None:
        return False
    return fit is None or fit.fitted_at <= last.failed_at


async def newest_request(session: AsyncSession, framework: str) -> RefitRequest | None:
    """The last request to fit a framework, however it ended."""
    found = await newest_requests(session, framework, at_most=1)
    return found[0] if found else None


async def newest_requests(session: AsyncSession, framework: str, *, at_most: int) -> list[RefitRequest]:
    """The last requests to fit a framework, however they ended, the newest first."""
    query = (
        select(_requests)
        .where(_requests.c.framework == framework)
        .order_by(_requests.c.requested_at.desc(), _requests.c.id.desc())
        .limit(at_most)
    )
    return [RefitRequest(**row) for row in (await run(session, query)).mappings()]


async def settle_requests(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> None:
    """Mark requests as met."""
    await run(session, update(_requests).where(among(_requests.c.id, ids)).values(done_at=now))


async def count_failure(
    session: AsyncSession, ids: Sequence[UUID], *, error: str, most_attempts: int, now: datetime
) -> None:
    """Count one more attempt that failed with an error of this kind; requests that had the most are given up."""
    attempts = _requests.c.attempts + 1
    given_up = case((attempts >= most_attempts, now), else_=null())
    await run(
        session,
        update(_requests).where(among(_requests.c.id, ids)).values(attempts=attempts, error=error, failed_at=given_up),
    )
