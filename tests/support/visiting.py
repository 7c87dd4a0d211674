"""Somebody without JavaScript: opens pages, fills in their forms and sends them, as a browser would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx


@dataclass
class FormOnPage:
    """A form as it stands on a page: where it leads, what stands in its fields, and its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, set[str]] = field(default_factory=dict)
    """What can be chosen in fields that give a choice."""
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """The words on each, and the name and value that it sends."""

    def filled(self, typed: Mapping[str, str | Sequence[str]], button: str) -> list[tuple[str, str]]:
        """What the browser sends: what stands there, but for what is typed, and the button that is pressed."""
        known = {name for name, _ in self.fields} | set(self.choices)
        assert set(typed) <= known, f"no such field: {set(typed) - known}"
        for name, value in typed.items():
            wanted = {value} if isinstance(value, str) else set(value)
            assert wanted - {""} <= self.choices.get(name, wanted), f"{name} gives no such choice: {wanted}"
        sent = [(name, value) for name, value in self.fields if name not in typed]
        for name, value in typed.items():
            sent += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        pressed = next(each for each in self.buttons if button in each[0])
        return sent + ([pressed[1:]] if pressed[1] else [])


class _Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self._open: FormOnPage | None = None
        self._text: list[str] | None = None
        self._button: tuple[str, str] | None = None
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = FormOnPage(told.get("action", ""), told.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None:
            self._within_form(self._open, tag, told)

    def _within_form(self, form: FormOnPage, tag: str, told: Mapping[str, str]) -> None:
        name, value = told.get("name", ""), told.get("value", "")
        if tag == "input" and told.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, set()).add(value)
            form.fields += [(name, value)] if "checked" in told else []
        elif tag == "input" and name:
            form.fields.append((name, value))
        elif tag == "select":
            self._select = name
            form.choices.setdefault(name, set())
        elif tag == "option":
            form.choices[self._select].add(value)
            form.fields += [(self._select, value)] if "selected" in told else []
        elif tag == "textarea":
            self._area, self._text = name, []
        elif tag == "button":
            self._button, self._text = (name, value), []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        words = "".join(self._text or ())
        if self._open is not None and tag == "textarea":
            self._open.fields.append((self._area, words.removeprefix("\n")))
            self._text = None
        elif self._open is not None and tag == "button" and self._button is not None:
            self._open.buttons.append((words, *self._button))
            self._text = None
        elif tag == "form":
            self._open = None


@dataclass
class Visitor:
    """Somebody in front of a page; ``headers`` say who they are and which language they want."""

    client: httpx.AsyncClient
    headers: Mapping[str, str] = field(default_factory=dict)
    page: httpx.Response | None = None

    async def open(self, address: str) -> httpx.Response:
        """Go to a page, wherever it leads on to."""
        return await self._arrive(await self.client.get(address, headers={**self.headers, "accept": "text/html"}))

    def form(self, button: str) -> FormOnPage:
        """The form on the page that has a button with these words."""
        found = [each for each in self.forms() if any(button in words for words, _, _ in each.buttons)]
        assert found, f"no button «{button}» on {self._shown.url}: {self._shown.text[-3000:]}"
        return found[0]

    def forms(self) -> list[FormOnPage]:
        """All forms on the page."""
        reader = _Forms()
        reader.feed(self._shown.text)
        for form in reader.forms:
            form.action = urljoin(str(self._shown.url), form.action or urlsplit(str(self._shown.url)).path)
        return reader.forms

    async def send(self, button: str, typed: Mapping[str, str | Sequence[str]] | None = None) -> httpx.Response:
        """Fill in the form that has this button, press it, and follow where it leads."""
        form = self.form(button)
        return await self.post(form, form.filled(typed or {}, button))

    async def post(self, form: FormOnPage, sent: Sequence[tuple[str, str]]) -> httpx.Response:
        """Send a form with exactly this, and follow where it leads."""
        headers = {**self.headers, "accept": "text/html"}
        if form.method == "get":
            return await self._arrive(await self.client.get(form.action, params=list(sent), headers=headers))
        data: dict[str, list[str]] = {}
        for name, value in sent:
            data.setdefault(name, []).append(value)
        return await self._arrive(await self.client.post(form.action, data=data, headers=headers))

    @property
    def _shown(self) -> httpx.Response:
        assert self.page is not None, "no page is open"
        return self.page

    async def _arrive(self, response: httpx.Response) -> httpx.Response:
        for _ in range(5):
            if response.status_code != 303:
                break
            address = urljoin(str(response.url), response.headers["location"])
            response = await self.client.get(address, headers={**self.headers, "accept": "text/html"})
        self.page = response
        return response
