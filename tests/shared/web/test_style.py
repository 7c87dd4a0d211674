"""The style's promises that no browser check covers: contrast of at least 7 to 1, light and dark."""

from __future__ import annotations

import re

import pytest

from shared.web.templating import STYLE

TEXTS = ("ink", "quiet", "accent", "accent-hover", "done", "careful", "refused", "information")
GROUNDS = ("wall", "panel")


def colours() -> dict[str, dict[str, str]]:
    """The named colours of both schemes."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), re.DOTALL)[:2]
    named = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in (light, dark)]
    return {"light": named[0], "dark": named[1]}


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_seven_to_one(scheme: str) -> None:
    known = colours()[scheme]
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS] + [("on-accent", "accent")]
    low = {pair: contrast(known[pair[0]], known[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 7} == {}
    for ground in GROUNDS:
        assert contrast(known["line"], known[ground]) >= 3
        assert contrast(known["focus"], known[ground]) >= 3


def test_nothing_is_loaded_from_elsewhere() -> None:
    style = STYLE.read_text(encoding="utf-8")
    assert "@import" not in style
    assert "url(" not in style
