"""The table of rights written down a second time, by hand, and what it means for answers: a wrong table fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import APIRouter
from fastapi.routing import APIRoute

from shared.identity import Role
from shared.web.edge import NeededRight

ROLES = (Role.MEDIATOR, Role.ADVISER, Role.MANAGER, Role.OPERATOR, Role.SERVICE)

WRITTEN_BY_HAND = """
                               mediator       adviser     manager  operator  service
read agencies                  all            all         all      all       -
write agencies                 -              -           -        all       -
write agency contacts          -              own         -        all       -
read staff                     -              own         -        all       -
read accounts                  -              own         all      all       -
write accounts                 -              own         all      all       -
read credentials               -              own         all      all       -
write credentials              -              -           -        all       -
get tokens                     all            all         all      all       -
read reference lists           all            all         all      all       -
count participants             own            own         all      all       -
name participants              own            own         -        all       -
read participants              -              own         -        all       -
write participants             -              own         -        all       -
hand over records              -              own         -        -         -
erase participants             -              own         -        all       -
read protected data            -              own         -        -         -
read consents                  -              own         -        all       -
write consents                 -              own         -        all       -
record objections              -              own         -        all       -
lift objections                -              own         -        all       -
read duplicates                -              own         -        all       -
settle duplicates              -              own         -        all       -
merge participants             -              own         -        all       -
read erasures                  -              own         all      all       -
settle erasures                -              own         -        all       -
read naming notes              -              own         -        -         -
read workshops                 own            own         all      all       -
write workshops                -              own         -        all       -
read presences                 own            own         -        all       -
note presences                 own            own         -        all       -
read observations              own            own         -        all       -
record observations            own            own         -        all       -
record observations of others  -              own         -        all       -
correct observations           own            own         -        all       -
read employers                 -              all         all      all       -
read employer contacts         -              own         -        all       -
write employers                -              own         -        all       -
read needs                     -              all         all      all       -
write needs                    -              own         -        all       -
propose changes                -              all         -        all       -
read proposals                 -              own         -        all       -
settle proposals               -              own         -        all       -
read venues                    -              all         all      all       -
write venues                   -              all         -        all       -
read operations                -              own         all      all       -
write operations               -              own         -        all       -
read meetups                   -              own         all      all       -
write meetups                  -              own         -        all       -
read enrolments                -              own         -        all       -
write enrolments               -              own         -        all       -
read replies                   -              own         all      all       -
read participant audit         -              own         all      all       -
read audit                     -              -           all      all       -
import files                   -              own         -        all       -
export records                 -              own         all      all       -
tell records                   -              -           -        -         all
look up names                  -              -           -        -         all
read pairings                  -              own         all      all       -
decide pairings                -              own         -        -         -
read profiles                  -              own         -        all       -
fit profiles                   -              -           all      all       -
read shortlists                -              own         all      all       -
read messages                  -              own         all      all       -
settle messages                -              own         -        -         -
send shortlists                -              own         -        -         -
have mails sent                -              -           -        -         all
print letters                  -              own         -        -         -
"""

EXPECTED: dict[str, dict[Role, str]] = {
    " ".join(words[:-5]): dict(zip(ROLES, words[-5:], strict=True))
    for words in (line.split() for line in WRITTEN_BY_HAND.splitlines()[2:])
}
"""By right and role: ``all``, ``own`` (their agency's, their workshops', their words), or ``-``."""

Answers = Callable[[Any, Any], bool]


def _always(_side: Any, _answer: Any) -> bool:
    return True


@dataclass(frozen=True)
class Case:
    """A request for which a right is needed, about one side's things; ``path`` is the route's own.

    ``shows`` tells from the answer whether the right was had, where it is given to others too.
    """

    right: str
    method: str
    path: str
    body: Callable[[Any], Any] | None = None
    query: str = ""
    shows: Answers = _always
    answers_json: bool = True

    def is_had(self, side: Any, response: httpx.Response) -> bool:
        """Whether the answer says that whoever asked has the right. Anything but yes or a refusal fails."""
        assert response.status_code < 300 or response.status_code in (403, 404, 422), (self, response.text)
        if response.status_code >= 300:
            return False
        return self.shows(side, response.json() if response.content and self.answers_json else None)


def may(right: str, role: Role, *, is_own: bool) -> bool:
    """What is expected."""
    reach = EXPECTED[right][role]
    return reach == "all" or (reach == "own" and is_own)


def routes_of(routers: Iterable[APIRouter]) -> Iterator[tuple[str, str, APIRoute]]:
    """Method and path of each route of the API."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    yield method, route.path.replace(":path", ""), route


def rights_needed(route: APIRoute) -> set[str]:
    """The rights that a route names."""
    return {each.call.right.name for each in route.dependant.dependencies if isinstance(each.call, NeededRight)}
