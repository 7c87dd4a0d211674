"""Small planning problems of every kind, with coarse utilities so that ties are common."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from services.matching.domain.pair_key import PairKey
from services.matching.domain.planning import PlanProblem


@st.composite
def problems(draw: st.DrawFn, *, demands: bool = True) -> PlanProblem:
    """At most four participants and three needs; demands, if any, may contradict each other."""
    people, needs = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    levels = st.sampled_from([np.nan, 0.0, 0.25, 0.5, 0.75, 1.0])
    utility = np.array(draw(st.lists(levels, min_size=people * needs, max_size=people * needs)))
    participants, need_ids = [f"p{i}" for i in range(people)], [f"n{j}" for j in range(needs)]
    pairs = st.frozensets(st.tuples(st.sampled_from(participants), st.sampled_from(need_ids)), max_size=2)
    none: st.SearchStrategy[frozenset[PairKey]] = st.just(frozenset())
    return PlanProblem(
        participants=participants,
        needs=need_ids,
        utility=utility.reshape(people, needs),
        seats=draw(st.lists(st.integers(0, 4), min_size=needs, max_size=needs)),
        maximum=draw(st.lists(st.integers(0, 3), min_size=people, max_size=people)),
        kept=draw(pairs if demands else none),
        pins=draw(pairs if demands else none),
        forbids=draw(pairs if demands else none),
        current=draw(st.frozensets(st.tuples(st.sampled_from(participants), st.sampled_from(need_ids)))),
        worthwhile=draw(st.sampled_from([0.0, 0.5, 0.75])),
        stability=draw(st.sampled_from([0.0, 0.1, 0.25])),
        seed=draw(st.sampled_from(["", "run"])),
    )
