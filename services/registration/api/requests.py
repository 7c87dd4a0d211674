"""What every route of the API needs: answers in one shape, and answers given only once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from services.registration.domain.findings import Finding
from services.registration.domain.records import Revisioned
from services.registration.showing import Shown, changed_since
from services.registration.use_cases.saving import Saved, SavedAs
from shared.language import Language
from shared.web import language_of
from shared.web.once import Answered, OnceOfRequest
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


class OnceSaved:
    """Keeps something once per ``Idempotency-Key`` and person (`shared.web.once`)."""

    def __init__(self, once: OnceOfRequest) -> None:
        self._once = once

    async def __call__(self, act: Callable[[], Awaitable[Saved]]) -> JSONResponse:
        """The answer to ``act``, or the one given before. Raises a `Problem` for a key used with another request."""

        async def answering() -> Answered:
            return answered(await act())

        given = await self._once.answer(answering)
        return SavedResponse(given.content, given.status)


OnceSavedOfRequest = Annotated[OnceSaved, Depends()]


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


def answered(saved: Saved) -> Answered:
    """What was kept as an answer that can be given again."""
    return Answered(_status(saved), content(saved))


def answer(saved: Saved) -> JSONResponse:
    """What was kept, as 201 where it is new and 200 otherwise."""
    return SavedResponse(content(saved), _status(saved))


class SavedResponse(JSONResponse):
    """What was kept, with its warnings in the language asked for."""

    def __init__(self, saved: Mapping[str, Any], status: int) -> None:
        self.saved = saved
        super().__init__(in_language(saved, "fr"), status, headers={"etag": tag_of(saved["revision"])})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        language = language_of(Request(scope))
        self.body = self.render(in_language(self.saved, language))
        self.headers.update(
            {"content-length": str(len(self.body)), "content-language": language, "vary": "accept-language"}
        )
        await super().__call__(scope, receive, send)


def in_language(saved: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """What was kept, with its warnings, where it has any, in one language."""
    warnings = [{**each, "message": each["message"][language]} for each in saved.get("warnings", ())]
    return {**saved, **({"warnings": warnings} if "warnings" in saved else {})}


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
