"""The pages that show caught mails: their list, and each with its text, its HTML and its attached files."""

import secrets
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import SecretStr

from deploy.embedded.caught_mail import CaughtMail, MailFolder
from shared.web.application import Lifespan, create_web_app
from shared.web.problems import Problem
from shared.web.templating import pages_of

TEMPLATES = Path(__file__).with_name("mail_templates")
PAGE_LENGTH = 100

# A mail's own HTML brings its styles along; it may load and run nothing, and send nothing anywhere.
HTML_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class MailSettings:
    """The settings of pages on which nobody signs in."""

    seal_secret: SecretStr = field(default_factory=lambda: SecretStr(secrets.token_urlsafe(32)))
    public_url: str = "http://127.0.0.1"
    other_names: str = ""
    demo_sign_in: bool = False


def create_app(mails: MailFolder, lifespan: Lifespan | None = None) -> FastAPI:
    """The application that shows the mails of this folder."""
    app = create_web_app(
        title="Courrier", settings=MailSettings(), templates=TEMPLATES, routers=[router], lifespan=lifespan
    )
    app.state.mails = mails
    return app


@router.get("/")
def show_list(request: Request, page: int = 1) -> HTMLResponse:
    """The mails, the latest first, a hundred a page."""
    names = _mails_of(request).names()[::-1]
    pages = max(1, -(-len(names) // PAGE_LENGTH))
    page = min(max(page, 1), pages)
    shown = [_mails_of(request).read(name) for name in names[(page - 1) * PAGE_LENGTH : page * PAGE_LENGTH]]
    return pages_of(request).page(request, "mails.html", mails=shown, count=len(names), number=page, pages=pages)


@router.get("/messages/{name}")
def show_mail(request: Request, name: str) -> HTMLResponse:
    """One mail with its plain text."""
    mail = _mail(request, name)
    attachments = [_file_facts(part) for part in mail.attachments()]
    return pages_of(request).page(request, "mail.html", mail=mail, attachments=attachments)


@router.get("/messages/{name}/html")
def show_html(request: Request, name: str) -> Response:
    """The mail's own HTML, which can neither load nor run anything."""
    html = _mail(request, name).html()
    if not html:
        raise _unknown()
    return HTMLResponse(html, headers={"content-security-policy": HTML_POLICY})


@router.get("/messages/{name}/source")
def give_source(request: Request, name: str) -> Response:
    """The mail as it came."""
    try:
        return _file(_mails_of(request).source(name), "message/rfc822", f"{name}.eml")
    except FileNotFoundError as error:
        raise _unknown() from error


@router.get("/messages/{name}/files/{index}")
def give_file(request: Request, name: str, index: int) -> Response:
    """An attached file, to be kept and never shown in place."""
    attachments = _mail(request, name).attachments()
    if not 0 <= index < len(attachments):
        raise _unknown()
    part = attachments[index]
    return _file(_bytes_of(part), part.get_content_type(), part.get_filename() or "file")


def _mails_of(request: Request) -> MailFolder:
    mails = request.app.state.mails
    if not isinstance(mails, MailFolder):
        raise TypeError("app.state.mails is no MailFolder")
    return mails


def _mail(request: Request, name: str) -> CaughtMail:
    try:
        return _mails_of(request).read(name)
    except FileNotFoundError as error:
        raise _unknown() from error


def _unknown() -> Problem:
    return Problem(
        404,
        "not-found",
        "Ce message n’existe pas",
        "Revenez à la liste des messages.",
        english=("There is no such message", "Go back to the list of messages."),
    )


def _file_facts(part: EmailMessage) -> dict[str, Any]:
    return {"name": part.get_filename() or "file", "kind": part.get_content_type(), "bytes": len(_bytes_of(part))}


def _bytes_of(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _file(content: bytes, kind: str, name: str) -> Response:
    # Starlette would add a charset to text that has its own.
    headers = {"content-type": kind, "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(content, headers=headers)
