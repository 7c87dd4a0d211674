"""Proposals: what one agency would change of what another vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.tables import ProposalRow
from shared.paging import Order, Page, Paging, read_page
from shared.rights import Scope
from shared.scoping import within
from shared.sql import add_row, run, table_of, update_rows

PROPOSALS = table_of(ProposalRow)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of an employer, a need or a site that waits, or was settled.

    ``changes`` are those of a patch of the API; with ``adds`` they are a new site or contact of the employer.
    """

    id: UUID
    employer_id: UUID | None
    need_id: UUID | None
    changes: Mapping[str, Any]
    agency_id: UUID | None
    proposed_by: UUID | None
    proposing_agency_id: UUID | None
    proposed_at: datetime
    is_accepted: bool | None = None
    settled_by: UUID | None = None
    settled_at: datetime | None = None
    site_id: UUID | None = None
    adds: str | None = None


async def add_proposal(session: AsyncSession, proposal: Proposal) -> None:
    """Keep a proposal."""
    await add_row(session, ProposalRow(**asdict(proposal)))


async def proposal_to_settle(session: AsyncSession, scope: Scope, proposal_id: UUID) -> Proposal | None:
    """The proposal with this id whose settling is within a scope, locked until the transaction ends."""
    statement = select(PROPOSALS).where(PROPOSALS.c.id == proposal_id, within(scope, PROPOSALS.c.agency_id))
    row = (await run(session, statement.with_for_update())).mappings().one_or_none()
    return Proposal(**row) if row else None


async def change_proposal(session: AsyncSession, proposal: Proposal) -> None:
    """Keep how a proposal was settled."""
    await update_rows(session, ProposalRow, [asdict(proposal)], key=("id",))


async def list_proposals(
    session: AsyncSession, scope: Scope, paging: Paging, *, is_open: bool | None = None
) -> Page[RowMapping]:
    """The proposals to an agency within the scope, or by one, the latest first; those that wait, or were settled."""
    statement = select(PROPOSALS).where(_concerns(scope))
    if is_open is not None:
        waits = PROPOSALS.c.settled_at.is_(None)
        statement = statement.where(waits if is_open else ~waits)
    order = Order({"id": PROPOSALS.c.id}, (PROPOSALS.c.proposed_at,), descending=True)
    return await read_page(session, statement, order, paging)


def _concerns(scope: Scope) -> ColumnElement[bool]:
    return within(scope, PROPOSALS.c.agency_id) | within(scope, PROPOSALS.c.proposing_agency_id)
