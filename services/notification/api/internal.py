"""What registration may ask, with a token of its own: mails about no meetup, of which nothing is kept, and records."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from services.notification.adapters.staff_mails import is_taken, send_at_once, write_for_registration
from services.notification.adapters.transport import mail_server
from services.notification.adapters.writing import BadAddress
from services.notification.edge import OurSettings
from services.notification.use_cases.record import record_of_participant
from shared.auditing import note_looks
from shared.ids import new_id
from shared.language import Language
from shared.rights import Scope
from shared.web import Problem
from shared.web.edge import May, RequestMoment, Transaction
from shared.web.telling_records import RecordOfService

router = APIRouter(prefix="/internal", tags=["internal"])

RegistrationItself = Annotated[Scope, May("have mails sent")]

NOT_SENT = Problem(
    503,
    "mail-not-sent",
    "Message non envoyé",
    "Le serveur de courriel ne l’a pas pris. Recommencez dans quelques secondes.",
    english=("Message not sent", "The mail server did not take it. Try again in a few seconds."),
    headers={"retry-after": "5"},
)
BAD_ADDRESS = Problem(
    422,
    "bad-address",
    "Adresse incorrecte",
    "Aucun serveur de courriel ne prend cette adresse.",
    english=("Address not right", "No mail server takes this address."),
)


class _MailBody(BaseModel):
    """To whom a mail goes; nobody keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    email: Annotated[str, Field(max_length=320)]
    language: Language


class SignInMailBody(_MailBody):
    """A link to sign in, for whoever asked for it."""

    kind: Literal["sign-in"]
    link: Annotated[str, Field(max_length=500)]


class StaffInvitationBody(_MailBody):
    """Word to somebody that they may sign in: as what, at which agency, and where."""

    kind: Literal["staff-invitation"]
    link: Annotated[str, Field(max_length=500)]
    role: Literal["mediator", "adviser", "manager", "operator"]
    agency: Annotated[str | None, Field(max_length=200)]


class ContactChangedBody(_MailBody):
    """Word to an employer's former address that somebody else is reached from now on, and whom to call."""

    kind: Literal["contact-changed"]
    employer: Annotated[str, Field(max_length=200)]
    agency: Annotated[str | None, Field(max_length=200)]
    phone: Annotated[str | None, Field(max_length=50)]


class ErasureNoticeBody(_MailBody):
    """Word to a participant that they will be erased: on which day, and whom to call to stay."""

    kind: Literal["erasure-notice"]
    erases_on: date
    agency: Annotated[str | None, Field(max_length=200)]
    phone: Annotated[str | None, Field(max_length=50)]


MailBody = Annotated[
    SignInMailBody | StaffInvitationBody | ContactChangedBody | ErasureNoticeBody, Field(discriminator="kind")
]


@router.get("/participants/{participant_id}/record")
async def record(
    participant_id: UUID, session: Transaction, _scope: Annotated[Scope, May("tell records")]
) -> RecordOfService:
    """All that is held of somebody, for the record handed over to them; empty where nobody told of them yet."""
    told = await record_of_participant(session, participant_id)
    await note_looks(session, "records", [participant_id])
    return RecordOfService(**told)


@router.post("/mails", status_code=204)
async def send_mail(
    body: MailBody, _service: RegistrationItself, settings: OurSettings, moment: RequestMoment
) -> Response:
    """Send a mail of registration's own, now; whether the mail server took it is the answer.

    Asked again, it sends another one: whoever asks keeps what is still to be sent.
    """
    told = body.model_dump(exclude={"kind", "email", "language"})
    try:
        mail = write_for_registration(
            body.kind,
            body.email,
            told,
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
