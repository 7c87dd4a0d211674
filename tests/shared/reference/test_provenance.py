"""The shipped tables are those whose sources the README names."""

import hashlib
from importlib.resources import files
from pathlib import Path

import pytest

TABLES = files("shared.reference") / "tables"
COPIED_FROM = Path(__file__).parents[4] / "shared" / "data" / "reference"
COPIED = (
    "communes.csv",
    "rome.csv",
    "rome-appellations.csv",
    "rome-proches.csv",
    "savoir-etre.csv",
    "savoir-etre-2018.csv",
)


def shipped() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in TABLES.iterdir() if path.name.endswith(".csv")}


def test_every_table_has_the_digest_on_record() -> None:
    lines = (TABLES / "SHA256SUMS").read_text().splitlines()
    recorded = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert recorded == {name: hashlib.sha256(content).hexdigest() for name, content in shipped().items()}


def test_every_table_stands_in_the_readme_with_its_number_of_rows_and_its_source() -> None:
    readme = (files("shared.reference") / "README.md").read_text(encoding="utf-8")
    for name, content in shipped().items():
        rows = len(content.decode().splitlines()) - 1
        assert f"| `{name}` | {rows:,} |" in readme


@pytest.mark.skipif(not COPIED_FROM.exists(), reason="the original tables are not beside this checkout")
@pytest.mark.parametrize("name", COPIED)
def test_the_copies_equal_the_originals(name: str) -> None:
    assert shipped()[name] == (COPIED_FROM / name).read_bytes()
