"""What the API says alike of all that waits for a worker: why it was given up."""

from __future__ import annotations

from pydantic import BaseModel

from services.registration.domain.queueing import IN_WORDS, WhyFailed
from shared.language import Language


class FailureTold(BaseModel):
    """Why something was given up: a code, and a sentence in the language asked for."""

    code: str
    message: str


def told_failure(why: WhyFailed | None, language: Language) -> FailureTold | None:
    """Why something was given up, where it was."""
    if why is None:
        return None
    return FailureTold(code=why.value, message=IN_WORDS[why].in_language(language))


def located(what: str) -> dict[int | str, dict[str, object]]:
    """The answer of a route that has something wait: where it stands."""
    location = {"description": f"The address of the {what}.", "schema": {"type": "string"}}
    return {202: {"headers": {"Location": location}}}
