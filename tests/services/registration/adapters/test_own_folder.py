"""Folders of files go with their process, however it ended."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from services.registration.adapters.files.own_folder import own_folder, sweep_folders

KILLED = """
import os, services.registration.adapters.files.own_folder as own
folder = own.own_folder()
open(os.path.join(folder.name, "0"), "w").close()
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_left_is_swept_and_nothing_of_the_living(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    other = tmp_path / "somebody-elses"
    other.mkdir()
    subprocess.run([sys.executable, "-c", KILLED], env={"TMPDIR": str(tmp_path)}, cwd=Path.cwd(), check=False)
    with own_folder() as mine:
        assert len(list(tmp_path.iterdir())) == 3
        assert Path(mine).stat().st_mode & 0o077 == 0
        assert sweep_folders() == 1
        assert {each.name for each in tmp_path.iterdir()} == {other.name, Path(mine).name}
