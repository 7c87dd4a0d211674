"""Lists over HTTP: which part is asked for, and how a part is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import RowMapping

from shared.language import Bilingual
from shared.paging import LARGEST_PAGE, Page, Paging
from shared.web.problems import Problem

Item = TypeVar("Item")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_GONE = Bilingual(
    "Cette liste a changé : la fiche où vous vous étiez arrêté n’y est plus. Reprenez-la depuis le début.",
    "The item at which the list is to go on is no longer in it: begin the list again.",
)
CURSOR_GONE = Problem(
    422,
    "cursor-gone",
    "Données incorrectes",
    _GONE.fr,
    english=("Data not right", _GONE.en),
    errors=[{"in": "query", "path": "cursor", "code": "cursor-gone", "message": _GONE}],
)


class ListAnswer(BaseModel, Generic[Item]):
    """A part of a list; ``next`` is what to say as ``cursor`` to go on, null where this is the last."""

    items: Sequence[Item]
    next: str | None


class WholeList(BaseModel, Generic[Item]):
    """A list that is short enough to come whole."""

    items: Sequence[Item]


def _paging(
    cursor: Annotated[
        str | None,
        Query(pattern=rf"^({ONE_ID}|[0-9]{{1,16}})(\.{ONE_ID})?$", description="`next` of the part before."),
    ] = None,
    size: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="How many at most.")] = 50,
) -> Paging:
    return Paging(tuple(_mark(each) for each in cursor.split(".")) if cursor else (), size)


def _mark(text: str) -> UUID | datetime:
    return EPOCH + timedelta(microseconds=int(text)) if text.isdecimal() else UUID(text)


def _text(mark: UUID | datetime) -> str:
    return str((mark - EPOCH) // timedelta(microseconds=1)) if isinstance(mark, datetime) else str(mark)


PagingOfRequest = Annotated[Paging, Depends(_paging)]
"""The part of a list that is asked for, by ``?cursor=…&size=…``."""


def page_of(page: Page[RowMapping], item: Callable[[RowMapping], Item]) -> ListAnswer[Item]:
    """A part of a list, in words of the API."""
    return ListAnswer(items=[item(row) for row in page.items], next=cursor_of(page))


def cursor_of(page: Page[Any]) -> str | None:
    """How an address names what comes behind a part of a list."""
    return ".".join(map(_text, page.next)) or None
