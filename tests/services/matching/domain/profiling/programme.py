"""Simulated programmes, with the truth known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Truth:
    """The variances that a simulated programme is made of, in squared levels.

    `trait` is that of a person's level in a skill, of which all of a person's skills share the part `correlation`.
    """

    trait: float = 0.5
    correlation: float = 0.3
    severity_variance: float = 0.12
    halo: float = 0.12
    noise: float = 0.36


@dataclass(frozen=True, slots=True)
class Programme:
    """Columns of notes beside the levels (P, K) and severities (R,) that lie behind them."""

    columns: dict[str, NDArray[np.generic]]
    levels: NDArray[np.float64]
    severity: NDArray[np.float64]
    skills: tuple[str, ...]


def skill_codes(skills: int) -> tuple[str, ...]:
    """The framework of so many skills: S00, S01…"""
    return tuple(f"S{skill:02d}" for skill in range(skills))


def simulate(
    random: np.random.Generator,
    *,
    truth: Truth | None = None,
    groups: int = 8,
    people: int = 15,
    raters: int = 4,
    notes: int = 20,
    skills: int = 8,
    means: tuple[float, float] = (1.6, 2.6),
    rounded: bool = False,
) -> Programme:
    """Groups of people, each seen by the group's raters, of whom one also serves the next group."""
    truth = truth or Truth()
    participants = groups * people
    mean = np.linspace(*means, skills)
    levels = mean + random.normal(0, (truth.trait * (1 - truth.correlation)) ** 0.5, (participants, skills))
    levels += random.normal(0, (truth.trait * truth.correlation) ** 0.5, (participants, 1))
    severity = random.normal(0, truth.severity_variance**0.5, groups * raters)
    participant = np.repeat(np.arange(participants), notes)
    group = participant // people
    seat = random.integers(0, raters, len(participant))
    rater = np.where(seat == 0, (group // 2) * 2 * raters, group * raters + seat)
    skill = random.integers(0, skills, len(participant))
    halo = random.normal(0, truth.halo**0.5, (participants, groups * raters))
    level = levels[participant, skill] + severity[rater] + halo[participant, rater]
    level += random.normal(0, truth.noise**0.5, len(participant))
    if rounded:
        level = np.clip(np.rint(level), 0, 4)
    codes = skill_codes(skills)
    columns = {"participant": participant, "skill": np.array(codes)[skill], "rater": rater, "level": level}
    return Programme(columns, levels, severity, codes)
