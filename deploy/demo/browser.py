"""A browser without JavaScript: opens pages, reads their forms, and sends them like somebody who presses a button."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

Attributes = list[tuple[str, str | None]]


class PageRefused(Exception):
    """A page answered with an error."""

    def __init__(self, status: int, title: str) -> None:
        super().__init__(f"{status}: {title}")


@dataclass(frozen=True)
class Button:
    """What pressing a button adds to its form, and the words on it."""

    name: str
    value: str
    words: str


@dataclass
class Form:
    """A form: where it goes, what it sends by itself, and its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def button(self, value: str) -> Button | None:
        """The button with this value, if the form has it."""
        return next((button for button in self.buttons if button.value == value), None)


@dataclass(frozen=True)
class OpenPage:
    """A page as its reader's program knows it."""

    address: str
    title: str
    forms: tuple[Form, ...]

    def form_with(self, value: str, **fields: str) -> Form:
        """The form that has a button of this value and these fields. Raises `LookupError` where there is none."""
        for form in self.forms:
            if form.button(value) and fields.items() <= form.fields.items():
                return form
        raise LookupError(f"the page “{self.title}” has no form with the button {value!r}")


class Browser:
    """One person's browser, with cookies of its own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.http = client

    async def open(self, address: str) -> OpenPage:
        """Open a page. Raises `PageRefused`."""
        return _page(await self.http.get(address, headers={"accept": "text/html"}, follow_redirects=True))

    async def press(self, page: OpenPage, form: Form, value: str, **typed: str) -> str:
        """Press the button with this value; the address to which the answer leads.

        Raises `PageRefused`, or `LookupError` where the form has no such button.
        """
        button = form.button(value)
        if button is None:
            raise LookupError(f"the form has no button {value!r}")
        sent: Mapping[str, str] = {**form.fields, **typed, button.name: button.value}
        address = urljoin(page.address, form.action)
        response = await self.http.post(address, data=sent, headers={"accept": "text/html"})
        if response.next_request is None:
            raise PageRefused(response.status_code, _page(response).title)
        return str(response.next_request.url)


def _page(response: httpx.Response) -> OpenPage:
    reader = _Reader()
    reader.feed(response.text)
    if response.is_error:
        raise PageRefused(response.status_code, reader.title.strip())
    return OpenPage(str(response.url), reader.title.strip(), tuple(reader.forms))


class _Reader(HTMLParser):
    """Collects the title and the forms of a page. Radio buttons that nobody chose send nothing, as in a browser."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.forms: list[Form] = []
        self._inside: Form | None = None
        self._button: dict[str, str] | None = None
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form(told.get("action", ""))
            self.forms.append(self._inside)
        elif tag == "input" and self._inside is not None:
            self._add_input(self._inside, told)
        elif tag == "button" and self._inside is not None:
            self._button = told | {"words": ""}
        elif tag == "title":
            self._in_title = True

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if self._button is not None:
            self._button["words"] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        elif tag == "title":
            self._in_title = False
        elif tag == "button" and self._button is not None and self._inside is not None:
            told = self._button
            self._inside.buttons.append(Button(told.get("name", ""), told.get("value", ""), told["words"].strip()))
            self._button = None

    @staticmethod
    def _add_input(form: Form, told: Mapping[str, str]) -> None:
        if told.get("name") and (told.get("type", "text") not in ("radio", "checkbox") or "checked" in told):
            form.fields[told["name"]] = told.get("value", "")
