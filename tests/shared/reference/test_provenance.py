"""The shipped tables are those whose sources the README names."""

import hashlib
from importlib.resources import files

TABLES = files("shared.reference") / "tables"


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
