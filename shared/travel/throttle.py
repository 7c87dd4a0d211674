"""Throttle: a library that repeats itself says each kind of thing once a minute, with how often it would have."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

EVERY = 60.0
"""Seconds in which one line of a kind is enough."""

KINDS = 1_000
"""Kinds remembered at most; a library that writes its values into its texts must not fill the memory."""


@dataclass(slots=True)
class _Said:
    at: float
    held_back: int = 0


class Throttle(logging.Filter):
    """Lets each kind of line of a library through once a minute: its logger, its level, and its text without values."""

    def __init__(self, library: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._library = library
        self._clock = clock
        self._said: dict[tuple[str, int, str], _Said] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line is written; what was held back is counted in the next one of its kind."""
        if record.name.partition(".")[0] != self._library:
            return True
        kind = (record.name, record.levelno, str(record.msg))
        now = self._clock()
        said = self._said.get(kind)
        if said is not None and now - said.at < EVERY:
            said.held_back += 1
            return False
        if said is not None and said.held_back:
            record.msg = f"{record.getMessage()} (and {said.held_back} more like it since)"
            record.args = ()
        if len(self._said) >= KINDS:
            self._said.clear()
        self._said[kind] = _Said(now)
        return True
