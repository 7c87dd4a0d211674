"""The demo empties the folder that it made itself, and never touches what is anybody else's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.commands.ending import ExitCode
from deploy.demo.folder import MADE, MARK, NAME, FolderNotOurs, emptied_folder
from deploy.embedded.errors import FolderInUse
from deploy.embedded.folder_lock import FolderLock
from tests.deploy.command_line import Ended


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Each path below `folder` with its content; None for a folder."""
    return {str(path.relative_to(folder)): None if path.is_dir() else path.read_bytes() for path in folder.rglob("*")}


def test_a_foreign_folder_is_refused_in_a_sentence_and_left_as_it_was(
    vernissage: Callable[..., Ended], tmp_path: Path
) -> None:
    photographs = tmp_path / NAME / "mail" / "photographs"
    photographs.mkdir(parents=True)
    (photographs / "vernissage.jpg").write_bytes(b"\xff\xd8")
    before = everything_in(tmp_path)
    ended = vernissage("demo", "--data", tmp_path)
    assert ended.code == ExitCode.CANNOT_START
    assert str(tmp_path / NAME) in ended.err
    assert "nothing was touched" in ended.err
    assert everything_in(tmp_path) == before


def test_the_demos_own_source_is_refused(vernissage: Callable[..., Ended]) -> None:
    source = Path(__file__).parents[3] / "deploy"
    before = everything_in(source / NAME).keys()
    assert vernissage("demo", "--data", source).code == ExitCode.CANNOT_START
    assert everything_in(source / NAME).keys() == before


def test_a_missing_or_empty_folder_becomes_the_demos(tmp_path: Path) -> None:
    emptied_folder(tmp_path / "missing")
    (tmp_path / "empty" / NAME).mkdir(parents=True)
    emptied_folder(tmp_path / "empty")
    assert (tmp_path / "missing" / NAME / MARK).is_file()
    assert (tmp_path / "empty" / NAME / MARK).is_file()


def test_what_an_earlier_demo_left_goes_and_what_somebody_put_beside_it_stays(tmp_path: Path) -> None:
    folder = emptied_folder(tmp_path)
    for name in MADE:
        (folder / name).mkdir()
        (folder / name / "left").write_text("over", encoding="utf-8")
    (folder / ".stack.json.123").write_text("a draft that a kill left", encoding="utf-8")
    (folder / "minutes.txt").write_text("what the visitors said", encoding="utf-8")
    emptied_folder(tmp_path)
    assert {path.name for path in folder.iterdir()} == {MARK, "lock", "minutes.txt"}


def test_what_a_link_inside_points_to_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept", encoding="utf-8")
    folder = emptied_folder(tmp_path)
    (folder / "mail").symlink_to(elsewhere)
    emptied_folder(tmp_path)
    assert (elsewhere / "kept").exists()
    assert not (folder / "mail").exists()


def test_a_link_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    marked = emptied_folder(tmp_path / "elsewhere")
    (marked / "seal").write_text("kept", encoding="utf-8")
    (tmp_path / NAME).symlink_to(marked)
    with pytest.raises(FolderNotOurs, match="is a link"):
        emptied_folder(tmp_path)
    assert (marked / "seal").exists()


def test_a_link_in_the_marks_place_is_no_mark(tmp_path: Path) -> None:
    folder = tmp_path / NAME
    folder.mkdir()
    (folder / "seal").write_text("somebody's", encoding="utf-8")
    (folder / MARK).symlink_to(folder / "seal")
    with pytest.raises(FolderNotOurs):
        emptied_folder(tmp_path)
    assert (folder / "seal").read_text(encoding="utf-8") == "somebody's"


def test_the_root_and_a_home_are_no_folders_for_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "work").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    for data in (Path("/"), Path("~").expanduser(), tmp_path / "work" / "..", tmp_path / "link"):
        with pytest.raises(FolderNotOurs, match="no folder for data"):
            emptied_folder(data)
    assert not (tmp_path / NAME).exists()


def test_a_demo_that_runs_is_left_in_peace(tmp_path: Path) -> None:
    folder = emptied_folder(tmp_path)
    (folder / "seal").write_text("in use", encoding="utf-8")
    with FolderLock(folder), pytest.raises(FolderInUse):
        emptied_folder(tmp_path)
    assert (folder / "seal").exists()
