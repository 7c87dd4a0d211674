"""Machine code is kept, but never beyond the sources it was made of."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from numba.core.registry import CPUDispatcher

from services.matching.domain import compiling

WITH_COMPILED = ("planning", "profiling", "shortlisting")


def test_a_change_in_any_source_is_another_edition(tmp_path: Path) -> None:
    first, second = tmp_path / "caller.py", tmp_path / "called.py"
    first.write_text("from called import answer\n")
    second.write_text("answer = 41\n")
    before = compiling.digest_of(tmp_path)
    assert compiling.digest_of(tmp_path) == before
    second.write_text("answer = 42\n")
    assert compiling.digest_of(tmp_path) != before


@pytest.mark.parametrize("name", WITH_COMPILED)
def test_compiled_functions_are_kept_under_the_edition_of_their_sources(name: str) -> None:
    package = import_module(f"services.matching.domain.{name}")
    folder = Path(package.__path__[0])
    modules = [import_module(f"{package.__name__}.{one.name}") for one in iter_modules([str(folder)])]
    functions = {one for module in modules for one in vars(module).values() if isinstance(one, CPUDispatcher)}
    assert functions
    assert [one for one in functions if not one.py_func.__qualname__.endswith(compiling.digest_of(folder))] == []
