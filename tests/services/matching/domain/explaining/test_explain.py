"""Explanations say what the computation says: every number of a text is one of the computation's."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.domain.explaining import Grounds, NamedRaise, SkillGround, Voice, explain, grounds
from services.matching.domain.pairing import Evidence
from services.matching.domain.profiling import Profile
from services.matching.domain.scoring import RequiredSkill, mutual_utility, score, what_would_change
from shared.language import Bilingual, Language

NAMES = ("persévérance", "écoute", "rigueur", "autonomie")
LABELS = {name: Bilingual(f"Faire preuve de {name}", f"Showing {name}") for name in NAMES}
LANGUAGES: tuple[Language, ...] = ("fr", "en")


VENUES, EXERCISES = ("Louvre-Lens",), ("Le dessin dicté", "Défendre une œuvre")


@st.composite
def told(draw: st.DrawFn) -> Grounds:
    """Grounds computed from a random profile and need."""
    skills = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    parts = [draw(st.integers(1, 9)) for _ in skills]
    asked = [
        RequiredSkill(skill, draw(st.integers(1, 4)), part / sum(parts))
        for skill, part in zip(skills, parts, strict=True)
    ]
    mean = np.array([draw(st.floats(0, 4)) for _ in NAMES])
    covariance = np.diag([draw(st.floats(0.05, 1.5)) for _ in NAMES])
    evidence = {
        skill: Evidence(skill, draw(st.integers(1, 12)), draw(st.integers(1, 6)), VENUES, EXERCISES)
        for skill in draw(st.lists(st.sampled_from(skills), unique=True))
    }
    found = score(mean, covariance, NAMES, asked)
    profile = Profile(
        skills=NAMES,
        mean=mean,
        covariance=covariance,
        observations=np.array([name in evidence for name in NAMES], dtype=np.int64),
        raters=np.array([name in evidence for name in NAMES], dtype=np.int64),
        own=np.array([draw(st.floats(-2, 2)) for _ in NAMES]),
        shared=draw(st.floats(-1, 1)),
    )
    liking = draw(st.sampled_from([0.25, 0.5, 0.8, 1.0]))
    return grounds(
        found,
        labels=LABELS,
        evidence=evidence,
        liking=liking,
        utility=mutual_utility(found.value, liking),
        distance_km=draw(st.none() | st.floats(0, 80)),
        travel_limit_km=draw(st.none() | st.floats(0, 80)),
        changing=what_would_change(mean, covariance, NAMES, asked, draw(st.none() | st.floats(0.1, 1.0))),
        profile=draw(st.sampled_from([None, profile])),
    )


def numbers(text: str) -> list[str]:
    """The numbers of a text as written, with a decimal point."""
    return [found.replace(",", ".") for found in re.findall(r"\d+(?:[.,]\d+)?", text)]


def computed(given: Grounds) -> set[str]:
    """Every number of the computation, as an explanation may write it."""
    two = [given.score, given.low, given.high, given.liking, given.utility]
    whole = [round(given.coverage * 100)]
    for skill in given.skills:
        two += [skill.weight, skill.probability, skill.share, skill.contribution]
        two += [abs(skill.own)] if skill.own is not None else []
        whole += [skill.level, skill.observations, skill.raters]
    for change in given.one_level_more:
        two += [change.levels, change.score]
    if given.smallest is not None:
        two += [np.ceil(round(given.smallest.levels * 100, 6)) / 100]
    two += [abs(given.shared)] if given.shared is not None else []
    two += [given.target] if given.target is not None else []
    kilometres = [given.distance_km, given.travel_limit_km]
    return (
        {f"{value:.2f}" for value in two}
        | {str(value) for value in whole}
        | {f"{value:.1f}" for value in kilometres if value is not None}
    )


@given(told())
@settings(max_examples=80, deadline=None)
def test_every_number_in_a_text_is_one_of_the_computation(given: Grounds) -> None:
    for voice in (Voice.ADVISER, Voice.EMPLOYER):
        for language in LANGUAGES:
            assert set(numbers(explain(given, voice, language))) <= computed(given)


@given(told())
@settings(max_examples=80, deadline=None)
def test_the_candidate_is_told_no_number(given: Grounds) -> None:
    for language in LANGUAGES:
        assert numbers(explain(given, Voice.PARTICIPANT, language)) == []


@given(told())
@settings(max_examples=60, deadline=None)
def test_the_adviser_gets_score_interval_and_every_term(given: Grounds) -> None:
    for language in LANGUAGES:
        lines = explain(given, Voice.ADVISER, language).splitlines()
        assert numbers(lines[0])[0] == f"{given.score:.2f}"
        assert {f"{given.low:.2f}", f"{given.high:.2f}"} <= set(numbers(lines[0]))
        for skill, line in zip(given.skills, lines[1:], strict=False):
            assert (skill.label.fr if language == "fr" else skill.label.en) in line
            assert numbers(line)[:5] == [
                str(skill.level),
                f"{skill.weight:.2f}",
                f"{skill.probability:.2f}",
                f"{skill.share:.2f}",
                f"{skill.contribution:.2f}",
            ]
            assert skill.contribution == skill.weight * skill.share
        assert sum(skill.contribution for skill in given.skills) == pytest.approx(given.score, abs=1e-12)


@given(told())
@settings(max_examples=60, deadline=None)
def test_the_employer_learns_nothing_of_the_persons_situation(given: Grounds) -> None:
    elsewhere = replace(given, distance_km=1.0, travel_limit_km=99.0, liking=1.0, utility=0.11, score=0.22, low=0.2)
    for language in LANGUAGES:
        assert explain(given, Voice.EMPLOYER, language) == explain(elsewhere, Voice.EMPLOYER, language)


def test_what_would_change_it_is_true_as_it_is_told() -> None:
    """The levels told, rounded as they are, do bring the score to the target told."""
    asked = [RequiredSkill("écoute", 3, 0.6), RequiredSkill("rigueur", 2, 0.4)]
    mean, covariance = np.array([2.0, 1.9, 1.7, 2.0]), np.diag([0.3, 0.4, 0.5, 0.3])
    for target in np.arange(0.4, 0.95, 0.05):
        changing = what_would_change(mean, covariance, NAMES, asked, float(target))
        if changing.smallest is None:
            continue
        given = grounds(
            score(mean, covariance, NAMES, asked),
            labels=LABELS,
            evidence={},
            liking=0.5,
            utility=0.5,
            changing=changing,
        )
        (line,) = (line for line in explain(given, Voice.ADVISER, "en").splitlines() if "shortest way" in line)
        levels = float(numbers(line)[1])
        raised = mean + levels * np.array([name == changing.smallest.skill for name in NAMES])
        assert score(raised, covariance, NAMES, asked).value >= target


EXAMPLE = Grounds(
    skills=(
        SkillGround(LABELS["persévérance"], 3, 0.6, 0.95, 0.9, 0.54, 3, 2, ("Louvre-Lens",), ("Le dessin dicté",)),
        SkillGround(Bilingual("Avoir l'esprit d'équipe", "Team spirit"), 2, 0.4, 0.45, 0.5, 0.2),
    ),
    score=0.74,
    low=0.4,
    high=1.0,
    coverage=0.9,
    liking=1.0,
    utility=0.79,
    distance_km=12.3,
    travel_limit_km=30.0,
)


def test_the_candidate_is_addressed_in_plain_french_with_what_they_showed() -> None:
    text = explain(EXAMPLE, Voice.PARTICIPANT, "fr")
    assert "Vous avez montré «\u00a0Faire preuve de persévérance\u00a0» pendant «\u00a0Le dessin dicté\u00a0»" in text
    assert "Vous avez dit que ce métier vous intéresse." in text
    assert "une distance que vous acceptez" in text
    assert "C’est vous qui décidez de venir." in text


def test_the_adviser_reads_what_of_a_level_is_the_skills_own_and_what_all_share() -> None:
    first, second = (replace(skill, own=own) for skill, own in zip(EXAMPLE.skills, (0.4, -0.001), strict=True))
    given = replace(EXAMPLE, skills=(first, second), shared=-0.21)
    french, english = (explain(given, Voice.ADVISER, language).splitlines() for language in LANGUAGES)
    assert french[1].endswith("+0,40 niveau propre à ce savoir-être, −0,21 commun à tous ceux de la personne.")
    assert english[1].endswith("+0.40 level of this skill's own, −0.21 common to all the person's skills.")
    assert "+0.00 level" in english[2]
    assert "programme's average:" not in explain(EXAMPLE, Voice.ADVISER, "en")


def test_the_adviser_reads_that_a_level_of_the_profile_is_not_a_note() -> None:
    given = replace(EXAMPLE, one_level_more=(NamedRaise(LABELS["persévérance"], 1.0, 0.8),))
    french, english = (explain(given, Voice.ADVISER, language) for language in LANGUAGES)
    assert "niveaux du profil, que toutes les notes forment ensemble" in french
    assert "levels of the profile, which all notes make together" in english
    assert "notes" not in explain(EXAMPLE, Voice.ADVISER, "en")


def test_what_was_not_seen_is_told_as_not_yet_seen() -> None:
    assert "pas encore vu" in explain(EXAMPLE, Voice.ADVISER, "fr").splitlines()[2]
    assert "not yet seen" in explain(EXAMPLE, Voice.EMPLOYER, "en").splitlines()[1]
    assert "esprit d’équipe\u00a0». Cela reste à montrer" in explain(EXAMPLE, Voice.PARTICIPANT, "fr")


def test_the_employer_reads_what_was_shown_and_where() -> None:
    first = explain(EXAMPLE, Voice.EMPLOYER, "en").splitlines()[0]
    assert first == (
        "“Showing persévérance”: shown in the workshop, during “Le dessin dicté”, Louvre-Lens; "
        "3 observations by 2 people."
    )


@pytest.mark.parametrize("voice", list(Voice))
def test_french_typography_is_right(voice: Voice) -> None:
    text = explain(EXAMPLE, voice, "fr")
    assert not re.search(r"[^\u00a0\u202f][;!?»%]|(?<![\u00a0\d]):(?!/)|«(?!\u00a0)|'", text)
