"""One participant's new profile against making all shortlists anew, at 100,000 × 2,000."""

from dataclasses import fields
from statistics import fmean, median
from time import perf_counter

import numpy as np

from services.matching.domain.shortlisting import Likings, Participants, ShortlistPolicy, shortlist
from tests.bench import population

PARTICIPANTS, NEEDS, CHANGES, RUNS = 100_000, 2_000, 300, 3
POLICY = ShortlistPolicy(size=20, reserve=0)


def run() -> list[dict[str, object]]:
    """How many times faster a change is than a rebuild: the mean over 300 changes, lists re-made and all."""
    participants, needs = population.participants(PARTICIPANTS), population.needs(NEEDS)
    newly_seen = population.participants(CHANGES, seed=1).exceedance
    lists = shortlist(participants, needs, policy=POLICY)
    lists.update_participant(0, one(participants, 0, newly_seen))
    ratios = []
    for turn in range(RUNS):
        begin = perf_counter()
        shortlist(participants, needs, policy=POLICY)
        rebuild = perf_counter() - begin
        seconds = []
        for change in range(CHANGES):
            number = turn * CHANGES + change
            changed = one(participants, number, newly_seen[change : change + 1])
            begin = perf_counter()
            lists.update_participant(number, changed)
            seconds.append(perf_counter() - begin)
        ratios.append(rebuild / fmean(seconds))
    return [
        {
            "name": "update-vs-rebuild",
            "value": median(ratios),
            "unit": "×",
            "peer": "all lists made anew, pool arranged again",
            "goal": 1000,
            "better": "higher",
            "runs": ratios,
        }
    ]


def one(participants: Participants, number: int, exceedance: np.ndarray) -> Participants:
    """Participant `number` alone, with a new profile."""
    known, mine = participants.likings, slice(number, number + 1)
    first, end = known.starts[number], known.starts[number + 1]
    columns = {field.name: getattr(participants, field.name)[mine] for field in fields(Participants)[1:-1]}
    likings = Likings(np.array([0, end - first]), known.occupations[first:end], known.values[first:end])
    return Participants(exceedance=exceedance[:1], likings=likings, **columns)
