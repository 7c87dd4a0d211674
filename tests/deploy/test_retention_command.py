"""`vernissage retention` over the real databases of all three services."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import retention
from deploy.databases import transaction_of
from deploy.running import Surroundings, settings_classes
from shared.sql import run
from shared.travel.topics import SERVICES


@pytest.fixture
def surroundings(service_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """Three services on empty databases, found by the command."""
    secret = SecretStr("a secret for tests that is long enough")
    found = Surroundings(
        {
            service: settings(database_url=service_database(service), seal_secret=secret)
            for service, settings in settings_classes().items()
        }
    )
    monkeypatch.setattr(retention, "find_surroundings", lambda _data: found)
    return found


async def _keep_old_answer(surroundings: Surroundings) -> None:
    columns = "id, person_id, key, digest, status, answer, given_at"
    row = f"INSERT INTO idempotency_keys ({columns}) VALUES (:id, :id, 'k', 'd', 201, '{{}}', '2020-01-01T00:00Z')"  # noqa: S608
    async with transaction_of(surroundings.settings["registration"]) as session:
        await run(session, text(row), {"id": "00000000-0000-0000-0000-000000000001"})


def counted(*arguments: str) -> dict[str, Any]:
    """What the command counts that is not 0, by service."""
    ended = CliRunner().invoke(app, ["retention", "--json", *arguments])
    assert ended.exit_code == 0, ended.output
    counts = json.loads(ended.output)["counts"]
    assert list(counts) == list(SERVICES)
    return {name: count for service in counts.values() for name, count in service.items() if count}


def test_a_dry_run_counts_what_a_run_lets_go_and_nothing_is_left_then(surroundings: Surroundings) -> None:
    asyncio.run(_keep_old_answer(surroundings))
    due = {"answers under idempotency keys": 1}
    assert counted("--dry-run") == due
    assert counted("--dry-run") == due
    assert counted() == due
    assert counted() == {}
    shown = CliRunner().invoke(app, ["retention", "--dry-run"]).output
    assert "people to erase" in shown


def test_the_audit_of_each_service_is_kept_for_a_time(surroundings: Surroundings) -> None:
    del surroundings
    ended = CliRunner().invoke(app, ["retention", "--json", "--dry-run"])
    counts = json.loads(ended.output)["counts"]
    assert [service["lines of the audit"] for service in counts.values()] == [0] * len(SERVICES)
