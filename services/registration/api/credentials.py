"""Credentials of other systems: who has one, for what, and when it was last used."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.registration.api.answers.office import CredentialShown, Grantable
from services.registration.intake.bodies import CredentialBody
from services.registration.repository.credentials import list_credentials
from services.registration.use_cases import credentials as use_cases
from shared.identity import NotAllowed
from shared.rights import Scope
from shared.web import Problem
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.once import OnceOfRequest
from shared.web.paging import ListAnswer, PagingOfRequest, page_of

router = APIRouter(prefix="/api/v1/credentials", tags=["credentials"])

_Reading = Annotated[Scope, May("read credentials")]
_Writing = Annotated[Scope, May("write credentials")]


class CredentialKept(BaseModel):
    """What is kept of the answer to whoever made a credential."""

    id: UUID
    ends_at: datetime


class CredentialMade(CredentialKept):
    """A credential, its secret, which is told here only, and its end."""

    secret: str


def secret_was_given(credential_id: UUID) -> Problem:
    """The problem of whoever asks again for a secret that was told once and is kept nowhere."""
    return Problem(
        409,
        "secret-given",
        "Secret déjà donné",
        "Cette demande a déjà créé un accès, et son secret n’a été donné qu’une fois. S’il ne vous est pas parvenu, "
        "retirez cet accès, puis créez-en un autre.",
        english=(
            "Secret given before",
            "This request made a credential and told its secret once. Where it was lost, revoke it and make another.",
        ),
        credential_id=str(credential_id),
    )


@router.get("")
async def list_all(scope: _Reading, session: Transaction, paging: PagingOfRequest) -> ListAnswer[CredentialShown]:
    """Who has access beside people: name, agency, rights, by whom, until when, and when it was last used."""
    return page_of(await list_credentials(session, scope, paging), CredentialShown.of_row)


@router.get("/grantable")
async def list_grantable(scope: _Reading, agency_id: UUID | None = None) -> Grantable:
    """The rights that a credential may have: at an agency, or for the whole region where none is named."""
    if not scope.covers(agency_id):
        raise NotAllowed
    return Grantable(rights=sorted(use_cases.grantable(agency_id)))


@router.post("", status_code=201, response_model=CredentialMade)
async def make(
    body: CredentialBody, _scope: _Writing, session: Transaction, moment: RequestMoment, once: OnceOfRequest
) -> JSONResponse:
    """Give another system access. Its secret is in this answer and nowhere else: it cannot be read again.

    The same request again under its `Idempotency-Key` makes nothing and is answered `409`, with `credential_id`: where
    the secret did not arrive, revoke that credential and make another.
    """
    secrets = []

    async def act() -> CredentialKept:
        made, secret = await use_cases.make_credential(
            session, body.name, body.agency_id, frozenset(body.rights), body.ends_at, moment
        )
        secrets.append(secret)
        return CredentialKept(id=made.id, ends_at=made.ends_at)

    kept = await once(CredentialKept, act)
    if not secrets:
        raise secret_was_given(kept.id)
    answer = {"id": str(kept.id), "secret": secrets[0], "ends_at": kept.ends_at.isoformat()}
    return JSONResponse(answer, 201, {"location": f"/api/v1/credentials/{kept.id}", "cache-control": "no-store"})


@router.delete("/{credential_id}", status_code=204)
async def revoke(credential_id: UUID, scope: _Writing, session: Transaction, moment: RequestMoment) -> Response:
    """Take access away: at once here, and within five minutes at the other services."""
    await use_cases.revoke_credential(session, scope, credential_id, moment)
    return Response(status_code=204)
