"""One person's profile from very many notes: its cost must grow with the notes, not with their square.

What the processor spends is counted, not what the clock says: on a busy machine the short run is left in peace and the
long one is not, and that would look like growth.
"""

from time import process_time

import numpy as np

from services.matching.domain.profiling import ROME_4, Components, Rating, WeakPriors, posterior

FEW, RATERS = 10, 2_500
RUNS = 7
RUNS_OF_FEW = 50


def run() -> list[dict[str, object]]:
    """Milliseconds for somebody whom 2,500 raters noted in all sixteen skills, and how a note's cost grows to there."""
    components = Components.from_priors(ROME_4, WeakPriors())
    few, many = notes_by(FEW), notes_by(RATERS)
    _milliseconds(few, components)
    runs, growth = [], []
    for _ in range(RUNS):
        of_few = float(np.median([_milliseconds(few, components) for _ in range(RUNS_OF_FEW)]))
        runs.append(_milliseconds(many, components))
        growth.append((runs[-1] / len(many)) / (of_few / len(few)))
    return [
        _result("profile-2500-raters-ms", runs, "ms", "", 500),
        # the few stay in the processor's cache, so a little more than 1 where it is linear; 250 where it is quadratic
        _result("profile-2500-raters-growth", growth, "× a note", f"the same of {FEW} raters", 3),
    ]


def notes_by(raters: int) -> list[Rating]:
    """Notes of one person by so many raters, each in all skills."""
    random = np.random.default_rng(4)
    return [Rating("P", skill, f"R{rater}", float(random.integers(5))) for rater in range(raters) for skill in ROME_4]


def _milliseconds(notes: list[Rating], components: Components) -> float:
    begin = process_time()
    posterior(notes, components)
    return (process_time() - begin) * 1000


def _result(name: str, runs: list[float], unit: str, peer: str, goal: float) -> dict[str, object]:
    value = float(np.median(runs))
    return {"name": name, "value": value, "unit": unit, "peer": peer, "goal": goal, "better": "lower", "runs": runs}
