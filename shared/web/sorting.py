"""Lists over HTTP that can be asked for in several orders, or by what changed."""

# What annotations name here is made with each list, so they are no texts to be read later.

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from shared.paging import Paging
from shared.web.paging import PagingOfRequest
from shared.web.values import Instant


def listed_by(*orders: str) -> Any:
    """The part of a list that is asked for, in one of these orders or its reverse, or by what changed."""
    choices = tuple(f"{sign}{order}" for order in orders for sign in ("", "-"))

    def asked(
        paging: PagingOfRequest,
        sort: Annotated[
            Literal[choices] | None,  # type: ignore[valid-type]  # known when the list is
            Query(description="By what; with a minus the other way round."),
        ] = None,
        changed_since: Annotated[
            Instant | None,
            Query(
                alias="changed-since",
                description="What was kept from this instant on, in the order in which it was kept: `kept_at`.",
            ),
        ] = None,
    ) -> Paging:
        return replace(paging, sort=sort, changed_since=changed_since)

    return Depends(asked)
