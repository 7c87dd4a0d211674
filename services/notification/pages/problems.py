"""How pages behind a link answer what was refused: plainly, in the reader's language."""

from __future__ import annotations

from fastapi import Request

from services.notification.domain.replying import TooEarly, TooLate
from services.notification.use_cases import refusals
from shared.refusals import Refusal, Unknown
from shared.web import Problem

UNKNOWN_LINK = Problem(
    404,
    "unknown-link",
    "Ce lien ne marche pas",
    "Il est peut-être coupé, ou trop ancien. Ouvrez-le depuis le message ou recopiez-le en entier. Sinon, appelez votre"
    " agence.",
    english=(
        "This link does not work",
        "It may be cut off, or too old. Open it from the message, or copy all of it. Otherwise, call your agency.",
    ),
)
UNCLEAR_ANSWER = Problem(
    422,
    "unclear-answer",
    "Réponse incomplète",
    "Rien n’a été enregistré. Revenez à la page, puis choisissez une des réponses.",
    english=("Incomplete answer", "Nothing was saved. Go back to the page, then choose one of the answers."),
)
_ANSWERS: dict[type[Refusal], Problem] = {
    refusals.NotOnShortlist: Problem(
        409,
        "not-on-shortlist",
        "Cette personne ne vient plus",
        "Votre réponse n’est pas enregistrée. Revenez à votre page : la liste a changé.",
        english=(
            "This person no longer comes",
            "Your answer was not saved. Go back to your page: the list has changed.",
        ),
    ),
    TooEarly: Problem(
        409,
        "answers-not-open",
        "La rencontre n’a pas encore commencé",
        "Votre réponse n’est pas enregistrée. Revenez à votre page : elle dit à partir de quand vous pouvez répondre.",
        english=(
            "The meetup has not begun yet",
            "Your answer was not saved. Go back to your page: it says from when on you can answer.",
        ),
    ),
    TooLate: Problem(
        409,
        "answers-closed",
        "La date pour répondre est passée",
        "Votre réponse n’est pas enregistrée. Appelez l’agence qui organise la rencontre.",
        english=("The time to answer is over", "Your answer was not saved. Call the agency that runs the meetup."),
    ),
}


def problems_told() -> list[Problem]:
    """Every problem that pages behind links tell beside those of every service."""
    return [UNKNOWN_LINK, UNCLEAR_ANSWER, *_ANSWERS.values()]


def tell_refusal(refusal: Refusal, _request: Request) -> Problem:
    """The problem that tells of a refusal."""
    return UNKNOWN_LINK if isinstance(refusal, Unknown) else _ANSWERS[type(refusal)]
