"""Fitted components: the newest of a framework are in use, older ones stay for the record."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.repository.runs import WAKE_CHANNEL
from services.matching.tables import ComponentsRow, RefitRequestRow
from shared.sql import among


@dataclass(frozen=True, slots=True)
class StoredComponents:
    """Components with the time of their fit and the number of observations behind them."""

    id: UUID
    framework: str
    fitted_at: datetime
    observations: int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RefitRequest:
    """Somebody asks for a framework's components to be fitted anew."""

    id: UUID
    framework: str
    requested_by: UUID
    requested_at: datetime


async def add(session: AsyncSession, components: StoredComponents) -> None:
    """Keep freshly fitted components."""
    session.add(
        ComponentsRow(
            id=components.id,
            framework=components.framework,
            fitted_at=components.fitted_at,
            observations=components.observations,
            payload=components.payload,
        )
    )
    await session.flush()


async def newest(session: AsyncSession, framework: str) -> StoredComponents | None:
    """The components in use for a framework; None before the first fit."""
    rows = await session.exec(
        select(ComponentsRow)
        .where(ComponentsRow.framework == framework)
        .order_by(col(ComponentsRow.fitted_at).desc(), col(ComponentsRow.id).desc())
        .limit(1)
    )
    row = rows.one_or_none()
    return StoredComponents(row.id, row.framework, row.fitted_at, row.observations, row.payload) if row else None


async def newest_of_each(session: AsyncSession) -> list[StoredComponents]:
    """The components in use for each framework that was ever fitted."""
    frameworks = await session.exec(select(ComponentsRow.framework).distinct().order_by(ComponentsRow.framework))
    return [found for framework in list(frameworks) if (found := await newest(session, framework))]


async def ask_for_refit(session: AsyncSession, request: RefitRequest) -> None:
    """Keep a request to fit anew and, with the commit, wake those who compute."""
    session.add(
        RefitRequestRow(
            id=request.id,
            framework=request.framework,
            requested_by=request.requested_by,
            requested_at=request.requested_at,
        )
    )
    await session.flush()
    await session.exec(select(func.pg_notify(WAKE_CHANNEL, "")))


async def open_requests(session: AsyncSession) -> list[RefitRequest]:
    """Requests to fit anew that nobody has met yet."""
    rows = await session.exec(select(RefitRequestRow).where(col(RefitRequestRow.done_at).is_(None)))
    return [RefitRequest(row.id, row.framework, row.requested_by, row.requested_at) for row in rows]


async def settle_requests(session: AsyncSession, ids: Collection[UUID], now: datetime) -> None:
    """Mark requests as met."""
    await session.exec(update(RefitRequestRow).where(among(col(RefitRequestRow.id), ids)).values(done_at=now))
