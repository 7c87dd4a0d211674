"""Two runs never share a folder, and the second is told who holds it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.errors import FolderInUse
from deploy.embedded.folder_lock import FolderLock

HOLD = """
import sys, pathlib, time
from deploy.embedded.folder_lock import FolderLock
FolderLock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_held_folder_is_refused_with_its_holder_and_free_once_the_holder_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse, match=f"in use by process {holder.pid}"):
            FolderLock(tmp_path).acquire()
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with FolderLock(tmp_path) as lock:
        assert lock.path.read_text().strip().isdigit()


def test_a_released_folder_can_be_taken_again(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(FolderInUse):
        FolderLock(tmp_path, wait=0.1).acquire()
    with FolderLock(tmp_path) as again:
        assert again.folder == tmp_path
