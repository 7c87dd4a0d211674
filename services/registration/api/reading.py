"""Turns what the API takes into what the use cases keep: names become codes, or are refused with the field's path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters import known_words
from services.registration.api.bodies import (
    EmployerBody,
    MeetupBody,
    NeedBody,
    ParticipantBody,
    ProtectedBody,
    WorkshopBody,
)
from services.registration.domain import kinds
from services.registration.domain.contact_rules import clean_email, clean_phone, clean_siret
from services.registration.domain.findings import Kind, Notes, find_refused
from services.registration.domain.meetups import MeetupDraft
from services.registration.domain.needs import EmployerDraft, NeedDraft, RequiredSkill, adds_up, normalised
from services.registration.domain.participants import (
    ALL_HOURS,
    PURPOSES,
    Contact,
    Hours,
    ParticipantDraft,
    Protected,
    Situation,
    is_likely_birth_date,
)
from services.registration.domain.places import Place
from services.registration.domain.workshops import WorkshopDraft
from services.registration.repository.agencies import Agency, all_agencies
from services.registration.use_cases.agencies import agency_named, staff_named
from services.registration.use_cases.saving import Moment

NOWHERE = Place("00000")
"""Stands for a place that was refused, until the refusal is raised."""


async def read_participant(
    session: AsyncSession, body: ParticipantBody, agency_id: UUID | None, moment: Moment
) -> ParticipantDraft:
    """The participant that a body describes. Raises `Refused` with every field that is wrong."""
    agency = await _agency(session, agency_id)
    notes = Notes(is_strict=True)
    situation = Situation(
        agency_id=agency.id,
        language=body.language,
        home=_place(body.commune, agency, notes),
        travel_limit_km=body.travel_limit_km,
        transport=body.transport,
        available_from=body.available_from,
        hours=in_order(body.hours),
        licences=_each(body.licences, known_words.read_licences, "licences", notes),
        wishes=_each(body.wishes, known_words.read_occupations, "wishes", notes),
        refused_occupations=_each(body.refused_occupations, known_words.read_occupations, "refused_occupations", notes),
    )
    contact = Contact(
        first_name=body.first_name,
        last_name=body.last_name,
        email=_cleaned(body.email, clean_email, kinds.BAD_EMAIL, "email", notes),
        phone=_cleaned(body.phone, clean_phone, kinds.BAD_PHONE, "phone", notes),
        postal_address=body.postal_address,
    )
    protected = _protected(body.protected, moment.now.date(), notes)
    notes.raise_refusals()
    decided = {purpose: granted for purpose in PURPOSES if (granted := getattr(body.consents, purpose)) is not None}
    return ParticipantDraft(body.identifier, situation, contact, protected, decided)


async def read_workshop(
    session: AsyncSession, body: WorkshopBody, agency_id: UUID | None, moment: Moment
) -> WorkshopDraft:
    """The workshop that a body describes; its team is kept on first sight. Raises `Refused`."""
    agency = await _agency(session, agency_id)
    notes = Notes(is_strict=True)
    place = _place(body.commune, agency, notes)
    if body.ends_on < body.starts_on:
        notes.add(kinds.BAD_PERIOD, "ends_on")
    mediators = [
        _cleaned(email, clean_email, kinds.BAD_EMAIL, f"mediators.{position}", notes)
        for position, email in enumerate(body.mediators)
    ]
    adviser = _cleaned(body.adviser, clean_email, kinds.BAD_EMAIL, "adviser", notes)
    notes.raise_refusals()
    roles = {email: ("mediator", agency.id) for email in mediators if email}
    team = await staff_named(session, {**roles, **({adviser: ("adviser", agency.id)} if adviser else {})}, moment)
    return WorkshopDraft(
        identifier=body.identifier,
        title=body.title,
        venue=body.venue,
        place=place,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        agency_id=agency.id,
        mediators=tuple(team[email].id for email in dict.fromkeys(mediators) if email),
        adviser=team[adviser].id if adviser else None,
    )


async def read_employer(session: AsyncSession, body: EmployerBody) -> EmployerDraft:
    """The employer that a body describes. Raises `Refused`."""
    notes = Notes(is_strict=True)
    draft = EmployerDraft(
        identifier=body.identifier,
        name=body.name,
        siret=_cleaned(body.siret, clean_siret, kinds.BAD_SIRET, "siret", notes),
        contact_name=body.contact_name,
        email=_cleaned(body.email, clean_email, kinds.BAD_EMAIL, "email", notes),
        phone=_cleaned(body.phone, clean_phone, kinds.BAD_PHONE, "phone", notes),
        place=await _place_in_programme(session, body.commune, notes),
        language=body.language,
    )
    notes.raise_refusals()
    return draft


async def read_need(session: AsyncSession, body: NeedBody) -> NeedDraft:
    """The need that a body describes; weights in percent become shares of one. Raises `Refused`."""
    notes = Notes(is_strict=True)
    occupation = known_words.read_occupation(body.occupation, notes, "occupation")
    licences = _each(body.licences, known_words.read_required_licences, "licences", notes)
    skills = _required_skills(body, notes)
    place = await _place_in_programme(session, body.commune, notes)
    notes.raise_refusals()
    return NeedDraft(
        identifier=body.identifier,
        employer_id=body.employer_id,
        title=body.title,
        occupation=occupation or "",
        place=place,
        posts=body.posts,
        seats=body.seats,
        hours=in_order(body.hours),
        licences=licences,
        framework=body.framework,
        skills=normalised(skills),
        starts_on=body.starts_on,
    )


async def read_meetup(session: AsyncSession, body: MeetupBody, agency_id: UUID | None) -> MeetupDraft:
    """The meetup that a body describes. Raises `Refused`."""
    agency = await _agency(session, agency_id)
    notes = Notes(is_strict=True)
    place = _place(body.commune, agency, notes)
    for position, slot in enumerate(body.breaks):
        if slot >= body.slots:
            notes.add(kinds.BAD_SLOT, f"breaks.{position}")
    notes.raise_refusals()
    return MeetupDraft(
        identifier=body.identifier,
        title=body.title,
        venue=body.venue,
        place=place,
        agency_id=agency.id,
        starts_at=body.starts_at,
        slot_minutes=body.slot_minutes,
        slots=body.slots,
        breaks=tuple(sorted(set(body.breaks))),
        ground_floor_tables=body.ground_floor_tables,
        address=body.address,
        access=body.access,
    )


def in_order(hours: Sequence[Hours]) -> tuple[Hours, ...]:
    """Hours, each once, in the order of the day."""
    return tuple(each for each in ALL_HOURS if each in hours)


def clean_contact(phone: str | None, email: str | None) -> tuple[str | None, str | None]:
    """A telephone number and an e-mail address as they are kept. Raises `Refused`."""
    notes = Notes(is_strict=True)
    cleaned = (
        _cleaned(phone, clean_phone, kinds.BAD_PHONE, "phone", notes),
        _cleaned(email, clean_email, kinds.BAD_EMAIL, "email", notes),
    )
    notes.raise_refusals()
    return cleaned


async def _agency(session: AsyncSession, agency_id: UUID | None) -> Agency:
    if agency_id is None:
        raise find_refused(kinds.MISSING_VALUE, "agency_id")
    return await agency_named(session, agency_id)


def _place(text: str, agency: Agency, notes: Notes) -> Place:
    departments = [agency.department] if agency.department else []
    return known_words.read_place(text, departments, notes, "commune") or NOWHERE


async def _place_in_programme(session: AsyncSession, text: str, notes: Notes) -> Place:
    """An employer belongs to no agency: namesakes are settled by the départements where the programme has agencies."""
    departments = {agency.department for agency in await all_agencies(session) if agency.department}
    return known_words.read_place(text, departments, notes, "commune") or NOWHERE


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


def _protected(body: ProtectedBody, today: date, notes: Notes) -> Protected:
    if body.born_on is not None and not is_likely_birth_date(body.born_on, today):
        notes.add(kinds.UNLIKELY_BIRTH_DATE, "protected.born_on")
    return Protected(tuple(sorted(set(body.publics))), body.born_on, body.sex)


def _required_skills(body: NeedBody, notes: Notes) -> tuple[RequiredSkill, ...]:
    skills: list[RequiredSkill] = []
    for position, asked in enumerate(body.skills):
        code = known_words.read_skill(asked.skill, notes, f"skills.{position}.skill", body.framework)
        if code in {each.skill for each in skills}:
            notes.add(kinds.SKILL_TWICE, f"skills.{position}.skill")
        skills.append(RequiredSkill(code or "", asked.level, asked.weight))
    if not adds_up([each.weight for each in skills]):
        notes.add(
            kinds.WEIGHTS_DO_NOT_ADD_UP, "skills", total=known_words.in_french(sum(each.weight for each in skills))
        )
    return tuple(skills)
