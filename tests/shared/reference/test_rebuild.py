"""Rebuilding tables from newer official files: small made-up files in the shapes in which the official ones come."""

import hashlib
from importlib.resources import files
from pathlib import Path

import pytest

from shared.reference import rebuild as rebuilding
from shared.reference.rebuild import SourceError, TableChanges, rebuild
from shared.reference.rebuild.__main__ import main

COG = """TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT
COM,62498,32,62,62D,627,0,LENS,Lens,Lens,6299,
COM,62510,32,62,62D,627,0,LIEVIN,Liévin,Liévin,6299,
COM,62999,32,62,62D,627,0,NOUVELLE,Nouvelle,Nouvelle-en-Gohelle,6299,
COMD,62999,,,,,0,ANCIENNE,Ancienne,Ancienne,,62999
COMA,62998,,,,,0,PETITE,Petite,Petite,,62999
COM,75056,11,75,75C,751,0,PARIS,Paris,Paris,7599,
ARM,75101,11,75,,,0,PARIS 1,Paris 1er Arrondissement,Paris 1er Arrondissement,,75056
"""
COMER = (
    "COM_COMER,TNCC,NCC,NCCENR,LIBELLE,NATURE_ZONAGE,COMER,LIBELLE_COMER\n97701,0,SB,SB,Saint-Barthélemy,COM,977,SB\n"
)
POSTAL = """#Code_commune_INSEE;Nom_de_la_commune;Code_postal;Libellé_d_acheminement;Ligne_5
62498;LENS;62300;LENS;
62510;LIEVIN;62800;LIEVIN;
62999;NOUVELLE;62800;NOUVELLE;
62999;NOUVELLE;62300;NOUVELLE;
62999;NOUVELLE;62300;NOUVELLE;ANCIENNE
75101;PARIS 01;75001;PARIS;
"""
COORDINATES = (
    "code_insee;nom;latitude;longitude\n62498;Lens;50,43212;2,83\n62510;Liévin;50.42;2.78\n75101;Paris;48.86;2.33\n"
)
POPULATIONS = "COM;Commune;PMUN;PCAP;PTOT\n62498;Lens;32920;400;33320\n75101;Paris 1er;15114;1;15115\n"

OCCUPATIONS = (
    '"code_rome","code_fiche_metier","code_ogr","libelle_rome","transition_eco","transition_num","transition_demo",'
    '"emploi_reglemente","emploi_cadre","code_rome_parent"\n'
    '"N1103","1","2","Préparateur / Préparatrice de commandes","","","","N","","N1103"\n'
    '"A1101","11","6","Conducteur / Conductrice d\'engins agricoles","Emploi Blanc","","","","","A1101"\n'
)
DOMAINS = (
    '"code_rome","libelle_rome","code_grand_domaine","libelle_grand_domaine","code_domaine_professionel",'
    '"libelle_domaine_professionel"\n'
    '"A1101","x","A","Agriculture","A11","Engins agricoles et forestiers"\n'
    '"N1103","x","N","Transport et Logistique","N11","Magasinage"\n'
)
LINKS = (
    '"code_rome","code_compo_bloc","code_rubrique","code_ogr"\n"A1101","5","2","900"\n"A1101","5","2","901"\n'
    '"A1101","5","1","902"\n"A1101","6","1","800"\n"A1101","6","1","801"\n"N1103","6","1","802"\n'
)
SKILLS = (
    '"code_ogr","libelle_competence","cat_comp"\n"900","Faire preuve d\'autonomie","x"\n'
    '"901","Avoir l\'esprit d\'équipe","x"\n"902","Conduire un engin","x"\n'
)
CONTEXTS = (
    '"code_ogr","libelle_contexte","type_contexte"\n"800","Travail en journée","CONDITIONS"\n'
    '"801","En extérieur","CONDITIONS"\n"802","Travail à l\'aube","HORAIRE_ET_DUREE_TRAVAIL"\n'
)
TITLES = (
    '"code_ogr","libelle_appellation_long","libelle_appellation_court","code_rome"\n'
    '"10200","Préparateur de commandes, préparatrice de commandes","Préparateur / Préparatrice de commandes","N1103"\n'
    '"10201","Cariste","Cariste","N1101"\n'
)
NEAR = '"code_rome","code_rome_cible","numero_ordre"\n"N1103","N1101","2"\n"A1101","A1102","1"\n"N1103","N1105","1"\n'


def written(folder: Path, **contents: str) -> list[Path]:
    paths = []
    for name, content in contents.items():
        path = folder / f"{name}.csv"
        path.write_text(content, encoding="utf-8")
        paths.append(path)
    return paths


def communes(folder: Path) -> list[Path]:
    return written(folder, cog=COG, comer=COMER, postal=POSTAL, places=COORDINATES, people=POPULATIONS)


def test_communes_are_put_together_from_five_files(tmp_path: Path) -> None:
    target = tmp_path / "communes.csv"
    changes = rebuild("communes", communes(tmp_path), target)
    assert changes == TableChanges(rows=8, added=8, removed=0, changed=0)
    assert target.read_text(encoding="utf-8").splitlines() == [
        "code_insee;nom;type;commune_actuelle;departement;region;codes_postaux;latitude;longitude;population",
        "62498;Lens;commune;;62;32;62300;50.4321;2.83;32920",
        "62510;Liévin;commune;;62;32;62800;50.42;2.78;",
        "62998;Petite;commune-associee;62999;62;32;;50.4261;2.805;",
        "62999;Ancienne;commune-deleguee;62999;62;32;;50.4261;2.805;",
        "62999;Nouvelle-en-Gohelle;commune;;62;32;62300|62800;50.4261;2.805;",
        "75056;Paris;commune;;75;11;;;;",
        "75101;Paris 1er Arrondissement;arrondissement-municipal;75056;75;11;75001;48.86;2.33;15114",
        "97701;Saint-Barthélemy;commune;;977;977;;;;",
    ]


def test_occupations_are_put_together_from_five_files(tmp_path: Path) -> None:
    target = tmp_path / "rome.csv"
    sources = written(tmp_path, a=OCCUPATIONS, b=DOMAINS, c=LINKS, d=SKILLS, e=CONTEXTS)
    assert rebuild("occupations", sources, target).added == 2
    assert target.read_text(encoding="utf-8").splitlines() == [
        "code;libelle;code_parent;grand_domaine;domaine;savoir_etre;horaires;reglemente",
        (
            "A1101;Conducteur / Conductrice d'engins agricoles;A1101;Agriculture;Engins agricoles et forestiers;"
            "6D102|6D108;Travail en journée;"
        ),
        "N1103;Préparateur / Préparatrice de commandes;N1103;Transport et Logistique;Magasinage;;Travail à l'aube;N",
    ]


def test_job_titles_and_near_occupations(tmp_path: Path) -> None:
    rebuild("titles", written(tmp_path, titles=TITLES), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == (
        "libelle;code\nCariste;N1101\nPréparateur / Préparatrice de commandes;N1103\n"
    )
    rebuild("near", written(tmp_path, near=NEAR), tmp_path / "n.csv")
    assert (tmp_path / "n.csv").read_text(encoding="utf-8") == (
        "code;cible;ordre\nA1101;A1102;1\nN1103;N1101;2\nN1103;N1105;1\n"
    )


def test_separator_encoding_and_order_of_columns_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "titles.csv").write_bytes(
        "code_rome;libelle_appellation_court;libelle_appellation_long\nN1101;Cariste confirmé;x\n".encode("cp1252")
    )
    rebuild("titles", [tmp_path / "titles.csv"], tmp_path / "t.csv")
    assert "Cariste confirmé;N1101" in (tmp_path / "t.csv").read_text(encoding="utf-8")


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "communes.csv"
    rebuild("communes", communes(tmp_path), target)
    before = target.read_bytes()
    assert rebuild("communes", communes(tmp_path), target) == TableChanges(rows=8, added=0, removed=0, changed=0)
    assert target.read_bytes() == before


def test_what_was_added_removed_and_changed_is_counted(tmp_path: Path) -> None:
    target = tmp_path / "communes.csv"
    rebuild("communes", communes(tmp_path), target)
    newer = COG.replace("COMA,62998,,,,,0,PETITE,Petite,Petite,,62999\n", "").replace(
        "Liévin,6299", "Liévin-Neuve,6299"
    )
    newer += "COM,62041,32,62,62D,627,0,ARRAS,Arras,Arras,6299,\n"
    sources = written(tmp_path, cog=newer, comer=COMER, postal=POSTAL, places=COORDINATES, people=POPULATIONS)
    assert rebuild("communes", sources, target) == TableChanges(rows=8, added=1, removed=1, changed=1)


def test_the_digest_list_beside_the_table_follows(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_text("aa  z.csv\nold  rome-proches.csv\n")
    target = tmp_path / "rome-proches.csv"
    rebuild("near", written(tmp_path, source=NEAR), target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    assert (tmp_path / "SHA256SUMS").read_text() == f"{digest}  rome-proches.csv\naa  z.csv\n"


ROME_FILES = {"a": OCCUPATIONS, "b": DOMAINS, "c": LINKS, "d": SKILLS, "e": CONTEXTS}
COMMUNE_FILES = {"a": COG, "b": POSTAL, "c": COORDINATES}


@pytest.mark.parametrize(
    ("table", "contents", "said"),
    [
        ("near", {"a": ""}, "holds no rows"),
        ("near", {"a": "x;y\n1;2\n"}, "columns not recognised: x, y"),
        ("near", {"a": NEAR, "b": NEAR}, "a second file of ROME near occupations"),
        ("near", {"a": TITLES}, "a file is missing: ROME near occupations"),
        ("near", {"a": NEAR + '"N1103","N1101","3"\n'}, "two rows for N1103 N1101"),
        ("near", {"a": NEAR + '"N1103"\n'}, "row 5 has 1 cells, the header has 3"),
        ("near", {"a": NEAR.replace("A1102", "A11")}, "not a code of ROME: 'A11'"),
        ("near", {"a": NEAR.replace('"2"', '"two"')}, "not a rank: 'two'"),
        ("titles", {"a": TITLES.replace('"Cariste","N', '"Cariste; quai","N')}, "a sign that the table cannot"),
        ("occupations", ROME_FILES | {"b": DOMAINS.replace('"N1103"', '"N1104"')}, "occupation N1103 has no domain"),
        ("occupations", ROME_FILES | {"d": SKILLS.replace("autonomie", "audace")}, "900\\) that savoir-etre.csv lacks"),
        ("communes", COMMUNE_FILES | {"a": COG.replace(",62999\nCOMA", ",62997\nCOMA")}, "belongs to 62997"),
        ("communes", COMMUNE_FILES | {"a": COG.replace("COM,62498", "COM,498")}, "not an INSEE code: '498'"),
        ("communes", COMMUNE_FILES | {"a": COG.replace("ARM", "XXX")}, "unknown kind of commune: XXX"),
        ("communes", COMMUNE_FILES | {"c": COORDINATES.replace("50.42", "north")}, "not a number of degrees: 'north'"),
    ],
)
def test_a_wrong_file_is_named_and_nothing_is_written(
    tmp_path: Path, table: str, contents: dict[str, str], said: str
) -> None:
    target = tmp_path / "kept" / "table.csv"
    target.parent.mkdir()
    with pytest.raises(SourceError, match=said):
        rebuild(table, written(tmp_path, **contents), target)
    assert list(target.parent.iterdir()) == []


def test_a_file_cut_off_does_not_empty_the_table(tmp_path: Path) -> None:
    target = tmp_path / "rome-proches.csv"
    rebuild("near", written(tmp_path, source=NEAR), target)
    before = target.read_bytes()
    with pytest.raises(SourceError, match="1 of 3 rows would be lost"):
        rebuild("near", written(tmp_path, source=NEAR.rsplit('"N1103"', 1)[0]), target)
    assert target.read_bytes() == before


def test_another_table_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "other.csv"
    target.write_text("a;b\n1;2\n")
    with pytest.raises(SourceError, match="not a table of this kind"):
        rebuild("near", written(tmp_path, source=NEAR), target)


def test_a_failing_write_leaves_the_old_table_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "kept" / "rome-proches.csv"
    target.parent.mkdir()
    rebuild("near", written(tmp_path, source=NEAR), target)
    before = target.read_bytes()

    def full(_: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("shared.reference.rebuild.os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        rebuild("near", written(tmp_path, source=NEAR + '"N1103","N1109","3"\n'), target)
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


def test_the_shipped_tables_have_the_columns_that_rebuilding_gives() -> None:
    for table in rebuilding.TABLES.values():
        shipped = (files("shared.reference") / "tables" / table.file).read_text(encoding="utf-8")
        assert tuple(shipped.split("\n", 1)[0].split(";")) == table.columns


def test_rebuilding_from_the_same_facts_gives_the_shipped_table(tmp_path: Path) -> None:
    shipped = (files("shared.reference") / "tables" / "rome-proches.csv").read_text(encoding="utf-8")
    official = shipped.replace(";", ",").replace("code,cible,ordre", "code_rome,code_rome_cible,numero_ordre")
    rebuild("near", written(tmp_path, official=official), tmp_path / "rome-proches.csv")
    assert (tmp_path / "rome-proches.csv").read_text(encoding="utf-8") == shipped
    shipped = (files("shared.reference") / "tables" / "rome-appellations.csv").read_text(encoding="utf-8")
    header = "libelle_appellation_court;code_rome;libelle_appellation_long"
    official = header + shipped.removeprefix("libelle;code").replace("\n", ";x\n").removeprefix(";x")
    rebuild("titles", written(tmp_path, official=official), tmp_path / "rome-appellations.csv")
    once = "".join(dict.fromkeys(shipped.splitlines(keepends=True)))  # ROME gives a few titles twice
    assert (tmp_path / "rome-appellations.csv").read_text(encoding="utf-8") == once


def test_the_command_says_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [str(path) for path in written(tmp_path, near=NEAR)]
    assert main(["near", *sources, "--into", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "rome-proches.csv: 3 rows; 3 added, 0 removed, 0 changed\n"


def test_the_command_says_in_one_sentence_why_it_did_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["near", str(tmp_path / "absent.csv"), "--into", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("rome-proches.csv was left as it is: ")
    assert said.count("\n") == 1
