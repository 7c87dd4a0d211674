"""The format as Table Schemas (specs.frictionlessdata.io), with which agencies check an export before they send it.

A schema is stricter than the import, which also reads what people really write: a file that holds to its schema is
taken, one that does not may be taken all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.registration.use_cases.importing.described import (
    CellForm,
    DescribedColumn,
    DescribedList,
    described_lists,
)
from services.registration.use_cases.importing.lists.layout import Demand

Schema = dict[str, Any]

VERSION = "1.0"

_NUMBER = r"\d+([.,]\d+)?"
_PHONE = r"\+?[\d .\-()]{6,25}"
_EMAIL = r"[^@\s|]+@[^@\s|]+\.[^@\s|]+"

TYPES: Mapping[CellForm, Schema] = {
    CellForm.DATE: {"type": "date", "format": "any"},
    CellForm.TIME: {"type": "string", "pattern": r"([01]?\d|2[0-3])[:hH][0-5]\d"},
    CellForm.WHOLE: {"type": "integer"},
    CellForm.WHOLES: {"type": "string", "pattern": r"\d+(\|\d+)*"},
    CellForm.DECIMAL: {"type": "string", "pattern": _NUMBER},
    CellForm.EMAIL: {"type": "string", "format": "email"},
    CellForm.EMAILS: {"type": "string", "pattern": rf"{_EMAIL}(\|{_EMAIL})*"},
    CellForm.PHONE: {"type": "string", "pattern": _PHONE},
    CellForm.SKILLS: {"type": "string", "pattern": rf"[^|:]+:[1-4]:{_NUMBER}(\|[^|:]+:[1-4]:{_NUMBER})*"},
}
"""How each form is told; any other is a text. A ``pattern`` here becomes a constraint."""


def table_schemas() -> dict[str, Schema]:
    """The schema of each list, by the name of its file without the ending."""
    return {each.stem: table_schema(each) for each in described_lists()}


def table_schema(described: DescribedList) -> Schema:
    """The schema of one list."""
    schema: Schema = {
        "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
        "name": described.stem,
        "title": f"{described.stem}.csv",
        "description": described.about,
        "version": VERSION,
        "fields": [_field(column) for column in described.columns],
        "missingValues": [""],
    }
    if described.key:
        schema["primaryKey"] = list(described.key)
    if references := [_foreign_key(column) for column in described.columns if column.form is CellForm.REFERENCE]:
        schema["foreignKeys"] = references
    return schema


def _field(column: DescribedColumn) -> Schema:
    told = dict(TYPES.get(column.form, {"type": "string"}))
    constraints: Schema = {"required": column.demand is not Demand.NOBODY}
    if pattern := told.pop("pattern", None):
        constraints["pattern"] = f"^{pattern}$"
    constraints |= _bounds(column)
    return {
        "name": column.name,
        **told,
        "title": column.meaning_en,
        "description": column.meaning_fr,
        "example": next(filter(None, column.examples)) if any(column.examples) else "",
        "constraints": constraints,
    }


def _bounds(column: DescribedColumn) -> Schema:
    match column.form:
        case CellForm.WHOLE:
            lowest, highest = column.bounds
            return {"minimum": int(lowest), "maximum": int(highest)}
        case CellForm.WORD:
            return {"enum": list(column.words)}
        case CellForm.WORDS:
            words = "|".join(column.words)
            return {"pattern": f"^({words})(\\|({words}))*$"}
    return {}


def _foreign_key(column: DescribedColumn) -> Schema:
    of_list, name = column.refers_to
    return {"fields": column.name, "reference": {"resource": of_list, "fields": name}}
