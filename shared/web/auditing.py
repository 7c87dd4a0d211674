"""The audit over HTTP, alike in every service: searching its lines, and the end of its chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.auditing import LinesWanted, head_of_chain, lines_of, unsealed_lines
from shared.rights import Scope
from shared.web.edge import May, Transaction
from shared.web.values import ONE_LINE, Instant

LAST_POSITION = 2**63 - 1
LARGEST_PAGE = 200

Reading = Annotated[Scope, May("read audit")]
ReadingAboutParticipant = Annotated[Scope, May("read participant audit")]
_Code = Annotated[str, Query(max_length=60), ONE_LINE]


class LineAnswer(BaseModel):
    """Who (by id, role and agency), when, by which route, did what, with which record, about whom, for which reason."""

    model_config = ConfigDict(from_attributes=True)

    position: int
    at: datetime
    person_id: UUID | None
    role: str
    agency_id: UUID | None
    route: str
    what: str
    kind: str
    record_id: UUID | None
    participant_id: UUID | None
    why: str | None


class LinesAnswer(BaseModel):
    """Lines, the latest first; `next` is what to say as `cursor` to go on."""

    items: Sequence[LineAnswer]
    next: int | None


class HeadAnswer(BaseModel):
    """The end of the chain, as `vernissage audit verify --noted` takes it, and how many lines wait for their seal."""

    head: str | None
    unsealed: int


@dataclass(frozen=True, slots=True)
class PartOfLines:
    """Which part of a list of lines is asked for: how many, before which position."""

    cursor: int | None
    size: int


def _part(
    cursor: Annotated[int | None, Query(ge=1, le=LAST_POSITION)] = None,
    size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> PartOfLines:
    return PartOfLines(cursor, size)


AskedLines = Annotated[PartOfLines, Depends(_part)]
"""The part of a list of lines that is asked for, by ``?cursor=…&size=…``."""


async def found_lines(session: AsyncSession, wanted: LinesWanted, part: PartOfLines) -> LinesAnswer:
    """A part of the lines that a search finds."""
    found = await lines_of(session, replace(wanted, until=part.cursor), part.size)
    items = [LineAnswer.model_validate(line) for line in found]
    return LinesAnswer(items=items, next=items[-1].position if len(items) == part.size else None)


def audit_router() -> APIRouter:
    """The routes for whoever watches over a service."""
    router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

    @router.get("")
    async def list_lines(
        _scope: Reading,
        session: Transaction,
        part: AskedLines,
        person: UUID | None = None,
        record: UUID | None = None,
        participant: UUID | None = None,
        kind: _Code | None = None,
        what: _Code | None = None,
        after: Instant | None = None,
        before: Instant | None = None,
    ) -> LinesAnswer:
        """Lines: what a person did, what became of a record, what was done about a participant, of a kind, when."""
        return await found_lines(session, LinesWanted(person, record, participant, kind, what, after, before), part)

    @router.get("/head")
    async def head(_scope: Reading, session: Transaction) -> HeadAnswer:
        """The end of the chain: noted elsewhere, it shows later whether the chain was cut off or worked out anew."""
        found = await head_of_chain(session)
        return HeadAnswer(head=str(found) if found else None, unsealed=await unsealed_lines(session))

    return router
