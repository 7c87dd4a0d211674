"""Short-lived tokens with which somebody signed in asks the other services."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.registration.api.asking import signed_in_or_none
from services.registration.api.bodies import Body
from shared.identity import NotSignedIn, bearer_token, now_of
from shared.rights import Scope
from shared.tokens import LIFETIME, TokenSigner
from shared.web.edge import May, RequestPerson

router = APIRouter(prefix="/api", tags=["tokens"])


class TokenBody(Body):
    """For which service a token is; it is worth nothing at another."""

    service: Literal["matching", "notification"]


class TokenAnswer(BaseModel):
    """A token, to be shown as `Authorization: Bearer …`."""

    token: str
    ends_at: datetime


@router.post("/tokens")
async def give_token(
    body: TokenBody, person: RequestPerson, _scope: Annotated[Scope, May("get tokens")], request: Request
) -> TokenAnswer:
    """A token that stands for whoever is signed in, for five minutes; a token gives no other token."""
    signed_in, now = signed_in_or_none(request), now_of(request)
    if signed_in is None or bearer_token(request) is not None:
        raise NotSignedIn
    signer: TokenSigner = request.app.state.signer
    token = signer.sign(person, body.service, now=now, session_id=signed_in.id)
    return TokenAnswer(token=token, ends_at=now + LIFETIME)
