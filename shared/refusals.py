"""What a use case refuses, in any service: nothing was changed, and the edge tells why."""

from __future__ import annotations

from dataclasses import dataclass


class Refusal(Exception):
    """Something that was asked cannot be done; nothing was changed."""


@dataclass
class Unknown(Refusal):
    """There is no such thing, or not for whoever asks; ``what`` is its kind, such as ``meetup``."""

    what: str
