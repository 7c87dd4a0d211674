"""What the worked pages show is what their code prints."""

import re
from pathlib import Path

import pytest

from deploy import configuration
from tests.docs.worked_page import PAGES, blocks, run_anew

ROOT = Path(configuration.__file__).parents[1]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_output_is_what_its_code_prints_now(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = page.read_text(encoding="utf-8")
    python, run = blocks(text)
    assert python == run >= 1
    assert run_anew(text) == text


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if not (ROOT / page).with_name(link).exists()]


def test_an_output_that_is_not_what_the_code_prints_would_be_seen() -> None:
    page = (
        "```python\nx = 2\nprint(x)\n```\n\n```text\n3\n```\n\nThen:\n\n```python\nprint(x + 1)\n```\n\n```text\n```\n"
    )
    assert run_anew(page) == page.replace("3\n", "2\n", 1).replace("text\n```", "text\n3\n```")
