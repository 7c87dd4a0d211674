"""Many records in one request: each gets an answer of its own, in order, and stands or falls alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError

from services.registration.api.problems import CHANGED_MEANWHILE, is_clash, tell_refusal
from services.registration.api.requests import SavedAnswer, in_language
from services.registration.intake.bulk_bodies import NotAsDescribed
from services.registration.use_cases.saving import SavedAs
from shared.identity import NotAllowed
from shared.language import LANGUAGES, Language
from shared.refusals import Refusal
from shared.web.edge import RequestLanguage, Transaction
from shared.web.once import Answered, OnceOfRequest
from shared.web.problems import NOT_ALLOWED, Problem, from_validation

Kept = TypeVar("Kept", bound=BaseModel)
Item = TypeVar("Item")


class FieldTold(BaseModel):
    """What is wrong with one field of an item."""

    in_: Annotated[str, Field(alias="in")]
    path: str
    code: str
    message: str


class ItemProblem(BaseModel):
    """Why an item was not kept: a problem as RFC 9457 describes it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldTold] = []


class ItemAnswered(BaseModel, Generic[Kept]):
    """What became of one item: what was kept, or the problem; `status` is what it would be answered alone."""

    item: Annotated[int, Field(description="Its place in the request, from 0.")]
    status: int
    saved: Kept | None
    problem: ItemProblem | None


class ManyAnswered(BaseModel, Generic[Kept]):
    """What became of each item, in the order of the request."""

    items: list[ItemAnswered[Kept]]


class EnrolledAnswer(BaseModel):
    """Who is enrolled, and whether that is new."""

    participant_id: UUID
    change: SavedAs


SavedOfMany = ManyAnswered[SavedAnswer]
EnrolledOfMany = ManyAnswered[EnrolledAnswer]


class Many:
    """Keeps each of many items for itself, in one transaction; under its ``Idempotency-Key`` all of them once."""

    def __init__(self, request: Request, session: Transaction, language: RequestLanguage, once: OnceOfRequest) -> None:
        self._request = request
        self._session = session
        self._language = language
        self._once = once

    async def __call__(
        self, items: Sequence[Item | NotAsDescribed], keep: Callable[[Item], Awaitable[Answered]]
    ) -> JSONResponse:
        """The answers of ``keep`` to the items in order. Raises a `Problem` for a key used with another request."""

        async def act() -> Answered:
            answers = [{"item": number, **await self._answer(each, keep)} for number, each in enumerate(items)]
            return Answered(200, {"items": answers})

        given = await self._once.answer(act)
        answers = [_told(each, self._language) for each in given.content["items"]]
        headers = {"content-language": self._language, "vary": "accept-language"}
        return JSONResponse({"items": answers}, given.status, headers)

    async def _answer(self, item: Item | NotAsDescribed, keep: Callable[[Item], Awaitable[Answered]]) -> dict[str, Any]:
        """What becomes of one item; what was done of one that is refused is taken back, and nothing else."""
        try:
            async with self._session.begin_nested():
                answered = await keep(_as_described(item))
        except Refusal as refusal:
            return self._refused(tell_refusal(refusal, self._request))
        except NotAllowed:
            return self._refused(NOT_ALLOWED)
        except Problem as problem:
            return self._refused(problem)
        except DBAPIError as error:
            if not is_clash(error):
                raise
            return self._refused(CHANGED_MEANWHILE)
        return {"status": answered.status, "saved": dict(answered.content), "problem": None}

    def _refused(self, problem: Problem) -> dict[str, Any]:
        public_url = self._request.app.state.settings.public_url
        told = {language: problem.members(language, public_url) for language in LANGUAGES}
        return {"status": problem.status_code, "saved": None, "problem": told}


ManyOfRequest = Annotated[Many, Depends()]
"""Keeps each of many items for itself."""


def _as_described(item: Item | NotAsDescribed) -> Item:
    if isinstance(item, NotAsDescribed):
        raise from_validation([{**each, "loc": ("body", *each["loc"])} for each in item.errors])
    return item


def _told(answer: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """An item's answer in the language asked for; both were kept."""
    saved, problem = answer["saved"], answer["problem"]
    return {
        **answer,
        "saved": in_language(saved, language) if saved else None,
        "problem": {"errors": [], **problem[language]} if problem else None,
    }
