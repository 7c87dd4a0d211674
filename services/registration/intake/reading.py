"""Turns what the API and forms take into what use cases keep: names become codes, or are refused with their path."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters import known_words
from services.registration.domain import kinds
from services.registration.domain.agencies import Agency, AgencyContactDraft
from services.registration.domain.contact_rules import clean_email, clean_phone, clean_siret
from services.registration.domain.employer_contacts import EmployerContactDraft
from services.registration.domain.findings import Kind, Notes, find_refused
from services.registration.domain.meetups import MeetupDraft
from services.registration.domain.needs import EmployerDraft, Need, NeedDraft, RequiredSkill, adds_up, normalised
from services.registration.domain.operations import OperationDraft
from services.registration.domain.participants import (
    ALL_HOURS,
    PURPOSES,
    Hours,
    ParticipantDraft,
    Purpose,
    is_likely_birth_date,
)
from services.registration.domain.places import NOWHERE, Place, civil_date
from services.registration.domain.said import UNSAID, Said, said_or
from services.registration.domain.sites import SiteDraft
from services.registration.domain.venues import Venue, VenueDraft
from services.registration.domain.workshops import WorkshopDraft
from services.registration.intake.bodies import (
    AgencyContactBody,
    Body,
    EmployerBody,
    MeetupBody,
    NeedBody,
    OperationBody,
    ParticipantBody,
    Patch,
    ProtectedBody,
    VenueBody,
    WorkshopBody,
)
from services.registration.intake.employer_bodies import ContactBody, SiteBody
from services.registration.repository.agencies import all_agencies, staff_by_id
from services.registration.use_cases.agencies import agency_named, staff_named
from shared.moment import Moment
from shared.reference.skills import DEFAULT_FRAMEWORK

Value = TypeVar("Value")


async def read_participant(
    session: AsyncSession, body: ParticipantBody, agency_id: UUID | None, moment: Moment, *, sees_protected: bool
) -> ParticipantDraft:
    """What a body says of a participant. Raises `Refused` with every field that is wrong.

    ``sees_protected`` tells whether whoever says it can see the protected data, and so replaces them.
    """
    agency = await _agency(session, agency_id)
    notes = Notes(is_strict=True)
    protected = _protected(body, civil_date(moment.now), notes, sees_protected=sees_protected)
    draft = ParticipantDraft(
        identifier=body.said("identifier"),
        agency_id=agency.id,
        home=_said(body, "commune", lambda: _place(body.commune, agency, notes)),
        available_from=_never_emptied(body, "available_from", notes),
        language=body.said("language"),
        travel_limit_km=body.said("travel_limit_km"),
        transport=body.said("transport"),
        hours=_said(body, "hours", lambda: in_order(body.hours)),
        licences=_said(body, "licences", lambda: _each(body.licences, known_words.read_licences, "licences", notes)),
        wishes=_said(body, "wishes", lambda: _each(body.wishes, known_words.read_occupations, "wishes", notes)),
        refused_occupations=_said(body, "refused_occupations", lambda: _refused_occupations(body, notes)),
        first_name=body.said("first_name"),
        last_name=body.said("last_name"),
        email=_said(body, "email", lambda: _cleaned(body.email, clean_email, kinds.BAD_EMAIL, "email", notes)),
        phone=_said(body, "phone", lambda: _cleaned(body.phone, clean_phone, kinds.BAD_PHONE, "phone", notes)),
        postal_address=body.said("postal_address"),
        consents=_decided(body),
        consent_way=body.consents.way if body.consents else None,
        **protected,
    )
    notes.raise_refusals()
    return draft


async def read_workshop(
    session: AsyncSession, body: WorkshopBody, agency_id: UUID | None, moment: Moment
) -> WorkshopDraft:
    """What a body says of a workshop; its team is kept on first sight. Raises `Refused`."""
    agency = await _agency(session, agency_id)
    notes = Notes(is_strict=True)
    place = _said(body, "commune", lambda: _place(body.commune, agency, notes))
    if body.says("starts_on") and body.says("ends_on") and body.ends_on < body.starts_on:
        notes.add(kinds.BAD_PERIOD, "ends_on")
    known = await _emails_by_id(session, [*(body.mediators or ()), *([body.adviser] if body.adviser else [])])
    mediators = [
        _cleaned(known.get(typed, typed), clean_email, kinds.BAD_EMAIL, f"mediators.{position}", notes)
        for position, typed in enumerate(body.mediators or ())
    ]
    adviser = _cleaned(known.get(body.adviser or "", body.adviser), clean_email, kinds.BAD_EMAIL, "adviser", notes)
    notes.raise_refusals()
    roles = {email: ("mediator", agency.id) for email in mediators if email}
    team = await staff_named(session, {**roles, **({adviser: ("adviser", agency.id)} if adviser else {})}, moment)
    return WorkshopDraft(
        identifier=body.said("identifier"),
        title=body.said("title"),
        venue=body.said("venue"),
        place=place,
        starts_on=body.said("starts_on"),
        ends_on=body.said("ends_on"),
        agency_id=agency.id,
        mediators=_said(body, "mediators", lambda: tuple(team[each].id for each in dict.fromkeys(mediators) if each)),
        adviser=_said(body, "adviser", lambda: team[adviser].id if adviser else None),
        operation_id=body.said("operation_id"),
    )


async def read_employer(session: AsyncSession, body: EmployerBody, agency_id: Said[UUID] = UNSAID) -> EmployerDraft:
    """What a body says of an employer; ``agency_id`` is who vouches for it from now on. Raises `Refused`."""
    departments = await _departments_of_programme(session)
    notes = Notes(is_strict=True)
    draft = EmployerDraft(
        identifier=body.said("identifier"),
        name=body.said("name"),
        siret=_said(body, "siret", lambda: _cleaned(body.siret, clean_siret, kinds.BAD_SIRET, "siret", notes)),
        contact_name=body.said("contact_name"),
        email=_said(body, "email", lambda: _cleaned(body.email, clean_email, kinds.BAD_EMAIL, "email", notes)),
        phone=_said(body, "phone", lambda: _cleaned(body.phone, clean_phone, kinds.BAD_PHONE, "phone", notes)),
        place=_said(body, "commune", lambda: _place_near(body.commune, departments, notes)),
        language=body.said("language"),
        agency_id=agency_id,
    )
    notes.raise_refusals()
    return draft


async def read_site(session: AsyncSession, body: SiteBody) -> SiteDraft:
    """What a body says of a site. Raises `Refused`."""
    departments = await _departments_of_programme(session)
    notes = Notes(is_strict=True)
    draft = SiteDraft(
        identifier=body.said("identifier"),
        employer_id=body.said("employer_id"),
        name=body.said("name"),
        place=_said(body, "commune", lambda: _place_near(body.commune, departments, notes)),
        siret=_said(body, "siret", lambda: _cleaned(body.siret, clean_siret, kinds.BAD_SIRET, "siret", notes)),
        address=body.said("address"),
        access=body.said("access"),
    )
    notes.raise_refusals()
    return draft


def read_contact(body: ContactBody) -> EmployerContactDraft:
    """What a body says of somebody at an employer. Raises `Refused`."""
    notes = Notes(is_strict=True)
    draft = EmployerContactDraft(
        identifier=body.said("identifier"),
        employer_id=body.said("employer_id"),
        name=body.said("name"),
        function=body.said("function"),
        email=_said(body, "email", lambda: _cleaned(body.email, clean_email, kinds.BAD_EMAIL, "email", notes)),
        phone=_said(body, "phone", lambda: _cleaned(body.phone, clean_phone, kinds.BAD_PHONE, "phone", notes)),
        language=body.said("language"),
        is_main=body.said("is_main"),
    )
    notes.raise_refusals()
    return draft


async def read_need(
    session: AsyncSession, body: NeedBody, kept: Need | None, agency_id: Said[UUID] = UNSAID
) -> NeedDraft:
    """What a body says of a need, which may be kept already; weights in percent become shares. Raises `Refused`.

    ``agency_id`` is who vouches for it from now on.
    """
    departments = await _departments_of_programme(session)
    notes = Notes(is_strict=True)
    framework = said_or(body.said("framework"), kept.details.framework if kept else DEFAULT_FRAMEWORK)
    is_other = kept is not None and framework != kept.details.framework
    if is_other and not body.says("skills"):
        notes.add(kinds.MISSING_VALUE, "skills")
    draft = NeedDraft(
        identifier=body.said("identifier"),
        employer_id=body.said("employer_id"),
        title=body.said("title"),
        occupation=_said(body, "occupation", lambda: _occupation(body.occupation, notes)),
        place=_said(body, "commune", lambda: _place_of_work(body.commune, departments, notes)),
        site_id=body.said("site_id"),
        contact_id=body.said("contact_id"),
        posts=body.said("posts"),
        seats=body.said("seats"),
        hours=_said(body, "hours", lambda: in_order(body.hours)),
        licences=_said(body, "licences", lambda: _required_licences(body, notes)),
        framework=framework,
        skills=_said(body, "skills", lambda: _required_skills(body, framework, notes)),
        starts_on=body.said("starts_on"),
        interviewers=body.said("interviewers"),
        access=body.said("access"),
        agency_id=agency_id,
    )
    notes.raise_refusals()
    return draft


async def read_meetup(session: AsyncSession, body: MeetupBody, agency_id: UUID | None) -> MeetupDraft:
    """What a body says of a meetup. Raises `Refused`."""
    agency = await _agency(session, agency_id)
    notes = Notes(is_strict=True)
    place = _said(body, "commune", lambda: _place(body.commune, agency, notes))
    if body.says("breaks") and body.says("slots"):
        for position, slot in enumerate(body.breaks):
            if slot >= body.slots:
                notes.add(kinds.BAD_SLOT, f"breaks.{position}")
    notes.raise_refusals()
    return MeetupDraft(
        identifier=body.said("identifier"),
        title=body.said("title"),
        venue=body.said("venue"),
        place=place,
        agency_id=agency.id,
        starts_at=body.said("starts_at"),
        slot_minutes=body.said("slot_minutes"),
        slots=body.said("slots"),
        breaks=_said(body, "breaks", lambda: tuple(sorted(set(body.breaks)))),
        front_tables=body.said("front_tables"),
        address=body.said("address"),
        access=body.said("access"),
        operation_id=body.said("operation_id"),
    )


async def read_operation(session: AsyncSession, body: OperationBody, agency_id: UUID | None) -> OperationDraft:
    """What a body says of an operation. Raises `Refused`."""
    agency = await _agency(session, agency_id)
    return OperationDraft(
        identifier=body.said("identifier"),
        name=body.said("name"),
        agency_id=agency.id,
        venue_id=body.said("venue_id"),
        starts_on=body.said("starts_on"),
        ends_on=body.said("ends_on"),
    )


async def read_venue(session: AsyncSession, body: VenueBody, kept: Venue | None = None) -> VenueDraft:
    """What a body says of a venue, which may be kept already. Raises `Refused`."""
    departments = await _departments_of_programme(session)
    notes = Notes(is_strict=True)
    place = _said(body, "commune", lambda: _place_near(body.commune, departments, notes))
    draft = VenueDraft(
        name=said_or(body.said("name"), kept.details.name if kept else ""),
        place=said_or(place, kept.details.place if kept else NOWHERE),
        address=body.said("address"),
        access=body.said("access"),
        contact=body.said("contact"),
    )
    notes.raise_refusals()
    return draft


def read_address(text: str) -> str:
    """An e-mail address as it is kept. Raises `Refused`."""
    notes = Notes(is_strict=True)
    email = _cleaned(text, clean_email, kinds.BAD_EMAIL, "email", notes)
    notes.raise_refusals()
    return email or ""


def in_order(hours: Sequence[Hours]) -> tuple[Hours, ...]:
    """Hours, each once, in the order of the day."""
    return tuple(each for each in ALL_HOURS if each in hours)


def read_agency_contact(body: AgencyContactBody) -> AgencyContactDraft:
    """What a body says of how an agency is reached. Raises `Refused`."""
    notes = Notes(is_strict=True)
    draft = AgencyContactDraft(
        phone=_said(body, "phone", lambda: _cleaned(body.phone, clean_phone, kinds.BAD_PHONE, "phone", notes)),
        email=_said(body, "email", lambda: _cleaned(body.email, clean_email, kinds.BAD_EMAIL, "email", notes)),
        address=body.said("address"),
    )
    notes.raise_refusals()
    return draft


async def _agency(session: AsyncSession, agency_id: UUID | None) -> Agency:
    if agency_id is None:
        raise find_refused(kinds.MISSING_VALUE, "agency_id")
    return await agency_named(session, agency_id)


async def _emails_by_id(session: AsyncSession, typed: Sequence[str]) -> dict[str, str]:
    """The e-mail addresses of those members of a team who are named by the ids that a workshop shows."""
    ids = {}
    for text in typed:
        with suppress(ValueError):
            ids[text] = UUID(text)
    known = await staff_by_id(session, ids.values())
    return {text: known[id_].email for text, id_ in ids.items() if id_ in known}


def _said(body: Body, name: str, read: Callable[[], Value]) -> Said[Value]:
    """What a body says of a field, as it is kept."""
    return read() if body.says(name) else UNSAID


def _never_emptied(body: Body, name: str, notes: Notes) -> Said[Any]:
    """What a body says of a field that stays as it is where nothing is named; a patch cannot empty it."""
    value = body.said(name)
    if value is None and isinstance(body, Patch):
        notes.add(kinds.MISSING_VALUE, name)
    return UNSAID if value is None else value


def _place(text: str, agency: Agency, notes: Notes) -> Place:
    return _place_near(text, [agency.department] if agency.department else [], notes)


def _place_near(text: str, departments: Collection[str], notes: Notes) -> Place:
    return known_words.read_place(text, departments, notes, "commune") or NOWHERE


def _place_of_work(text: str | None, departments: Collection[str], notes: Notes) -> Place:
    """`NOWHERE` where nothing is named: the work is where its site is."""
    return NOWHERE if text is None else _place_near(text, departments, notes)


def _occupation(text: str, notes: Notes) -> str:
    return known_words.read_occupation(text, notes, "occupation") or ""


def _refused_occupations(body: ParticipantBody, notes: Notes) -> tuple[str, ...]:
    return _each(body.refused_occupations, known_words.read_occupations, "refused_occupations", notes)


def _required_licences(body: NeedBody, notes: Notes) -> tuple[str, ...]:
    return _each(body.licences, known_words.read_required_licences, "licences", notes)


async def _departments_of_programme(session: AsyncSession) -> set[str]:
    """Namesakes among employers' places are settled by the départements where the programme has agencies."""
    return {agency.department for agency in await all_agencies(session) if agency.department}


def _each(
    texts: Sequence[str], read: Callable[[Sequence[str], Notes, str], tuple[str, ...]], where: str, notes: Notes
) -> tuple[str, ...]:
    """The codes of a list of names, each once; a wrong one is named by its place in the list."""
    codes = [code for position, text in enumerate(texts) for code in read([text], notes, f"{where}.{position}")]
    return tuple(dict.fromkeys(codes))


def _cleaned(text: str | None, clean: Callable[[str], str | None], wrong: Kind, where: str, notes: Notes) -> str | None:
    if text is None:
        return None
    cleaned = clean(text)
    if cleaned is None:
        notes.add(wrong, where)
    return cleaned


def _decided(body: ParticipantBody) -> dict[Purpose, bool]:
    """The consents that a body names."""
    if body.consents is None:
        return {}
    answers = {purpose: getattr(body.consents, purpose) for purpose in PURPOSES}
    return {purpose: granted for purpose, granted in answers.items() if granted is not None}


def _protected(body: ParticipantBody, today: date, notes: Notes, *, sees_protected: bool) -> dict[str, Any]:
    """What a body says of protected data: whoever does not see them changes only what they name."""
    said = body.protected if body.says("protected") else None
    if said is None:
        return {}
    is_whole = sees_protected and not isinstance(body, Patch)
    names = ProtectedBody.model_fields if is_whole else said.model_fields_set
    if said.born_on is not None and not is_likely_birth_date(said.born_on, today):
        notes.add(kinds.UNLIKELY_BIRTH_DATE, "protected.born_on")
    values = {
        "publics": tuple(sorted(set(said.publics))),
        "born_on": said.born_on,
        "sex": said.sex,
        "access_needs": tuple(sorted(set(said.access_needs))),
    }
    return {name: values[name] for name in names}


def _required_skills(body: NeedBody, framework: str, notes: Notes) -> tuple[RequiredSkill, ...]:
    if not known_words.is_framework(framework):
        notes.add(kinds.UNKNOWN_FRAMEWORK, "framework")
        return ()
    skills: list[RequiredSkill] = []
    for position, asked in enumerate(body.skills):
        code = known_words.read_skill(asked.skill, notes, f"skills.{position}.skill", framework)
        if code in {each.skill for each in skills}:
            notes.add(kinds.SKILL_TWICE, f"skills.{position}.skill")
        skills.append(RequiredSkill(code or "", asked.level, asked.weight))
    total = sum(each.weight for each in skills)
    if not adds_up([each.weight for each in skills]) and not adds_up([100 * each.weight for each in skills]):
        notes.add(kinds.WEIGHTS_DO_NOT_ADD_UP, "skills", total=known_words.in_french(total))
    return normalised(skills)
