"""The demo's browser does what a browser without JavaScript does."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from deploy.demo.browser import Browser, PageRefused

PAGE = """<!doctype html><title>Deux &amp; trois</title>
<form action="/a"><input type="hidden" name="proof" value="p&amp;q"><button name="choice" value="yes">Oui</button>
</form>
<form method="post" action="/answer">
<input type="hidden" name="proof" value="42">
<input type="radio" name="reason" value="far"><input type="radio" name="mood" value="good" checked>
<input type="checkbox" name="never" value="1"><input name="note" value="rien"><input type="text" value="nameless">
<button name="choice" value="yes">Oui</button><button name="choice" value="no">  Non, merci </button>
</form><button name="choice" value="outside">Dehors</button>"""


@pytest.fixture
def sent() -> dict[str, str]:
    """What the form sent."""
    return {}


@pytest.fixture
async def browser(sent: dict[str, str]) -> AsyncIterator[Browser]:
    """A browser on a little site."""
    app = FastAPI()

    @app.get("/", response_class=HTMLResponse)
    def page() -> str:
        return PAGE

    @app.post("/answer")
    def answer(
        proof: str = Form(), choice: str = Form(), mood: str = Form(""), reason: str = Form(""), never: str = Form("")
    ) -> Response:
        sent.update(proof=proof, choice=choice, mood=mood, reason=reason, never=never)
        if choice == "no" and not reason:
            return HTMLResponse("<title>Pourquoi ?</title>", 422)
        return RedirectResponse("/thanks", 303)

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        yield Browser(client)


async def test_a_page_has_its_title_and_forms(browser: Browser) -> None:
    page = await browser.open("/")
    assert page.title == "Deux & trois"
    assert [form.action for form in page.forms] == ["/a", "/answer"]
    assert page.forms[0].fields == {"proof": "p&q"}
    assert page.forms[1].fields == {"proof": "42", "mood": "good", "note": "rien"}
    assert [button.words for button in page.forms[1].buttons] == ["Oui", "Non, merci"]


async def test_a_button_sends_its_form_and_nothing_that_nobody_chose(browser: Browser, sent: dict[str, str]) -> None:
    page = await browser.open("/")
    address = await browser.press(page, page.form_with("yes", proof="42"), "yes")
    assert address == "http://site.test/thanks"
    assert sent == {"proof": "42", "choice": "yes", "mood": "good", "reason": "", "never": ""}


async def test_what_was_typed_goes_along(browser: Browser, sent: dict[str, str]) -> None:
    page = await browser.open("/")
    await browser.press(page, page.form_with("no"), "no", reason="far")
    assert sent["reason"] == "far"


async def test_a_refusal_is_told_by_the_title_of_its_page(browser: Browser) -> None:
    page = await browser.open("/")
    with pytest.raises(PageRefused, match="422: Pourquoi"):
        await browser.press(page, page.form_with("no"), "no")
    with pytest.raises(PageRefused, match="404"):
        await browser.open("/nowhere")


async def test_a_button_that_is_not_there_cannot_be_pressed(browser: Browser) -> None:
    page = await browser.open("/")
    with pytest.raises(LookupError, match="outside"):
        page.form_with("outside")
    with pytest.raises(LookupError, match="maybe"):
        await browser.press(page, page.forms[1], "maybe")
