"""Fitted components: the newest of a framework are in use, older ones stay for the record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.tables import ComponentsRow


@dataclass(frozen=True, slots=True)
class StoredComponents:
    """Components with the time of their fit and the number of observations behind them."""

    id: UUID
    framework: str
    fitted_at: datetime
    observations: int
    payload: dict[str, Any]


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
