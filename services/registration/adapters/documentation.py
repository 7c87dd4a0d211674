"""Writes the documentation's table of codes from the table that the import itself uses.

``python -m services.registration.adapters.documentation docs/import-codes.md``
"""

from __future__ import annotations

import sys
from pathlib import Path

from services.registration.domain.findings import Kind
from services.registration.domain.kinds import KINDS

INTRODUCTION = """\
# Codes of findings

What an import or an API request can be told, written from the program's own table
(`python -m services.registration.adapters.documentation docs/import-codes.md`).

A code never changes its meaning. *Refused* keeps the row (or the request) out; *warning* lets an imported row in and
tells somebody to look. Where the API finds the same, it refuses: somebody who types can put it right at once.

| code | severity | meaning | message |
| --- | --- | --- | --- |
"""


def text() -> str:
    """The page, in Markdown."""
    return INTRODUCTION + "".join(map(_line, KINDS))


def _line(kind: Kind) -> str:
    message = f"{kind.message} {kind.consequence}".strip()
    return f"| `{kind.code}` | {kind.severity.value} | {kind.meaning} | {message} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
