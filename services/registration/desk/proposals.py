"""Proposals as whoever decides reads them: what they are about, and what stands there now beside what would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration import showing
from services.registration.domain.needs import Employer, Need
from services.registration.domain.sites import Site
from services.registration.repository.employers import employers_by_id, needs_by_id
from services.registration.repository.sites import sites_by_id
from shared.rights import Scope

_NOT_CHANGED = frozenset({"employer_id", "framework"})


@dataclass(frozen=True, slots=True)
class ProposalToRead:
    """A proposal with its employer, and the need or site that it is about where it is about one.

    ``changes`` are by member: what stands there now, and what would.
    """

    row: RowMapping
    employer: Employer
    need: Need | None
    site: Site | None
    changes: Mapping[str, tuple[Any, Any]]
    is_mine: bool
    """Whether whoever looks decides it; otherwise it waits for another agency."""


async def proposals_to_read(
    session: AsyncSession, rows: Sequence[RowMapping], settling: Scope, contacts: Scope
) -> list[ProposalToRead]:
    """The proposals with all that is known of what they are about, in their order."""
    needs = await needs_by_id(session, {row["need_id"] for row in rows if row["need_id"]})
    sites = await sites_by_id(session, {row["site_id"] for row in rows if row["site_id"]})
    ids = {row["employer_id"] for row in rows if row["employer_id"]}
    ids |= {each.details.employer_id for each in needs.values()}
    ids |= {each.details.employer_id for each in sites.values()}
    employers = await employers_by_id(session, ids)
    found = []
    for row in rows:
        need, site = needs.get(row["need_id"]), sites.get(row["site_id"])
        employer_id = need.details.employer_id if need else site.details.employer_id if site else row["employer_id"]
        employer = employers[employer_id]
        now = {} if row["adds"] else _shown(employer, need, site, contacts)
        said = {name: value for name, value in row["changes"].items() if name not in _NOT_CHANGED}
        changes = {name: (now.get(name), value) for name, value in said.items()}
        found.append(ProposalToRead(row, employer, need, site, changes, settling.covers(row["agency_id"])))
    return found


def _shown(employer: Employer, need: Need | None, site: Site | None, contacts: Scope) -> showing.Shown:
    if need is not None:
        return showing.need(need)
    return showing.site(site) if site is not None else showing.employer(employer, contacts)
