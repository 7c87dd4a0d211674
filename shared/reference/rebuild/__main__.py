"""The command `python -m shared.reference.rebuild`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.reference import rebuild as rebuilding

_TABLES_FOLDER = Path(rebuilding.__file__).parents[1] / "tables"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild one table and say what changed; return 0, or 1 with a sentence on the error output."""
    parser = argparse.ArgumentParser(
        prog="python -m shared.reference.rebuild",
        description=rebuilding.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", choices=sorted(rebuilding.TABLES))
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="official files, as published")
    parser.add_argument("--into", type=Path, default=_TABLES_FOLDER, metavar="FOLDER", help="where the table is kept")
    asked = parser.parse_args(arguments)
    target = asked.into / rebuilding.TABLES[asked.table].file
    try:
        changes = rebuilding.rebuild(asked.table, asked.files, target)
    except (rebuilding.SourceError, OSError) as problem:
        sys.stderr.write(f"{target.name} was left as it is: {problem}\n")
        return 1
    sys.stdout.write(
        f"{target.name}: {changes.rows:,} rows; "
        f"{changes.added:,} added, {changes.removed:,} removed, {changes.changed:,} changed\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
