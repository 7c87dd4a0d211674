"""What every route of the API needs: answers in one shape, and answers given only once."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from services.registration.api.problems import KEY_REUSED
from services.registration.domain.findings import Finding
from services.registration.domain.records import Revisioned
from services.registration.repository import idempotency
from services.registration.repository.idempotency import GivenAnswer
from services.registration.showing import Shown, changed_since
from services.registration.use_cases.saving import Saved, SavedAs
from shared.identity import Person, current_person
from shared.language import Language
from shared.web import language_of
from shared.web.edge import RequestMoment, Transaction
from shared.web.preconditions import SeenRevision, tag_of


class ToldFinding(BaseModel):
    """What somebody should look at, though it was kept."""

    path: str
    code: str
    message: str


class SavedAnswer(BaseModel):
    """What was kept: its id, its revision, and whether that changed anything."""

    id: UUID
    revision: int
    change: SavedAs
    warnings: list[ToldFinding]


NEW_OR_KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": SavedAnswer, "description": "It was known."},
    201: {"model": SavedAnswer, "description": "It is new."},
}
"""The answers of a route that keeps something new or known, for its description."""


class Once:
    """Carries out an intention once per ``Idempotency-Key`` and person; the same request again gets the same answer."""

    def __init__(
        self,
        request: Request,
        session: Transaction,
        moment: RequestMoment,
        person: Annotated[Person, Depends(current_person)],
        key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)] = None,
    ) -> None:
        self.request = request
        self.session = session
        self.moment = moment
        self.person = person
        self.key = key

    async def __call__(self, act: Callable[[], Awaitable[Saved]]) -> JSONResponse:
        """The answer to ``act``, or the one given before. Raises a `Problem` for a key used with another request."""
        if self.key is None:
            return answer(await act())
        digest = await self._digest()
        given = await idempotency.given_answer(self.session, self.person.id, self.key)
        if given is None:
            response = await act()
            given = GivenAnswer(digest, _status(response), content(response))
            await idempotency.keep_answer(
                self.session, self.moment.new_id(), self.person.id, self.key, given, self.moment.now
            )
        elif given.digest != digest:
            raise KEY_REUSED
        return SavedResponse(given.answer, given.status)

    async def _digest(self) -> str:
        asked = f"{self.request.method} {self.request.url.path}\n".encode() + await self.request.body()
        return hashlib.sha256(asked).hexdigest()


OnceOfRequest = Annotated[Once, Depends(Once)]


def check_seen(seen: SeenRevision, kept: Revisioned, shown: Shown) -> None:
    """Raise a `Problem` unless whoever asks saw the record as it is now; ``shown`` is what they may see of it."""
    seen.check(kept.revision, changed_since(kept, seen.revision, shown))


def check_seen_by_system(seen: SeenRevision, kept: Revisioned, shown: Shown) -> None:
    """The same for a system that knows a record by its identifier.

    It may say that it replaces whatever is there (``*``), or say nothing as long as nothing kept is changed
    (`unless_overwritten`).
    """
    if seen.is_said and not seen.is_any:
        check_seen(seen, kept, shown)


def unless_overwritten(saved: Saved, seen: SeenRevision) -> Saved:
    """What was kept. Raises a `Problem`, which takes it back, where it changed what nobody said to have seen."""
    if saved.change is SavedAs.CHANGED and not seen.is_any:
        seen.check_said()
    return saved


def answer(saved: Saved) -> JSONResponse:
    """What was kept, as 201 where it is new and 200 otherwise."""
    return SavedResponse(content(saved), _status(saved))


class SavedResponse(JSONResponse):
    """What was kept, with its warnings in the language asked for."""

    def __init__(self, saved: Mapping[str, Any], status: int) -> None:
        self.saved = saved
        super().__init__(self._told("fr"), status, headers={"etag": tag_of(saved["revision"])})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        language = language_of(Request(scope))
        self.body = self.render(self._told(language))
        self.headers.update(
            {"content-length": str(len(self.body)), "content-language": language, "vary": "accept-language"}
        )
        await super().__call__(scope, receive, send)

    def _told(self, language: Language) -> dict[str, Any]:
        warnings = [{**each, "message": each["message"][language]} for each in self.saved["warnings"]]
        return {**self.saved, "warnings": warnings}


def content(saved: Saved) -> dict[str, Any]:
    """What was kept, in words of the API, each warning in both languages."""
    return {
        "id": str(saved.id),
        "revision": saved.revision,
        "change": saved.change.value,
        "warnings": [told(finding) for finding in saved.findings],
    }


def told(finding: Finding) -> dict[str, Any]:
    """A finding in words of the API: where, which, and the sentence for people; never the value."""
    sentences = {"fr": finding.message, "en": finding.kind.meaning}
    return {"path": finding.where, "code": finding.code, "message": sentences}


def _status(saved: Saved) -> int:
    return 201 if saved.change is SavedAs.NEW else 200
