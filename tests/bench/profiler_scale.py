"""A whole country's notes: how long a fit takes, and how much memory."""

import json
import resource
import subprocess
import sys
from time import perf_counter

import numpy as np

from services.matching.domain.profiling import ROME_4, SkillProfiler

PARTICIPANTS, RATERS, NOTES = 1_000_000, 20_000, 10
SEEN_BY = 4


def run() -> list[dict[str, object]]:
    """Seconds and peak memory of fitting 10 million notes of 1 million participants by 20,000 raters."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.bench.profiler_scale"], capture_output=True, text=True, check=True
    )
    measured = json.loads(answer.stdout)
    return [
        _result("profiler-10m-seconds", measured["seconds"], "s", 60),
        _result("profiler-10m-gib", measured["gib"], "GiB", 8),
    ]


def _result(name: str, value: float, unit: str, goal: float) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "peer": "", "goal": goal, "better": "lower", "runs": [value]}


def measure() -> dict[str, float]:
    """Fit in this process: seconds of the fit, and the peak of all memory so far in GiB."""
    random = np.random.default_rng(1)
    notes = PARTICIPANTS * NOTES
    participant = np.repeat(np.arange(PARTICIPANTS), NOTES)
    seat = random.integers(0, SEEN_BY, notes)
    rater = random.integers(0, RATERS, (PARTICIPANTS, SEEN_BY))[participant, seat]
    skill = random.integers(0, len(ROME_4), notes)
    levels = 2 + random.normal(0, 0.4, (PARTICIPANTS, 1)) + random.normal(0, 0.6, (PARTICIPANTS, len(ROME_4)))
    level = levels[participant, skill] + random.normal(0, 0.35, RATERS)[rater]
    level += random.normal(0, 0.35, (PARTICIPANTS, SEEN_BY))[participant, seat]
    level = np.clip(np.rint(level + random.normal(0, 0.6, notes)), 0, 4)
    columns = {"participant": participant, "skill": np.array(ROME_4)[skill], "rater": rater, "level": level}
    del seat, skill
    SkillProfiler().fit({name: column[:100] for name, column in columns.items()})  # loads the compiled code
    begin = perf_counter()
    profiler = SkillProfiler().fit(columns)
    seconds = perf_counter() - begin
    held = np.abs(profiler.profiles_.mean - levels) <= 1.6448536 * np.sqrt(profiler.profiles_.variance)
    if not 0.88 <= held.mean() <= 0.92:
        raise RuntimeError(f"intervals of 90 % hold {held.mean():.1%} of the levels: the fit is not one")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"seconds": seconds, "gib": peak}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
