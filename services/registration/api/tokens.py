"""Short-lived tokens with which somebody signed in, or another system, asks the other services."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.registration.api.asking import credential_or_none, signed_in_or_none
from services.registration.intake.bodies import Body
from shared.identity import NotSignedIn, bearer_token, now_of
from shared.rights import Scope
from shared.tokens import LIFETIME, TokenSigner
from shared.web.edge import May, RequestPerson

router = APIRouter(prefix="/api/v1", tags=["tokens"])


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
    """A token that stands for whoever is signed in, or for another system with its credential, for five minutes.

    A token gives no other token. Safe to repeat: each is one of its own, and nothing is kept of it.
    """
    signed_in, now = signed_in_or_none(request), now_of(request)
    is_by_session = signed_in is not None and bearer_token(request) is None
    if not is_by_session and credential_or_none(request) is None:
        raise NotSignedIn
    signer: TokenSigner = request.app.state.signer
    token = signer.sign(person, body.service, now=now, session_id=signed_in.id if signed_in else None)
    return TokenAnswer(token=token, ends_at=now + LIFETIME)
