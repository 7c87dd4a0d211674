"""Imports on pages: handed in, watched, and what is to be done about each refused row."""

from __future__ import annotations

import httpx
import pytest

from tests.services.registration.office import Office
from tests.services.registration.pages.conftest import somebody, visitor_as
from tests.support.visiting import Visitor

GOOD = "identifiant;nom;prenom;agence;commune;consentement_appariement\nP1;Brunel;Maurice;Agence de Lens;Lens;oui\n"
BAD = "identifiant;nom;prenom;agence;commune\nP2;;Samira;Agence de Lens;Lens\n"


async def test_files_are_handed_in_watched_and_reported_row_by_row(office: Office, adviser: Visitor) -> None:
    await adviser.open("/imports")
    page = await _hand_in(adviser, GOOD + BAD.splitlines()[1] + ";\n")
    assert "L’import est en cours" in page.text
    assert 'http-equiv="refresh"' in page.text
    await office.work_at_imports()
    page = await adviser.open(str(page.url.path))
    assert "des lignes sont à corriger" in page.text
    assert "participants.csv, ligne 3, nom" in page.text
    assert 'http-equiv="refresh"' not in page.text
    assert "Maurice" in str(await office.rows("SELECT first_name FROM participant_contacts"))
    table = await office.ask("GET", f"/api/v1{page.url.path}/report.csv")
    assert table.status_code == 200
    assert "2 lignes lues, 1 refusées" in (await adviser.open("/imports")).text


async def test_a_look_beforehand_keeps_nothing(office: Office, adviser: Visitor) -> None:
    await adviser.open("/imports")
    page = await _hand_in(adviser, GOOD, dry=True)
    await office.work_at_imports()
    page = await adviser.open(str(page.url.path))
    assert "Rien n’a été enregistré" in page.text
    assert await office.rows("SELECT id FROM participants") == []


async def test_without_a_file_it_asks_for_one(adviser: Visitor) -> None:
    await adviser.open("/imports")
    form = adviser.form("Importer")
    headers = {**adviser.headers, "accept": "text/html"}
    data = {"form_token": next(value for name, value in form.fields if name == "form_token")}
    answer = await adviser.client.post("/imports", data=data, headers=headers)
    assert answer.headers["location"] == "/imports?done=no-file"


@pytest.mark.parametrize(("role", "status"), [("adviser", 200), ("mediator", 403), ("manager", 403), ("operator", 200)])
async def test_each_role_imports_as_it_may(office: Office, role: str, status: int) -> None:
    assert (await visitor_as(office, somebody(office, role)).open("/imports")).status_code == status


async def _hand_in(visitor: Visitor, text: str, *, dry: bool = False) -> httpx.Response:
    form = visitor.form("Importer")
    data = {"form_token": next(value for name, value in form.fields if name == "form_token")}
    if dry:
        data["dry_run"] = "yes"
    headers = {**visitor.headers, "accept": "text/html"}
    files = {"files": ("participants.csv", text.encode(), "text/csv")}
    answer = await visitor.client.post("/imports", data=data, files=files, headers=headers)
    return await visitor.open(answer.headers["location"])
