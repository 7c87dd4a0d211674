"""Numba's compiler with a type that says what it gives back, and a name for the machine code that it keeps."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

from numba import njit

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def digest_of(folder: Path) -> str:
    """A short digest of all Python sources in a folder."""
    sources = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        sources.update(path.read_bytes())
    return sources.hexdigest()[:16]


_edition_of = cache(digest_of)
"""Of a folder's sources: machine code kept from other ones is not taken."""


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a function of numbers and arrays at its first call, and keep the machine code for the next process.

    Compiled code lets other threads run beside it. (Numba's own parallel loops do not bear to be entered from two
    threads at once, and a worker has several.)
    """
    return cast(Callable[Parameters, Result], njit(cache=True, nogil=True)(_with_edition(function)))


def compiled_into_callers(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same for a function whose body stands in each compiled function that calls it, which saves the call."""
    return cast(Callable[Parameters, Result], njit(cache=True, nogil=True, inline="always")(_with_edition(function)))


def _with_edition(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """A function whose name tells of which sources it is.

    Numba keeps machine code under the function's name and looks at the function's own file only, so that a change in a
    function of another file which this one calls, or in a type that it takes, would go unseen.
    """
    function.__qualname__ = f"{function.__qualname__}_{_edition_of(Path(function.__code__.co_filename).parent)}"
    return function
