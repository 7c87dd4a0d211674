"""Writes what the documentation says of the import format, from the table that the import itself uses.

`python -m deploy.import_format_pages` writes `docs/import-format.md`, and in `docs/schemas/` a Table Schema a list; a
test compares them with what the format is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.registration.use_cases.importing.guide import guide
from services.registration.use_cases.importing.table_schemas import VERSION, table_schemas

DOCS = Path(__file__).parents[1] / "docs"


def pages() -> dict[str, str]:
    """What each page holds, by its path within the documentation."""
    schemas = table_schemas()
    written = {f"schemas/{stem}.json": _json(schema) for stem, schema in schemas.items()}
    return {"import-format.md": guide(), "schemas/datapackage.json": _json(_package(schemas)), **written}


def _package(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The lists together, so that references between them can be checked too."""
    resources = [
        {
            "name": stem,
            "path": f"{stem}.csv",
            "profile": "tabular-data-resource",
            "dialect": {"delimiter": ";"},
            "schema": f"{stem}.json",
        }
        for stem in schemas
    ]
    return {"name": "vernissage-import", "version": VERSION, "resources": resources}


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for path, text in pages().items():
        (DOCS / path).parent.mkdir(exist_ok=True)
        (DOCS / path).write_text(text, encoding="utf-8")
