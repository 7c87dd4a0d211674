"""Cells of the tables that leave here: no spreadsheet carries them out, and an import reads what they mean."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula."""

MARK = "'"
"""What stands before such a cell."""


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"{MARK}{cell}" if cell.startswith(FORMULA_STARTS) else cell


def meant(cell: str) -> str:
    """What a cell meant before it was made harmless."""
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith(FORMULA_STARTS) else cell
