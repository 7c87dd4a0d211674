"""Meetups: asking for a pairing, pinning and forbidding, and what was proposed."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.matching.api.answers import MeetupAnswer, MeetupStateAnswer, PairingSummary, RunAnswer
from services.matching.domain.situation import Pair
from services.matching.edge import RequestPolicy, visible_meetup
from services.matching.limits import REMATCHES
from services.matching.repository import facts, pairings, runs
from services.matching.use_cases import rematches, standing_of
from shared.auditing import note_looks
from shared.contracts.vocabulary import RematchReason
from shared.refusals import Unknown
from shared.rights import Scope
from shared.web.edge import May, RequestMoment, RequestPerson, Transaction
from shared.web.limiting import Limited
from shared.web.once import OnceOfRequest
from shared.web.paging import ListAnswer, PagingOfRequest, cursor_of
from shared.web.values import MANY_LINES

router = APIRouter(prefix="/api/v1/meetups", tags=["meetups"])

_Reading = Annotated[Scope, May("read pairings")]
_Deciding = Annotated[Scope, May("decide pairings")]


class PairBody(BaseModel):
    """One participant with one need."""

    model_config = ConfigDict(extra="forbid")

    participant_id: UUID
    need_id: UUID

    def as_pair(self) -> Pair:
        """The pair as the domain knows it."""
        return Pair(self.participant_id, self.need_id)


class RematchBody(BaseModel):
    """Why a pairing is asked for, what the adviser notes beside it, and what must or must not be."""

    model_config = ConfigDict(extra="forbid")

    reason: RematchReason
    note: Annotated[str, Field(max_length=1000), MANY_LINES] | None = None
    pins: Annotated[list[PairBody], Field(max_length=500)] = []
    forbids: Annotated[list[PairBody], Field(max_length=500)] = []


class RuleBody(PairBody):
    """A pair with the word on it."""

    rule: Literal["pin", "forbid"]


class Accepted(BaseModel):
    """The request is on its way; `runs` tells when it is answered."""

    request_id: UUID


class RuleAnswer(RuleBody):
    """A word on a pair that holds."""


@router.get("")
async def list_meetups(session: Transaction, scope: _Reading, paging: PagingOfRequest) -> ListAnswer[MeetupAnswer]:
    """The meetups that the person may see, by id."""
    found = await facts.list_meetups(session, scope, paging)
    return ListAnswer(items=[MeetupAnswer.of(meetup) for meetup in found.items], next=cursor_of(found))


@router.get("/{meetup_id}")
async def read_meetup(
    session: Transaction, policy: RequestPolicy, meetup_id: UUID, scope: _Reading
) -> MeetupStateAnswer:
    """A meetup with how its pairing stands: what is in force, what waits, what to ask whom, whether a run is on."""
    meetup = await visible_meetup(session, meetup_id, scope)
    standing = await standing_of.standing_of(session, meetup_id, policy)
    await note_looks(session, "pairings", [ask.pair.participant_id for ask in standing.asks], standing.in_force)
    return MeetupStateAnswer.state_of(meetup, standing)


@router.post("/{meetup_id}/rematches", status_code=202, dependencies=[Depends(Limited(REMATCHES))])
async def ask_for_pairing(
    session: Transaction,
    moment: RequestMoment,
    meetup_id: UUID,
    body: RematchBody,
    person: RequestPerson,
    scope: _Deciding,
    once: OnceOfRequest,
) -> Accepted:
    """Ask for a proposal, the first one or another."""
    await visible_meetup(session, meetup_id, scope)

    async def act() -> Accepted:
        request_id = await rematches.ask_for_pairing(
            session,
            meetup_id=meetup_id,
            requested_by=person.id,
            reason=body.reason,
            note=body.note,
            pins=[pair.as_pair() for pair in body.pins],
            forbids=[pair.as_pair() for pair in body.forbids],
            moment=moment,
        )
        return Accepted(request_id=request_id)

    return await once(Accepted, act)


@router.get("/{meetup_id}/pairings")
async def list_pairings(
    session: Transaction, meetup_id: UUID, scope: _Reading, paging: PagingOfRequest
) -> ListAnswer[PairingSummary]:
    """What was proposed, approved and replaced, the newest first."""
    await visible_meetup(session, meetup_id, scope)
    found = await pairings.history(session, meetup_id, paging)
    return ListAnswer(items=[PairingSummary.model_validate(line) for line in found.items], next=cursor_of(found))


@router.get("/{meetup_id}/runs")
async def list_runs(
    session: Transaction, meetup_id: UUID, scope: _Reading, paging: PagingOfRequest
) -> ListAnswer[RunAnswer]:
    """The runs of a meetup, the newest first, each with the requests that it answers."""
    await visible_meetup(session, meetup_id, scope)
    found = await runs.runs_of(session, meetup_id, paging)
    requests = await runs.requests_of_runs(session, [run.id for run in found.items])
    in_conflict = set[UUID]().union(*(run.in_conflict for run in found.items))
    await note_looks(session, "pairing_runs", in_conflict, meetup_id)
    return ListAnswer(items=[RunAnswer.of(run, requests[run.id]) for run in found.items], next=cursor_of(found))


@router.get("/{meetup_id}/rules")
async def list_rules(session: Transaction, meetup_id: UUID, scope: _Reading) -> ListAnswer[RuleAnswer]:
    """Pins and forbids that hold at a meetup, all in one part."""
    await visible_meetup(session, meetup_id, scope)
    rules = await pairings.rules_of(session, meetup_id)
    await note_looks(session, "pair_rules", [pair.participant_id for pair in rules], meetup_id)
    told = [
        RuleAnswer.model_validate({"participant_id": pair.participant_id, "need_id": pair.need_id, "rule": rule})
        for pair, rule in sorted(rules.items(), key=str)
    ]
    return ListAnswer(items=told, next=None)


@router.put("/{meetup_id}/rules")
async def set_rule(
    session: Transaction,
    moment: RequestMoment,
    policy: RequestPolicy,
    meetup_id: UUID,
    body: RuleBody,
    person: RequestPerson,
    scope: _Deciding,
) -> RuleAnswer:
    """Pin a pair for every later proposal, or forbid it at once and for every later one."""
    await visible_meetup(session, meetup_id, scope)
    await rematches.set_rule(
        session, meetup_id, body.as_pair(), body.rule, set_by=person.id, moment=moment, policy=policy
    )
    return RuleAnswer.model_validate(body.model_dump())


@router.delete("/{meetup_id}/rules/{participant_id}/{need_id}", status_code=204)
async def drop_rule(
    session: Transaction, meetup_id: UUID, participant_id: UUID, need_id: UUID, scope: _Deciding
) -> None:
    """Take a pin or forbid back."""
    await visible_meetup(session, meetup_id, scope)
    if not await pairings.drop_rule(session, meetup_id, Pair(participant_id, need_id)):
        raise Unknown("rule")
