"""What the documents promise exists: targets, commands, exit codes, variables, links, the table of settings."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from deploy import configuration, import_format_pages, rights_page
from deploy.cli import app
from deploy.commands.ending import ExitCode
from deploy.configuration import page
from deploy.running import settings_classes
from shared.rights import RIGHTS
from shared.settings import ServiceSettings

ROOT = Path(configuration.__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "DECISIONS.md")


def test_every_make_command_of_the_readme_is_a_target_and_every_target_is_told() -> None:
    told = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):.*## ", MAKEFILE, re.MULTILINE))
    assert targets == {"demo", "show", "up", "test", "check", "bench", "lock", "clean"}
    assert told == targets


def test_every_vernissage_command_of_the_readme_exists_and_every_one_is_told() -> None:
    told = set(re.findall(r"`vernissage ([a-z-]+)", README))
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    assert told == set(group.commands)


def test_every_exit_code_of_the_readme_is_one() -> None:
    sentence = re.search(r"Exit codes: (.*?)\.\n", README, re.DOTALL)
    assert sentence is not None
    assert {int(number) for number in re.findall(r"\d+", sentence.group(1))} == {*ExitCode, 2}


def test_the_import_format_is_told_as_it_is() -> None:
    written = import_format_pages.pages()
    assert {path: (ROOT / "docs" / path).read_text(encoding="utf-8") for path in written} == written
    assert {path.name for path in (ROOT / "docs" / "schemas").iterdir()} == {
        Path(path).name for path in written if path.startswith("schemas/")
    }


def test_every_variable_of_the_readme_is_read_by_the_product() -> None:
    told = set(re.findall(r"^\| `(VERNISSAGE_[A-Z]+)`", README, re.MULTILINE))
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "deploy").rglob("*.py"))
    assert told
    assert not [variable for variable in told if f'"{variable}"' not in sources]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_table_of_settings_is_that_of_the_settings() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == page()


def test_the_table_of_settings_explains_each() -> None:
    rows = [line.split(" | ") for line in page().splitlines() if line.startswith("| `VERNISSAGE_")]
    assert len(rows) >= len(ServiceSettings.model_fields)
    assert not [row[0] for row in rows if not row[2].strip(" |")]


def test_the_page_of_rights_is_that_of_the_table_by_which_services_decide() -> None:
    assert rights_page.PAGE.read_text(encoding="utf-8") == rights_page.page()
    assert set(rights_page.MEANINGS) == {right.name for right in RIGHTS}


def test_the_lock_holds_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9].*==.*$", lock, re.MULTILINE)
    assert len(packages) > 50
    assert not [package for package in packages if not package.endswith("\\")]
    assert "://" not in lock
    assert "--index" not in lock


def test_services_find_each_other_on_one_machine_with_no_port_set() -> None:
    fields = {service: settings.model_fields for service, settings in settings_classes().items()}
    ports = [field.default for one in fields.values() for name, field in one.items() if name.endswith("_port")]
    assert len(set(ports)) == len(ports)
    assert fields["notification"]["registration_url"].default == fields["registration"]["public_url"].default
    assert all(one["public_url"].default.endswith(f":{one['web_port'].default}") for one in fields.values())
