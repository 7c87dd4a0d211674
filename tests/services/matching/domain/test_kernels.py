"""What is compiled runs beside everything else of its process: in a worker it computes in a thread."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from numba.core.registry import CPUDispatcher

from services.matching import domain


def kernels() -> dict[str, CPUDispatcher]:
    """Every compiled function of the domain, by module and name."""
    modules = [import_module(found.name) for found in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}.")]
    return {
        f"{module.__name__}.{name}": function
        for module in modules
        for name, function in vars(module).items()
        if isinstance(function, CPUDispatcher)
    }


def test_every_kernel_lets_other_threads_run() -> None:
    found = kernels()
    assert len(found) > 40
    holding = sorted(name for name, kernel in found.items() if not kernel.targetoptions.get("nogil"))
    assert holding == []
