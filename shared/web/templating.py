"""Pages from templates: one layout, one set of pieces, words in two languages side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.identity import person_or_none
from shared.language import Bilingual, Language
from shared.web import cookies, forms, typography

HERE = Path(__file__).parent
STYLE = HERE / "static" / "vernissage.css"


Frame = Callable[[Request], Mapping[str, Any]]
"""What stands around every page of a service for whoever asks: ``agency``, its name, and ``links`` of the menu."""
Filters = Mapping[str, Callable[..., Any]]
"""What a service's templates say of values, by the filter's name."""


class Pages:
    """Renders a service's templates on the common layout, within the service's frame."""

    def __init__(
        self, *, title: str, templates: Path | None = None, frame: Frame | None = None, filters: Filters | None = None
    ) -> None:
        self.title = title
        self._frame = frame or (lambda _request: {})
        self.environment = create_environment(*([templates] if templates else []))
        self.environment.globals["style_address"] = f"/static/vernissage.css?v={_fingerprint(STYLE)}"
        self.environment.filters |= filters or {}
        self.environment.globals["site_title"] = title

    def compile_all(self) -> None:
        """Compile every template now, not when somebody first asks for its page."""
        compile_all(self.environment)

    def page(
        self,
        request: Request,
        template: str,
        *,
        language: Language | None = None,
        status: int = 200,
        **values: Any,
    ) -> HTMLResponse:
        """The page as an answer. Templates also know who asks, the ``language``, and ``form_token()``."""
        text = self.environment.get_template(template).render(
            person=person_or_none(request),
            signed_in_name=getattr(request.state, "signed_in_name", None),
            language=language or language_of(request),
            path=request.url.path,
            form_token=lambda: forms.form_token(request),
            form_token_field=forms.TOKEN_FIELD,
            **{"agency": None, "links": (), **self._frame(request), **values},
        )
        response = HTMLResponse(text, status)
        visitor = forms.new_visitor_of(request)
        if visitor is not None:
            cookies.keep_visitor(request, response, visitor)
        return response


def pages_of(request: Request) -> Pages:
    """The pages of the application that serves the request."""
    pages = request.app.state.pages
    if not isinstance(pages, Pages):
        raise TypeError("app.state.pages is no Pages")
    return pages


def create_environment(*folders: Path) -> Environment:
    """A Jinja environment on these template folders, then the common one. An undefined variable is an error."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (*folders, HERE / "templates")]),
        autoescape=select_autoescape(disabled_extensions=("txt", "subject"), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["say"] = _say
    environment.filters |= {
        "said": _said,
        "day": _in_language(typography.date_in_words),
        "clock_time": _in_language(typography.time_in_words),
        "moment": _in_language(typography.moment_in_words),
        "decimal": _in_language(typography.number_in_words),
        "percent": _in_language(typography.percent_in_words),
        "phone": typography.phone_in_words,
        "french_date": typography.french_date,
        "french_moment": typography.french_moment,
    }
    return environment


def compile_all(environment: Environment) -> None:
    """Compile every template of an environment; it keeps them."""
    for name in environment.list_templates():
        environment.get_template(name)


def language_of(request: Request) -> Language:
    """English for those whose browser prefers it to French; French otherwise."""
    for choice in request.headers.get("accept-language", "").lower().split(","):
        tag = choice.split(";")[0].strip()
        if tag.startswith("fr"):
            return "fr"
        if tag.startswith("en"):
            return "en"
    return "fr"


@pass_context
def _say(context: Context, french: str, english: str) -> str:
    """The text in the page's language."""
    return english if context.resolve("language") == "en" else french


@pass_context
def _said(context: Context, text: Bilingual) -> str:
    """A text of both languages in the page's."""
    return text.en if context.resolve("language") == "en" else text.fr


def _in_language(spell: Callable[..., str]) -> Callable[..., str]:
    @pass_context
    def spelled(context: Context, value: Any, *details: Any) -> str:
        return spell(value, context.resolve("language"), *details)

    return spelled


def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
