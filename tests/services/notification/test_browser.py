"""The reply page and the employer's page in a real browser, as people see and use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from asgi_lifespan import LifespanManager
from playwright.async_api import Browser

from services.notification.settings import Settings
from services.notification.web import create_app
from tests.services.notification.mail_catcher import MailCatcher
from tests.services.notification.story import Story, link_in
from tests.services.notification.test_reply_page import invited
from tests.services.notification.test_shortlists import met
from tests.support.browsing import SCREENS, check_page, chromium, looking_at, reachable_by_keyboard, small_targets
from tests.support.serving import serving
from tests.support.tokens import KEYS

pytestmark = pytest.mark.browser
PHONE = SCREENS[0]


@pytest.fixture
async def address(story: Story, settings: Settings) -> AsyncIterator[str]:
    """Where the real application is served."""
    told = settings.model_copy(update={"other_names": "127.0.0.1"})
    app = create_app(told, directory=story.directory, keys=KEYS, clock=story.clock)
    async with LifespanManager(app), serving(app) as url:
        yield url


@pytest.fixture
async def browser(note_used: Callable[[str, str], None]) -> AsyncIterator[Browser]:
    """A real browser."""
    async with chromium(note_used) as running:
        yield running


async def test_a_participant_replies_on_a_phone_without_javascript(
    story: Story, catcher: MailCatcher, address: str, browser: Browser
) -> None:
    link = address + await invited(story, catcher)
    await check_page(browser, link, "reply-open")
    async with looking_at(browser, PHONE, scripts=False) as page:
        await page.goto(link)
        assert "Venez rencontrer un employeur" in await page.inner_text("h1")
        await page.click("text=Oui, je viens")
        assert "Vous venez" in await page.inner_text("h1")
        await page.click("summary")
        await page.check("text=C’est trop loin")
        await page.click("text=Confirmer")
        assert "Vous ne venez pas" in await page.inner_text("h1")
        await page.click("text=Appelez-moi")
        assert await page.locator("text=Nous vous appelons").count() == 1
        await page.click("text=English")
        assert "You are not coming" in await page.inner_text("h1")
        await page.go_back()
        await page.reload()
        assert "Vous ne venez pas" in await page.inner_text("h1")
    names = [name for name, _ in await story.events()]
    assert names[1:] == ["invitation.accepted", "invitation.declined", "invitation.declined"]
    assert (await story.invitation())["decline_reason"] == "too-far"
    await check_page(browser, link, "reply-declined")
    await check_page(browser, f"{link}/stop", "reply-stop")


async def test_the_reply_page_is_used_by_keyboard_and_thumb(
    story: Story, catcher: MailCatcher, address: str, browser: Browser
) -> None:
    link = address + await invited(story, catcher)
    async with looking_at(browser, PHONE) as page:
        await page.goto(link)
        assert await small_targets(page) == []
        reached = await reachable_by_keyboard(page)
        assert reached[0] == "Aller au contenu"
        for control in ("Oui, je viens", "Non, je ne peux pas venir", "Appelez-moi", "Ne plus recevoir nos messages"):
            assert control in reached
        await page.goto(link)
        while await page.evaluate("document.activeElement.innerText") != "Oui, je viens":
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("h1:has-text('Vous venez')")
    assert (await story.event_names())[-1] == "invitation.accepted"


async def test_a_late_reply_page_is_clear(story: Story, catcher: MailCatcher, address: str, browser: Browser) -> None:
    link = address + await invited(story, catcher)
    story.now = (await story.invitation())["deadline"]
    async with looking_at(browser, SCREENS[3], scripts=False) as page:
        answer = await page.goto(link)
        assert answer is not None
        assert answer.status == 410
        assert await page.locator("text=Appelez votre agence").count() == 1
        assert await page.locator("button").count() == 0


async def test_an_employer_answers_in_two_clicks_without_javascript(
    story: Story, catcher: MailCatcher, address: str, browser: Browser
) -> None:
    link = address + await met(story, catcher)
    async with looking_at(browser, PHONE, scripts=False) as page:
        await page.goto(link)
        card = page.locator("section.card", has_text="Zéphyrine Quatrepommes")
        await card.locator("text=Embaucher").click()
        assert await card.locator("text=Vous voulez embaucher").count() == 1
        other = page.locator("section.card", has_text="Barnabé Troisfontaines")
        await other.locator("summary").click()
        await other.locator("text=Horaires").click()
        await other.locator("text=Confirmer").click()
        assert "(Horaires)" in await other.inner_text()
    replies = [body for name, body in await story.events() if name == "employer.replied"]
    assert [(body["answer"], body["reason"]) for body in replies] == [("hire", "unsaid"), ("not-now", "hours")]
    await check_page(browser, link, "shortlist")
    await check_page(browser, f"{link}/day", "shortlist-day")
    async with looking_at(browser, PHONE) as page:
        await page.goto(link)
        assert await small_targets(page) == []
        reached = await reachable_by_keyboard(page)
        assert reached.count("Revoir") == reached.count("Embaucher") == 2


async def test_an_html_mail_is_readable_on_a_phone(story: Story, catcher: MailCatcher, browser: Browser) -> None:
    await invited(story, catcher)
    [mail] = catcher.box.messages
    body = mail.get_body(("html",))
    assert body is not None
    async with looking_at(browser, PHONE, scripts=False) as page:
        await page.set_content(body.get_content())
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE.width
        assert await page.get_attribute("a:has-text('Je réponds')", "href") == "http://vernissage.localhost:8003" + (
            link_in(mail)
        )
