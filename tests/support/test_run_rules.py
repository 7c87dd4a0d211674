"""The rules of a run, tried on small runs of their own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.embedded.program import wait_until

ROOT = Path(__file__).parents[2]
NO_DOCKER = "unix:///nowhere/docker.sock"
SETTINGS = """
[pytest]
addopts = -p no:randomly -p no:cacheprovider --import-mode=importlib
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
markers = docker: needs a Docker engine
"""
SKIPS = """
import pytest
def test_plain(): pytest.skip("no wind")
@pytest.mark.skipif(True, reason="no wind")
def test_conditional(): pass
@pytest.mark.docker
def test_docker(): pytest.skip("no engine")
@pytest.mark.xfail
def test_expected(): assert False
"""
USES_PARTS = """
def test_broker(kafka): assert kafka.bootstrap_servers
def test_database(postgres): postgres.drop_database(postgres.create_database())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    return tmp_path


def environment(**extra: str) -> dict[str, str]:
    ours = ("PYTEST", "CI", "VERNISSAGE", "DOCKER")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return inherited | {"PYTHONPATH": str(ROOT)} | extra


def run(folder: Path, tests: str, *arguments: str, **extra: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_small.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", *arguments, str(folder)]
    return subprocess.run(
        command, cwd=folder, env=environment(**extra), capture_output=True, text=True, timeout=100, check=False
    )


def test_a_run_that_needs_no_part_starts_none_and_tells_skips_with_their_reasons(folder: Path) -> None:
    ended = run(folder, "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_a(n): pytest.skip('no wind')")
    assert ended.returncode == 0, ended.stdout
    assert "broker: none was needed" in ended.stdout
    assert "database: none was needed" in ended.stdout
    assert "skipped 2: no wind" in ended.stdout


def test_only_loopback_can_be_spoken_to() -> None:
    with pytest.raises(UserWarning, match=r'with host "192\.0\.2\.1"'):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_a_strict_run_lets_unallowed_skips_fail(folder: Path) -> None:
    (folder / "test_module.py").write_text("import pytest\npytest.skip('no wind here', allow_module_level=True)\n")
    ended = run(folder, SKIPS, "--continue-on-collection-errors", "-rA", CI="true")
    told = [line.split() for line in ended.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    assert {words[1].rpartition("::")[2] for words in told} == {"test_plain", "test_conditional", "test_module.py"}
    assert "With CI=true nothing may be skipped: no wind here" in ended.stdout


def test_without_apache_kafka_a_strict_run_fails(folder: Path) -> None:
    ended = run(folder, "def test_a(kafka): pass", VERNISSAGE_JAVA="/nowhere", DOCKER_HOST=NO_DOCKER, CI="true")
    assert ended.returncode == 1
    assert "no Kafka to be had: " in ended.stdout
    assert "memory: not taken with CI=true" in ended.stdout


@pytest.mark.slow
def test_workers_share_one_broker_and_one_server_and_leave_nothing(folder: Path) -> None:
    ended = run(
        folder, USES_PARTS * 2, "-n", "2", VERNISSAGE_JAVA="/nowhere", DOCKER_HOST=NO_DOCKER, TMPDIR=str(folder)
    )
    assert ended.returncode == 0, ended.stdout
    assert ended.stdout.count("broker: !!! NOT A REAL KAFKA but librdkafka") == 1
    assert "database: PostgreSQL 18" in ended.stdout
    assert list(folder.glob("vernissage-tests-*")) == []


def test_an_interrupted_run_leaves_nothing(folder: Path) -> None:
    (folder / "test_small.py").write_text(
        "import pathlib, time\n"
        "def test_long(postgres):\n    pathlib.Path(__file__).with_name('started').touch()\n    time.sleep(100)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", str(folder)]
    with subprocess.Popen(
        command, cwd=folder, env=environment(TMPDIR=str(folder)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        assert wait_until((folder / "started").exists, 60)
        children = psutil.Process(running.pid).children(recursive=True)
        assert any(child.name() == "postgres" for child in children)
        running.send_signal(signal.SIGINT)
        running.wait(60)
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert list(folder.glob("vernissage-tests-*")) == []
