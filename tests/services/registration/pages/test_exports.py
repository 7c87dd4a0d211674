"""Exports on pages: asked for, made by a worker, fetched."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from services.registration.use_cases.exports import work_at_next_export
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor


async def test_an_export_is_asked_for_made_and_fetched(office: Office, adviser: Visitor) -> None:
    await office.post("/api/v1/participants", bodies.participant(last_name="Brunel"))
    await adviser.open("/exports")
    page = await adviser.send("Préparer le fichier", {"form": "csv"})
    assert "se prépare" in page.text
    assert 'http-equiv="refresh"' in page.text
    assert await work_at_next_export(office.workplace)
    page = await adviser.open("/exports")
    assert 'http-equiv="refresh"' not in page.text
    address = page.text.partition('href="/api/v1/exports/')[2].partition('"')[0]
    archive = await office.ask("GET", f"/api/v1/exports/{address}")
    assert "Brunel" in ZipFile(BytesIO(archive.content)).read("participants.csv").decode("utf-8-sig")


async def test_an_export_can_be_stopped(adviser: Visitor) -> None:
    await adviser.open("/exports")
    await adviser.send("Préparer le fichier")
    assert "n’est plus gardé" in (await adviser.send("Arrêter")).text


@pytest.mark.parametrize(("role", "status"), [("adviser", 200), ("mediator", 403), ("manager", 200), ("operator", 200)])
async def test_each_role_exports_as_it_may(office: Office, role: str, status: int) -> None:
    assert (await visitor_as(office, somebody(office, role)).open("/exports")).status_code == status
