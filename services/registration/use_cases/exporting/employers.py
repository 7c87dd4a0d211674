"""employeurs.csv, sites.csv, contacts.csv and besoins.csv of an export."""

from __future__ import annotations

from uuid import UUID

from services.registration.adapters.files import cells
from services.registration.domain.needs import RequiredSkill
from services.registration.repository import employers, exports
from services.registration.repository.employer_contacts import contacts_of
from services.registration.repository.sites import sites_of
from services.registration.tables import EmployerContactRow, EmployerRow, NeedRow, SiteRow
from services.registration.use_cases.exporting.layout import (
    PAGE,
    ExportedList,
    Exporting,
    ListedRow,
    SomeRows,
    in_commune,
    next_behind,
)
from shared.rights import Reach, Scope, may


async def _employers(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, EmployerRow, _vouched_for(exporting, "read employers"), after, PAGE)
    found = (await employers.employers_by_id(session, ids)).values()
    has_contacts = may(exporting.person, "read employer contacts")
    records: list[ListedRow] = []
    for each in found:
        details = each.details
        reached: ListedRow = {
            "contact": details.contact_name,
            "courriel": details.email,
            "telephone": details.phone,
        }
        records.append(
            {
                "identifiant": details.identifier or str(each.id),
                "raison_sociale": details.name,
                "siret": details.siret,
                **(reached if has_contacts else {}),
                "commune": in_commune(details.place),
                "agence": exporting.agencies.get(details.agency_id),
            }
        )
    return records, next_behind(ids)


def _vouched_for(exporting: Exporting, right: str) -> Scope:
    """How far somebody's export goes with employers and needs: no further than with the contacts of employers.

    Whoever may read the contacts of some only would else export the others without, and an import of that would take
    the contacts away. Where nobody's contact is told, the lists have no column for it, and an import leaves it alone.
    """
    contacts = exporting.scope("read employer contacts")
    return contacts if contacts.reach is not Reach.NO else exporting.scope(right)


async def _sites(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, EmployerRow, _vouched_for(exporting, "read employers"), after, PAGE)
    theirs = await exports.names_of(session, EmployerRow, ids)
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "employeur": theirs[each.details.employer_id],
            "nom": each.details.name,
            "siret": each.details.siret,
            "adresse": each.details.address,
            "commune": in_commune(each.details.place),
            "acces": each.details.access,
        }
        for each in await sites_of(session, ids)
    ]
    return records, next_behind(ids)


async def _contacts(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, EmployerRow, exporting.scope("read employer contacts"), after, PAGE)
    theirs = await exports.names_of(session, EmployerRow, ids)
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "employeur": theirs[each.details.employer_id],
            "nom": each.details.name,
            "fonction": each.details.function,
            "courriel": each.details.email,
            "telephone": each.details.phone,
            "langue": each.details.language,
            "principal": each.details.is_main,
        }
        for each in await contacts_of(session, ids)
        if not each.is_told_by_employer
    ]
    return records, next_behind(ids)


async def _needs(exporting: Exporting, after: UUID | None) -> SomeRows:
    session = exporting.session
    ids = await exports.ids_within(session, NeedRow, _vouched_for(exporting, "read needs"), after, PAGE)
    found = (await employers.needs_by_id(session, ids)).values()
    theirs = await exports.names_of(session, EmployerRow, [each.details.employer_id for each in found])
    sites = await exports.names_of(session, SiteRow, [each.details.site_id for each in found])
    contacts = await exports.names_of(session, EmployerContactRow, [each.details.contact_id for each in found])
    has_contacts = may(exporting.person, "read employer contacts")
    records: list[ListedRow] = [
        {
            "identifiant": each.details.identifier or str(each.id),
            "employeur": theirs[each.details.employer_id],
            "intitule": each.details.title,
            "rome": each.details.occupation,
            "commune": in_commune(each.details.place),
            "postes": each.details.posts,
            "places_entretien": each.details.seats,
            "horaires": [cells.HOURS.word(one) for one in each.details.hours],
            "permis": each.details.licences,
            "competences": [_required(one) for one in each.details.skills],
            "interlocuteurs": each.details.interviewers,
            "acces": each.details.access,
            "agence": exporting.agencies.get(each.details.agency_id),
            "site": sites.get(each.details.site_id),
            **({"contact": contacts.get(each.details.contact_id)} if has_contacts else {}),
            "etat": cells.CLOSED.word(each.is_closed),
        }
        for each in found
    ]
    return records, next_behind(ids)


def _required(skill: RequiredSkill) -> str:
    percent = f"{skill.weight * 100:.4f}".rstrip("0").rstrip(".")
    return f"{skill.skill}:{skill.level}:{percent}"


EMPLOYERS = (
    ExportedList("employeurs", "read employers", _employers),
    ExportedList("sites", "read employers", _sites),
    ExportedList("contacts", "read employer contacts", _contacts),
    ExportedList("besoins", "read needs", _needs),
)
"""In the order in which an import reads them."""
