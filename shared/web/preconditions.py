"""Whoever changes something says which revision they saw (`If-Match`, RFC 9110): who saw an older one gets both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from shared.web.problems import Problem

ANY = "*"
_TAG = re.compile(r'\s*(?:W/)?"?(\d{1,9})"?\s*')

NOT_SEEN = Problem(
    428,
    "revision-required",
    "Révision à préciser",
    "Relisez la fiche, puis indiquez dans l’en-tête «\u00a0If-Match\u00a0» la révision lue (l’en-tête "
    "«\u00a0ETag\u00a0» de la réponse)\u00a0: ainsi personne n’écrase ce qu’un autre vient d’écrire.",
    english=(
        "Say which revision you saw",
        "Read it again, then name the revision that you read (its ETag) in If-Match, so that nobody is overwritten.",
    ),
)


def tag_of(revision: int) -> str:
    """The entity tag of a revision."""
    return f'"{revision}"'


def tagged(content: Mapping[str, Any], revision: int, status: int = 200) -> JSONResponse:
    """An answer about something at a revision, which its `ETag` says."""
    return JSONResponse(jsonable_encoder(content), status, headers={"etag": tag_of(revision)})


class IfMatch:
    """The revision that whoever asks says they saw; none of ours counts as older than all."""

    def __init__(self, if_match: Annotated[str | None, Header(alias="If-Match", max_length=200)] = None) -> None:
        self.is_said = if_match is not None
        self.is_any = if_match == ANY
        found = _TAG.fullmatch(if_match or "")
        self.revision = int(found[1]) if found else 0

    def check(self, present: int, changed: Mapping[str, Any]) -> None:
        """Raise a `Problem` unless the present revision was seen.

        ``changed`` holds what changed since `revision`, by name, as far as whoever asks may see it.
        """
        self.check_said()
        if self.revision != present:
            raise changed_since(present, changed)

    def check_not_newer(self, last_change: int, present: int, changed: Mapping[str, Any]) -> None:
        """Raise a `Problem` unless a part was seen as it is now: it last changed at a revision of the whole."""
        self.check_said()
        if self.revision < last_change or self.revision > present:
            raise changed_since(present, changed)

    def check_said(self) -> None:
        """Raise a `Problem` unless a revision was said."""
        if not self.is_said or self.is_any:
            raise NOT_SEEN


def changed_since(present: int, changed: Mapping[str, Any]) -> Problem:
    """The problem of whoever saw an older revision: what changed since, with its present values."""
    return Problem(
        412,
        "changed-since",
        "Modifié entre-temps",
        "Quelqu’un a modifié cette fiche depuis que vous l’avez lue. Comparez, puis recommencez à partir de la "
        f"révision {present}.",
        english=(
            "Changed meanwhile",
            f"Somebody changed this since you read it. Compare, then try again from revision {present}.",
        ),
        headers={"etag": tag_of(present)},
        changed=jsonable_encoder(changed),
        revision=present,
    )


SeenRevision = Annotated[IfMatch, Depends(IfMatch)]
"""What the request says in `If-Match`."""
