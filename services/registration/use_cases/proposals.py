"""Proposals: an agency says what it would change of what another vouches for; that one accepts or refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.repository import proposals as repository
from services.registration.repository.proposals import Proposal
from shared.moment import Moment
from shared.rights import Scope


class Addition(StrEnum):
    """What may be new at an employer."""

    SITE = "site"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a proposal is about: an employer, a need or a site, or what is new at an employer, and whose that is."""

    agency_id: UUID | None
    employer_id: UUID | None = None
    need_id: UUID | None = None
    site_id: UUID | None = None
    adds: Addition | None = None


async def propose(
    session: AsyncSession, about: Subject, changes: Mapping[str, Any], by_agency: UUID | None, moment: Moment
) -> UUID:
    """Keep what somebody would change of something, for its agency to look at; gives the proposal's id."""
    proposal = Proposal(
        id=moment.new_id(),
        **asdict(about),
        changes=changes,
        proposed_by=moment.by,
        proposing_agency_id=by_agency,
        proposed_at=moment.now,
    )
    await repository.add_proposal(session, proposal)
    return proposal.id


async def settle_proposal(
    session: AsyncSession, scope: Scope, proposal_id: UUID, *, is_accepted: bool, moment: Moment
) -> Proposal:
    """Accept or refuse what was proposed; whoever accepts then changes the record.

    Raises `Refused` where there is no such proposal within the scope, or it was settled before.
    """
    found = await repository.proposal_to_settle(session, scope, proposal_id)
    if found is None:
        raise find_refused(kinds.UNKNOWN_PROPOSAL, "proposal_id")
    if found.settled_at is not None:
        raise find_refused(kinds.PROPOSAL_SETTLED, "proposal_id")
    settled = replace(found, is_accepted=is_accepted, settled_by=moment.by, settled_at=moment.now)
    await repository.change_proposal(session, settled)
    return settled
