"""A folder to begin with: every file of the format with two rows that go together, and the guide beside them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from services.registration.use_cases.importing.described import DescribedList, described_lists
from services.registration.use_cases.importing.guide import guide

GUIDE = "LISEZMOI.md"


class AlreadyThere(Exception):
    """A file of the template would replace one that is there; `str(error)` is its path."""


def write_template(folder: Path) -> list[Path]:
    """Write the template into a folder, made where it is missing; gives what was written.

    Raises `AlreadyThere`, and writes nothing, where one of the files exists; `OSError` where the folder cannot be
    written.
    """
    contents = {folder / GUIDE: guide().encode()}
    contents |= {folder / f"{each.stem}.csv": example(each) for each in described_lists()}
    for path in contents:
        if path.exists():
            raise AlreadyThere(str(path))
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        path.write_bytes(content)
    return list(contents)


def example(described: DescribedList) -> bytes:
    """A list with its two examples, as spreadsheets of French people open it: `;` and a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(column.name for column in described.columns)
    for row in range(2):
        writer.writerow(column.examples[row] for column in described.columns)
    return text.getvalue().encode("utf-8-sig")
