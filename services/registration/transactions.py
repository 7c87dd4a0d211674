"""The transaction and the moment of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.use_cases.saving import Moment
from shared.database import Sessions, unit_of_work
from shared.identity import Person, current_person, now_of
from shared.ids import new_id


async def _transaction(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.app.state.sessions
    async with unit_of_work(sessions) as session:
        yield session


# Ends before the answer leaves: what is answered has been committed.
Transaction = Annotated[AsyncSession, Depends(_transaction, scope="function")]


def _moment(request: Request, person: Annotated[Person, Depends(current_person)]) -> Moment:
    return Moment(now_of(request), new_id, by=person.id)


MomentOfRequest = Annotated[Moment, Depends(_moment)]
