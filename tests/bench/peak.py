"""The peak of a process's memory."""

from __future__ import annotations

import re
from pathlib import Path


def peak_gib(pid: str = "self") -> float:
    """The peak of a process's memory; `getrusage` would count its parent's, from before it began."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise RuntimeError("this system does not tell the peak of a process's memory")
    return int(found.group(1)) / 2**20
