"""`vernissage up` on a machine that cannot have it: one sentence, an exit code, and nothing left half-started."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from deploy.commands.ending import ExitCode
from deploy.embedded.folder_lock import FolderLock
from deploy.embedded.ports import LOOPBACK
from deploy.running import FILE
from tests.deploy.command_line import Ended, apart, four_ports


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port on which somebody else listens."""
    with closing(socket.socket()) as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


def check_refusal(ended: Ended, data: Path, *words: str) -> None:
    """One sentence with these words, the right code, nothing running and no trace of a stack."""
    assert ended.code == ExitCode.CANNOT_START, ended
    assert all(word in ended.err for word in words), ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert not (data / FILE).exists()
    mentions = [each.info["cmdline"] for each in psutil.process_iter(["cmdline"]) if each.pid != os.getpid()]
    assert not [words for words in mentions if any(str(data) in word for word in words or ())]


def test_a_taken_port_is_named(taken_port: int, tmp_path: Path) -> None:
    data = tmp_path / "var"
    ended = apart("up", "--data", data, "--port", taken_port)
    check_refusal(ended, data, str(taken_port), "registration")


@pytest.mark.slow
def test_a_taken_port_of_the_mail_page_stops_what_had_started(taken_port: int, tmp_path: Path) -> None:
    data = tmp_path / "var"
    ended = apart("up", "--data", data, "--port", taken_port - 3, "--kafka", "memory")
    check_refusal(ended, data, str(taken_port))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system has no /proc, where nobody can make a folder")
def test_a_folder_that_cannot_be_written_is_named() -> None:
    data = Path("/proc/vernissage")
    check_refusal(apart("up", "--data", data), data, str(data))


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    data = tmp_path / "file"
    data.write_text("in the way", encoding="utf-8")
    ended = apart("up", "--data", data)
    assert ended.code == ExitCode.CANNOT_START
    assert str(data) in ended.err


def test_a_folder_that_another_run_holds_is_named_with_its_holder(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        check_refusal(apart("up", "--data", tmp_path), tmp_path, str(tmp_path), f"process {os.getpid()}")


def test_a_demo_does_not_clean_the_folder_of_another(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "report.json").write_text("{}", encoding="utf-8")
    with FolderLock(folder):
        assert apart("demo", "--data", tmp_path).code == ExitCode.CANNOT_START
    assert (folder / "report.json").exists()


@pytest.mark.slow
def test_a_kafka_that_does_not_answer_is_named(tmp_path: Path) -> None:
    data = tmp_path / "var"
    ended = apart("up", "--data", data, "--port", four_ports(), "--kafka", f"{LOOPBACK}:1")
    check_refusal(ended, data, f"nobody answers at {LOOPBACK}:1")


def test_a_postgresql_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    data = tmp_path / "var"
    address = f"postgresql://somebody:secret@{LOOPBACK}:1/postgres"
    ended = apart("up", "--data", data, "--port", four_ports(), "--kafka", "memory", "--postgres", address)
    check_refusal(ended, data, f"{LOOPBACK}:1")
    assert "secret" not in ended.err
