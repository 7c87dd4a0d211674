"""Runs the benchmarks, or those whose module's name begins with the words given: `python -m tests.bench relay plan`.

Each module of this folder that has a `run` gives its results. They are shown as a table and merged by name into
`var/bench/results.json`, so that one benchmark can be run again alone.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from deploy.embedded.folders import write_whole
from tests.bench.apart import BenchmarkFailed, Result, run_apart

FOLDER = Path(__file__).parent
RESULTS = Path("var/bench/results.json")


def main(wanted: Sequence[str]) -> int:
    """Run the benchmarks whose names begin with one of `wanted`, or all; 0 where every goal is met."""
    console = Console()
    names = benchmarks(wanted)
    if not names:
        console.print(f"No benchmark is named like {', '.join(wanted)}.", style="red")
        return 2
    results: list[Result] = []
    failed: list[str] = []
    for name in names:
        console.print(f"{name} …", style="dim")
        try:
            results += [{**result, "machine": machine()} for result in run_apart(name)]
        except BenchmarkFailed as error:
            # The others are worth measuring all the same.
            failed.append(name)
            console.print(f"{name} ended with {error}", style="red", markup=False)
        write_whole(RESULTS, json.dumps(merged(kept_results(), results), ensure_ascii=False, indent=1) + "\n")
    console.print(table(results))
    console.print(f"All results: {RESULTS}")
    return 1 if failed or not all(is_met(result) for result in results) else 0


def benchmarks(wanted: Sequence[str]) -> list[str]:
    """The names of the modules to run, in alphabetical order."""
    found = sorted(path.stem for path in FOLDER.glob("*.py") if _has_run(path))
    return [name for name in found if not wanted or any(name.startswith(word) for word in wanted)]


def is_met(result: Result) -> bool:
    """Whether a result reaches its goal; one without a goal does."""
    goal = result["goal"]
    if goal is None:
        return True
    return bool(result["value"] >= goal if result["better"] == "higher" else result["value"] <= goal)


def kept_results() -> list[Result]:
    """What earlier runs wrote."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    return list(json.loads(RESULTS.read_text(encoding="utf-8"))) if RESULTS.exists() else []


def merged(old: Sequence[Result], new: Sequence[Result]) -> list[Result]:
    """The old results with the new ones in the place of those of the same name."""
    by_name = {result["name"]: result for result in (*old, *new)}
    return [by_name[name] for name in sorted(by_name)]


def table(results: Sequence[Result]) -> Table:
    """Values beside goals and peers."""
    made = Table(title="Benchmarks", title_justify="left", title_style="bold")
    for heading in ("Benchmark", "Value", "Goal", "", "Peer"):
        made.add_column(heading, overflow="fold")
    for result in results:
        sign = "≥" if result["better"] == "higher" else "≤"
        goal = "–" if result["goal"] is None else f"{sign} {result['goal']}"
        met = "[green]met[/green]" if is_met(result) else "[red]missed[/red]"
        made.add_row(
            str(result["name"]), f"{_number(result['value'])} {result['unit']}", goal, met, str(result["peer"])
        )
    return made


def machine() -> str:
    """What it was measured on: cores, memory, system and Python."""
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {gibibytes:.0f} GiB, {platform.system()} {platform.machine()}, {platform.python_version()}"


def _has_run(module: Path) -> bool:
    return "\ndef run(" in module.read_text(encoding="utf-8")


def _number(value: Any) -> str:
    return f"{value:,.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:,}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
