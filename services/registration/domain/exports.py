"""An export that was asked for: which lists of the format, and in which form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.registration.domain.queueing import Queued


class ExportForm(StrEnum):
    """How the lists of an export are written; in an archive, a file each."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Export:
    """An export: the stems of its lists, and once it is done how many rows and bytes it has."""

    queued: Queued
    lists: Sequence[str]
    form: ExportForm
    rows: int
    size: int | None
