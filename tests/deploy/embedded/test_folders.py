"""A folder that cannot keep data is refused before anything is started in it."""

import stat
from pathlib import Path

import pytest

from deploy.embedded import folders
from deploy.embedded.errors import FolderUnusable
from deploy.embedded.folders import cache_folder, usable_folder, write_whole


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    assert usable_folder(tmp_path / "a" / "b").is_dir()


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(FolderUnusable, match="make room or rights there, or name another"):
        usable_folder(tmp_path / "a" / "data")


def test_a_read_only_place_is_refused() -> None:
    with pytest.raises(FolderUnusable, match="/proc/vernissage"):
        usable_folder(Path("/proc/vernissage"))


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LEAST_FREE_BYTES", 2**62)
    with pytest.raises(FolderUnusable, match=r"only \d+ MiB are free"):
        usable_folder(tmp_path)


def test_the_cache_goes_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERNISSAGE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


def test_a_file_is_written_whole_with_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_whole(path, "one", mode=0o600)
    write_whole(path, "two", mode=0o600)
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
