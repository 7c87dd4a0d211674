"""The pack of exports with the dirt that real ones have: each row gets the verdict that was agreed on."""

from pathlib import Path

from tests.services.registration.office import Office

PACK = Path(__file__).parents[4] / "data" / "lens-2026"

REFUSED = {
    ("participants.csv", 123): ("missing-value", "nom"),
    ("participants.csv", 124): ("bad-date", "disponible_des"),
    ("participants.csv", 125): ("unknown-commune", "commune"),
    ("observations.csv", 3124): ("level-out-of-range", "niveau"),
    ("observations.csv", 3125): ("unknown-participant", "participant"),
    ("observations.csv", 3126): ("unknown-skill", "competence"),
    ("employeurs.csv", 26): ("bad-siret", "siret"),
    ("besoins.csv", 42): ("weights-do-not-add-up", "competences"),
    ("besoins.csv", 43): ("unknown-occupation", "rome"),
}
COUNTS = {
    "participants.csv": (126, 3),
    "ateliers.csv": (8, 0),
    "inscriptions.csv": (120, 0),
    "observations.csv": (3126, 3),
    "employeurs.csv": (25, 1),
    "besoins.csv": (42, 2),
    "rencontres.csv": (8, 0),
    "rencontre_besoins.csv": (40, 0),
    "rencontre_participants.csv": (120, 0),
}


async def test_each_row_of_the_pack_gets_its_verdict_and_nothing_the_second_time(office: Office) -> None:
    files = {path.name: path.read_bytes() for path in PACK.glob("*.csv")}
    report = await office.import_files(files)
    assert {name: (each["read"], each["refused"]) for name, each in report["files"].items()} == COUNTS
    for each in report["files"].values():
        assert each["accepted"] + each["warned"] + each["refused"] + each["unchanged"] == each["read"]
    refused = {
        (each["file"], each["line"]): (each["code"], each["column"])
        for each in report["findings"]
        if each["severity"] == "refused"
    }
    assert refused == REFUSED
    warned: dict[str, set[tuple[str, int]]] = {}
    for each in report["findings"]:
        if each["severity"] == "warning":
            warned.setdefault(each["code"], set()).add((each["file"], each["line"]))
    assert set(warned) == {
        "probable-duplicate",
        "unknown-observer",
        "duplicate-observation",
        "no-email",
        "no-contact-consent",
        "no-pairing-consent",
    }
    assert warned["probable-duplicate"] == {("participants.csv", 122)}
    assert warned["unknown-observer"] == {("observations.csv", 3123)}
    assert warned["duplicate-observation"] == {("observations.csv", 3127)}
    assert warned["no-pairing-consent"] == {("participants.csv", 127)}
    assert ("participants.csv", 127) in warned["no-contact-consent"]
    assert ("participants.csv", 126) not in set().union(*warned.values()), "a formula for a name is accepted as text"

    before = await office.counts()
    again = await office.import_files(files)
    assert await office.counts() == before
    for name, (read, kept_out) in COUNTS.items():
        assert again["files"][name]["unchanged"] == read - kept_out
