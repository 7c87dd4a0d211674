"""A page whose outputs are made by running it: each Python block, and behind it what it prints."""

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

PAGES = (Path("docs/science.md"),)
"""From the repository's folder, where the pages run, too."""

_BLOCK = re.compile(r"(?<=```python\n)(?P<code>.*?)(?P<between>```\n\n```text\n)(?P<printed>.*?)(?=```\n)", re.DOTALL)


def run_anew(page: str) -> str:
    """The page with what its blocks print now; all blocks share their names, as in a notebook."""
    known: dict[str, object] = {"__name__": "page"}

    def with_output(block: re.Match[str]) -> str:
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(block["code"], known)  # noqa: S102  # the repository's own page
        return block["code"] + block["between"] + printed.getvalue()

    return _BLOCK.sub(with_output, page)


def blocks(page: str) -> tuple[int, int]:
    """How many blocks of Python there are, and how many of them run with their output."""
    return page.count("```python\n"), len(_BLOCK.findall(page))
