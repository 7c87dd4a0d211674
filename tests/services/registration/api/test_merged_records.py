"""Records that were merged: again, at the same moment, with exports that still name them, until they are erased."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registration.repository import following
from services.registration.settings import Settings
from services.registration.worker import keep_no_longer
from shared.database import unit_of_work
from shared.ids import new_id
from tests.services.registration import bodies
from tests.services.registration.merges import (
    P,
    assert_others_are_told_what_holds,
    heard_by_matching,
    merged,
    noted,
    registered,
    state,
    undone,
)
from tests.services.registration.office import NOW, Office

EXPORT = {
    "participants.csv": """\
identifiant;nom;prenom;agence;commune;courriel;telephone;consentement_appariement;consentement_contact
P1;BRUNEL;Maurice;Agence de Lens;Lens;m.brunel@courriel.example;;oui;oui
P9;BRUNEL;Morice;Agence de Lens;Liévin;;06 57 01 87 62;oui;non
""",
    "ateliers.csv": """\
identifiant;titre;lieu;commune;date_debut;date_fin;agence;mediateurs
A1;Atelier;Louvre-Lens;Lens;26/10/2026;20/11/2026;Agence de Lens;georges@musees.example
""",
    "inscriptions.csv": "atelier;participant\nA1;P1\nA1;P9\n",
    "observations.csv": """\
atelier;date;participant;observateur;exercice;competence;niveau;commentaire
A1;12/11/2026;P1;georges@musees.example;dessin dicté;6D101;3;
A1;12/11/2026;P9;georges@musees.example;dessin dicté;6D101;3;
A1;12/11/2026;P9;georges@musees.example;dessin dicté;6D101;1;
A1;12/11/2026;P9;georges@musees.example;dessin dicté;6D102;2;
""",
    "rencontres.csv": """\
identifiant;titre;lieu;commune;date;heure_debut;duree_creneau_min;creneaux;agence
R0;Passée;Louvre-Lens;Lens;01/06/2026;14:00;12;5;Agence de Lens
R1;À venir;Louvre-Lens;Lens;01/12/2026;14:00;12;5;Agence de Lens
""",
    "rencontre_participants.csv": "rencontre;participant\nR0;P9\nR1;P9\n",
}


async def ids(office: Office, *identifiers: str) -> list[str]:
    rows = await office.rows("SELECT identifier, id FROM participants")
    found = {row["identifier"]: str(row["id"]) for row in rows}
    return [found[identifier] for identifier in identifiers]


async def test_an_export_that_still_names_a_merged_record_changes_nothing(office: Office) -> None:
    await office.import_files(EXPORT)
    survivor, gone = await ids(office, "P1", "P9")
    await merged(office, survivor, gone)
    before, told = await state(office), await office.events()
    for _ in range(2):
        report = await office.import_files(EXPORT)
        assert {name: each["unchanged"] for name, each in report["files"].items() if each["read"] > 0} == {
            "participants.csv": 2,
            "ateliers.csv": 1,
            "inscriptions.csv": 2,
            "observations.csv": 4,
            "rencontres.csv": 2,
            "rencontre_participants.csv": 2,
        }
        assert (await state(office), await office.events()) == (before, told)
    shown = (await office.ask("GET", f"{P}/{gone}")).json()
    assert (shown["id"], shown["phone"]) == (survivor, "+33657018762")
    assert shown["consents"] == {"pairing": True, "contact": False}


async def test_what_an_export_says_of_a_merged_record_reaches_the_one_that_goes_on(office: Office) -> None:
    survivor = await registered(office, "P1", email=None, consents={"pairing": True, "contact": True})
    await merged(office, survivor, await registered(office, "P9", email=None))
    row = (
        "identifiant;nom;prenom;agence;commune;courriel;telephone;consentement_contact\n"
        "P9;Autre;Nom;Agence de Lens;Lens;m@courriel.example;06 00 00 00 01;non\n"
    )
    for verdict, codes in (("warned", {"read-as-merged", "no-contact-consent"}), ("unchanged", set[str]())):
        report = await office.import_files({"participants.csv": row})
        assert report["files"]["participants.csv"][verdict] == 1
        assert codes <= {finding["code"] for finding in report["findings"]}
        shown = (await office.ask("GET", f"{P}/{survivor}")).json()
        assert (shown["last_name"], shown["phone"], shown["email"]) == ("Brunel", "+33657018762", "m@courriel.example")
        assert shown["consents"] == {"pairing": True, "contact": False}
    await assert_others_are_told_what_holds(office)


async def test_the_profile_is_that_of_one_person_with_all_notes(office: Office) -> None:
    people = [await registered(office, f"P{number}") for number in range(3)]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    await office.enrol(workshop, *people)
    levels = [(0, "6D101", 3), (0, "6D102", 1), (1, "6D101", 3), (1, "6D101", 0), (2, "6D102", 4), (2, "6D103", 2)]
    for number, skill, level in levels:
        await noted(office, workshop, people[number], skill=skill, level=level)
    await merged(office, people[1], people[2])
    await merged(office, people[0], people[1])
    seen = (await heard_by_matching(office))["observations"].values()
    assert Counter((str(said[0]), said[-2], said[-1]) for said in seen) == Counter(
        {(people[0], skill, level) for _, skill, level in levels}
    )
    await assert_others_are_told_what_holds(office)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
async def test_merges_one_upon_the_other_are_undone_in_reverse_and_leave_everything_as_it_was(
    office: Office, chance: Random
) -> None:
    people = [
        await registered(office, f"P{new_id()}", consents=chance.choice([{}, {"pairing": True}, {"pairing": False}]))
        for _ in range(3)
    ]
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.enrol(workshop, *people)
    for person in people:
        for _ in range(chance.randrange(3)):
            await noted(office, workshop, person, skill="6D101", level=chance.randrange(2))
        if chance.random() < 0.5:
            await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    before = await state(office), await heard_by_matching(office)
    first, second, third = people
    chain = [(second, first), (third, second)] if chance.random() < 0.5 else [(third, first), (third, second)]
    made = [await merged(office, survivor, gone) for survivor, gone in chain]
    for name in people:
        assert (await office.ask("GET", f"{P}/{name}")).json()["id"] == third
    await assert_others_are_told_what_holds(office)
    too_early = await office.ask("DELETE", f"{P}/{chain[0][0]}/merges/{made[0]['id']}")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "merged-later")
    for (survivor, _), each in zip(reversed(chain), reversed(made), strict=True):
        await undone(office, survivor, each)
        await assert_others_are_told_what_holds(office)
    assert (await state(office), await heard_by_matching(office)) == before


async def test_of_merges_at_the_same_moment_one_holds(office: Office) -> None:
    one, two, three = [await registered(office, f"P{number}") for number in range(3)]
    asked = [(one, two), (two, one), (three, two), (one, two)]
    answers = await asyncio.gather(
        *(office.ask_blindly("POST", f"{P}/{survivor}/merges", json={"merged_id": gone}) for survivor, gone in asked)
    )
    done = [(survivor, gone) for (survivor, gone), each in zip(asked, answers, strict=True) if each.status_code == 201]
    assert {each.json()["code"] for each in answers if each.status_code != 201} <= {"already-merged"}
    rows = await office.rows("SELECT id, merged_into FROM participants WHERE merged_into IS NOT NULL")
    into = {str(row["id"]): str(row["merged_into"]) for row in rows}
    assert len(done) == len(into) == len({gone for _, gone in done})
    assert set(into.values()).isdisjoint(into)


async def test_what_is_noted_while_a_merge_goes_on_is_said_of_the_one_that_goes_on(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    workshop = (await office.post("/api/v1/workshops", bodies.workshop()))["id"]
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.enrol(workshop, gone)
    path = f"/api/v1/meetups/{meetup}/participants/{gone}"
    await asyncio.gather(
        *(noted(office, workshop, gone, skill=skill) for skill in ("6D101", "6D102", "6D103")),
        merged(office, survivor, gone),
        office.ask_blindly("PUT", path, json={}),
    )
    notes = await office.rows("SELECT participant_id FROM observations")
    enrolled = await office.rows("SELECT participant_id FROM meetup_enrolments")
    assert {str(row["participant_id"]) for row in (*notes, *enrolled)} == {survivor}
    await assert_others_are_told_what_holds(office)


async def test_where_both_are_expected_one_leaves_its_meetup_first(office: Office) -> None:
    one, two = await registered(office, "P1"), await registered(office, "P9")
    meetup = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    for person in (one, two):
        await office.ask("PUT", f"/api/v1/meetups/{meetup}/participants/{person}", json={})
    async with unit_of_work(office.sessions) as session:
        await following.replace_paired(session, UUID(meetup), 1, {UUID(one): 1, UUID(two): 1})
    for survivor, gone in ((one, two), (two, one)):
        refused = await office.ask("POST", f"{P}/{survivor}/merges", json={"merged_id": gone})
        assert (refused.status_code, refused.json()["code"]) == (409, "both-expected")
        assert "retirez l’autre fiche de sa rencontre" in refused.text
    await office.ask("DELETE", f"/api/v1/meetups/{meetup}/participants/{two}")
    await merged(office, one, two)


async def test_a_record_tells_of_all_records_of_the_person_and_of_none_told_apart(office: Office) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9", first_name="Morice")
    past = (await office.post("/api/v1/meetups", bodies.meetup()))["id"]
    await office.ask("PUT", f"/api/v1/meetups/{past}/participants/{gone}", json={})
    made = await merged(office, survivor, gone)
    for name in (survivor, gone):
        told = (await office.ask("GET", f"{P}/{name}/record")).json()
        here = told["services"]["registration"]["record"]
        assert (told["participant_id"], {each["id"] for each in here["participants"]}) == (survivor, {survivor, gone})
        assert {each["identifier"] for each in here["participants"]} == {"P1", "P9"}
        assert len(here["criteria"]) == 2
    await undone(office, survivor, made)
    assert gone not in (await office.ask("GET", f"{P}/{survivor}/record")).text


async def keep_until(office: Office, settings: Settings, now: datetime) -> None:
    await keep_no_longer(office.sessions, settings, lambda: now)


@pytest.mark.parametrize("comes", [True, False], ids=["one who comes", "one without contact"])
async def test_a_merged_record_is_kept_as_long_as_the_one_that_goes_on(
    office: Office, settings: Settings, *, comes: bool
) -> None:
    survivor, gone = await registered(office, "P1"), await registered(office, "P9")
    await merged(office, survivor, gone)
    if comes:
        dates = {"starts_on": "2028-12-01", "ends_on": "2028-12-20"}
        await office.enrol((await office.post("/api/v1/workshops", bodies.workshop(**dates)))["id"], gone)
    for later in (NOW + timedelta(days=731), NOW + timedelta(days=762)):
        await keep_until(office, settings, later)
    assert (await office.counts())["participants"] == (2 if comes else 0)
    assert len(await office.rows("SELECT 1 FROM erasures")) == (0 if comes else 2)
