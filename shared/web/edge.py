"""What every route shares: who may ask, its transaction, its moment, and how a refusal is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Sessions, unit_of_work
from shared.identity import Person, Role, current_person, now_of, require
from shared.ids import new_id
from shared.moment import Moment
from shared.refusals import Refusal
from shared.web.application import answer
from shared.web.problems import Problem

Reader = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER, Role.OPERATOR))]
"""Who may read what an agency works with: advisers what is their agency's, managers and operators the region."""

Decider = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER))]
"""Who may ask for pairings, decide on them, and settle what waits for a person."""

TellsRefusal = Callable[[Refusal, Request], Problem]
"""Says a service's refusals in words: what, where, and what to do."""


async def _transaction(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.app.state.sessions
    async with unit_of_work(sessions) as session:
        yield session


# Ends before the answer leaves: what is answered has been committed.
Transaction = Annotated[AsyncSession, Depends(_transaction, scope="function")]
"""One transaction for the request, on the application's ``state.sessions``; rolled back when the route raises."""


def _moment(request: Request, person: Annotated[Person, Depends(current_person)]) -> Moment:
    return Moment(now_of(request), new_id, by=person.id)


RequestMoment = Annotated[Moment, Depends(_moment)]
"""The moment of a request of somebody signed in."""


def answer_refusals(app: FastAPI, tells: TellsRefusal) -> None:
    """Have the application answer what its use cases refuse."""

    async def refuse(request: Request, error: Exception) -> Response:
        if not isinstance(error, Refusal):
            raise error
        return answer(request, tells(error, request))

    app.add_exception_handler(Refusal, refuse)
