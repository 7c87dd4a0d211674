"""Each kind of dirt gets its verdict: the row refused, warned of, or let in, by stable codes at the right place."""

from typing import Any

import pytest

from services.registration.adapters.files.sources import MOST_LINES
from shared.contracts.employers import NeedPublished
from shared.contracts.participants import ParticipantRegistered
from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing import exports
from tests.services.registration.use_cases.importing.exports import (
    EMPLOYER,
    FOLDER,
    MEETUP,
    NEED,
    OBSERVATION,
    PARTICIPANT,
    SECOND,
    WORKSHOP,
    folder,
    written,
)

DIRT: list[tuple[str, dict[str, str], dict[str, str], str, list[tuple[str, str]]]] = [
    # file, the row that is right, what is changed, verdict, (code, column) of each finding
    ("participants", PARTICIPANT, {"nom": ""}, "refused", [("missing-value", "nom")]),
    ("participants", PARTICIPANT, {"identifiant": ""}, "refused", [("missing-value", "identifiant")]),
    ("participants", PARTICIPANT, {"disponible_des": "31/02/2026"}, "refused", [("bad-date", "disponible_des")]),
    ("participants", PARTICIPANT, {"date_naissance": "31/13/1990"}, "refused", [("bad-date", "date_naissance")]),
    (
        "participants",
        PARTICIPANT,
        {"disponible_des": "dès que possible"},
        "warned",
        [("unread-date", "disponible_des")],
    ),
    ("participants", PARTICIPANT, {"date_naissance": "inconnue"}, "warned", [("unread-date", "date_naissance")]),
    ("participants", PARTICIPANT, {"disponible_des": "46357"}, "warned", [("numbered-date", "disponible_des")]),
    ("participants", PARTICIPANT, {"disponible_des": "1er décembre 2026"}, "accepted", []),
    ("ateliers", WORKSHOP, {"date_debut": "bientôt"}, "refused", [("bad-date", "date_debut")]),
    ("rencontres", MEETUP, {"heure_debut": "9 heures 30"}, "accepted", []),
    ("rencontres", MEETUP, {"pauses": "11"}, "refused", [("bad-slot", "pauses")]),
    ("rencontres", MEETUP, {"pauses": "midi"}, "refused", [("bad-slot", "pauses")]),
    ("participants", PARTICIPANT, {"commune": "Lanse-sur-Rien"}, "refused", [("unknown-commune", "commune")]),
    ("participants", PARTICIPANT, {"commune": "Saint-Denis"}, "refused", [("ambiguous-commune", "commune")]),
    ("participants", PARTICIPANT, {"mobilite_km": "loin"}, "refused", [("bad-number", "mobilite_km")]),
    ("participants", PARTICIPANT, {"mobilite_km": "-5"}, "refused", [("out-of-range", "mobilite_km")]),
    ("participants", PARTICIPANT, {"nom": "x" * 201}, "refused", [("too-long", "nom")]),
    ("participants", PARTICIPANT, {"nom": "=2+5+cmd|' /C calc'!A0"}, "accepted", []),
    ("participants", PARTICIPANT, {"mobilite_km": "12,5 km"}, "accepted", []),
    ("participants", PARTICIPANT, {"commune": "62498"}, "accepted", []),
    ("participants", PARTICIPANT, {"commune": "62300 Lens"}, "accepted", []),
    ("participants", PARTICIPANT, {"commune": "62510"}, "refused", [("ambiguous-commune", "commune")]),
    ("participants", PARTICIPANT, {"commune": "Boulogne"}, "warned", [("doubtful-commune", "commune")]),
    ("participants", PARTICIPANT, {"metiers_souhaites": "Préparatrice de commandes"}, "accepted", []),
    ("participants", PARTICIPANT, {"consentement_contact": " OUI "}, "accepted", []),
    ("participants", PARTICIPANT, {"telephone": ""}, "accepted", []),
    ("participants", PARTICIPANT, {"courriel": ""}, "warned", [("no-email", "courriel")]),
    (
        "participants",
        PARTICIPANT,
        {"courriel": "zoé@@"},
        "warned",
        [("bad-email", "courriel"), ("no-email", "courriel")],
    ),
    ("participants", PARTICIPANT, {"telephone": "12"}, "warned", [("bad-phone", "telephone")]),
    (
        "participants",
        PARTICIPANT,
        {"consentement_contact": "non", "consentement_appariement": "non"},
        "warned",
        [("no-pairing-consent", "consentement_appariement"), ("no-contact-consent", "consentement_contact")],
    ),
    (
        "participants",
        PARTICIPANT,
        {"consentement_contact": "peut-être"},
        "warned",
        [("unclear-consent", "consentement_contact"), ("no-contact-consent", "consentement_contact")],
    ),
    ("participants", PARTICIPANT, {"transport": "trottinette"}, "warned", [("unknown-word", "transport")]),
    ("participants", PARTICIPANT, {"horaires": "jour|aube"}, "warned", [("unknown-word", "horaires")]),
    ("participants", PARTICIPANT, {"langue": "klingon"}, "warned", [("unknown-word", "langue")]),
    ("participants", PARTICIPANT, {"permis": "permis de pêche"}, "warned", [("unknown-licence", "permis")]),
    ("participants", PARTICIPANT, {"metiers_souhaites": "licorne"}, "warned", [("unknown-wish", "metiers_souhaites")]),
    (
        "participants",
        PARTICIPANT,
        {"date_naissance": "01/01/2025"},
        "warned",
        [("unlikely-birth-date", "date_naissance")],
    ),
    ("participants", PARTICIPANT, {"mobilite_km": ""}, "warned", [("default-used", "mobilite_km")]),
    ("ateliers", WORKSHOP, {"date_fin": "01/09/2026"}, "refused", [("bad-period", "date_fin")]),
    ("ateliers", WORKSHOP, {"lieu": "x" * 81}, "refused", [("too-long", "lieu")]),
    ("ateliers", WORKSHOP, {"date_debut": ""}, "refused", [("missing-value", "date_debut")]),
    ("ateliers", WORKSHOP, {"mediateurs": "Georges"}, "warned", [("bad-email", "mediateurs")]),
    (
        "inscriptions",
        {"atelier": "AT1", "participant": "P1"},
        {"atelier": "AT9"},
        "refused",
        [("unknown-workshop", "atelier")],
    ),
    (
        "inscriptions",
        {"atelier": "AT1", "participant": "P1"},
        {"participant": "P9"},
        "refused",
        [("unknown-participant", "participant")],
    ),
    ("observations", OBSERVATION, {"niveau": "5"}, "refused", [("level-out-of-range", "niveau")]),
    ("observations", OBSERVATION, {"niveau": "2,5"}, "refused", [("level-out-of-range", "niveau")]),
    ("observations", OBSERVATION, {"niveau": "trois"}, "refused", [("level-out-of-range", "niveau")]),
    ("observations", OBSERVATION, {"niveau": ""}, "refused", [("missing-value", "niveau")]),
    ("observations", OBSERVATION, {"participant": "P7777"}, "refused", [("unknown-participant", "participant")]),
    ("observations", OBSERVATION, {"competence": "beauté"}, "refused", [("unknown-skill", "competence")]),
    (
        "observations",
        OBSERVATION,
        {"atelier": "AT9"},
        "refused",
        [("unknown-workshop", "atelier")],
    ),
    ("observations", OBSERVATION, {"date": "31/02/2026"}, "refused", [("bad-date", "date")]),
    ("observations", OBSERVATION, {"observateur": "Georges"}, "refused", [("bad-observer", "observateur")]),
    ("observations", OBSERVATION, {"competence": "6D109"}, "accepted", []),
    ("observations", OBSERVATION, {"competence": "Faire preuve de persévérance"}, "accepted", []),
    (
        "observations",
        OBSERVATION,
        {"observateur": "inconnue@musees.example"},
        "warned",
        [("unknown-observer", "observateur")],
    ),
    ("observations", OBSERVATION, {"exercice": "le saut"}, "warned", [("unknown-exercise", "exercice")]),
    ("observations", OBSERVATION, {"date": "25/12/2026"}, "warned", [("date-outside-workshop", "date")]),
    ("employeurs", EMPLOYER, {"siret": "12345678901234"}, "refused", [("bad-siret", "siret")]),
    ("employeurs", EMPLOYER, {"raison_sociale": ""}, "refused", [("missing-value", "raison_sociale")]),
    ("employeurs", EMPLOYER, {"commune": "Croix"}, "accepted", []),
    ("employeurs", EMPLOYER, {"courriel": "personne"}, "warned", [("bad-email", "courriel")]),
    (
        "besoins",
        NEED,
        {"competences": "autonomie:3:100|curiosité:2:50"},
        "refused",
        [("weights-do-not-add-up", "competences")],
    ),
    ("besoins", NEED, {"rome": "K22"}, "refused", [("unknown-occupation", "rome")]),
    ("besoins", NEED, {"employeur": "E9"}, "refused", [("unknown-employer", "employeur")]),
    ("besoins", NEED, {"competences": ""}, "refused", [("no-skill", "competences")]),
    ("besoins", NEED, {"competences": "autonomie:3"}, "refused", [("bad-requirement", "competences")]),
    ("besoins", NEED, {"competences": "autonomie:9:100"}, "refused", [("level-out-of-range", "competences")]),
    ("besoins", NEED, {"competences": "beauté:3:100"}, "refused", [("unknown-skill", "competences")]),
    ("besoins", NEED, {"competences": "autonomie:3:50|6D108:2:50"}, "refused", [("skill-twice", "competences")]),
    ("besoins", NEED, {"horaires": "aube"}, "refused", [("wrong-word", "horaires")]),
    ("besoins", NEED, {"permis": "permis de pêche"}, "refused", [("unknown-required-licence", "permis")]),
    ("besoins", NEED, {"places_entretien": "0"}, "refused", [("out-of-range", "places_entretien")]),
    ("besoins", NEED, {"postes": "2,5"}, "refused", [("bad-number", "postes")]),
    ("besoins", NEED, {"rome": "Hôtesse de caisse"}, "accepted", []),
    ("besoins", NEED, {"competences": "autonomie : 3 : 49,5 % | curiosité:2:49,5"}, "accepted", []),
    ("besoins", NEED, {"postes": ""}, "warned", [("default-used", "postes")]),
    ("rencontres", MEETUP, {"heure_debut": "midi"}, "refused", [("bad-time", "heure_debut")]),
    ("rencontres", MEETUP, {"creneaux": "500"}, "refused", [("out-of-range", "creneaux")]),
    ("rencontres", MEETUP, {"heure_debut": "23h30"}, "refused", [("meetup-too-long", "creneaux")]),
    ("rencontres", MEETUP, {"date": "01/12/2025"}, "warned", [("past-meetup", "date")]),
    ("rencontres", MEETUP, {"heure_debut": "9h30"}, "accepted", []),
    (
        "rencontre_besoins",
        {"rencontre": "R1", "besoin": "B1"},
        {"rencontre": "R9"},
        "refused",
        [("unknown-meetup", "rencontre")],
    ),
    (
        "rencontre_besoins",
        {"rencontre": "R1", "besoin": "B1"},
        {"besoin": "B9"},
        "refused",
        [("unknown-need", "besoin")],
    ),
    (
        "rencontre_participants",
        {"rencontre": "R1", "participant": "P1"},
        {"participant": "P9"},
        "refused",
        [("unknown-participant", "participant")],
    ),
]


@pytest.mark.parametrize(("stem", "right", "changes", "verdict", "findings"), DIRT)
async def test_a_dirty_row_gets_its_verdict(
    office: Office,
    stem: str,
    right: dict[str, str],
    changes: dict[str, str],
    verdict: str,
    findings: list[tuple[str, str]],
) -> None:
    report = await office.import_files(folder(**{stem: [{**right, **changes}]}))
    counts = report["files"][f"{stem}.csv"]
    assert {name: counts[name] for name in ("read", verdict)} == {"read": 1, verdict: 1}
    mine = [finding for finding in report["findings"] if finding["file"] == f"{stem}.csv"]
    assert [(finding["code"], finding["column"]) for finding in mine] == findings
    assert all(finding["line"] == 2 for finding in mine)
    refusals = [finding for finding in mine if finding["severity"] == "refused"]
    assert bool(refusals) is (verdict == "refused")


async def test_a_clean_folder_is_accepted_whole_and_told(office: Office) -> None:
    report = await office.import_files(folder())
    assert report["findings"] == []
    for name, counts in report["files"].items():
        assert counts["read"] == counts["accepted"] == len(FOLDER[name])
    people = await office.events(ParticipantRegistered)
    (need,) = await office.events(NeedPublished)
    assert len(people) == 2
    assert isinstance(need, NeedPublished)
    assert sum(skill.weight for skill in need.skills) == pytest.approx(1)


async def test_a_namesake_commune_is_settled_by_the_agency_and_refused_with_its_choices_otherwise(
    office: Office,
) -> None:
    rows = [
        {**PARTICIPANT, "identifiant": "P1", "agence": "Agence de Lille", "commune": "Croix"},
        {**PARTICIPANT, "identifiant": "P2", "agence": "Agence de Belfort", "commune": "Croix", "nom": "Autre"},
        {**PARTICIPANT, "identifiant": "P3", "agence": "Agence de Lens", "commune": "Croix", "nom": "Tiers"},
    ]
    report = await office.import_files({"participants.csv": written(rows)})
    (finding,) = report["findings"]
    assert (finding["line"], finding["code"], finding["value"]) == (4, "ambiguous-commune", "Croix")
    assert "Croix (59), Croix (90)" in finding["message"]
    homes = [getattr(event, "home").commune for event in await office.events(ParticipantRegistered)]  # noqa: B009
    assert homes == ["59163", "90030"]


async def test_an_unknown_commune_is_refused_with_names_spelt_nearly_so(office: Office) -> None:
    report = await office.import_files({"participants.csv": written([{**PARTICIPANT, "commune": "Liévain"}])})
    assert "Liévin (62)" in report["findings"][0]["message"]


async def test_a_person_twice_is_flagged_and_both_are_kept(office: Office) -> None:
    twin = {**PARTICIPANT, "identifiant": "P9001", "nom": "Brunel", "courriel": "MAURICE.BRUNEL@COURRIEL.EXAMPLE"}
    report = await office.import_files({"participants.csv": written([PARTICIPANT, twin])})
    (finding,) = report["findings"]
    assert (finding["line"], finding["code"], finding["value"]) == (3, "probable-duplicate", "Brunel")
    assert "P1" in finding["message"]
    assert (await office.counts())["participants"] == 2
    assert (await office.counts())["duplicate_suspicions"] == 1


async def test_an_observation_twice_is_kept_once_also_far_apart(office: Office) -> None:
    many = [
        {**OBSERVATION, "date": f"{day:02}/09/2026", "participant": f"P{who}"} for day in range(8, 28) for who in (1, 2)
    ]
    report = await office.import_files(folder(observations=[*many, many[0], {**many[1], "niveau": "0"}]))
    counts = report["files"]["observations.csv"]
    assert (counts["read"], counts["accepted"], counts["warned"]) == (42, 40, 2)
    codes = [finding["code"] for finding in report["findings"]]
    assert codes == ["duplicate-observation", "second-level"]
    assert (await office.counts())["observations"] == 41


async def test_an_observation_of_somebody_not_enrolled_is_refused(office: Office) -> None:
    files = folder()
    del files["inscriptions.csv"]
    report = await office.import_files(files)
    assert [finding["code"] for finding in report["findings"]] == ["not-enrolled", "not-enrolled"]
    assert report["files"]["observations.csv"]["refused"] == 2
    assert (await office.counts())["observations"] == 0


async def test_an_identifier_twice_is_refused_unless_the_rows_are_the_same(office: Office) -> None:
    rows = [PARTICIPANT, PARTICIPANT, {**PARTICIPANT, "nom": "Autre"}]
    report = await office.import_files({"participants.csv": written(rows)})
    found = [(each["line"], each["severity"], each["code"]) for each in report["findings"]]
    assert found == [(3, "warning", "duplicate-row"), (4, "refused", "duplicate-identifier")]
    assert (await office.counts())["participants"] == 1


async def test_of_several_exports_of_a_list_the_newest_counts_and_the_second_time_changes_nothing(
    office: Office,
) -> None:
    older = {**PARTICIPANT, "telephone": "06 57 01 87 62"}
    newer = {**PARTICIPANT, "telephone": "06 57 01 87 63"}
    other = {**PARTICIPANT, "identifiant": "P2", "nom": "Autre"}
    files = {
        "participants.csv": written([older, other]),
        "participants (1).csv": written([newer, other]),
        "participants (2).csv": written([{name: newer[name] for name in reversed(newer)}]),
    }
    report = await office.import_files(files)
    (finding,) = [each for each in report["findings"] if each["severity"] == "refused"]
    assert (finding["file"], finding["line"], finding["code"]) == ("participants.csv", 2, "duplicate-identifier")
    assert "participants (2).csv" in finding["message"]
    phones = [contact["phone"] for contact in await office.rows("SELECT phone FROM participant_contacts")]
    assert any(phone.endswith("63") for phone in phones)
    events = await office.events()
    again = await office.import_files(files)
    assert [(each["accepted"], each["warned"]) for each in again["files"].values()] == [(0, 0)] * 3
    assert await office.events() == events


async def test_five_digits_are_read_as_the_rest_of_their_column_and_that_is_said_once(office: Office) -> None:
    codes = {"P1": "59100", "P2": "62800", "P3": "59000", "P4": "2100"}
    rows = [{**PARTICIPANT, "identifiant": each, "nom": f"Nom{each}", "commune": codes[each]} for each in codes]
    report = await office.import_files({"participants.csv": written(rows)})
    homes = [getattr(event, "home").commune for event in await office.events(ParticipantRegistered)]  # noqa: B009
    assert homes[:2] == ["59512", "62510"]
    said = [(each["line"], each["column"]) for each in report["findings"] if each["code"] == "codes-settled-by-column"]
    assert said == [(1, "commune")]


async def test_an_address_in_columns_of_its_own_is_kept_and_tells_namesakes_apart(office: Office) -> None:
    row = {name: PARTICIPANT[name] for name in ("identifiant", "nom", "prenom", "agence")}
    town = {**row, "adresse": "3, rue des Peintres", "code_postal": "59170", "ville": "Croix"}
    report = await office.import_files({"participants.csv": written([town])})
    assert [each["code"] for each in report["findings"] if each["severity"] == "refused"] == []
    (event,) = await office.events(ParticipantRegistered)
    assert getattr(event, "home").commune == "59163"  # noqa: B009
    (contact,) = await office.rows("SELECT postal_address FROM participant_contacts")
    assert contact["postal_address"] == "3, rue des Peintres\n59170 Croix"
    await office.import_files({"participants.csv": written([{**row, "commune": "Croix (59)"}])})
    (contact,) = await office.rows("SELECT postal_address FROM participant_contacts")
    assert contact["postal_address"], "a file without the column says nothing of it"


async def test_a_postal_code_that_does_not_fit_the_name_leaves_the_name_to_decide(office: Office) -> None:
    rows = [{**PARTICIPANT, "code_postal": "75001"}, {**SECOND, "commune": "Croix", "code_postal": "75001"}]
    report = await office.import_files({"participants.csv": written(rows)})
    assert [(each["line"], each["code"]) for each in report["findings"]] == [(3, "ambiguous-commune")]


async def test_an_agency_whose_name_may_mean_several_places_is_told_once(office: Office) -> None:
    rows = [{**PARTICIPANT, "identifiant": f"P{n}", "nom": f"Nom{n}", "agence": "Agence de Boulogne"} for n in range(3)]
    rows.append({**PARTICIPANT, "identifiant": "P9", "nom": "Neuf", "agence": "Siège"})
    report = await office.import_files({"participants.csv": written(rows)})
    (told,) = [each for each in report["findings"] if each["code"] == "unplaced-agency"]
    assert (told["line"], told["value"]) == (1, "Agence de Boulogne")
    assert "Boulogne-sur-Mer (62)" in told["message"]
    departments = {row["name"]: row["department"] for row in await office.rows("SELECT * FROM agencies")}
    assert departments["Agence de Boulogne"] is None


async def test_where_a_meetup_is_and_when_it_pauses_is_kept(office: Office) -> None:
    more = {**MEETUP, "adresse": "99, rue Paul-Bert", "acces": "Entrée par le parc.", "pauses": "4|5"}
    await office.import_files(folder(rencontres=[more]))
    (meetup,) = await office.rows("SELECT address, access, breaks FROM meetups")
    assert (meetup["address"], meetup["access"], list(meetup["breaks"])) == (
        "99, rue Paul-Bert",
        "Entrée par le parc.",
        [3, 4],
    )
    again = await office.import_files(folder())
    assert again["files"]["rencontres.csv"]["unchanged"] == 1


def _file(text: str | bytes) -> dict[str, str | bytes]:
    return {"inscriptions.csv": text}


@pytest.mark.parametrize(
    ("text", "read", "refused", "findings"),
    [
        ("", 0, 0, [(1, "empty-file")]),
        ("\n\n", 0, 0, [(1, "empty-file")]),
        ("atelier;participant\n", 0, 0, []),
        ("atelier\nAT1\nAT1\n", 2, 2, [(1, "missing-column")]),
        ("atelier;participant;couleur\nAT1;P1;bleu\n", 1, 0, [(1, "unknown-column")]),
        ("Atelier;PARTICIPANT\nAT1;P1\n", 1, 0, []),
        ("atelier;participant\nAT1\nAT1;P1\n", 2, 1, [(2, "too-few-cells")]),
        ("atelier;participant\nAT1;P1;x\nAT1;P1\n", 2, 1, [(2, "too-many-cells")]),
        ('atelier;participant\n"AT1;P1\nAT1;P2\n', 2, 1, [(2, "unclosed-quotes")]),
        ("atelier;participant\nAT1;P1\n" + "\r\n" * MOST_LINES, 0, 0, [(1, "too-many-lines")]),
        (b"PK\x03\x04 something", 0, 0, [(1, "damaged-file")]),
    ],
)
async def test_a_file_in_bad_shape_is_told_at_its_place_and_its_good_rows_are_kept(
    office: Office, text: str | bytes, read: int, refused: int, findings: list[tuple[int, str]]
) -> None:
    await office.import_files({name: text_ for name, text_ in folder().items() if name != "inscriptions.csv"})
    report = await office.import_files(_file(text))
    counts = report["files"]["inscriptions.csv"]
    assert (counts["read"], counts["refused"]) == (read, refused)
    assert [(finding["line"], finding["code"]) for finding in report["findings"]] == findings
    assert (await office.counts())["workshop_enrolments"] == read - refused


async def test_a_file_is_known_by_its_columns_too_and_a_strange_one_is_left_aside(office: Office) -> None:
    files = {"export (3).csv": written([PARTICIPANT]), "notes.csv": "a;b\n1;2\n", "Employeurs.CSV": written([EMPLOYER])}
    report = await office.import_files(files)
    assert report["files"]["export (3).csv"]["accepted"] == 1
    assert report["files"]["Employeurs.CSV"]["accepted"] == 1
    assert [(finding["file"], finding["code"]) for finding in report["findings"]] == [("notes.csv", "unknown-file")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
async def test_the_whole_folder_comes_in_any_encoding_and_separator(
    office: Office, encoding: str, separator: str
) -> None:
    files: dict[str, Any] = {name: written(rows, separator).encode(encoding) for name, rows in exports.FOLDER.items()}
    report = await office.import_files(files)
    assert report["findings"] == []
    assert (await office.rows("SELECT last_name FROM participant_contacts ORDER BY 1"))[0]["last_name"] == "BRUNEL"
