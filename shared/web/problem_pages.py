"""Pages about problems: the type of each is the address of one, which says what it means and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fastapi import FastAPI, Request
from starlette.responses import Response

from shared.limits import Left, Limit, LimitReached
from shared.web.forms import form_expired
from shared.web.hosts import UNKNOWN_HOST
from shared.web.limiting import too_many
from shared.web.paging import CURSOR_GONE
from shared.web.preconditions import NOT_SEEN, changed_since
from shared.web.problems import (
    BY_STATUS,
    KEY_REUSED,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    NOT_VERIFIABLE,
    PAGES,
    UNAVAILABLE,
    UNEXPECTED,
    Problem,
    from_validation,
)
from shared.web.protection import CROSS_ORIGIN, too_large
from shared.web.templating import pages_of

ANY_LIMIT = Left(Limit("requests", times=60, within=timedelta(minutes=1)), 0, timedelta(minutes=1))

OF_EVERY_SERVICE: Sequence[Problem] = (
    *BY_STATUS.values(),
    NOT_SIGNED_IN,
    NOT_ALLOWED,
    NOT_VERIFIABLE,
    NOT_SEEN,
    CURSOR_GONE,
    KEY_REUSED,
    CROSS_ORIGIN,
    UNKNOWN_HOST,
    UNAVAILABLE,
    UNEXPECTED,
    from_validation(()),
    changed_since(2, {}),
    form_expired(),
    too_large(2_000_000),
    too_many(LimitReached(ANY_LIMIT)),
)


def add_problem_pages(app: FastAPI, own: Sequence[Problem]) -> None:
    """Have the application explain the problems of every service, and its own."""
    explained = {each.code: each for each in (*OF_EVERY_SERVICE, *own)}

    async def explain(request: Request, code: str) -> Response:
        """What a problem means, and what to do."""
        if code not in explained:
            raise BY_STATUS[404]
        return pages_of(request).page(request, "problem_type.html", problem=explained[code])

    app.add_api_route(f"{PAGES}/{{code}}", explain, include_in_schema=False)
