"""Exact filtered top-k against what one would use instead: masked NumPy, faiss, scikit-learn, and the bare product.

All answer the same question: 100,000 participants × 2,000 needs, 64 features, top 20 by mutual utility, with commute,
hours, licences, dates, consent and wishes. Each has its pool at hand (index built, blocks arranged) before the clock
starts; all score in float32 on every core. (Distances need float64: the cosine of 5 km is 1 − 2·10⁻⁷.) NumPy gives the
same lists, which is checked. So does faiss where it is given who can (`FaissFiltered`): it takes any filter as a
selector of ids, so finding the ids is part of answering, and searching with selectors that are there is told beside it.
Simply used, faiss and scikit-learn know no such filters: they fetch ten times as many and filter after, which is not
exact; what they miss is not held against them. The bare product only multiplies: no filter, no top-k.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.domain.commute import squared_chord_of, unit_vectors
from services.matching.domain.scoring import HIGHEST_LEVEL, steps
from services.matching.domain.shortlisting import Needs, Participants, ShortlistPolicy, Shortlists
from tests.bench import population

PARTICIPANTS, NEEDS, TOP, FETCHED = 100_000, 2_000, 20, 200
RUNS = 3
NEEDS_AT_ONCE = 100
POLICY = ShortlistPolicy(size=TOP, reserve=0, near_tie=0.0)
UNKNOWN_LIKING = 0.5**0.25
GOALS = {
    "numpy": 50,
    "faiss": 10,
    "faiss-filtered": 20,
    "faiss-search-alone": None,
    "sklearn": 20,
    "matrix-product": 1,
}


def run() -> list[dict[str, object]]:
    """How many times faster than each peer."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.bench.topk_peers"],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name not in _SLOWER_BLAS},
    )
    seconds: dict[str, list[float]] = json.loads(answer.stdout)
    ours = median(seconds["ours"])
    return [
        {
            "name": f"topk-vs-{peer}",
            "value": median(seconds[peer]) / ours,
            "unit": "×",
            "peer": _PEERS[peer],
            "goal": goal,
            "better": "higher",
            "runs": [theirs / mine for theirs, mine in zip(seconds[peer], seconds["ours"], strict=True)],
        }
        for peer, goal in GOALS.items()
    ]


_SLOWER_BLAS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Settings that hold OpenBLAS back on some machines; a peer is measured without them."""

_PEERS = {
    "numpy": "NumPy: product, masks and argpartition over 100 needs at once",
    "faiss": f"faiss IndexFlatIP, {FETCHED} fetched, filtered after",
    "faiss-filtered": "faiss IndexFlatIP, exact: who can found by NumPy and given as ids, by its fastest selector",
    "faiss-search-alone": "the same search, who can and the selectors being there before the clock starts",
    "sklearn": f"scikit-learn NearestNeighbors(algorithm='brute'), {FETCHED} fetched, filtered after",
    "matrix-product": "NumPy: the product alone, into memory made before",
}


class Question:
    """The pool and the needs as the peers want them: dense float32 columns."""

    def __init__(self, participants: Participants, needs: Needs) -> None:
        """Everything that does not depend on a pair is computed here, before the clock starts."""
        self.participants, self.needs = participants, needs
        self.features = participants.exceedance
        self.asked = np.zeros((len(needs), self.features.shape[1]), dtype=np.float32)
        of_needs = np.repeat(np.arange(len(needs)), np.diff(needs.starts)).tolist()
        for need, feature, weight in zip(of_needs, needs.features.tolist(), needs.weights.tolist(), strict=True):
            skill, level = divmod(feature, HIGHEST_LEVEL)
            for step in steps(level + 1, POLICY.softness):
                self.asked[need, HIGHEST_LEVEL * skill + step.level - 1] += weight * step.share
        self.homes = unit_vectors(participants.latitude, participants.longitude)
        self.works = unit_vectors(needs.latitude, needs.longitude)
        self.least_cosines = 1 - squared_chord_of(participants.travel_limit_km) / 2
        self.held = participants.hours | participants.licences[:, 0].astype(np.uint32) << np.uint32(8)
        self.required = needs.hours | needs.licences[:, 0].astype(np.uint32) << np.uint32(8)
        codes, self.occupations = np.unique(needs.occupations, return_inverse=True)
        people = np.repeat(np.arange(len(participants)), np.diff(participants.likings.starts))
        places = np.searchsorted(codes, participants.likings.occupations)
        known = codes[np.minimum(places, len(codes) - 1)] == participants.likings.occupations
        self.factors = np.full((len(codes), len(participants)), UNKNOWN_LIKING, dtype=np.float32)
        self.factors[places[known], people[known]] = participants.likings.values[known] ** 0.25
        order = np.argsort(places[known], kind="stable")
        ends = np.searchsorted(places[known][order], np.arange(1, len(codes)))
        self.likers = np.split(people[known][order], ends)

    def mask(self, needs: NDArray[np.int64], people: NDArray[np.int64] | slice) -> NDArray[np.bool_]:
        """Who of `people` can meet which of `needs`: (needs, people), or a row of people for each need."""
        homes, one_row = self.homes[people], isinstance(people, slice)
        near = self.works[needs] @ homes.T if one_row else np.einsum("nf,npf->np", self.works[needs], homes)
        required, starts_on = self.required[needs, np.newaxis], self.needs.starts_on[needs, np.newaxis]
        can: NDArray[np.bool_] = near >= self.least_cosines[people]
        can &= required & ~self.held[people] == 0
        can &= self.participants.available_from[people] <= starts_on
        can &= self.participants.consent[people]
        can &= self.needs.open[needs, np.newaxis]
        return can

    def who_can(self, need: int) -> NDArray[np.int64]:
        """The numbers of those who can meet a need, ascending: what drops most comes first, the rest of the few left.

        The likings apart: somebody who refused the occupation is among them.
        """
        if not self.needs.open[need]:
            return np.zeros(0, dtype=np.int64)
        near = np.flatnonzero(self.homes @ self.works[need] >= self.least_cosines)
        can: NDArray[np.bool_] = self.required[need] & ~self.held[near] == 0
        can &= self.participants.available_from[near] <= self.needs.starts_on[need]
        can &= self.participants.consent[near]
        return near[can]


def numpy_lists(question: Question) -> NDArray[np.int64]:
    """The lists by masked NumPy, (needs, TOP), −1 where a list ends."""
    lists = np.full((len(question.needs), TOP), -1)
    for first in range(0, len(question.needs), NEEDS_AT_ONCE):
        needs = np.arange(first, min(first + NEEDS_AT_ONCE, len(question.needs)))
        ranks = question.asked[needs] @ question.features.T
        ranks *= question.factors[question.occupations[needs]]
        ranks[~question.mask(needs, slice(None))] = -1
        best = np.argpartition(ranks, -TOP, axis=1)[:, -TOP:]
        found = np.take_along_axis(ranks, best, axis=1)
        order = np.argsort(-found, axis=1)
        lists[needs] = np.where(
            np.take_along_axis(found, order, axis=1) > 0, np.take_along_axis(best, order, axis=1), -1
        )
    return lists


def filtered_after(question: Question, fetched: NDArray[np.int64]) -> NDArray[np.int64]:
    """The best TOP of those fetched, by utility, once those who cannot are dropped."""
    needs = np.arange(len(question.needs))
    ranks = np.einsum("nf,npf->np", question.asked, question.features[fetched])
    ranks *= question.factors[question.occupations[:, np.newaxis], fetched]
    ranks[~question.mask(needs, fetched)] = -1
    best = np.argsort(-ranks, axis=1)[:, :TOP]
    found = np.take_along_axis(fetched, best, axis=1)
    return np.where(np.take_along_axis(ranks, best, axis=1) > 0, found, -1)


def faiss_lists(question: Question) -> Callable[[], object]:
    """faiss' flat index by inner product."""
    import faiss

    index = faiss.IndexFlatIP(question.features.shape[1])
    index.add(question.features)
    return lambda: filtered_after(question, index.search(question.asked, FETCHED)[1])


class FaissFiltered:
    """faiss's flat index, searched need by need on all cores among those who can.

    A liking multiplies the product. Where nothing is known of it, that is one number for all, and the order is the
    product's: those are the index's. The few others are multiplied beside it.
    """

    def __init__(self, question: Question) -> None:
        """The index is built here, before the clock starts, and the fastest of the selectors found."""
        import faiss

        self.faiss: Any = faiss  # its stubs are those of C++, not of what Python may give
        self.question = question
        self.index = faiss.IndexFlatIP(question.features.shape[1])
        self.index.add(question.features)
        self.selectors: Mapping[str, Callable[[NDArray[np.int64]], Any]] = {
            "array": self.faiss.IDSelectorArray,
            "batch": self.faiss.IDSelectorBatch,
            "bitmap": self._bitmap,
        }
        self.selector = min(self.selectors, key=self._seconds_of)

    def lists(self) -> NDArray[np.int64]:
        """The lists, (needs, TOP), −1 where a list ends."""
        return self._each(lambda need: self.list_of(need, self.selector))

    def search_alone(self) -> Callable[[], object]:
        """The searches of `lists`, their selectors made."""
        ready = [self._parted(need) for need in range(len(self.question.needs))]
        made = [self.selectors[self.selector](others) for others, _ in ready]
        return lambda: self._each(lambda need: self._search(need, made[need])[1])

    def list_of(self, need: int, selector: str) -> NDArray[np.int64]:
        """One need's list."""
        others, likers = self._parted(need)
        products, found = self._search(need, self.selectors[selector](others))
        occupation = self.question.occupations[need]
        liked = self.question.features[likers] @ self.question.asked[need] * self.question.factors[occupation, likers]
        people = np.concatenate([found, likers])
        ranks = np.concatenate([np.where(found >= 0, products * UNKNOWN_LIKING, -1), liked])
        best = np.argsort(-ranks)[:TOP]
        return np.where(ranks[best] > 0, people[best], -1)

    def _parted(self, need: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Those who can: of whose liking nothing is known, and the others."""
        can, likers = self.question.who_can(need), self.question.likers[self.question.occupations[need]]
        known = np.isin(can, likers, assume_unique=True)
        return can[~known], can[known]

    def _search(self, need: int, selector: Any) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        asked = self.question.asked[need : need + 1]
        products, found = self.index.search(asked, TOP, params=self.faiss.SearchParameters(sel=selector))
        return products[0], found[0]

    def _bitmap(self, people: NDArray[np.int64]) -> Any:
        chosen = np.zeros(len(self.question.participants), dtype=np.bool_)
        chosen[people] = True
        return self.faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))

    def _each(self, answer: Callable[[int], NDArray[np.int64]]) -> NDArray[np.int64]:
        """One answer is too small to share: each core takes needs of its own."""
        with ThreadPoolExecutor(os.cpu_count(), initializer=self.faiss.omp_set_num_threads, initargs=(1,)) as threads:
            return np.array(list(threads.map(answer, range(len(self.question.needs)))))

    def _seconds_of(self, selector: str) -> float:
        begin = perf_counter()
        for need in range(NEEDS_AT_ONCE):
            self.list_of(need, selector)
        return perf_counter() - begin


def sklearn_lists(question: Question) -> Callable[[], object]:
    """scikit-learn's brute force; one more column turns the nearest into the highest inner product."""
    from sklearn.neighbors import NearestNeighbors

    lengths = np.einsum("pf,pf->p", question.features, question.features)
    beside = np.sqrt(lengths.max() - lengths)[:, np.newaxis]
    pool = np.ascontiguousarray(np.hstack([question.features, beside]), dtype=np.float32)
    asked = np.hstack([question.asked, np.zeros((len(question.asked), 1), np.float32)])
    index = NearestNeighbors(n_neighbors=FETCHED, algorithm="brute", n_jobs=-1).fit(pool)
    return lambda: filtered_after(question, index.kneighbors(asked, return_distance=False))


def _check_same(question: Question, ours: Shortlists, theirs: NDArray[np.int64]) -> None:
    """Raise unless the lists hold the same people, but for those whom float32 cannot tell apart."""
    for need in range(len(question.needs)):
        mine, other = set(ours.people[need].tolist()), set(theirs[need].tolist())
        edge = sorted(mine ^ other)
        ranks = question.features[edge] @ question.asked[need] * question.factors[question.occupations[need], edge]
        if len(mine) != len(other) or (edge and np.ptp(ranks) > _FLOAT32_TIE):
            raise RuntimeError(f"need {need}: the lists differ")


_FLOAT32_TIE = 1e-6


def measure() -> dict[str, list[float]]:
    """Seconds of each, in turn, so that a busy moment of the machine hits them alike."""
    participants, needs = population.participants(PARTICIPANTS), population.needs(NEEDS)
    question = Question(participants, needs)
    ours = Shortlists(participants, needs, "bench", POLICY)
    filtered = FaissFiltered(question)
    product = np.empty((NEEDS, PARTICIPANTS), dtype=np.float32)
    ways: dict[str, Callable[[], object]] = {
        "ours": ours.fill,
        "numpy": lambda: numpy_lists(question),
        "faiss": faiss_lists(question),
        "faiss-filtered": filtered.lists,
        "faiss-search-alone": filtered.search_alone(),
        "sklearn": sklearn_lists(question),
        "matrix-product": lambda: np.matmul(question.asked, question.features.T, out=product),
    }
    ours.fill()
    ways["matrix-product"]()
    for theirs in (numpy_lists(question), filtered.lists()):
        _check_same(question, ours, theirs)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            begin = perf_counter()
            way()
            seconds[name].append(perf_counter() - begin)
    return seconds


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
