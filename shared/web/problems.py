"""Errors as RFC 9457 problem details: what is wrong, where, and what to do. They never repeat what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

PROBLEM_TYPE = "application/problem+json"


class Problem(HTTPException):
    """An answer that tells somebody what went wrong.

    ``code`` is stable, in kebab-case, for programs; ``title`` and ``detail`` are plain sentences for people;
    ``english`` holds both in English for pages; ``extensions`` are further members of the answer. It is an
    `HTTPException`, so that FastAPI hands it on as it is.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        english: tuple[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)
        self.code = code
        self.title = title
        self.english = english
        self.extensions = extensions

    def members(self) -> dict[str, Any]:
        """The members of the JSON answer."""
        return {
            "type": f"urn:vernissage:problem:{self.code}",
            "title": self.title,
            "status": self.status_code,
            "detail": self.detail,
            "code": self.code,
            **self.extensions,
        }


def problem(status: int, code: str, title: str, detail: str, **extensions: Any) -> Problem:
    """A problem to raise: ``raise problem(404, "unknown-meetup", "Rencontre inconnue", "…")``."""
    return Problem(status, code, title, detail, **extensions)


def json_answer(trouble: Problem) -> JSONResponse:
    """The problem as ``application/problem+json``."""
    return JSONResponse(trouble.members(), trouble.status_code, headers=trouble.headers, media_type=PROBLEM_TYPE)


NOT_SIGNED_IN = Problem(
    401,
    "not-signed-in",
    "Connexion nécessaire",
    "Connectez-vous, puis recommencez.",
    headers={"www-authenticate": "Bearer"},
    english=("Please sign in", "Sign in, then try again."),
)
NOT_ALLOWED = Problem(
    403,
    "not-allowed",
    "Accès refusé",
    "Votre rôle ou votre agence ne donne pas accès à cette page. Demandez à la personne qui la suit.",
    english=("Access refused", "Your role or agency does not give access to this page. Ask whoever looks after it."),
)
NOT_VERIFIABLE = Problem(
    503,
    "not-verifiable",
    "Vérification impossible pour le moment",
    "Le service qui dit qui vous êtes ne répond pas. Recommencez dans quelques secondes.",
    headers={"retry-after": "5"},
    english=(
        "Cannot be verified for the moment",
        "The service that says who you are does not answer. Try again in a few seconds.",
    ),
)
UNEXPECTED = Problem(
    500,
    "unexpected-error",
    "Une erreur est survenue",
    "Rien n’a été enregistré à moitié. Recommencez dans un instant ; si cela dure, prévenez l’exploitant.",
    english=(
        "Something went wrong",
        "Nothing was left half-done. Try again in a moment; if it lasts, tell the operator.",
    ),
)

UNAVAILABLE = Problem(
    503,
    "database-unavailable",
    "Service momentanément indisponible",
    "Rien n’a été enregistré à moitié. Recommencez dans quelques secondes ; si cela dure, prévenez l’exploitant.",
    headers={"retry-after": "5"},
    english=(
        "Not available for the moment",
        "Nothing was left half-done. Try again in a few seconds; if it lasts, tell the operator.",
    ),
)

_BY_STATUS: Mapping[int, Problem] = {
    400: Problem(
        400,
        "bad-request",
        "Demande illisible",
        "La demande ne peut pas être lue. Vérifiez son format.",
        english=("Unreadable request", "The request cannot be read. Check its format."),
    ),
    404: Problem(
        404,
        "not-found",
        "Page introuvable",
        "Rien n’existe à cette adresse. Vérifiez qu’elle est complète.",
        english=("Page not found", "There is nothing at this address. Check that it is complete."),
    ),
    405: Problem(
        405,
        "method-not-allowed",
        "Action impossible",
        "Cette adresse ne permet pas cette action.",
        english=("Not possible", "This address does not allow this action."),
    ),
    415: Problem(
        415,
        "unsupported-media-type",
        "Format non pris en charge",
        "Envoyez les données dans un format accepté.",
        english=("Format not supported", "Send the data in an accepted format."),
    ),
}


def from_http_exception(error: HTTPException) -> Problem:
    """The problem that a bare HTTP error stands for."""
    if isinstance(error, Problem):
        return error
    known = _BY_STATUS.get(error.status_code)
    if known is not None:
        return Problem(
            known.status_code, known.code, known.title, known.detail, headers=error.headers, english=known.english
        )
    phrase = HTTPStatus(error.status_code).phrase
    return Problem(
        error.status_code,
        phrase.lower().replace(" ", "-"),
        "Demande refusée",
        "La demande ne peut pas être satisfaite.",
        headers=error.headers,
        english=(phrase, "The request cannot be met."),
    )


def from_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """The problem in a request that does not fit its description: each field with its path, none with its value."""
    return Problem(
        422,
        "invalid-request",
        "Données incorrectes",
        "Corrigez les champs indiqués, puis recommencez.",
        errors=[_field_error(error) for error in errors],
    )


def _field_error(error: Mapping[str, Any]) -> dict[str, str]:
    where, *path = [str(part) for part in error["loc"]] or ["body"]
    kind = str(error["type"])
    return {
        "in": where,
        "path": ".".join(path),
        "code": kind.replace("_", "-").replace(".", "-"),
        "message": _message(kind, error.get("ctx") or {}),
    }


_MESSAGES: Mapping[str, str] = {
    "missing": "Ce champ est obligatoire.",
    "extra_forbidden": "Ce champ n’existe pas.",
    "json_invalid": "Le corps de la demande n’est pas du JSON valable.",
    "string_type": "Un texte est attendu.",
    "string_too_short": "Le texte doit avoir au moins {min_length} caractère(s).",
    "string_too_long": "Le texte doit avoir au plus {max_length} caractère(s).",
    "string_pattern_mismatch": "Ce texte n’a pas la forme attendue.",
    "int_type": "Un nombre entier est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "int_from_float": "Un nombre entier est attendu.",
    "float_type": "Un nombre est attendu.",
    "float_parsing": "Un nombre est attendu.",
    "finite_number": "Un nombre fini est attendu.",
    "bool_type": "Vrai ou faux est attendu.",
    "bool_parsing": "Vrai ou faux est attendu.",
    "greater_than": "La valeur doit être supérieure à {gt}.",
    "greater_than_equal": "La valeur doit être au moins {ge}.",
    "less_than": "La valeur doit être inférieure à {lt}.",
    "less_than_equal": "La valeur doit être au plus {le}.",
    "literal_error": "Valeurs possibles : {expected}.",
    "enum": "Valeurs possibles : {expected}.",
    "uuid_parsing": "Un identifiant (UUID) est attendu.",
    "uuid_type": "Un identifiant (UUID) est attendu.",
    "date_parsing": "Une date (AAAA-MM-JJ) est attendue.",
    "date_from_datetime_parsing": "Une date (AAAA-MM-JJ) est attendue.",
    "date_type": "Une date (AAAA-MM-JJ) est attendue.",
    "datetime_parsing": "Une date et une heure (ISO 8601) sont attendues.",
    "datetime_from_date_parsing": "Une date et une heure (ISO 8601) sont attendues.",
    "datetime_type": "Une date et une heure (ISO 8601) sont attendues.",
    "instant_out_of_range": "Une date de 1900 à 2199 est attendue.",
    "day_out_of_range": "Une date de 1900 à 2199 est attendue.",
    "line_break": "Ce texte tient sur une seule ligne. Retirez le retour à la ligne.",
    "control_character": "Ce texte contient un caractère de commande, qui ne se voit pas. Effacez-le, puis retapez ce "
    "passage.",
    "no_character": "Ce texte contient un signe qui n’est pas un caractère. Effacez-le, puis retapez ce passage.",
    "says_nothing": "Ce texte doit contenir au moins une lettre ou un chiffre.",
    "contact_in_public_name": "Ce nom est public et circule entre les services\u00a0: n’y mettez ni numéro de "
    "téléphone ni adresse électronique.",
    "named_twice": "Ce champ est indiqué deux fois. Ne le gardez qu’une fois.",
    "nul_character": "Ce texte contient un caractère nul, qui ne peut pas être conservé. Retirez-le.",
    "timezone_aware": "L’heure doit porter son fuseau (par exemple +01:00).",
    "too_short": "Il en faut au moins {min_length}.",
    "too_long": "Il en faut au plus {max_length}.",
    "list_type": "Une liste est attendue.",
    "tuple_type": "Une liste est attendue.",
    "dict_type": "Un objet est attendu.",
    "model_type": "Un objet est attendu.",
    "model_attributes_type": "Un objet est attendu.",
}


def _message(kind: str, context: Mapping[str, Any]) -> str:
    template = _MESSAGES.get(kind)
    if template is None:
        return "Cette valeur n’est pas acceptée."
    try:
        return template.format(**context)
    except (KeyError, IndexError):
        return "Cette valeur n’est pas acceptée."
