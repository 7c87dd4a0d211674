"""How what was refused is answered: problem details with each field's path, a stable code and a French sentence."""

from __future__ import annotations

import re

from asyncpg import DeadlockDetectedError, ForeignKeyViolationError, UniqueViolationError
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DBAPIError

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, Kind, Refused, Severity
from services.registration.edge import NOT_WHOLE
from shared.language import Bilingual
from shared.refusals import Refusal
from shared.web import Problem, answer

TITLES = {
    404: Bilingual("Introuvable", "Not found"),
    409: Bilingual("Impossible dans cet état", "Not possible as things stand"),
    422: Bilingual("Données incorrectes", "Data not right"),
}

CONFLICTS = frozenset(
    kind.code
    for kind in (
        kinds.ALREADY_INVITED,
        kinds.ALREADY_MERGED,
        kinds.BOTH_EXPECTED,
        kinds.EXPECTED_AT_MEETUP,
        kinds.MERGED_LATER,
        kinds.MERGE_UNDONE,
        kinds.SAME_RECORD,
        kinds.DUPLICATE_IDENTIFIER,
        kinds.DUPLICATE_VENUE,
        kinds.DUPLICATE_AGENCY,
        kinds.ERASED_PARTICIPANT,
        kinds.NEED_CLOSED,
        kinds.OPERATION_HAS_MEETUP,
        kinds.OPERATION_IN_USE,
        kinds.CONTACT_IN_USE,
        kinds.MAIN_CONTACT,
        kinds.OTHER_EMPLOYERS,
        kinds.PROPOSAL_SETTLED,
        kinds.OTHER_EMPLOYER,
        kinds.MEETUP_CANCELLED,
        kinds.NOT_AT_MEETUP,
        kinds.OBJECTED,
        kinds.OBJECTION_LIFTED,
        kinds.OWN_ACCOUNT,
        kinds.IMPORT_ENDED,
        kinds.EXPORT_ENDED,
    )
)

CLASHES = (UniqueViolationError, ForeignKeyViolationError, DeadlockDetectedError)

VOUCHED_BY_ANOTHER = Problem(
    403,
    "other-agency",
    "Suivi par une autre agence",
    "Une autre agence répond de cette fiche. Proposez-lui votre changement (« proposals ») : elle l’acceptera ou non.",
    english=(
        "Another agency’s",
        "Another agency vouches for this. Propose your change to it (“proposals”): it will accept it or not.",
    ),
)
CHANGED_MEANWHILE = Problem(
    409,
    "changed-meanwhile",
    "Modifié entre-temps",
    "Quelqu’un d’autre a enregistré la même chose au même moment. Relisez, puis recommencez si besoin.",
    english=("Changed meanwhile", "Somebody else kept the same thing at the same moment. Read it, then try again."),
)


def problems_told() -> list[Problem]:
    """Every problem that the API tells beside those of every service, each as far as it is the same whenever told."""
    refused = [_of_kind(kind) for kind in kinds.KINDS if kind.severity is Severity.REFUSED]
    return [VOUCHED_BY_ANOTHER, CHANGED_MEANWHILE, NOT_WHOLE, *refused]


def _of_kind(kind: Kind) -> Problem:
    status = 409 if kind.code in CONFLICTS else 422
    message = re.sub(r"\{\w+\}", "…", kind.message)
    return Problem(status, kind.code, TITLES[status].fr, message, english=(TITLES[status].en, kind.meaning))


def tell_refusal(refusal: Refusal, request: Request) -> Problem:
    """The problem behind a refusal: 404 for what the address names, 409 for a state that forbids it, 422 else."""
    if not isinstance(refusal, Refused):
        raise refusal
    first = refusal.findings[0]
    if first.where in request.path_params:
        status = 404 if first.code not in CONFLICTS else 409
    else:
        status = 409 if first.code in CONFLICTS else 422
    errors = [
        {
            "in": _place_of(finding, request),
            "path": finding.where,
            "code": finding.code,
            "message": Bilingual(finding.message, finding.kind.meaning),
        }
        for finding in refusal.findings
    ]
    title, english = TITLES[status], (TITLES[status].en, first.kind.meaning)
    return Problem(status, first.code, title.fr, first.message, english=english, errors=errors)


def _place_of(finding: Finding, request: Request) -> str:
    if finding.where in request.path_params:
        return "path"
    return "query" if finding.where in request.query_params else "body"


def answer_clashes(app: FastAPI) -> None:
    """Have the application answer clashes of simultaneous requests as a problem."""

    async def refuse_clash(request: Request, error: Exception) -> Response:
        if isinstance(error, DBAPIError) and is_clash(error):
            return answer(request, CHANGED_MEANWHILE)
        raise error

    app.add_exception_handler(DBAPIError, refuse_clash)


def is_clash(error: DBAPIError) -> bool:
    """Whether two requests wrote the same key, one deleted what the other named, or each waited for the other."""
    causes = (error.orig, error.orig.__cause__ if error.orig is not None else None)
    return any(isinstance(cause, CLASHES) for cause in causes)
