"""The JSON API: what was sent and answered, what a person has to settle, letters to print, shortlists to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import HTMLResponse, Response

from services.notification.directory import DirectoryUnavailable
from services.notification.domain.delivery import Channel
from services.notification.domain.inviting import Invitation
from services.notification.domain.links import hash_of, new_token
from services.notification.domain.meetups import Meetup
from services.notification.domain.replying import Choice, NoLongerPlanned, TooLate
from services.notification.letters import letter_values
from services.notification.parts import Parts, ServiceParts
from services.notification.repository import invitations, messages, shortlists, told
from services.notification.use_cases import replying, sending, shortlisting
from shared.contracts.invitations import DeclineReason
from shared.database import unit_of_work
from shared.identity import Person, Role, check_agency, require
from shared.web import Problem, pages_of, problem

router = APIRouter(prefix="/api")

Reader = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER, Role.OPERATOR))]
Decider = Annotated[Person, Depends(require(Role.ADVISER, Role.MANAGER))]


class InvitationShown(BaseModel):
    """One participant's invitation as an adviser sees it."""

    invitation_id: UUID
    participant_id: UUID
    delivery: str
    reply: str
    decline_reason: str | None
    wants_call: bool
    deadline: datetime
    is_in_force: bool
    is_removed_after_acceptance: bool
    needs_adviser: bool
    """Somebody should phone: not reached, asked for a call, or accepted and then left without a meeting."""
    revision: int


class MessageShown(BaseModel):
    """One message and where it stands."""

    message_id: UUID
    kind: str
    recipient_id: UUID
    invitation_id: UUID | None
    shortlist_id: UUID | None
    state: str
    channel: str | None
    attempts: int
    error: str | None
    smtp_id: str | None
    written_at: datetime
    settled_at: datetime | None


class ShortlistShown(BaseModel):
    """One employer's shortlist and its answers so far."""

    shortlist_id: UUID
    employer_id: UUID
    delivery: str
    answers: int


class MessagesOfMeetup(BaseModel):
    """All that was said and answered for one meetup."""

    meetup_id: UUID
    invitations: list[InvitationShown]
    messages: list[MessageShown]
    shortlists: list[ShortlistShown]


class Strict(BaseModel):
    """A body in which an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Settlement(Strict):
    """What a person found out about a message."""

    outcome: Literal["sent", "send-again"]


class PhoneReply(Strict):
    """What an adviser heard on the phone."""

    choice: Choice
    reason: DeclineReason | None = None


class ShortlistsAsked(BaseModel):
    """How many shortlists leave now, and how many had been asked for before."""

    new: int
    already: int


@router.get("/meetups/{meetup_id}/messages")
async def list_messages(meetup_id: UUID, person: Reader, parts: ServiceParts) -> MessagesOfMeetup:
    """Invitations with their replies, messages with their state, shortlists with their answers."""
    async with unit_of_work(parts.sessions) as session:
        await _meetup_for(session, meetup_id, person)
        return MessagesOfMeetup(
            meetup_id=meetup_id,
            invitations=[_shown(each) for each in await invitations.seen_of_meetup(session, meetup_id)],
            messages=[_message_shown(row) for row in await messages.of_meetup(session, meetup_id)],
            shortlists=[
                ShortlistShown(
                    shortlist_id=each.id,
                    employer_id=each.employer_id,
                    delivery=each.delivery,
                    answers=len(await shortlists.answers_of(session, each.id)),
                )
                for each in await shortlists.of_meetup(session, meetup_id)
            ],
        )


@router.post("/meetups/{meetup_id}/shortlists", status_code=202)
async def request_shortlists(meetup_id: UUID, person: Decider, parts: ServiceParts) -> ShortlistsAsked:
    """Send the shortlists of a meetup to its employers; those who have theirs get no second one."""
    async with unit_of_work(parts.sessions) as session:
        await _meetup_for(session, meetup_id, person)
        try:
            new, already = await shortlisting.request_shortlists(
                session, meetup_id, now=parts.clock(), new_id=parts.new_id
            )
        except shortlisting.UnknownMeetup:
            raise problem(
                409,
                "no-pairing-in-force",
                "Aucun appariement en vigueur",
                "La rencontre n’a pas d’appariement approuvé, ou elle est annulée. Approuvez d’abord une proposition.",
            ) from None
    return ShortlistsAsked(new=new, already=already)


@router.post("/messages/{message_id}/resolve", status_code=204)
async def resolve_message(message_id: UUID, body: Settlement, person: Decider, parts: ServiceParts) -> Response:
    """Settle a message whose fate is uncertain, or send a failed one again."""
    async with unit_of_work(parts.sessions) as session:
        message = await messages.seen_by_id(session, message_id)
        if message is None:
            raise unknown_message()
        await _meetup_for(session, message.meetup_id, person)
    async with unit_of_work(parts.sessions) as session:
        try:
            await sending.settle_by_hand(
                session,
                message_id,
                was_sent=body.outcome == "sent",
                by=person.id,
                now=parts.clock(),
                new_id=parts.new_id,
            )
        except sending.UnknownMessage:
            raise unknown_message() from None
        except sending.AlreadySettled:
            raise problem(
                409,
                "already-settled",
                "Rien à décider",
                "Seul un message incertain ou en échec se règle à la main. Rechargez la liste.",
            ) from None
    return Response(status_code=204)


@router.post("/invitations/{invitation_id}/replies", status_code=204)
async def reply_by_phone(invitation_id: UUID, body: PhoneReply, person: Decider, parts: ServiceParts) -> Response:
    """Record what a participant said on the phone, until the meetup begins."""
    async with unit_of_work(parts.sessions) as session:
        invitation = await invitations.by_id(session, invitation_id)
        if invitation is None:
            raise unknown_invitation()
        await _meetup_for(session, invitation.meetup_id, person)
        try:
            await replying.reply_by_phone(
                session, invitation_id, body.choice, body.reason, now=parts.clock(), new_id=parts.new_id
            )
        except replying.UnknownInvitation:
            raise unknown_invitation() from None
        except TooLate:
            raise problem(
                409, "too-late", "Trop tard", "La rencontre a commencé : notez la présence le jour même."
            ) from None
        except NoLongerPlanned:
            raise problem(
                409,
                "no-longer-planned",
                "Plus de rendez-vous",
                "Cette personne n’a plus d’entretien à cette rencontre. Demandez un nouvel appariement avec elle.",
            ) from None
    return Response(status_code=204)


@router.get("/letters/{message_id}", response_class=HTMLResponse)
async def show_letter(request: Request, message_id: UUID, person: Decider, parts: ServiceParts) -> HTMLResponse:
    """A letter to print, for somebody without e-mail. Its names and address are kept nowhere."""
    letter = await _open_letter(message_id, person, parts)
    try:
        values = await letter_values(
            letter.contents,
            parts.directory,
            public_url=parts.settings.public_url,
            token=letter.token,
            now=parts.clock(),
        )
    except DirectoryUnavailable:
        raise problem(
            503,
            "no-directory",
            "Adresse indisponible",
            "Le service des inscriptions ne répond pas. Recommencez dans un instant.",
        ) from None
    if values is None:
        raise obsolete_letter()
    return pages_of(request).page(request, "letter.html", **values)


def unknown_message() -> Problem:
    """The problem of an id that no message has."""
    return problem(
        404, "unknown-message", "Message inconnu", "Aucun message ne porte cet identifiant. Rechargez la liste."
    )


def unknown_invitation() -> Problem:
    """The problem of an id that no invitation has."""
    return problem(
        404,
        "unknown-invitation",
        "Invitation inconnue",
        "Aucune invitation ne porte cet identifiant. Rechargez la liste.",
    )


def obsolete_letter() -> Problem:
    """The problem of a letter that has nothing to say any more."""
    return problem(
        410,
        "obsolete-letter",
        "Lettre sans objet",
        "La personne a répondu, ou son rendez-vous a changé depuis. N’envoyez pas cette lettre.",
    )


@dataclass(frozen=True, slots=True)
class _Letter:
    contents: sending.Contents
    token: str


async def _open_letter(message_id: UUID, person: Person, parts: Parts) -> _Letter:
    async with unit_of_work(parts.sessions) as session:
        message = await messages.seen_by_id(session, message_id)
        if message is None or message.channel != Channel.LETTER:
            raise unknown_message()
        await _meetup_for(session, message.meetup_id, person)
        contents = await sending.contents_of(session, message)
        token, token_hash = _fresh_link()
        if contents is None:
            raise obsolete_letter()
        await sending.keep_link(session, message, token_hash, parts.clock())
    return _Letter(contents, token)


def _fresh_link() -> tuple[str, bytes]:
    token = new_token()
    token_hash = hash_of(token)
    if token_hash is None:
        raise RuntimeError("a fresh token has a hash")
    return token, token_hash


async def _meetup_for(session: AsyncSession, meetup_id: UUID, person: Person) -> Meetup:
    """The meetup, if it is known and the person may see it."""
    meetup = await told.meetup(session, meetup_id)
    if meetup is None:
        raise problem(404, "unknown-meetup", "Rencontre inconnue", "Aucune rencontre ne porte cet identifiant.")
    check_agency(person, meetup.agency_id)
    return meetup


def _shown(invitation: Invitation) -> InvitationShown:
    unreached = invitation.delivery in ("not-contactable", "too-late", "failed", "uncertain")
    waits = invitation.reply == "none" and invitation.is_in_force
    return InvitationShown(
        invitation_id=invitation.id,
        participant_id=invitation.participant_id,
        delivery=invitation.delivery,
        reply=invitation.reply,
        decline_reason=invitation.decline_reason,
        wants_call=invitation.wants_call,
        deadline=invitation.deadline,
        is_in_force=invitation.is_in_force,
        is_removed_after_acceptance=invitation.is_removed_after_acceptance,
        needs_adviser=invitation.is_removed_after_acceptance or invitation.wants_call or (waits and unreached),
        revision=invitation.revision,
    )


def _message_shown(row: Any) -> MessageShown:
    return MessageShown(
        message_id=row.id,
        kind=row.kind,
        recipient_id=row.recipient_id,
        invitation_id=row.invitation_id,
        shortlist_id=row.shortlist_id,
        state=row.state,
        channel=row.channel,
        attempts=row.attempts,
        error=row.error,
        smtp_id=row.smtp_id,
        written_at=row.written_at,
        settled_at=row.settled_at,
    )
