"""What a form does, once: sent twice, by a second press or on the way back, it leads to where it led the first time."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse

from services.registration.tables import IdempotencyRow
from shared.idempotency import GivenAnswer, given_answer, keep_answer
from shared.sql import table_of
from shared.web import VerifiedForm
from shared.web.edge import RequestMoment, RequestPerson, Transaction
from shared.web.forms import TOKEN_FIELD

ANSWERS = table_of(IdempotencyRow)


class SentForm:
    """A form that somebody sent, and its way on; what was typed anew in it is another form."""

    def __init__(
        self,
        request: Request,
        form: VerifiedForm,
        session: Transaction,
        moment: RequestMoment,
        person: RequestPerson,
    ) -> None:
        self.form, self.session, self.moment, self.person = form, session, moment, person
        typed = [(name, str(value)) for name, value in form.multi_items() if name != TOKEN_FIELD]
        self._key = "page " + hashlib.sha256(f"{request.url.path}\n{typed!r}".encode()).hexdigest()

    async def once(self, act: Callable[[], Awaitable[str]]) -> RedirectResponse:
        """Lead on to the address that ``act`` gives, or gave when the same was sent before."""
        given = await given_answer(self.session, ANSWERS, self.person.id, self._key)
        if given is None:
            given = GivenAnswer("", 303, {"goes_on_to": await act()})
            row_id, now = self.moment.new_id(), self.moment.now
            await keep_answer(self.session, ANSWERS, row_id, self.person.id, self._key, given, now)
        return RedirectResponse(given.answer["goes_on_to"], given.status)


SentByPage = Annotated[SentForm, Depends(SentForm)]
"""The form that was sent; its hidden field ``sending`` tells one showing of it from another."""
