"""Tables on the terminal, or the same rows as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

PrintedRow = Mapping[str, Any]


def show(title: str, columns: Mapping[str, str], rows: Sequence[PrintedRow], *, as_json: bool, empty: str) -> None:
    """Show rows as a table with `columns` (key and heading), or whole as JSON; `empty` is said where there are none."""
    if as_json:
        show_json(rows)
    elif rows:
        Console().print(table(title, columns, rows))
    else:
        typer.echo(empty)


def show_json(value: Any) -> None:
    """Write a value as JSON for programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def table(title: str, columns: Mapping[str, str], rows: Sequence[PrintedRow]) -> Table:
    """A table with a heading for each key; numbers stand on the right."""
    made = Table(title=title, title_justify="left", title_style="bold")
    for key, heading in columns.items():
        numbers = all(isinstance(row.get(key), int | float | None) for row in rows)
        made.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*(in_words(row.get(key)) for key in columns))
    return made


def in_words(value: Any) -> str:
    """A cell's text: nothing for what is absent, one decimal for a fraction."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.1f}"
    return str(value)
