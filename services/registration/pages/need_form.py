"""The form about what an employer looks for: the post, and the soft skills with their levels and points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from starlette.datastructures import FormData

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.needs import DEFAULT_POSTS, DEFAULT_SEATS, Need
from services.registration.domain.sites import Site
from services.registration.intake.bodies import NeedBody, NeedPatch
from services.registration.pages.common_fields import ACCESS, COMMUNE, IDENTIFIER, licence_name, options_of
from services.registration.pages.filling import EnteredAs, Field, FieldTexts, PageForm, Section, as_number
from services.registration.pages.form_page import FormHeading
from services.registration.pages.record_codes import both
from shared.reference.levels import levels
from shared.reference.occupations import occupation
from shared.reference.skills import DEFAULT_FRAMEWORK, Skill, framework

_POST = Section(
    None,
    (
        Field(
            "title",
            both("Intitulé", "Title"),
            hint=both("Comme sur une annonce.", "As in an advertisement."),
            required=True,
        ),
        Field(
            "occupation",
            both("Métier", "Occupation"),
            hint=both("En toutes lettres ou par son code ROME.", "By name or ROME code."),
            required=True,
            in_words=lambda code: occupation(code).label,
        ),
        Field("posts", both("Nombre de postes", "Number of posts"), EnteredAs.NUMBER, required=True),
        Field("hours", both("Horaires", "Hours"), EnteredAs.SEVERAL, options=options_of("hours")),
        Field(
            "licences",
            both("Permis et certificats demandés", "Licences and certificates asked"),
            EnteredAs.LINES,
            hint=both("Un par ligne, par exemple « B » ou « CACES 1A ».", "One on each line, such as “B”."),
            in_words=licence_name,
        ),
        Field("starts_on", both("À partir du", "From"), EnteredAs.DAY),
    ),
)
_PLACE = Section(
    both("Le lieu de travail", "Where the work is"),
    (
        Field("site_id", both("Site", "Site"), EnteredAs.SELECT),
        replace(
            COMMUNE,
            hint=both(
                "Par exemple « Lens ». Vide : celle du site.", "For example “Lens”. Left empty: that of the site."
            ),
            required=False,
        ),
        replace(ACCESS, hint=both("Bus, entrée. Vide : comme le site.", "Bus, entrance. Empty: as the site says.")),
    ),
)
_MEETUP = Section(
    both("À la rencontre", "At the meetup"),
    (
        Field(
            "seats",
            both("Personnes à rencontrer au plus", "People to meet at most"),
            EnteredAs.NUMBER,
            required=True,
        ),
        Field(
            "interviewers",
            both("Personnes qui reçoivent en même temps", "How many interview side by side"),
            EnteredAs.NUMBER,
            required=True,
        ),
        Field("contact_id", both("La liste est envoyée à", "The list is sent to"), EnteredAs.SELECT),
        IDENTIFIER,
    ),
)
_LEVELS = tuple(
    (str(each.value), both(f"{each.value} – {each.name('fr')}", f"{each.value} – {each.name('en')}"))
    for each in levels()
    if each.value
)
"""From 1: what is expected at level 0 is not asked."""

AT_FIRST: FieldTexts = {
    "posts": str(DEFAULT_POSTS),
    "seats": str(DEFAULT_SEATS),
    "hours": ["day"],
    "interviewers": "1",
}
"""What stands in a new need's form at first: what is meant where nothing is said."""

_SAVE = both("Enregistrer le besoin", "Save the need")
PUBLISH_NEED = FormHeading(both("Nouveau besoin", "New need"), _SAVE)
CHANGE_NEED = FormHeading(
    both("Modifier le besoin", "Change the need"),
    _SAVE,
    both(
        "Si ce besoin est invité à une rencontre, sa proposition est revue.",
        "Where this need is invited to a meetup, the proposal is looked at again.",
    ),
)
PROPOSE_NEED = FormHeading(
    both("Proposer un changement du besoin", "Propose a change of the need"),
    both("Proposer", "Propose"),
    both(
        "L’agence qui suit ce besoin décide. Rien ne change avant.",
        "The agency that looks after this need decides. Nothing changes before that.",
    ),
)


SkillsSent = Sequence[Mapping[str, Any]]
"""Skills with what was said of each: its level, its points, or both."""


@cache
def need_form(framework_name: str = DEFAULT_FRAMEWORK) -> PageForm[NeedBody]:
    """The form of a need whose skills are those of a framework."""
    asked = _asked(framework_name)
    beside = frozenset(field.name for field in asked.fields)
    return PageForm(NeedBody, (_POST, _PLACE, asked, _MEETUP), beside)


@cache
def proposed_need_form(framework_name: str) -> PageForm[NeedPatch]:
    """The form by which another agency says what should change of a need: not to whom its list goes."""
    asked = _asked(framework_name)
    here = Section(_MEETUP.heading, tuple(each for each in _MEETUP.fields if each.name in ("seats", "interviewers")))
    return PageForm(NeedPatch, (_POST, _PLACE, asked, here), frozenset(field.name for field in asked.fields))


def skills_in(sent: FormData, framework_name: str, kept: Need | None = None) -> SkillsSent:
    """The skills of which a level or points were said, as a body has them: those that are kept first, as they stand."""
    found = []
    known = [each.skill for each in kept.details.skills] if kept else []
    for code in dict.fromkeys((*known, *framework(framework_name).codes)):
        level, points = (str(sent.get(name, "")).strip() for name in (_level_of(code), _points_of(code)))
        said = {"level": as_number(level)} if level else {}
        said |= {"weight": as_number(points)} if points else {}
        found += [{"skill": code, **said}] if said else []
    return found


def telling_where(form: PageForm[Any], skills: SkillsSent) -> PageForm[Any]:
    """The form, which tells what is wrong with a skill in that skill's row."""
    tells: dict[str, str] = {}
    for position, skill in enumerate(skills):
        tells[f"skills.{position}"] = _level_of(skill["skill"])
        tells[f"skills.{position}.weight"] = _points_of(skill["skill"])
    return replace(form, tells=tells)


def read_need_form(form: PageForm[NeedBody], sent: FormData, skills: SkillsSent, **others: object) -> NeedBody:
    """What was sent; a choice left empty is none any more. Raises `ValidationError`, or `Refused` without any skill."""
    if not skills:
        raise find_refused(kinds.NO_SKILL, "skills")
    left = {name: None for name in ("site_id", "contact_id") if sent.get(name) == ""}
    return form.read(sent, **left, **others, skills=skills)


def read_proposed_need(
    form: PageForm[NeedPatch], sent: FormData, skills: SkillsSent, known: FieldTexts, framework_name: str
) -> NeedPatch:
    """What was sent that differs from what is kept. Raises `ValidationError`."""
    changes, typed = form.changes(sent, known), form.typed(sent)
    if any(typed[name] != known[name] for name in form.beside):
        changes |= {"framework": framework_name, "skills": skills}
    return NeedPatch.model_validate(changes)


def typed_of_need(form: PageForm[Any], shown: Mapping[str, Any], kept: Need, site: Site | None) -> FieldTexts:
    """A kept need as its form shows it; ``shown`` is how it is shown, ``site`` where it is."""
    typed: dict[str, Any] = {**form.known(shown)}
    if site is not None and site.details.place == kept.details.place:
        typed["commune"] = ""
    if site is not None and site.details.access == kept.details.access:
        typed["access"] = ""
    for each in kept.details.skills:
        typed[_level_of(each.skill)] = str(each.level)
        typed[_points_of(each.skill)] = f"{100 * each.weight:g}".replace(".", ",")
    return typed


def _asked(framework_name: str) -> Section:
    return Section(
        both("Les savoir-être attendus", "The soft skills asked"),
        tuple(field for skill in framework(framework_name) for field in _row(skill)),
        columns=(both("Niveau", "Level"), both("Points", "Points")),
        hint=both(
            "Choisissez ceux qui comptent, avec le niveau qu’il faut au moins. Partagez 100 points entre eux : plus un "
            "savoir-être compte, plus il en reçoit.",
            "Choose those that count, with the level that is needed at least. Share out 100 points among them: the "
            "more a skill counts, the more it gets.",
        ),
    )


def _row(skill: Skill) -> Iterable[Field]:
    french, english = skill.name("fr"), skill.name("en")
    yield Field(_level_of(skill.code), both(french, english), EnteredAs.SELECT, options=_LEVELS)
    points = both(f"Points de « {french} »", f"Points of “{english}”")
    yield Field(_points_of(skill.code), points, EnteredAs.NUMBER)


def _level_of(code: str) -> str:
    return f"asked.{code}.level"


def _points_of(code: str) -> str:
    return f"asked.{code}.points"
