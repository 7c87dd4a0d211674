"""Jars are downloaded once, tried again, checked to the byte, and their lack is told in one sentence."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.embedded import jars
from deploy.embedded.errors import FolderInUse, JarsUnavailable
from deploy.embedded.folder_lock import FolderLock
from deploy.embedded.jars import KAFKA, kafka_jars, locked_jars
from deploy.embedded.ports import LOOPBACK, free_port

CONTENT = b"the bytes of a jar" * 1000


class Repository(ThreadingHTTPServer):
    """A Maven repository on loopback that holds two jars, and first answers as `answers` says."""

    def __init__(self) -> None:
        super().__init__((LOOPBACK, 0), Handler)
        self.answers: list[str] = []
        self.content = CONTENT
        self.served = 0
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}/mirror"


class Handler(BaseHTTPRequestHandler):
    """Serves jars, and failures on request."""

    server: Repository

    def do_GET(self) -> None:
        if not self.path.endswith(".jar"):
            self.send_error(404)
            return
        with self.server.lock:
            self.server.served += 1
            answer = self.server.answers.pop(0) if self.server.answers else "whole"
        if answer == "busy":
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content[:100] if answer == "broken off" else self.server.content)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Repository]:
    with Repository() as repository:
        thread = threading.Thread(target=repository.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield repository
        repository.shutdown()
        thread.join()


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.setattr(jars, "FIRST_PAUSE_SECONDS", 0.01)
    with serving() as repository:
        monkeypatch.setenv("VERNISSAGE_MAVEN", repository.address)
        yield repository


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    path = tmp_path / "kafka.lock"
    path.write_text(f"# two jars\norg.example:first:1.0 {sha256}\norg.example:second:2.0 {sha256}\n")
    return path


def test_jars_are_downloaded_once_with_progress(repository: Repository, lock_file: Path, tmp_path: Path) -> None:
    said: list[tuple[str, float | None]] = []
    paths = kafka_jars(lambda _step, detail, fraction: said.append((detail, fraction)), tmp_path, lock_file)
    assert [path.name for path in paths] == ["first-1.0.jar", "second-2.0.jar"]
    assert all(path.read_bytes() == CONTENT for path in paths)
    assert said[0] == ("0 of 2 jars, 0 MB", 0.0)
    assert said[-1][1] == 1.0
    assert kafka_jars(cache=tmp_path, lock_file=lock_file) == paths
    assert repository.served == 2


def test_failures_on_the_way_are_tried_again(repository: Repository, lock_file: Path, tmp_path: Path) -> None:
    repository.answers = ["busy", "broken off", "busy", "broken off"]
    paths = kafka_jars(cache=tmp_path, lock_file=lock_file)
    assert all(path.read_bytes() == CONTENT for path in paths)
    assert repository.served == 6


def test_a_jar_that_differs_from_the_lock_is_never_kept(
    repository: Repository, lock_file: Path, tmp_path: Path
) -> None:
    repository.content = CONTENT + b"!"
    with pytest.raises(JarsUnavailable, match=r"is not the file that kafka\.lock names.*--kafka memory"):
        kafka_jars(cache=tmp_path, lock_file=lock_file)
    assert list(tmp_path.rglob("*.jar")) == []


def test_a_jar_damaged_in_the_cache_is_fetched_anew(repository: Repository, lock_file: Path, tmp_path: Path) -> None:
    first, second = kafka_jars(cache=tmp_path, lock_file=lock_file)
    first.write_bytes(b"damaged")
    assert kafka_jars(cache=tmp_path, lock_file=lock_file) == [first, second]
    assert first.read_bytes() == CONTENT
    assert repository.served == 3


def test_without_a_network_the_lack_is_told_without_addresses(
    lock_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setenv("VERNISSAGE_MAVEN", f"http://{LOOPBACK}:{free_port()}")
    with pytest.raises(JarsUnavailable, match=r"jar: ConnectionError\): check the network") as caught:
        kafka_jars(cache=tmp_path, lock_file=lock_file)
    assert "http" not in str(caught.value)


def test_a_download_waits_for_that_of_another_run(
    repository: Repository, lock_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "WAIT_FOR_OTHER_RUN_SECONDS", 0.1)
    folder = tmp_path / f"kafka-{KAFKA[2]}"
    folder.mkdir()
    with FolderLock(folder), pytest.raises(FolderInUse):
        kafka_jars(cache=tmp_path, lock_file=lock_file)
    assert repository.served == 0


def test_two_runs_at_once_download_once_and_both_have_all(
    repository: Repository, lock_file: Path, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(2) as runs:
        first, second = runs.map(lambda _: kafka_jars(cache=tmp_path, lock_file=lock_file), range(2))
    assert first == second
    assert repository.served == 2


def test_the_lock_names_kafka_itself_and_holds_no_address() -> None:
    locked = locked_jars()
    assert ":".join(KAFKA) in {jar.coordinate for jar in locked}
    assert len(locked) == len({jar.file_name for jar in locked}) == 45
    assert all(len(jar.sha256) == 64 for jar in locked)
    assert "/" not in jars.LOCK_FILE.read_text()
