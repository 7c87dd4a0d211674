"""Fixtures for the tests of the embedded stack: they start parts of their own, apart from the run's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.processes import ProcessEvent, Supervisor


@pytest.fixture
def events() -> list[ProcessEvent]:
    """What the supervisor of the test has told."""
    return []


@pytest.fixture
def supervisor(tmp_path: Path, events: list[ProcessEvent]) -> Iterator[Supervisor]:
    """A supervisor whose children end with the test."""
    with Supervisor(tmp_path / "logs", events.append) as supervisor:
        yield supervisor
