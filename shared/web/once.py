"""Routes that are carried out once per ``Idempotency-Key``: the same request again gets the same answer."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import Table

from shared.idempotency import GivenAnswer, given_answer, keep_answer
from shared.web.edge import RequestMoment, RequestPerson, Transaction
from shared.web.problems import KEY_REUSED

KEY = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request is answered: its status, and the content as JSON, in which no name and no secret stands."""

    status: int
    content: Mapping[str, Any]


Act = Callable[[], Awaitable[Answered]]
WhatWasAsked = Callable[[], Awaitable[bytes]]
Model = TypeVar("Model", bound=BaseModel)


class Once:
    """Carries out an intention once per key and person, in the transaction of the request.

    The answer is kept in the application's table of answers; a request that is refused leaves its key free. Whoever
    names no key is carried out each time.
    """

    def __init__(
        self,
        request: Request,
        session: Transaction,
        moment: RequestMoment,
        person: RequestPerson,
        key: Annotated[str | None, Header(alias=KEY, min_length=1, max_length=200)] = None,
    ) -> None:
        self._request = request
        self._session = session
        self._moment = moment
        self._person = person
        self._key = key
        self._status: int = request.scope["route"].status_code or 200

    async def __call__(
        self, model: type[Model], act: Callable[[], Awaitable[Model]], *, said: WhatWasAsked | None = None
    ) -> Model:
        """What ``act`` answers, or answered before. Raises a `Problem` for a key used with another request.

        ``said`` tells what makes a request the same, where that is not its body.
        """

        async def answered() -> Answered:
            return Answered(self._status, (await act()).model_dump(mode="json"))

        return model.model_validate((await self.answer(answered, said=said)).content)

    async def silently(self, act: Callable[[], Awaitable[None]]) -> None:
        """Carry out ``act``, which answers nothing, unless that was done before. Raises as `__call__` does."""

        async def answered() -> Answered:
            await act()
            return Answered(self._status, {})

        await self.answer(answered)

    async def answer(self, act: Act, *, said: WhatWasAsked | None = None) -> Answered:
        """The same as `__call__` with the status that ``act`` gives."""
        if self._key is None:
            return await act()
        table, person_id, digest = self._table(), self._person.id, await self._digest(said)
        given = await given_answer(self._session, table, person_id, self._key)
        if given is None:
            answered = await act()
            kept, row_id = GivenAnswer(digest, answered.status, answered.content), self._moment.new_id()
            await keep_answer(self._session, table, row_id, person_id, self._key, kept, self._moment.now)
            return answered
        if given.digest != digest:
            raise KEY_REUSED
        return Answered(given.status, given.answer)

    def _table(self) -> Table:
        table = self._request.app.state.answers
        if not isinstance(table, Table):
            raise TypeError("the application was made without a table of answers")
        return table

    async def _digest(self, said: WhatWasAsked | None) -> str:
        url = self._request.url
        address = f"{url.path}?{url.query}" if url.query else url.path
        body = await (said or self._request.body)()
        return hashlib.sha256(f"{self._request.method} {address}\n".encode() + body).hexdigest()


OnceOfRequest = Annotated[Once, Depends(Once)]
"""Carries out what a route does once per `Idempotency-Key`."""
