"""What the pages behind a link share: finding the token, the form's own proof, the plain refusals.

Mail scanners open links and sometimes post forms. So nothing changes without a proof that only the page hands out, and
what was decided can be decided otherwise.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse

from services.notification.domain.links import hash_of
from services.notification.limits import LINK_GUESSES
from services.notification.pages.problems import UNKNOWN_LINK
from shared.identity import now_of, seal_of
from shared.language import Language
from shared.refusals import Unknown
from shared.web import language_of
from shared.web.forms import form_expired
from shared.web.limiting import limited_guesses

PROOF_FIELD = "proof"
PROOF_LIFETIME = timedelta(hours=12)
_PURPOSE = "linked-form"


def _is_no_link(error: Exception) -> bool:
    return error is UNKNOWN_LINK or isinstance(error, Unknown)


GUESSES_COUNTED = Depends(limited_guesses(LINK_GUESSES, _is_no_link), scope="function")
"""For every page behind a link; counts once the page's own transaction has ended."""


def token_hash_in(token: str) -> bytes:
    """The hash of the token in an address; raises `UNKNOWN_LINK` for what cannot be one."""
    token_hash = hash_of(token)
    if token_hash is None:
        raise UNKNOWN_LINK
    return token_hash


def proof_for(request: Request, token_hash: bytes) -> str:
    """What a form on this page must send along."""
    issued = str(int(now_of(request).timestamp()))
    return f"{issued}.{seal_of(request).mark(_PURPOSE, f'{issued}.{token_hash.hex()}')}"


async def proven_form(request: Request, token_hash: bytes) -> FormData:
    """The form that was sent, once its proof holds; raises the `form_expired` problem."""
    form = await request.form(max_files=0, max_fields=20)
    check_proof(request, form, token_hash)
    return form


def check_proof(request: Request, form: FormData, token_hash: bytes) -> None:
    """Raise the `form_expired` problem unless the form came from a page shown not long ago."""
    issued, _, mark = text_in(form, PROOF_FIELD).partition(".")
    value = f"{issued}.{token_hash.hex()}"
    if not (issued.isascii() and issued.isdigit() and len(issued) < 12):
        raise form_expired()
    if not seal_of(request).has_marked(_PURPOSE, value, mark):
        raise form_expired()
    age = now_of(request).timestamp() - int(issued)
    if not -60 <= age <= PROOF_LIFETIME.total_seconds():
        raise form_expired()


def text_in(form: FormData, name: str) -> str:
    """A text field of a form, empty where it is absent or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def chosen_language(request: Request, usual: str | None) -> Language:
    """The language that the reader chose on the page, else their usual one, else their browser's."""
    choice = request.query_params.get("lang", usual)
    if choice in ("fr", "en"):
        return "en" if choice == "en" else "fr"
    return language_of(request)


def back_to(request: Request, address: str, anchor: str = "") -> RedirectResponse:
    """After a form: show the page again, in the language it was in."""
    choice = request.query_params.get("lang")
    query = f"?lang={choice}" if choice in ("fr", "en") else ""
    return RedirectResponse(f"{address}{query}{anchor}", 303)
