"""Errors as RFC 9457 problem details: what is wrong, where, and what to do. They never repeat what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.language import Bilingual, Language

PROBLEM_TYPE = "application/problem+json"

PAGES = "/problems"
"""Under which address each service says what its problems mean, by their codes."""


class Problem(HTTPException):
    """An answer that tells somebody what went wrong.

    ``code`` is stable, in kebab-case, for programs; ``title`` and ``detail`` are plain sentences for people,
    ``english`` holds both in English. ``extensions`` are further members of the answer; a `Bilingual` anywhere in them
    is told in the language asked for. It is an `HTTPException`, so that FastAPI hands it on as it is.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        english: tuple[str, str],
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)
        self.code = code
        self.title = title
        self.english = english
        self.extensions = extensions

    def members(self, language: Language, public_url: str = "") -> dict[str, Any]:
        """The members of the JSON answer; its type leads to a page of the service with this address."""
        title, detail = self.english if language == "en" else (self.title, self.detail)
        return {
            "type": f"{public_url.rstrip('/')}{PAGES}/{self.code}",
            "title": title,
            "status": self.status_code,
            "detail": detail,
            "code": self.code,
            **_in_language(self.extensions, language),
        }


def json_answer(trouble: Problem, language: Language, public_url: str = "") -> JSONResponse:
    """The problem as ``application/problem+json``, of the service with this address."""
    headers = {**(trouble.headers or {}), "content-language": language, "vary": "accept-language"}
    return JSONResponse(
        trouble.members(language, public_url), trouble.status_code, headers=headers, media_type=PROBLEM_TYPE
    )


def _in_language(told: Any, language: Language) -> Any:
    """What is told, with the text of one language wherever there are both."""
    if isinstance(told, Bilingual):
        return told.in_language(language)
    if isinstance(told, Mapping):
        return {name: _in_language(value, language) for name, value in told.items()}
    if isinstance(told, list):
        return [_in_language(value, language) for value in told]
    return told


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
KEY_REUSED = Problem(
    409,
    "idempotency-key-reused",
    "Clé déjà employée",
    "Cette clé « Idempotency-Key » a déjà servi pour une autre demande. Employez une nouvelle clé.",
    english=("Key used before", "This Idempotency-Key was used for another request. Take a new one."),
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

BY_STATUS: Mapping[int, Problem] = {
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
    known = BY_STATUS.get(error.status_code)
    if known is not None:
        return Problem(
            known.status_code, known.code, known.title, known.detail, english=known.english, headers=error.headers
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
        english=("Data not right", "Put the fields right that are named, then try again."),
        errors=[_field_error(error) for error in errors],
    )


def _field_error(error: Mapping[str, Any]) -> dict[str, str | Bilingual]:
    where, *path = [str(part) for part in error["loc"]] or ["body"]
    kind = str(error["type"])
    return {
        "in": where,
        "path": ".".join(path),
        "code": kind.replace("_", "-").replace(".", "-"),
        "message": _message(kind, error.get("ctx") or {}),
    }


_MESSAGES: Mapping[str, Bilingual] = {
    "missing": Bilingual("Ce champ est obligatoire.", "This field is required."),
    "unknown_parameter": Bilingual(
        "Cette adresse ne connaît pas ce paramètre. Vérifiez son nom.",
        "This address does not know this parameter. Check its name.",
    ),
    "extra_forbidden": Bilingual("Ce champ n’existe pas.", "There is no such field."),
    "json_invalid": Bilingual(
        "Le corps de la demande n’est pas du JSON valable.", "The body of the request is not valid JSON."
    ),
    "string_type": Bilingual("Un texte est attendu.", "A text is expected."),
    "string_too_short": Bilingual(
        "Le texte doit avoir au moins {min_length} caractère(s).",
        "The text must have {min_length} character(s) at least.",
    ),
    "string_too_long": Bilingual(
        "Le texte doit avoir au plus {max_length} caractère(s).",
        "The text must have {max_length} character(s) at most.",
    ),
    "string_pattern_mismatch": Bilingual(
        "Ce texte n’a pas la forme attendue.", "This text does not have the form expected."
    ),
    "int_type": Bilingual("Un nombre entier est attendu.", "A whole number is expected."),
    "int_parsing": Bilingual("Un nombre entier est attendu.", "A whole number is expected."),
    "int_from_float": Bilingual("Un nombre entier est attendu.", "A whole number is expected."),
    "float_type": Bilingual("Un nombre est attendu.", "A number is expected."),
    "float_parsing": Bilingual("Un nombre est attendu.", "A number is expected."),
    "finite_number": Bilingual("Un nombre fini est attendu.", "A finite number is expected."),
    "bool_type": Bilingual("Vrai ou faux est attendu.", "True or false is expected."),
    "bool_parsing": Bilingual("Vrai ou faux est attendu.", "True or false is expected."),
    "greater_than": Bilingual("La valeur doit être supérieure à {gt}.", "The value must be above {gt}."),
    "greater_than_equal": Bilingual("La valeur doit être au moins {ge}.", "The value must be {ge} at least."),
    "less_than": Bilingual("La valeur doit être inférieure à {lt}.", "The value must be below {lt}."),
    "less_than_equal": Bilingual("La valeur doit être au plus {le}.", "The value must be {le} at most."),
    "literal_error": Bilingual("Valeurs possibles : {expected}.", "Possible values: {expected}."),
    "enum": Bilingual("Valeurs possibles : {expected}.", "Possible values: {expected}."),
    "uuid_parsing": Bilingual("Un identifiant (UUID) est attendu.", "An id (UUID) is expected."),
    "uuid_type": Bilingual("Un identifiant (UUID) est attendu.", "An id (UUID) is expected."),
    "date_parsing": Bilingual("Une date (AAAA-MM-JJ) est attendue.", "A date (YYYY-MM-DD) is expected."),
    "date_from_datetime_parsing": Bilingual("Une date (AAAA-MM-JJ) est attendue.", "A date (YYYY-MM-DD) is expected."),
    "date_type": Bilingual("Une date (AAAA-MM-JJ) est attendue.", "A date (YYYY-MM-DD) is expected."),
    "time_parsing": Bilingual("Une heure (HH:MM) est attendue.", "A time of day (HH:MM) is expected."),
    "datetime_parsing": Bilingual(
        "Une date et une heure (ISO 8601) sont attendues.", "A date and time (ISO 8601) is expected."
    ),
    "datetime_from_date_parsing": Bilingual(
        "Une date et une heure (ISO 8601) sont attendues.", "A date and time (ISO 8601) is expected."
    ),
    "datetime_type": Bilingual(
        "Une date et une heure (ISO 8601) sont attendues.", "A date and time (ISO 8601) is expected."
    ),
    "instant_out_of_range": Bilingual("Une date de 1900 à 2199 est attendue.", "A date from 1900 to 2199 is expected."),
    "day_out_of_range": Bilingual("Une date de 1900 à 2199 est attendue.", "A date from 1900 to 2199 is expected."),
    "line_break": Bilingual(
        "Ce texte tient sur une seule ligne. Retirez le retour à la ligne.",
        "This text stands on one line. Take the line break out.",
    ),
    "control_character": Bilingual(
        "Ce texte contient un caractère de commande, qui ne se voit pas. Effacez-le, puis retapez ce passage.",
        "This text holds a control character, which cannot be seen. Delete this passage, then type it again.",
    ),
    "no_character": Bilingual(
        "Ce texte contient un signe qui n’est pas un caractère. Effacez-le, puis retapez ce passage.",
        "This text holds a sign that is no character. Delete it, then type this passage again.",
    ),
    "says_nothing": Bilingual(
        "Ce texte doit contenir au moins une lettre ou un chiffre.", "This text must hold a letter or a digit at least."
    ),
    "contact_in_public_name": Bilingual(
        "Ce nom est public et circule entre les services\u00a0: n’y mettez ni numéro de "
        "téléphone ni adresse électronique.",
        "This name is public and travels between the services: put neither a telephone number "
        "nor an e-mail address into it.",
    ),
    "named_twice": Bilingual(
        "Ce champ est indiqué deux fois. Ne le gardez qu’une fois.", "This field is given twice. Keep it once."
    ),
    "nul_character": Bilingual(
        "Ce texte contient un caractère nul, qui ne peut pas être conservé. Retirez-le.",
        "This text holds a null character, which cannot be kept. Take it out.",
    ),
    "timezone_aware": Bilingual(
        "L’heure doit porter son fuseau (par exemple +01:00).", "The time must say its offset (such as +01:00)."
    ),
    "too_short": Bilingual("Il en faut au moins {min_length}.", "There must be {min_length} at least."),
    "too_long": Bilingual("Il en faut au plus {max_length}.", "There must be {max_length} at most."),
    "list_type": Bilingual("Une liste est attendue.", "A list is expected."),
    "tuple_type": Bilingual("Une liste est attendue.", "A list is expected."),
    "dict_type": Bilingual("Un objet est attendu.", "An object is expected."),
    "model_type": Bilingual("Un objet est attendu.", "An object is expected."),
    "model_attributes_type": Bilingual("Un objet est attendu.", "An object is expected."),
}


_NOT_TAKEN = Bilingual("Cette valeur n’est pas acceptée.", "This value is not accepted.")


def _message(kind: str, context: Mapping[str, Any]) -> Bilingual:
    template = _MESSAGES.get(kind, _NOT_TAKEN)
    try:
        return Bilingual(template.fr.format(**context), template.en.format(**context))
    except (KeyError, IndexError):
        return _NOT_TAKEN
