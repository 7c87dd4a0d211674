"""The `vernissage` command where no stack runs: help, exit codes, one sentence for each refusal."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.commands.ending import ExitCode
from deploy.running import FILE
from shared.travel.topics import SERVICES, TOPICS
from tests.deploy.command_line import Ended

Command = Callable[..., Ended]
COMMANDS = (
    "demo",
    "up",
    "migrate",
    "import",
    "rematch",
    "approve",
    "topics",
    "replay",
    "dead-letters",
    "audit",
    "status",
)
NEEDS_A_STACK = (
    ("import", "."),
    ("rematch", "RE-01", "--reason", "other"),
    ("approve", "RE-01"),
    ("dead-letters", "bury", "participants"),
    ("dead-letters", "skip", "participants", "--partition", "0", "--offset", "0"),
    ("replay", "participants"),
    ("dead-letters", "list"),
    ("dead-letters", "drop", "--all"),
    ("status",),
    ("topics", "apply"),
    ("audit", "verify"),
    ("audit", "tell", "01a2b3c4-0000-7000-8000-000000000000"),
)


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no services."""
    for service in SERVICES:
        monkeypatch.delenv(f"VERNISSAGE_{service.upper()}_DATABASE_URL", raising=False)


def test_help_names_every_command_and_exit_code(vernissage: Command) -> None:
    ended = vernissage("--help")
    assert ended.code == 0
    assert all(command in ended.out for command in COMMANDS)
    assert "130 interrupted" in ended.out


@pytest.mark.parametrize(
    "command",
    [
        *((name,) for name in COMMANDS),
        ("dead-letters", "retry"),
        ("dead-letters", "bury"),
        ("dead-letters", "skip"),
        ("topics", "apply"),
        ("audit", "verify"),
        ("audit", "tell"),
    ],
)
def test_every_command_explains_itself(vernissage: Command, command: tuple[str, ...]) -> None:
    ended = vernissage(*command, "--help")
    assert ended.code == 0
    assert "Usage: vernissage" in ended.out


@pytest.mark.parametrize("words", NEEDS_A_STACK, ids=" ".join)
def test_where_nothing_runs_one_sentence_says_what_to_do(
    vernissage: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = vernissage(*words, "--data", tmp_path)
    assert ended.code == ExitCode.NOBODY_ANSWERS
    assert str(tmp_path) in ended.err
    assert "vernissage up" in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_stack_whose_process_is_gone_is_not_taken_for_alive(vernissage: Command, tmp_path: Path) -> None:
    gone = {
        "pid": 1,
        "started": 0.0,
        "broker": "",
        "database": "",
        "mail_page": "",
        "environments": {service: {} for service in SERVICES},
    }
    (tmp_path / FILE).write_text(json.dumps(gone), encoding="utf-8")
    assert vernissage("status", "--data", tmp_path).code == ExitCode.NOBODY_ANSWERS


def test_a_torn_state_file_is_as_good_as_none(vernissage: Command, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"pid": 1, "sta', encoding="utf-8")
    assert vernissage("status", "--data", tmp_path).code == ExitCode.NOBODY_ANSWERS


def test_a_wrong_option_is_a_usage_error(vernissage: Command) -> None:
    assert vernissage("up", "--kafkaa", "memory").code == 2


def test_a_template_is_written_where_nothing_runs_and_never_over_what_is_there(
    vernissage: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    written = vernissage("import", "--template", folder)
    assert (written.code, "LISEZMOI.md" in written.out) == (0, True)
    assert (folder / "participants.csv").read_text("utf-8-sig").startswith("identifiant;nom;prenom;")
    again = vernissage("import", "--template", folder)
    assert (again.code, "is there already" in again.err) == (ExitCode.REFUSED, True)
    assert vernissage("import").code == 2


def test_topics_lists_the_registry(vernissage: Command) -> None:
    listed = vernissage("topics", "--json").json
    assert [each["topic"] for each in listed] == [topic.full_name() for topic in TOPICS]
    assert listed[0]["events"] == [event.type for event in TOPICS[0].events]
    assert TOPICS[-1].full_name() in vernissage("topics").out


def test_topics_are_not_made_where_no_kafka_answers(vernissage: Command) -> None:
    ended = vernissage("topics", "apply", "--kafka", "127.0.0.1:1")
    assert ended.code == ExitCode.NOBODY_ANSWERS
    assert "127.0.0.1:1" in ended.err


def test_services_that_the_environment_names_are_found(
    vernissage: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for service in SERVICES:
        prefix = f"VERNISSAGE_{service.upper()}_"
        monkeypatch.setenv(f"{prefix}DATABASE_URL", "postgresql+asyncpg://nobody:secret@127.0.0.1:1/nothing")
        monkeypatch.setenv(f"{prefix}SEAL_SECRET", "s" * 40)
        monkeypatch.setenv(f"{prefix}PUBLIC_URL", "http://127.0.0.1:1")
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "participants.csv").write_text("identifiant\n", encoding="utf-8")
    silent_database = vernissage("replay", "participants", "--data", tmp_path)
    silent_service = vernissage("import", pack, "--data", tmp_path)
    assert silent_database.code == silent_service.code == ExitCode.NOBODY_ANSWERS
    assert "PostgreSQL does not answer at 127.0.0.1:1" in silent_database.err
    assert "registration does not answer at http://127.0.0.1:1" in silent_service.err
    assert "secret" not in silent_database.err


def test_what_a_shell_runs_in_the_background_can_be_interrupted_all_the_same() -> None:
    script = (
        "import os, signal; from deploy.commands.ending import interrupt_on_signals; interrupt_on_signals()\n"
        "for number in (signal.SIGINT, signal.SIGTERM):\n"
        "    try:\n        os.kill(os.getpid(), number)\n    except KeyboardInterrupt:\n        print('heard')\n"
    )
    ignoring = ["sh", "-c", f'trap "" INT; exec "{sys.executable}" -c "$1"', "sh", script]
    done = subprocess.run(ignoring, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["heard", "heard"], done
