"""Fixtures for the tests of the command line."""

from collections.abc import Callable

import pytest

from tests.deploy.command_line import Ended, in_process


@pytest.fixture
def vernissage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs a command as the terminal would, in this process: `vernissage("status", "--data", folder)`."""
    monkeypatch.setenv("COLUMNS", "240")
    return lambda *words: in_process([str(word) for word in words], monkeypatch, capsys)
