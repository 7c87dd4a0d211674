"""Sites of employers: register, change, and let the needs there be where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, find_refused
from services.registration.domain.needs import Employer, Need, NeedDraft
from services.registration.domain.places import NOWHERE
from services.registration.domain.said import Unsaid, made_of, said_or
from services.registration.domain.sites import Site, SiteDetails, SiteDraft
from services.registration.repository import employers as employer_rows
from services.registration.repository import sites as repository
from services.registration.use_cases import telling
from services.registration.use_cases.saving import Saved, check_is_free, identifiers_in, settle, unless_refused
from shared.asking import as_the_service
from shared.contracts.employers import NeedChanged
from shared.moment import Moment
from shared.rights import Scope


async def save_sites(
    session: AsyncSession, scope: Scope, drafts: Sequence[SiteDraft], moment: Moment
) -> list[Saved | Finding]:
    """Register sites, or change those whose identifier is known; one answer each, in order.

    The open needs there that are where their site is follow. A `Finding` is a refusal.
    """
    kept = await repository.sites_by_identifier(session, identifiers_in(drafts))
    pairs = [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts]
    return await _save(session, scope, pairs, moment)


async def register_site(session: AsyncSession, scope: Scope, draft: SiteDraft, moment: Moment) -> Saved:
    """Register one site. Raises `Refused` where its employer is unknown or the identifier is taken."""
    check_is_free(await repository.sites_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, scope, [(draft, None)], moment))[0])


async def change_site(session: AsyncSession, scope: Scope, site_id: UUID, draft: SiteDraft, moment: Moment) -> Saved:
    """Change what was said of one site; open needs follow.

    Raises `Refused` where it is unknown or the new identifier is taken.
    """
    kept = await site_named(session, site_id, lock=True)
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.sites_by_identifier(session, identifiers_in([draft])))
    return unless_refused((await _save(session, scope, [(draft, kept)], moment))[0])


async def site_named(session: AsyncSession, site_id: UUID, *, lock: bool = False) -> Site:
    """The site with this id. Raises `Refused` where there is none."""
    found = await repository.sites_by_id(session, [site_id], lock=lock)
    if site_id not in found:
        raise find_refused(kinds.UNKNOWN_SITE, "site_id")
    return found[site_id]


def at_their_sites(
    pairs: Sequence[tuple[NeedDraft, Need | None]], sites: Mapping[UUID, Site]
) -> list[tuple[NeedDraft, Need | None]]:
    """What was said of needs, with place and access of their site where they begin there and say none."""
    return [(_at_site(draft, kept, sites), kept) for draft, kept in pairs]


def _at_site(draft: NeedDraft, kept: Need | None, sites: Mapping[UUID, Site]) -> NeedDraft:
    was = kept.details.site_id if kept else None
    now = said_or(draft.site_id, was)
    site = sites.get(now) if now else None
    begins_there = site is not None and site.id != was
    if draft.place == NOWHERE or (isinstance(draft.place, Unsaid) and (begins_there or kept is None)):
        draft = replace(draft, place=site.details.place if site else NOWHERE)
    if site is not None and (draft.access is None or (begins_there and isinstance(draft.access, Unsaid))):
        draft = replace(draft, access=site.details.access)
    return draft


async def _save(
    session: AsyncSession, scope: Scope, pairs: Sequence[tuple[SiteDraft, Site | None]], moment: Moment
) -> list[Saved | Finding]:
    employers = await employer_rows.employers_by_id(session, _employers_in(pairs))
    settled = settle(
        pairs,
        lambda draft: Site(moment.new_id(), 1, made_of(SiteDetails, draft)),
        objection=lambda after, before: _objection(after, before, employers, scope),
    )
    await repository.add_sites(session, settled.new)
    await repository.change_sites(session, settled.changed)
    before = {kept.id: kept for _, kept in pairs if kept is not None}
    await _have_needs_follow(session, {each.id: (before[each.id], each) for each in settled.changed}, moment)
    return settled.answers


def _employers_in(pairs: Sequence[tuple[SiteDraft, Site | None]]) -> set[UUID]:
    ids = {kept.details.employer_id for _, kept in pairs if kept is not None}
    return ids | {employer for draft, _ in pairs if (employer := said_or(draft.employer_id, None)) is not None}


def _objection(after: Site, before: Site | None, employers: Mapping[UUID, Employer], scope: Scope) -> Finding | None:
    employer = employers.get(after.details.employer_id)
    if employer is None:
        return Finding(kinds.UNKNOWN_EMPLOYER, "employer_id")
    if not scope.covers(employer.details.agency_id):
        return Finding(kinds.OTHER_AGENCY, "employer_id")
    if before is not None and before.details.employer_id != employer.id:
        return Finding(kinds.OTHER_EMPLOYERS, "employer_id")
    return None


async def _have_needs_follow(session: AsyncSession, moves: Mapping[UUID, tuple[Site, Site]], moment: Moment) -> None:
    """Have open needs that are where their site was, or are reached as it was, follow it."""
    followed = []
    async with as_the_service(session):  # needs of several agencies are at one site
        for need in await employer_rows.needs_at(session, list(moves)):
            if need.details.site_id is None:
                continue
            after = need.amended(_following(need, *moves[need.details.site_id]))
            if after != need:
                followed.append(after.revised(*after.differing(need)))
        await employer_rows.change_needs(session, followed)
    states = [telling.need_state(each, NeedChanged) for each in followed]
    await telling.tell(session, *states, moment=moment)


def _following(need: Need, before: Site, after: Site) -> NeedDraft:
    draft = NeedDraft()
    if need.details.place == before.details.place:
        draft = replace(draft, place=after.details.place)
    if need.details.access == before.details.access:
        draft = replace(draft, access=after.details.access)
    return draft
