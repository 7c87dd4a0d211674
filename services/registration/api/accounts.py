"""Accounts of staff: who may sign in, as what, and at which agency."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.registration import showing
from services.registration.api.answers.office import AccountShown
from services.registration.domain.accounts import Duty, StaffAccount
from services.registration.edge import assignable
from services.registration.intake.bodies import AccountBody, DutyBody
from services.registration.intake.reading import read_address
from services.registration.repository.accounts import all_accounts
from services.registration.use_cases import accounts as use_cases
from shared.identity import Person
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.once import OnceOfRequest
from shared.web.paging import WholeList
from shared.web.preconditions import SeenRevision, tagged

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"])

_Writing = Annotated[Scope, May("write accounts")]


class AccountKept(BaseModel):
    """An account as it is from now on: its id and revision."""

    id: UUID
    revision: int


@router.get("")
async def list_accounts(scope: Annotated[Scope, May("read accounts")], session: Transaction) -> WholeList[AccountShown]:
    """Who may sign in, by e-mail address."""
    found = await all_accounts(session, scope)
    return WholeList(items=[AccountShown.of_row(showing.account(each)) for each in found])


@router.post("", status_code=201, response_model=AccountKept)
async def invite(
    body: AccountBody,
    person: RequestPerson,
    _scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    once: OnceOfRequest,
) -> JSONResponse:
    """Invite somebody: from now on they may sign in.

    Advisers invite mediators to their own agency, managers mediators and advisers to any, operators everybody.
    """

    async def act() -> AccountKept:
        duty = assignable(person, Duty(body.role, body.agency_id))
        account = await use_cases.invite(
            session, read_address(body.email), duty, moment, name=body.name, language=body.language
        )
        return AccountKept(id=account.id, revision=account.revision)

    kept = await once(AccountKept, act)
    return tagged(kept.model_dump(), kept.revision, 201)


@router.put("/{account_id}/duty", response_model=AccountKept)
async def move(
    account_id: UUID,
    body: DutyBody,
    person: RequestPerson,
    _scope: _Writing,
    session: Transaction,
    moment: RequestMoment,
    seen: SeenRevision,
) -> JSONResponse:
    """Give somebody another role or agency. Wherever they were signed in, they sign in anew."""
    account = await _account(account_id, person, session)
    seen.check(account.revision, showing.account(account))
    duty = assignable(person, Duty(body.role, body.agency_id))
    return _answer(await use_cases.move(session, account, duty, moment))


@router.delete("/{account_id}", status_code=204)
async def let_go(
    account_id: UUID, person: RequestPerson, _scope: _Writing, session: Transaction, moment: RequestMoment
) -> Response:
    """Let somebody go: they are signed out everywhere at once, and cannot sign in again unless invited anew."""
    await use_cases.let_go(session, await _account(account_id, person, session), moment)
    return Response(status_code=204)


async def _account(account_id: UUID, person: Person, session: Transaction) -> StaffAccount:
    account = await use_cases.account_named(session, account_id, lock=True)
    assignable(person, account.duty)
    return account


def _answer(account: StaffAccount) -> JSONResponse:
    return tagged({"id": account.id, "revision": account.revision}, account.revision)
