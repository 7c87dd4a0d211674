"""What every route shares: who may ask, its transaction, its moment, and how a refusal is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.asking import AT_THE_DOOR, Asker
from shared.auditing import keep_looks
from shared.database import Sessions, unit_of_work
from shared.identity import NotAllowed, Person, current_person, now_of, person_or_none
from shared.ids import new_id
from shared.language import Language
from shared.moment import Moment
from shared.paging import CursorGone
from shared.refusals import Refusal
from shared.rights import Reach, Right, Scope, right_to, scope_of
from shared.web.application import answer
from shared.web.paging import CURSOR_GONE
from shared.web.problems import Problem
from shared.web.templating import language_of

RequestLanguage = Annotated[Language, Depends(language_of)]
"""The language in which whoever asks wants sentences."""

RequestPerson = Annotated[Person, Depends(current_person)]
"""Who asks. What they may do is said by `May`."""


@dataclass(frozen=True)
class NeededRight:
    """A dependency that lets in whoever has a right, and gives how far it goes for them."""

    right: Right

    async def __call__(self, person: RequestPerson) -> Scope:
        """The scope of whoever asks. Raises `NotSignedIn` or `NotAllowed`."""
        scope = scope_of(person, self.right.name)
        if scope.reach is Reach.NO:
            raise NotAllowed
        return scope


def May(right: str) -> Any:  # noqa: N802 - reads like FastAPI's own Depends
    """Names the right that a route needs: ``scope: Annotated[Scope, May("read participants")]``.

    Raises `KeyError` where the table of rights has no such row.
    """
    return Depends(NeededRight(right_to(right)))


TellsRefusal = Callable[[Refusal, Request], Problem]
"""Says a service's refusals in words: what, where, and what to do."""


def asker_of(request: Request) -> Asker:
    """In whose name a request works; where nobody is signed in, a link's say, that of nobody in particular."""
    person = person_or_none(request)
    if person is None:
        return Asker("", route=route_of(request))
    return Asker(person.role.value, person.id, person.agency_id, route_of(request))


def at_the_door(request: Request) -> Asker:
    """In whose name a request works that signs somebody in or out, or finds out who is signed in."""
    return replace(AT_THE_DOOR, route=route_of(request))


def route_of(request: Request) -> str:
    """Where a request came in, as the route is written: it holds no id and no token of a link."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', '')}"


async def _transaction(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.app.state.sessions
    asker, used = asker_of(request), None
    try:
        async with unit_of_work(sessions, asker) as session:
            used = session
            yield session
    except Problem:
        if used is not None:
            await keep_looks(used, sessions, asker)
        raise


async def _transaction_at_the_door(request: Request) -> AsyncIterator[AsyncSession]:
    sessions: Sessions = request.app.state.sessions
    async with unit_of_work(sessions, at_the_door(request)) as session:
        yield session


# Ends before the answer leaves: what is answered has been committed.
Transaction = Annotated[AsyncSession, Depends(_transaction, scope="function")]
"""One transaction for the request, in the name of whoever asks, on the application's ``state.sessions``; rolled back
when the route raises."""

TransactionAtTheDoor = Annotated[AsyncSession, Depends(_transaction_at_the_door, scope="function")]
"""The same for signing in and out, whoever was signed in on the browser before."""


def _moment(request: Request, person: Annotated[Person, Depends(current_person)]) -> Moment:
    return Moment(now_of(request), new_id, by=person.id)


RequestMoment = Annotated[Moment, Depends(_moment)]
"""The moment of a request of somebody signed in."""


def answer_refusals(app: FastAPI, tells: TellsRefusal) -> None:
    """Have the application answer what its use cases refuse."""

    async def refuse(request: Request, error: Exception) -> Response:
        if not isinstance(error, Refusal):
            raise error
        return answer(request, CURSOR_GONE if isinstance(error, CursorGone) else tells(error, request))

    app.add_exception_handler(Refusal, refuse)
