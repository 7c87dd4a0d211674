"""What `profile_validation` found as a page: a table of all settings, and two pictures drawn from the same numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deploy.embedded.folders import write_whole

if TYPE_CHECKING:
    from tests.bench.profile_validation import Found

PAGE = Path("docs/profile-validation.md")
COVERAGE, RANKING = (Path(f"docs/profile-validation-{name}.svg") for name in ("coverage", "ranking"))

LEAST, MOST = 0.88, 0.92
COLOURS = ("#1f5f8b", "#b5652a", "#7a7a7a")
NAMES = ("profile", "naive means", "simple model")

INTRODUCTION = """# Do profiles tell the truth?

Written by `make bench ONLY=profile_validation`; change the program, not this page.

Programmes are invented, so that the truth is known: groups of 13 to 20 people, 3 to 5 raters, 16 skills, 25 whole notes
a person, skills of a person that correlate by ρ. Levels vary by 0.5 squared levels in a skill, raters’ severity by 0.12
(severe: 0.6), the halo by 0.12 (strong: 0.4), noise by 0.36; mean levels are 1.6 to 2.6 (high: 2.6 to 3.4).

*Coverage* is the share of levels that lie in their interval of 90 %. Of four invented needs of 3 to 5 skills a group,
*τ* is Kendall’s between people’s true and found weighted levels, and *top 3* the share of the three best that are among
the three best found. Beside the profile stand *naive means* (a person’s mean in the skill; where there is none, of all
their notes) and a *simple model* (person in a skill, rater and noise, with the same priors).
"""

CAUTION = """
## What this does not show

The truth is drawn from the model’s own family, whole notes and the ends of the scale apart: normal levels, one
correlation for all pairs of skills, raters who use the scale alike but for their severity and halo. The
seeds are the same in every setting, so the columns of a setting are compared on the same people.
"""


def write(found: Sequence["Found"]) -> None:
    """Write the page and its pictures."""
    write_whole(PAGE, page(found))
    write_whole(COVERAGE, coverage_picture(found))
    write_whole(RANKING, ranking_picture(found))


def page(found: Sequence["Found"]) -> str:
    """The page in Markdown."""
    wrong = [one for one in found if not LEAST <= one.coverage <= MOST]
    behind = [one for one in found if one.tau[0] < one.tau[1:].max() or one.best[0] < one.best[1:].max()]
    counts = sorted({one.replications for one in found})
    error = max(max(one.tau_error.max(), one.best_error.max()) for one in found)
    rows = [
        "| groups | ρ | setting | coverage | τ: profile | naive | simple | top 3: profile | naive | simple |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(_row, found),
    ]
    told = [
        f"{len(found)} settings, {' or '.join(map(str, counts))} replications of each, of one group or of eight.",
        f"Coverage lies between {min(one.coverage for one in found):.3f} and {max(one.coverage for one in found):.3f}; "
        + ("in every setting between 0.88 and 0.92." if not wrong else f"not between 0.88 and 0.92: {_named(wrong)}."),
        "The profile ranks at least as well as both simpler ways in every setting."
        if not behind
        else f"The profile ranks below one of the simpler ways: {_named(behind)}.",
        f"The standard error of a lead in τ or top 3 is at most {error:.3f}.",
    ]
    pictures = (
        f"![Coverage by correlation]({COVERAGE.name})\n\n![Kendall’s τ by correlation, usual setting]({RANKING.name})"
    )
    return "\n".join((INTRODUCTION, "## What was found\n", *told, "", pictures, "", *rows, CAUTION))


def _row(one: "Found") -> str:
    numbers = " | ".join(f"{value:.3f}" for value in (one.coverage, *one.tau, *one.best))
    return f"| {one.setting.groups} | {one.setting.truth.correlation} | {one.setting.name} | {numbers} |"


def _named(some: Sequence["Found"]) -> str:
    return "; ".join(f"{one.setting.name}, ρ = {one.setting.truth.correlation}, {one.setting.groups}" for one in some)


def coverage_picture(found: Sequence["Found"]) -> str:
    """Each setting's coverage over ρ as a dot, the band that is asked for behind them."""
    frame = _Frame(0.84, 0.94, "coverage of 90 % intervals")
    band = f'<rect x="{frame.x(-0.05):.1f}" y="{frame.y(MOST):.1f}" width="{frame.x(0.75) - frame.x(-0.05):.1f}" '
    band += f'height="{frame.y(LEAST) - frame.y(MOST):.1f}" fill="#dcebe0"/>'
    dots = [
        f'<circle cx="{frame.x(one.setting.truth.correlation + (0.008 if one.setting.groups > 1 else -0.008)):.1f}" '
        f'cy="{frame.y(one.coverage):.1f}" r="4" fill="{COLOURS[one.setting.groups > 1]}" fill-opacity="0.75"/>'
        for one in found
    ]
    return frame.drawn(band, dots, ("one group", "eight groups"))


def ranking_picture(found: Sequence["Found"]) -> str:
    """τ of the three ways over ρ in the usual setting: one group whole, eight groups dashed."""
    frame = _Frame(0.3, 0.8, "Kendall’s τ of needs, usual setting (eight groups: dashed)")
    lines = []
    for groups, dash in ((1, ""), (8, ' stroke-dasharray="6 4"')):
        usual = [one for one in found if one.setting.groups == groups and one.setting.name == "usual"]
        for way, colour in enumerate(COLOURS):
            points = " ".join(
                f"{frame.x(one.setting.truth.correlation):.1f},{frame.y(one.tau[way]):.1f}" for one in usual
            )
            lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
    return frame.drawn("", lines, NAMES)


class _Frame:
    """Axes: ρ to the right, a share upwards."""

    WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 320, 56, 34, 16, 52

    def __init__(self, least: float, most: float, title: str) -> None:
        self.least, self.most, self.title = least, most, title

    def x(self, correlation: float) -> float:
        """Where a correlation stands."""
        return self.LEFT + (correlation + 0.05) / 0.8 * (self.WIDTH - self.LEFT - self.RIGHT)

    def y(self, value: float) -> float:
        """Where a value stands."""
        return self.TOP + (self.most - value) / (self.most - self.least) * (self.HEIGHT - self.TOP - self.BOTTOM)

    def drawn(self, behind: str, marks: Sequence[str], legend: Sequence[str]) -> str:
        """The picture: `marks` between the axes, something behind them, a legend in the order of the colours."""
        opening = '<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="sans-serif" font-size="13" '
        opening += f'viewBox="0 0 {self.WIDTH} {self.HEIGHT}"><title>{self.title}</title>'
        ticks = [
            f'<text x="{self.LEFT - 8}" y="{self.y(value) + 4:.1f}" text-anchor="end">{value:.2f}</text>'
            f'<line x1="{self.LEFT}" x2="{self.WIDTH - self.RIGHT}" y1="{self.y(value):.1f}" y2="{self.y(value):.1f}" '
            'stroke="#dddddd"/>'
            for value in np.linspace(self.least, self.most, 6)
        ]
        below = [
            f'<text x="{self.x(value):.1f}" y="{self.HEIGHT - 32}" text-anchor="middle">ρ = {value}</text>'
            for value in (0.0, 0.3, 0.5, 0.7)
        ]
        names = [
            f'<rect x="{self.LEFT + 190 * place}" y="{self.HEIGHT - 20}" width="12" height="12" fill="{colour}"/>'
            f'<text x="{self.LEFT + 190 * place + 18}" y="{self.HEIGHT - 10}">{name}</text>'
            for place, (name, colour) in enumerate(zip(legend, COLOURS, strict=False))
        ]
        return "\n".join(
            (
                opening,
                '<rect width="100%" height="100%" fill="white"/>',
                f'<text x="{self.LEFT}" y="20" font-weight="bold">{self.title}</text>',
                behind,
                *ticks,
                *below,
                *marks,
                *names,
                "</svg>\n",
            )
        )
