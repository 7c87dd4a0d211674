"""The pieces in a real browser, as people see and use them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from tests.support.browsing import SCREENS, check_page, chromium, looking_at, reachable_by_keyboard, small_targets
from tests.support.serving import serving

pytestmark = pytest.mark.browser


async def test_the_pieces_are_accessible_on_every_screen(app: FastAPI, note_used: Callable[[str, str], None]) -> None:
    async with serving(app) as address, chromium(note_used) as browser:
        await check_page(browser, f"{address}/pieces", "pieces")
        async with looking_at(browser, SCREENS[0]) as page:
            await page.goto(f"{address}/pieces")
            assert await small_targets(page) == []
            reached = await reachable_by_keyboard(page)
            assert reached[0] == "Aller au contenu"
            assert "Enregistrer" in reached
            assert await page.evaluate("getComputedStyle(document.body).fontSize") == "18px"


async def test_a_problem_is_a_plain_page(app: FastAPI, note_used: Callable[[str, str], None]) -> None:
    async with (
        serving(app) as address,
        chromium(note_used) as browser,
        looking_at(browser, SCREENS[1], scripts=False) as page,
    ):
        answer = await page.goto(f"{address}/nowhere")
        assert answer is not None
        assert answer.status == 404
        assert await page.locator("h1").inner_text() == "Page introuvable"
        assert await page.locator("main").count() == 1
