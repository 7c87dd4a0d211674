"""One benchmark in a process of its own: what another has loaded, or left behind, must not weigh on it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from typing import Any

Result = Mapping[str, Any]
"""What a benchmark gives: name, value, unit, peer, goal, better, runs."""


def run_apart(name: str) -> list[Result]:
    """The results of the benchmark in the module of this name."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(results_of, name).result()


def results_of(name: str) -> list[Result]:
    """The results of the benchmark in the module of this name, run in this process."""
    results: list[Result] = import_module(f"tests.bench.{name}").run()
    return results
