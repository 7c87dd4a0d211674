"""What a worker would compile or load at first use, it has compiled and loaded before it serves."""

from __future__ import annotations

import subprocess
import sys

from tests.services.matching.conftest import Stage

LOADED_ONLY_LATER = """
import pkgutil, sys
from importlib import import_module
from services.matching import domain, worker
worker.warm_worker()
before = set(sys.modules)
for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
    import_module(module.name)
print(sorted(name for name in set(sys.modules) - before if not name.startswith("services.")))
"""


def test_a_worker_that_warmed_up_compiles_nothing_more(gallery: Stage) -> None:
    url = gallery.engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", "tests.services.matching.first_use", url]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == []


def test_a_worker_that_warmed_up_loads_no_solver_any_more() -> None:
    told = subprocess.run([sys.executable, "-c", LOADED_ONLY_LATER], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
