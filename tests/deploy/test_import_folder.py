"""What lies in a folder of exports: tables are imported, and nothing else is passed over in silence."""

from pathlib import Path

import pytest

from deploy.import_folder import NothingToImport, look_into


def _fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text("x", encoding="utf-8")
    return folder


def test_tables_workbooks_and_archives_are_imported_under_whatever_ending(tmp_path: Path) -> None:
    inside = look_into(_fill(tmp_path, "b.csv", "A.CSV", "c.tsv", "d.txt", "e.XLSX", "f.ods", "g.zip"))
    assert {path.name for path in inside.files} == {"A.CSV", "b.csv", "c.tsv", "d.txt", "e.XLSX", "f.ods", "g.zip"}
    assert (inside.size, inside.aside) == (7, ())


def test_a_file_alone_is_imported_or_named_with_what_to_do(tmp_path: Path) -> None:
    _fill(tmp_path, "export.zip", "participants.xls", "autre.csv")
    assert look_into(tmp_path / "export.zip").files == (tmp_path / "export.zip",)
    with pytest.raises(NothingToImport) as nothing:
        look_into(tmp_path / "participants.xls")
    assert "participants.xls : " in str(nothing.value)


@pytest.mark.parametrize(
    ("name", "severity", "advice"),
    [
        ("Participants.XLS", "refused", ".xlsx ou .ods"),
        ("ateliers.numbers", "refused", ".xlsx ou .ods"),
        ("besoins.json", "refused", "CSV UTF-8"),
        ("participants.7z", "refused", "décompressez-la"),
        ("budget.xls", "warning", ".xlsx ou .ods"),
        ("export.rar", "warning", "décompressez-la"),
        ("notes.pdf", "warning", "laissé de côté"),
    ],
)
def test_what_is_left_aside_is_named_with_what_to_do(tmp_path: Path, name: str, severity: str, advice: str) -> None:
    (found,) = look_into(_fill(tmp_path, "ateliers.csv", name)).aside
    assert (found.file, found.severity) == (name, severity)
    assert advice in found.message


def test_a_folder_inside_is_named_and_what_systems_leave_behind_is_not(tmp_path: Path) -> None:
    (tmp_path / "octobre").mkdir()
    inside = look_into(_fill(tmp_path, "ateliers.csv", ".DS_Store", "~$participants.xlsx", "Thumbs.db", "desktop.ini"))
    assert [found.file for found in inside.aside] == ["octobre"]


def test_a_folder_without_a_table_says_what_is_in_it(tmp_path: Path) -> None:
    with pytest.raises(NothingToImport) as nothing:
        look_into(_fill(tmp_path, "participants.xls"))
    assert "participants.xls : " in str(nothing.value)
    with pytest.raises(NothingToImport):
        look_into(tmp_path / "missing")
