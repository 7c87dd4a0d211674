"""The jars of Apache Kafka: downloaded once, checked against `kafka.lock`, kept in the user's cache folder.

`python -m deploy.embedded.jars` writes `kafka.lock` anew: what `jgo` resolves `KAFKA` to, with the SHA-256 of each jar.
"""

import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jgo.maven import MavenContext, PythonResolver
from jgo.parse import Coordinate

from deploy.embedded.errors import JarsUnavailable
from deploy.embedded.folder_lock import FolderLock
from deploy.embedded.folders import cache_folder, usable_folder, write_whole
from deploy.embedded.progress import Progress, in_silence

KAFKA = ("org.apache.kafka", "kafka_2.13", "4.3.1")
KAFKA_VERSION = KAFKA[2]
LOCK_FILE = Path(__file__).with_name("kafka.lock")
CONNECT_SECONDS = 10
REQUEST_SECONDS = 60
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 1.0
DOWNLOADS_AT_ONCE = 6
STAGING_PREFIX = ".download-"
WAIT_FOR_OTHER_RUN_SECONDS = 600.0


@dataclass(frozen=True)
class Jar:
    """One jar by its Maven coordinate and the SHA-256 of its bytes, in hexadecimal.

    The coordinate is `group:artifact:version`, or `group:artifact:packaging:version` for another kind of file.
    """

    coordinate: str
    sha256: str

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """Group, artifact, packaging and version."""
        group, artifact, *packaging, version = self.coordinate.split(":")
        return group, artifact, packaging[0] if packaging else "jar", version

    @property
    def file_name(self) -> str:
        """The name of its file, such as `kafka-clients-4.3.1.jar`."""
        _, artifact, packaging, version = self.parts
        return f"{artifact}-{version}.{packaging}"

    def is_in(self, folder: Path) -> bool:
        """Whether `folder` holds this jar, to the byte."""
        path = folder / self.file_name
        return path.is_file() and sha256_of(path) == self.sha256


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def locked_jars(lock_file: Path = LOCK_FILE) -> list[Jar]:
    """The jars that a lock file names: a coordinate and a SHA-256 a line, `#` before a remark."""
    lines = lock_file.read_text(encoding="ascii").splitlines()
    return [Jar(*line.split()) for line in lines if line and not line.startswith("#")]


def kafka_jars(progress: Progress = in_silence, cache: Path | None = None, lock_file: Path = LOCK_FILE) -> list[Path]:
    """The paths of Kafka's jars, each checked against `kafka.lock`, downloaded first where the cache lacks them.

    Two runs at once download once. `cache` is the product's cache folder (by default the user's). Where
    `VERNISSAGE_MAVEN` holds the address of a Maven repository, they come from there instead of the central one. Raises
    `JarsUnavailable` when they cannot be had, `FolderUnusable` when the cache cannot be written.
    """
    return downloaded((cache or cache_folder()) / f"kafka-{KAFKA_VERSION}", lock_file, progress)


def downloaded(folder: Path, lock_file: Path, progress: Progress = in_silence) -> list[Path]:
    """The paths in `folder` of all that `lock_file` names, downloaded where they lack; raises as `kafka_jars` does."""
    jars = locked_jars(lock_file)
    if not all(jar.is_in(folder) for jar in jars):
        usable_folder(folder)
        with FolderLock(folder, wait=WAIT_FOR_OTHER_RUN_SECONDS):
            # Looked at again: the run that was waited for may have fetched them all.
            if missing := [jar for jar in jars if not jar.is_in(folder)]:
                _Download(folder, progress).fetch(missing)
    return [folder / jar.file_name for jar in jars]


class _Download:
    """Fetches jars into `folder`, several at once, each tried again when the network fails."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder = folder
        self._progress = progress
        mirror = os.environ.get("VERNISSAGE_MAVEN")
        self._repositories = {"mirror": mirror.rstrip("/")} if mirror else None
        self._counting = threading.Lock()
        self._done = 0
        self._bytes = 0

    def fetch(self, jars: list[Jar]) -> None:
        """Fetch all `jars`, or raise `JarsUnavailable`; those fetched before a failure stay."""
        self._count = len(jars)
        self._say()
        for abandoned in self._folder.glob(f"{STAGING_PREFIX}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=self._folder) as staging:
            pool = ThreadPoolExecutor(DOWNLOADS_AT_ONCE)
            try:
                for fetched in [pool.submit(self._fetch_one, jar, Path(staging)) for jar in jars]:
                    fetched.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _fetch_one(self, jar: Jar, staging: Path) -> None:
        for attempt in range(ATTEMPTS):
            reason = self._try_one(jar, staging / f"{jar.sha256}-{attempt}")
            if reason is None:
                return
            if attempt + 1 < ATTEMPTS:
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        raise JarsUnavailable(reason or jar.file_name)

    def _try_one(self, jar: Jar, repository: Path) -> str | None:
        """Download one jar; give the reason in words when it failed."""
        context = MavenContext(
            resolver=PythonResolver(progress_callback=self._count_bytes),
            repo_cache=repository,
            local_repos=[],
            remote_repos=self._repositories,
            # requests takes the seconds to connect and those to wait for bytes apart.
            timeout=(CONNECT_SECONDS, REQUEST_SECONDS),  # type: ignore[arg-type]
        )
        group, artifact, packaging, version = jar.parts
        try:
            path = context.project(group, artifact).at_version(version).artifact(packaging=packaging).resolve()
        except (OSError, RuntimeError) as error:
            # What requests and jgo say holds addresses and stack details: its kind is enough here.
            return f"{jar.file_name}: {type(error).__name__}"
        if sha256_of(path) != jar.sha256:
            return f"{jar.file_name} is not the file that kafka.lock names"
        path.replace(self._folder / jar.file_name)
        with self._counting:
            self._done += 1
        self._say()
        return None

    @contextmanager
    def _count_bytes(self, _file_name: str, _total: int) -> Iterator[Any]:
        yield self._add_bytes

    def _add_bytes(self, count: int) -> None:
        with self._counting:
            self._bytes += count

    def _say(self) -> None:
        megabytes = self._bytes / 1e6
        self._progress("kafka", f"{self._done} of {self._count} jars, {megabytes:.0f} MB", self._done / self._count)


def write_lock() -> list[Jar]:
    """Resolve Kafka's dependencies with `jgo`, download every jar, write `kafka.lock`; give what it names."""
    group, artifact, version = KAFKA
    with tempfile.TemporaryDirectory() as repository:
        context = MavenContext(repo_cache=Path(repository), local_repos=[], timeout=REQUEST_SECONDS)
        kafka = context.create_dependency(replace(Coordinate.parse(f"{group}:{artifact}:{version}"), scope="compile"))
        inputs, transitive = context.resolver.resolve([kafka])
        needed = inputs + [dependency for dependency in transitive if dependency.scope in ("compile", "runtime")]
        jars = [
            Jar(f"{one.groupId}:{one.artifactId}:{one.version}", sha256_of(one.artifact.resolve())) for one in needed
        ]
    remark = f"# Apache Kafka {version} and what it needs at run time: Maven coordinate, SHA-256 of the jar.\n"
    lines = sorted(f"{jar.coordinate} {jar.sha256}\n" for jar in jars)
    write_whole(LOCK_FILE, remark + "".join(lines))
    return jars


if __name__ == "__main__":
    write_lock()
