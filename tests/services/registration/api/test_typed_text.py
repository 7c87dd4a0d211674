"""Nothing unseen is kept of what somebody types or a program exports, and nothing that reaches somebody travels."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from shared.typed_text import exported
from tests.services.registration import bodies
from tests.services.registration.office import Office
from tests.support.attacks import BROKEN_LINES, CONTROLS, HOSTILE_LINES

HEADER = "identifiant;nom;prenom;agence;commune;mobilite_km;transport;disponible_des;horaires"
LENS = "Agence de Lens"
REST = f"{LENS};Lens;20;voiture;01/12/2026;jour"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (BROKEN_LINES[0], "line-break"),
        (CONTROLS[1], "control-character"),
        ("\u200b", "string-too-short"),
        ("…", "says-nothing"),
    ],
)
async def test_a_refusal_says_where_and_what_to_do(office: Office, typed: str, code: str) -> None:
    answer = await office.ask("POST", "/api/v1/participants", json=bodies.participant(last_name=typed))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["path"], error["code"]) == ("last_name", code)
    assert error["message"].endswith(".")
    assert error["message"] != "Cette valeur n’est pas acceptée."


async def test_what_a_program_exports_is_kept_as_one_line_shows_it(office: Office) -> None:
    # A file with a NUL is no text, and refused as a whole.
    typed_names = [typed for typed in HOSTILE_LINES if "\0" not in typed]
    rows = [
        f'P{number};"x{typed.replace(chr(34), chr(34) * 2)}";Ann;{REST}' for number, typed in enumerate(typed_names)
    ]
    file = "\n".join([HEADER, *rows]).encode()
    report = await office.import_files({"participants.csv": file})
    assert report["files"]["participants.csv"]["refused"] == 0
    kept = {
        row["identifier"]: row["last_name"]
        for row in await office.rows(
            "SELECT identifier, last_name FROM participants JOIN participant_contacts ON participant_id = id"
        )
    }
    for number, typed in enumerate(typed_names):
        name = kept[f"P{number}"]
        assert len(name.splitlines()) == 1
        assert name.split() == exported(f"x{typed}").split(), typed


@pytest.mark.parametrize("identifier", ["\u202ex", "x" * 101, " ", "…", "a\x1bb"])
async def test_an_identifier_in_an_address_is_read_as_one_in_a_body(office: Office, identifier: str) -> None:
    address = f"/api/v1/participants/by-identifier/{quote(identifier, safe='')}"
    answer = await office.ask("PUT", address, json=bodies.participant())
    if identifier == "\u202ex":
        assert answer.status_code == 201
        shown = await office.ask("GET", "/api/v1/participants", params={"identifier": "x"})
        assert len(shown.json()["items"]) == 1
    else:
        assert answer.status_code == 422


@pytest.mark.parametrize("identifier", ["a/b", "a/../b", "é è", "100 %", "a?b#c"])
async def test_any_identifier_that_can_be_kept_can_be_addressed(office: Office, identifier: str) -> None:
    address = f"/api/v1/employers/by-identifier/{quote(identifier, safe='')}"
    for status in (201, 200):
        answer = await office.ask("PUT", address, json=bodies.employer())
        assert answer.status_code == status
    assert answer.json()["change"] == "unchanged"


@pytest.mark.parametrize("name", ["Chez Maurice 06 57 01 87 62", "Salle +33 6 57 01 87 62", "Salle (m.brunel@x.fr)"])
async def test_the_name_of_a_venue_travels_and_so_holds_no_contact(office: Office, name: str) -> None:
    for path, body in (
        ("/api/v1/meetups", bodies.meetup(venue=name)),
        ("/api/v1/workshops", bodies.workshop(venue=name)),
        ("/api/v1/venues", {"name": name, "commune": "Lens"}),
    ):
        answer = await office.ask("POST", path, json=body)
        assert answer.status_code == 422, path
        assert answer.json()["errors"][0]["code"] == "contact-in-public-name"
    row = f"R1;Rencontre;{name};Lens;01/12/2026;09:30;12;10;{LENS}"
    file = f"identifiant;titre;lieu;commune;date;heure_debut;duree_creneau_min;creneaux;agence\n{row}\n".encode()
    report = await office.import_files({"rencontres.csv": file})
    assert [each["code"] for each in report["findings"]] == ["contact-in-public-name"]
    assert await office.rows("SELECT 1 FROM outbox WHERE convert_from(body, 'UTF8') LIKE '%06 57%'") == []


async def test_a_meetup_of_nothing_but_breaks_is_refused(office: Office) -> None:
    answer = await office.ask("POST", "/api/v1/meetups", json=bodies.meetup(slots=2, breaks=[0, 1]))
    assert (answer.status_code, answer.json()["code"]) == (422, "no-time-to-meet")


async def test_an_address_that_no_mail_could_reach_is_refused_when_it_is_typed(office: Office) -> None:
    answer = await office.ask("POST", "/api/v1/participants", json=bodies.participant(email="é@exemple.fr"))
    assert answer.json()["errors"][0]["code"] == "bad-email"
    taken = await office.ask("POST", "/api/v1/participants", json=bodies.participant(email="e@éxemple.fr"))
    assert taken.status_code == 201
