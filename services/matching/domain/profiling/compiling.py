"""Numba's compiler with a type that says what it gives back, and loops over participants on all cores."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from numba import njit

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

STRANDS = 2
"""Participants are summed in this many strands, whatever the number of cores, so that sums are the same everywhere."""

WORTH_A_THREAD = 5_000
"""From this many participants on, starting threads costs less than it saves."""


def digest_of(folder: Path) -> str:
    """A short digest of all Python sources in a folder."""
    sources = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        sources.update(path.read_bytes())
    return sources.hexdigest()[:16]


EDITION = digest_of(Path(__file__).parent)
"""Of these sources: machine code kept from other ones is not taken."""


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a function of numbers and arrays at its first call, and keep the machine code for the next process.

    Numba keeps it under the function's name and looks at the function's own file only, so that a change in a function
    of another file which this one calls would go unseen: hence the edition in the name.
    Compiled code lets other threads run beside it. (Numba's own parallel loops do not bear to be entered from two
    threads at once, and a worker has several.)
    """
    function.__qualname__ = f"{function.__qualname__}_{EDITION}"
    return cast(Callable[Parameters, Result], njit(cache=True, nogil=True)(function))


def in_strands(people: int, work: Callable[[range], Result]) -> list[Result]:
    """Give each strand its range of participants, all at the same time where it pays; results in their order."""
    bounds = [people * strand // STRANDS for strand in range(STRANDS + 1)]
    ranges = [range(first, stop) for first, stop in pairwise(bounds)]
    if people < WORTH_A_THREAD:
        return list(map(work, ranges))
    with ThreadPoolExecutor(STRANDS) as threads:
        return list(threads.map(work, ranges))
