"""Form tokens against cross-site requests: bound to the session, or to a visitor's cookie before sign-in.

They need no table and no JavaScript: the token in the form is the seal's mark on a cookie that another site can neither
read nor set.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from shared.identity import seal_of
from shared.web import cookies
from shared.web.problems import Problem

TOKEN_FIELD = "form_token"  # noqa: S105 - the name of a field
FORM_EXPIRED = "form-expired"
_PURPOSE = "form"


_TITLE, _DETAIL = (
    "Le formulaire a expiré",
    "Rien n’a été enregistré. Revenez à la page précédente, rechargez-la, puis recommencez.",
)
_ENGLISH = ("The form has expired", "Nothing was saved. Go back to the page, reload it, then try again.")


class ExpiredForm(Problem):
    """A form whose token is another visitor's, or none of ours: sent once more from a page of ours, it is taken."""

    def __init__(self) -> None:
        super().__init__(403, FORM_EXPIRED, _TITLE, _DETAIL, english=_ENGLISH)


def form_expired() -> Problem:
    """The problem of a form that did not come from a page of ours, or came too late."""
    return Problem(403, FORM_EXPIRED, _TITLE, _DETAIL, english=_ENGLISH)


def visitor_of(request: Request) -> str:
    """What a form token is bound to: the session, the visitor's cookie, or a new visitor (kept for this request)."""
    session = cookies.session_of(request)
    if session:
        return session
    known = cookies.visitor_of(request)
    if known:
        return known
    if not hasattr(request.state, "new_visitor"):
        request.state.new_visitor = secrets.token_urlsafe(24)
    return str(request.state.new_visitor)


def new_visitor_of(request: Request) -> str | None:
    """The visitor's cookie that the answer has to set, if a form was shown to somebody without one."""
    return getattr(request.state, "new_visitor", None)


def form_token(request: Request) -> str:
    """The token to put in a form that this request shows."""
    return seal_of(request).mark(_PURPOSE, visitor_of(request))


async def verified_form(request: Request) -> AsyncIterator[FormData]:
    """The form that was sent, once its token is verified; raises a `Problem`. Use as a dependency."""
    async with request.form(max_files=20, max_fields=2000) as form:
        token = form.get(TOKEN_FIELD)
        if not isinstance(token, str) or not seal_of(request).has_marked(_PURPOSE, visitor_of(request), token):
            raise ExpiredForm
        yield form


VerifiedForm = Annotated[FormData, Depends(verified_form)]
