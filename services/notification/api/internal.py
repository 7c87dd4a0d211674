"""What registration may ask, with a token of its own: a mail to staff, who have no messages here."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.notification.adapters.staff_mails import is_taken, send_at_once, write_sign_in_mail
from services.notification.adapters.transport import mail_server
from services.notification.adapters.writing import BadAddress
from services.notification.edge import OurSettings
from shared.ids import new_id
from shared.language import Language
from shared.rights import Scope
from shared.web import Problem
from shared.web.edge import May, RequestMoment

router = APIRouter(prefix="/internal", tags=["internal"])

RegistrationItself = Annotated[Scope, May("send sign-in links")]

NOT_SENT = Problem(
    503,
    "mail-not-sent",
    "Message non envoyé",
    "Le serveur de courriel ne l’a pas pris. Recommencez dans quelques secondes.",
    headers={"retry-after": "5"},
)
BAD_ADDRESS = Problem(422, "bad-address", "Adresse incorrecte", "Aucun serveur de courriel ne prend cette adresse.")


class SignInMailBody(BaseModel):
    """To whom a link to sign in goes; nobody keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    email: Annotated[str, Field(max_length=320)]
    link: Annotated[str, Field(max_length=500)]
    language: Language


@router.post("/sign-in-mails", status_code=204)
async def send_sign_in_mail(
    body: SignInMailBody, _service: RegistrationItself, settings: OurSettings, moment: RequestMoment
) -> Response:
    """Send somebody their link to sign in, now; whether the mail server took it is the answer."""
    try:
        mail = write_sign_in_mail(
            body.email,
            body.link,
            body.language,
            id_=new_id(),
            mail_from=settings.mail_from,
            domain=settings.mail_domain,
            now=moment.now,
        )
    except BadAddress:
        raise BAD_ADDRESS from None
    if not is_taken(await send_at_once(mail_server(settings), mail)):
        raise NOT_SENT
    return Response(status_code=204)
