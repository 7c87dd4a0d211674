"""Identifiers that say nothing about what they name, but sort by the time they were made."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from uuid_utils import compat

NewId = Callable[[], UUID]
"""Makes a fresh identifier; handed in as an argument, so that tests are exact."""


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random ones."""
    return compat.uuid7()
