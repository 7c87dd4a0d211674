"""Who may do what: one table for the whole programme, and the one place that decides by it.

A row is one thing that may be done; a column is a role; a cell says how far the role may go. Routes name the cell that
they need (`shared.web.edge.May`); repositories take the `Scope` that comes of it, and give nothing beyond it.
`docs/rights.md` is written from this table.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from shared.identity import Person, Role


class Reach(Enum):
    """How far a right goes; the value is how the page of rights says it."""

    NO = "–"
    WRITTEN = "what they wrote"
    WORKSHOP = "own workshops"
    AGENCY = "own agency"
    ALL = "all"


NO, WRITTEN, WORKSHOP, AGENCY, ALL = Reach


@dataclass(frozen=True, slots=True)
class Right:
    """A row of the table: what may be done with what, and how far each role may go with it."""

    name: str
    mediator: Reach
    adviser: Reach
    manager: Reach
    operator: Reach
    service: Reach

    def reach_of(self, role: Role) -> Reach:
        """The cell of a role."""
        reach: Reach = getattr(self, role.value)
        return reach


# fmt: off
RIGHTS: tuple[Right, ...] = (
    #                                      mediator  adviser  manager  operator  service
    Right("read agencies",                 ALL,      ALL,     ALL,     ALL,      NO),
    Right("write agencies",                NO,       NO,      NO,      ALL,      NO),
    Right("write agency contacts",         NO,       AGENCY,  NO,      ALL,      NO),
    Right("read staff",                    NO,       AGENCY,  NO,      ALL,      NO),
    Right("read accounts",                 NO,       AGENCY,  ALL,     ALL,      NO),
    Right("write accounts",                NO,       AGENCY,  ALL,     ALL,      NO),
    Right("read credentials",              NO,       AGENCY,  ALL,     ALL,      NO),
    Right("write credentials",             NO,       NO,      NO,      ALL,      NO),
    Right("get tokens",                    ALL,      ALL,     ALL,     ALL,      NO),
    Right("read reference lists",          ALL,      ALL,     ALL,     ALL,      NO),

    Right("count participants",            WORKSHOP, AGENCY,  ALL,     ALL,      NO),
    Right("name participants",             WORKSHOP, AGENCY,  NO,      ALL,      NO),
    Right("read participants",             NO,       AGENCY,  NO,      ALL,      NO),
    Right("write participants",            NO,       AGENCY,  NO,      ALL,      NO),
    Right("hand over records",             NO,       AGENCY,  NO,      NO,       NO),
    Right("erase participants",            NO,       AGENCY,  NO,      ALL,      NO),
    Right("read protected data",           NO,       AGENCY,  NO,      NO,       NO),
    Right("read consents",                 NO,       AGENCY,  NO,      ALL,      NO),
    Right("write consents",                NO,       AGENCY,  NO,      ALL,      NO),
    Right("record objections",             NO,       AGENCY,  NO,      ALL,      NO),
    Right("lift objections",               NO,       AGENCY,  NO,      ALL,      NO),
    Right("read duplicates",               NO,       AGENCY,  NO,      ALL,      NO),
    Right("settle duplicates",             NO,       AGENCY,  NO,      ALL,      NO),
    Right("merge participants",            NO,       AGENCY,  NO,      ALL,      NO),
    Right("read erasures",                 NO,       AGENCY,  ALL,     ALL,      NO),
    Right("settle erasures",               NO,       AGENCY,  NO,      ALL,      NO),
    Right("read naming notes",             NO,       AGENCY,  NO,      NO,       NO),

    Right("read workshops",                WORKSHOP, AGENCY,  ALL,     ALL,      NO),
    Right("write workshops",               NO,       AGENCY,  NO,      ALL,      NO),
    Right("read presences",                WORKSHOP, AGENCY,  NO,      ALL,      NO),
    Right("note presences",                WORKSHOP, AGENCY,  NO,      ALL,      NO),
    Right("read observations",             WORKSHOP, AGENCY,  NO,      ALL,      NO),
    Right("record observations",           WORKSHOP, AGENCY,  NO,      ALL,      NO),
    Right("record observations of others", NO,       AGENCY,  NO,      ALL,      NO),
    Right("correct observations",          WRITTEN,  AGENCY,  NO,      ALL,      NO),

    Right("read employers",                NO,       ALL,     ALL,     ALL,      NO),
    Right("read employer contacts",        NO,       AGENCY,  NO,      ALL,      NO),
    Right("write employers",               NO,       AGENCY,  NO,      ALL,      NO),
    Right("read needs",                    NO,       ALL,     ALL,     ALL,      NO),
    Right("write needs",                   NO,       AGENCY,  NO,      ALL,      NO),
    Right("propose changes",               NO,       ALL,     NO,      ALL,      NO),
    Right("read proposals",                NO,       AGENCY,  NO,      ALL,      NO),
    Right("settle proposals",              NO,       AGENCY,  NO,      ALL,      NO),
    Right("read venues",                   NO,       ALL,     ALL,     ALL,      NO),
    Right("write venues",                  NO,       ALL,     NO,      ALL,      NO),

    Right("read operations",               NO,       AGENCY,  ALL,     ALL,      NO),
    Right("write operations",              NO,       AGENCY,  NO,      ALL,      NO),
    Right("read meetups",                  NO,       AGENCY,  ALL,     ALL,      NO),
    Right("write meetups",                 NO,       AGENCY,  NO,      ALL,      NO),
    Right("read enrolments",               NO,       AGENCY,  NO,      ALL,      NO),
    Right("write enrolments",              NO,       AGENCY,  NO,      ALL,      NO),
    Right("read replies",                  NO,       AGENCY,  ALL,     ALL,      NO),

    Right("read participant audit",        NO,       AGENCY,  ALL,     ALL,      NO),
    Right("read audit",                    NO,       NO,      ALL,     ALL,      NO),

    Right("import files",                  NO,       AGENCY,  NO,      ALL,      NO),
    Right("export records",                NO,       AGENCY,  ALL,     ALL,      NO),
    Right("tell records",                  NO,       NO,      NO,      NO,       ALL),
    Right("look up names",                 NO,       NO,      NO,      NO,       ALL),

    Right("read pairings",                 NO,       AGENCY,  ALL,     ALL,      NO),
    Right("decide pairings",               NO,       AGENCY,  NO,      NO,       NO),
    Right("read profiles",                 NO,       AGENCY,  NO,      ALL,      NO),
    Right("fit profiles",                  NO,       NO,      ALL,     ALL,      NO),
    Right("read shortlists",               NO,       AGENCY,  ALL,     ALL,      NO),

    Right("read messages",                 NO,       AGENCY,  ALL,     ALL,      NO),
    Right("settle messages",               NO,       AGENCY,  NO,      NO,       NO),
    Right("send shortlists",               NO,       AGENCY,  NO,      NO,       NO),
    Right("have mails sent",               NO,       NO,      NO,      NO,       ALL),
    Right("print letters",                 NO,       AGENCY,  NO,      NO,       NO),
)
# fmt: on

FOR_PEOPLE_ALONE = frozenset(
    {
        "read accounts",
        "write accounts",
        "read credentials",
        "write credentials",
        "hand over records",
        "lift objections",
        "settle duplicates",
        "settle erasures",
        "settle proposals",
        "decide pairings",
        "settle messages",
        "send shortlists",
        "print letters",
    }
)
"""What no other system is given: somebody decides it, and answers for it."""

FOR_WHOEVER_HOLDS_ONE = frozenset({"get tokens", "read reference lists", "read agencies"})
"""What each credential gives beside what it was made for."""

_BY_NAME = {right.name: right for right in RIGHTS}


@dataclass(frozen=True, slots=True)
class Scope:
    """How far one right goes for whoever asks: all, an agency's, the workshops of a member of staff, their own words.

    What is read by it is bounded by it: a repository gives nothing that it does not cover.
    """

    reach: Reach
    agency_id: UUID | None = None
    staff_id: UUID | None = None

    def covers(
        self, agency_id: UUID | None = None, *, team: Container[UUID] = (), written_by: UUID | None = None
    ) -> bool:
        """Whether something of this agency, of a workshop with this team, written by somebody, is within it."""
        match self.reach:
            case Reach.ALL:
                return True
            case Reach.AGENCY:
                return agency_id is not None and agency_id == self.agency_id
            case Reach.WORKSHOP:
                return self.staff_id is not None and self.staff_id in team
            case Reach.WRITTEN:
                return self.staff_id is not None and self.staff_id in team and self.staff_id == written_by
        return False


EVERYTHING = Scope(Reach.ALL)
"""What a service itself works with, on nobody's behalf."""


def right_to(name: str) -> Right:
    """The row of the table, such as ``"read participants"``. Raises `KeyError` where there is none."""
    return _BY_NAME[name]


def scope_of(person: Person, right: str) -> Scope:
    """How far somebody may go with a right; nowhere where their role or agency gives nothing."""
    reach = right_to(right).reach_of(person.role)
    is_withheld = person.rights is not None and right not in person.rights
    if is_withheld or (reach is Reach.AGENCY and person.agency_id is None):
        reach = Reach.NO
    return Scope(reach, person.agency_id, person.id)


def may(person: Person, right: str) -> bool:
    """Whether somebody has a right at all, be it for their own only."""
    return scope_of(person, right).reach is not Reach.NO
