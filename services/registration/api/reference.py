"""The words to choose from: occupations by job title with the skills that ROME asks, skills, exercises, communes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.registration.api.answers.words import (
    CommuneShown,
    ConsentTextShown,
    EquivalentSkill,
    ExerciseShown,
    Labelled,
    LevelShown,
    LicenceShown,
    OccupationFound,
    OccupationShown,
    SkillLevel,
    SkillShown,
    SkillsShown,
)
from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.participants import PURPOSES
from services.registration.domain.places import civil_date
from services.registration.limits import SEARCHES
from shared.reference import anchors, communes, exercises, levels, licences, occupations, skills
from shared.reference.consent_texts import consent_texts, texts_shown_until
from shared.reference.occupations import Occupation
from shared.rights import Scope
from shared.web.edge import May, RequestMoment
from shared.web.limiting import Limited
from shared.web.paging import WholeList
from shared.web.values import ONE_LINE, SAYS_SOMETHING

router = APIRouter(prefix="/api/v1", tags=["reference"])

_Reading = Annotated[Scope, May("read reference lists")]

Typed = Annotated[str, Query(min_length=1, max_length=100), SAYS_SOMETHING, ONE_LINE]


# Plain functions: FastAPI runs them in a thread, so that the first one to load a table keeps nobody waiting.
@router.get("/occupations", dependencies=[Depends(Limited(SEARCHES))])
def search_occupations(
    _scope: _Reading, q: Typed, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> WholeList[OccupationFound]:
    """Occupations by job title as people type it, the best first, each with the soft skills that ROME asks of it."""
    found = occupations.search(q, limit=limit)
    return WholeList(items=[OccupationFound(**_shown(each.occupation), title=each.title) for each in found])


@router.get("/occupations/{code}")
def show_occupation(_scope: _Reading, code: str) -> OccupationShown:
    """An occupation with the soft skills from which a need can start, and the occupations near it."""
    try:
        found = occupations.occupation(code)
    except KeyError:
        raise find_refused(kinds.UNKNOWN_OCCUPATION, "code", suggestions="") from None
    near = [Labelled(code=other, label=occupations.occupation(other).label) for other, _ in occupations.near(code)]
    return OccupationShown(**_shown(found), near=near)


@router.get("/skills")
def list_skills(
    _scope: _Reading, framework: Annotated[str, Query(max_length=40)] = skills.DEFAULT_FRAMEWORK
) -> SkillsShown:
    """The skills of a framework, each with what stands for it in the other one, and what each level looks like."""
    try:
        found = skills.framework(framework)
    except KeyError:
        raise find_refused(kinds.UNKNOWN_FRAMEWORK, "framework") from None
    equivalents = skills.equivalents(found.name)
    return SkillsShown(
        framework=found.name,
        items=[
            SkillShown(
                code=each.code,
                label=each.label,
                label_en=each.name("en"),
                definition=each.definition,
                equivalent=_equivalent(equivalents.get(each.code)),
                levels=[
                    SkillLevel(level=one.level, sentence=one.sentence(), sentence_en=one.sentence("en"))
                    for one in anchors.anchors(found.name, each.code)
                ],
            )
            for each in found
        ],
        levels=[LevelShown(level=each.value, name=each.name(), anchor=each.anchor()) for each in levels.levels()],
    )


@router.get("/exercises")
def list_exercises(_scope: _Reading) -> WholeList[ExerciseShown]:
    """The exercises of the workshops: what participants do in each."""
    return WholeList(
        items=[
            ExerciseShown(
                code=each.code,
                title=each.title(),
                title_en=each.title("en"),
                description=each.description(),
                description_en=each.description("en"),
            )
            for each in (*exercises.exercises(), exercises.OTHER)
        ]
    )


@router.get("/consent-texts")
def list_consent_texts(_scope: _Reading, moment: RequestMoment) -> WholeList[ConsentTextShown]:
    """The texts to which people agree, by purpose, the newest first; `is_shown` are those to show them today."""
    today = civil_date(moment.now)
    shown = {(each.purpose, each.version) for purpose in PURPOSES for each in texts_shown_until(purpose, today)[-1:]}
    return WholeList(
        items=[
            ConsentTextShown(
                purpose=each.purpose,
                version=each.version,
                since=each.since,
                is_shown=(each.purpose, each.version) in shown,
                text=each.text(),
                text_en=each.text("en"),
            )
            for each in reversed(consent_texts())
        ]
    )


@router.get("/licences")
def list_licences(_scope: _Reading) -> WholeList[LicenceShown]:
    """Driving licences and certificates."""
    found = licences.licences()
    return WholeList(items=[LicenceShown(code=each.code, kind=each.kind, label=each.label_fr) for each in found])


@router.get("/communes", dependencies=[Depends(Limited(SEARCHES))])
def find_communes(_scope: _Reading, q: Typed) -> WholeList[CommuneShown]:
    """The communes that a name or code may mean; where it means none, those spelt nearly so."""
    found = communes.find_communes(q) or communes.suggest(q)
    return WholeList(items=[CommuneShown.model_validate(each) for each in found[:20]])


def _equivalent(found: skills.Equivalent | None) -> EquivalentSkill | None:
    """What stands for a skill in another framework, exactly or closely; nothing where no skill does."""
    if found is None:
        return None
    return EquivalentSkill(framework=found.framework, code=found.skill.code, nearness=found.nearness)


def _shown(occupation: Occupation) -> dict[str, Any]:
    framework = skills.framework()
    return {
        "code": occupation.code,
        "label": occupation.label,
        "skills": [Labelled(code=code, label=framework.skill(code).label) for code in occupation.skills],
    }
