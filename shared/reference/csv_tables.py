"""Reading the CSV tables that ship with the product (UTF-8, `;`, lists inside a cell by `|`)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

_FOLDER = files("shared.reference") / "tables"


class WrongTable(ValueError):
    """A table lacks a column, or a cell cannot be read. The message says which table and what it should hold."""


def table_lines(name: str) -> Iterator[str]:
    """Yield the lines of the shipped table `name`, such as `communes.csv`, without their ends."""
    with (_FOLDER / name).open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def read_table(name: str, columns: Sequence[str]) -> Iterator[list[str]]:
    """Yield the rows of the shipped table `name`, each as its cells in the order of `columns`.

    Raises WrongTable if a column is missing.
    """
    return read_rows(name, table_lines(name), columns)


def read_rows(name: str, lines: Iterable[str], columns: Sequence[str]) -> Iterator[list[str]]:
    """Yield the rows of a CSV, each as its cells in the order of `columns`; `name` is used in errors only."""
    rows = csv.reader(lines, delimiter=";")
    header = next(rows, [])
    missing = [column for column in columns if column not in header]
    if missing:
        raise WrongTable(f"{name}: missing column {', '.join(missing)}; expected {';'.join(columns)}")
    places = [header.index(column) for column in columns]
    for row in rows:
        if len(row) != len(header):
            raise WrongTable(f"{name}: line {rows.line_num} has {len(row)} cells, the header has {len(header)}")
        yield [row[place] for place in places]


def listed(cell: str) -> tuple[str, ...]:
    """Return the items of a cell that holds a list, without empty ones."""
    if not cell:
        return ()
    return tuple(item.strip() for item in cell.split("|") if item.strip())
