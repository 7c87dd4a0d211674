"""One person's profile from very many notes: its cost must grow with the notes, not with their square."""

from time import perf_counter

import numpy as np

from services.matching.domain.profiling import ROME_4, Components, Rating, WeakPriors, posterior

RATERS = 2_500
RUNS = 5


def run() -> list[dict[str, object]]:
    """Milliseconds for somebody whom 2,500 raters noted in all sixteen skills."""
    random = np.random.default_rng(4)
    notes = [Rating("P", skill, f"R{rater}", float(random.integers(5))) for rater in range(RATERS) for skill in ROME_4]
    components = Components.from_priors(ROME_4, WeakPriors())
    posterior(notes[:100], components)
    runs = []
    for _ in range(RUNS):
        begin = perf_counter()
        posterior(notes, components)
        runs.append((perf_counter() - begin) * 1000)
    return [
        {
            "name": "profile-2500-raters-ms",
            "value": float(np.median(runs)),
            "unit": "ms",
            "peer": "",
            "goal": 500,
            "better": "lower",
            "runs": runs,
        }
    ]
