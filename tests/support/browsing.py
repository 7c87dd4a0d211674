"""A real Chromium for tests of pages: looked at on a phone and a desk, light and dark, without an axe violation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, async_playwright

CHROMIUM = Path("/usr/bin/chromium")
HAS_CHROMIUM = CHROMIUM.exists()
SCREENSHOTS = Path(__file__).parents[2] / "var" / "screenshots"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Screen:
    """How somebody looks at a page; sizes in CSS pixels."""

    name: str
    width: int
    height: int
    scheme: Scheme


SCREENS = (
    Screen("phone-light", 390, 844, "light"),
    Screen("phone-dark", 390, 844, "dark"),
    Screen("desk-light", 1280, 900, "light"),
    Screen("desk-dark", 1280, 900, "dark"),
)


@asynccontextmanager
async def chromium(note_used: Callable[[str, str], None]) -> AsyncIterator[Browser]:
    """A browser for one test; skips where there is none."""
    if not HAS_CHROMIUM:
        pytest.skip("no Chromium at /usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        note_used("browser", f"Chromium {browser.version}")
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def looking_at(browser: Browser, screen: Screen, *, scripts: bool = True) -> AsyncIterator[Page]:
    """A fresh page on this screen."""
    context: BrowserContext = await browser.new_context(
        viewport=ViewportSize(width=screen.width, height=screen.height),
        color_scheme=screen.scheme,
        java_script_enabled=scripts,
        locale="fr-FR",
    )
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def check_page(
    browser: Browser, address: str, name: str, headers: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Look at a page on all screens, asked for with these headers: no axe violation, no sideways scrolling, no error in
    the console.

    Each look is kept as a picture under `var/screenshots/`, for people.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    async with looking_at(browser, SCREENS[0]) as page:
        complaints: list[str] = []
        page.on("console", partial(_hear, complaints))
        await page.set_extra_http_headers(dict(headers))
        await page.goto(address)
        for screen in SCREENS:
            await page.set_viewport_size(ViewportSize(width=screen.width, height=screen.height))
            await page.emulate_media(color_scheme=screen.scheme)
            await page.screenshot(path=SCREENSHOTS / f"{name}-{screen.name}.png", full_page=True)
            results = await Axe().run(page)
            assert results.violations_count == 0, f"{name} on {screen.name}:\n{results.generate_report()}"
            overflow = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow <= 0, f"{name} on {screen.name} is {overflow} pixels too wide"
        assert complaints == [], f"{name}: {complaints}"


def _hear(complaints: list[str], message: ConsoleMessage) -> None:
    complaints.append(message.text)


async def small_targets(page: Page) -> list[str]:
    """The visible things to press that are lower than 44 pixels, except links within running text."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll("button, summary, label.choice, a.tap, a.button, .facts a")]
          .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 43.5)
          .map((each) => each.outerHTML.slice(0, 120))"""
    )
    return found


async def reachable_by_keyboard(page: Page, presses: int = 60) -> list[str]:
    """What the Tab key reaches, in order, by its text; each must show that it has the focus."""
    reached: list[str] = []
    for _ in range(presses):
        await page.keyboard.press("Tab")
        text, outline = await page.evaluate(
            """() => { const e = document.activeElement; return [
              (e.innerText || e.value || e.getAttribute("aria-label") || e.tagName).trim(),
              getComputedStyle(e).outlineStyle] }"""
        )
        if text == "BODY" or (reached and await page.evaluate("document.activeElement === document.body")):
            break
        assert outline != "none", f"{text} shows no focus"
        reached.append(str(text))
    return reached
