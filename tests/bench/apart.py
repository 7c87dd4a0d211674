"""One benchmark in a process of its own: what another has loaded, or left behind, must not weigh on it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context
from typing import Any

Result = Mapping[str, Any]
"""What a benchmark gives: name, value, unit, peer, goal, better, runs."""


class BenchmarkFailed(Exception):
    """A benchmark ended with an error: its kind and its text, since not every error can leave a process."""


def run_apart(name: str) -> list[Result]:
    """The results of the benchmark in the module of this name. Raises `BenchmarkFailed`."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        try:
            return process.submit(results_of, name).result()
        except BrokenProcessPool:
            raise BenchmarkFailed("its process was killed") from None


def results_of(name: str) -> list[Result]:
    """The results of the benchmark in the module of this name, run in this process. Raises `BenchmarkFailed`."""
    try:
        results: list[Result] = import_module(f"tests.bench.{name}").run()
    except Exception as error:
        raise BenchmarkFailed(f"{type(error).__name__}: {error}") from None
    return results
