"""A million participants and twenty thousand needs: seconds and memory, and how both grow from a thousand on."""

import json
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from services.matching.domain.shortlisting import ShortlistPolicy, shortlist
from tests.bench import population

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PARTICIPANTS_A_NEED = 50
POLICY = ShortlistPolicy(size=20, reserve=0)
PICTURE = Path("var/bench/topk-growth.png")


def run() -> list[dict[str, object]]:
    """Each size in a process of its own, so that the peak of memory is its own: pool, arrangement and lists."""
    measured = []
    for size in SIZES:
        command = [sys.executable, "-m", "tests.bench.topk_scale", str(size)]
        measured.append(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))
    _draw([one["seconds"] for one in measured], [one["gib"] for one in measured])
    million = measured[-1]
    return [
        _result("topk-million-seconds", million["seconds"], "s", 60),
        _result("topk-million-gib", million["gib"], "GiB", 2),
    ]


def _result(name: str, value: float, unit: str, goal: float) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "peer": "", "goal": goal, "better": "lower", "runs": [value]}


def _draw(seconds: list[float], gib: list[float]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    time, memory = figure.subplots(1, 2)
    for axes, values, label, goal in ((time, seconds, "seconds", 60), (memory, gib, "GiB at the peak", 2)):
        axes.loglog(SIZES, values, marker="o")
        axes.axhline(goal, linestyle="--", color="grey")
        axes.set(xlabel="participants (one need for every 50)", ylabel=label)
        axes.grid(visible=True, which="both", alpha=0.3)
        for size, value in zip(SIZES, values, strict=True):
            axes.annotate(f"{value:.3g}", (size, value), textcoords="offset points", xytext=(0, 8), ha="center")
    figure.suptitle("Exact shortlists of 20 over the whole pool, with near-ties by uncertainty (dashed: the goal)")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=120)


def measure(size: int) -> dict[str, float]:
    """Seconds of arranging the pool and making all lists, and this process's peak of memory in GiB."""
    shortlist(population.participants(1_000), population.needs(20), policy=POLICY)  # loads the compiled code
    participants, needs = population.participants(size), population.needs(size // PARTICIPANTS_A_NEED)
    begin = perf_counter()
    shortlist(participants, needs, run="bench", policy=POLICY)
    seconds = perf_counter() - begin
    return {"seconds": seconds, "gib": _peak_gib()}


def _peak_gib() -> float:
    """The peak of this process alone; `getrusage` would count the parent's, from before this one began."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise RuntimeError("this system does not tell the peak of a process's memory")
    return int(found.group(1)) / 2**20


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))))
