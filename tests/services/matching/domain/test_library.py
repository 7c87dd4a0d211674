"""A notebook finds what it needs: completion shows every name, and each comes with all that it takes and gives."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest

from services.matching import domain


def hints_of(found: object) -> Iterator[object]:
    """The types of a function's parameters and result, of a class's fields and of what its public methods take."""
    if inspect.isfunction(found):
        yield from get_type_hints(found).values()
    elif inspect.isclass(found):
        yield from get_type_hints(found).values()
        for name, member in vars(found).items():
            if not name.startswith("_") or name == "__init__":
                yield from hints_of(member.fget if isinstance(member, property) else inspect.unwrap(member))


def classes_in(hint: object) -> Iterator[type[Any]]:
    """The project's own classes that a type is made of."""
    if inspect.isclass(hint) and hint.__module__.startswith(("services.", "shared.")):
        yield hint
    for part in hint if isinstance(hint, list) else get_args(hint):
        yield from classes_in(part)


def test_completion_shows_every_name_and_loads_no_solver() -> None:
    program = (
        "import sys; from services.matching import domain; "
        "print(dir(domain) == sorted(domain.__all__), {'numba', 'ortools', 'sklearn'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "True set()"


@pytest.mark.parametrize("name", domain.__all__)
def test_a_name_is_explained_and_what_it_takes_and_gives_is_named_beside_it(name: str) -> None:
    found = getattr(domain, name)
    if callable(found):
        assert found.__doc__
    mentioned = {one for hint in hints_of(found) for one in classes_in(hint)}
    assert {one.__name__ for one in mentioned if getattr(domain, one.__name__, None) is not one} == set()


def test_an_unknown_name_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match="no attribute 'horoscope'"):
        domain.horoscope  # noqa: B018  # asking is the test
