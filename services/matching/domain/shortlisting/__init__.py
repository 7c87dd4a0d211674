"""Exact filtered top-k: for every need, the best feasible participants of the whole pool, and a reserve.

`shortlist` makes the lists of all needs; the `Shortlists` it gives are then kept fresh change by change.
"""

from services.matching.domain.shortlisting.columns import Likings, Needs, Participants, Vocabulary
from services.matching.domain.shortlisting.counting import Dropped
from services.matching.domain.shortlisting.lots import lot_keys, lots
from services.matching.domain.shortlisting.shortlists import Entry, Shortlist, ShortlistPolicy, Shortlists, shortlist

__all__ = [
    "Dropped",
    "Entry",
    "Likings",
    "Needs",
    "Participants",
    "Shortlist",
    "ShortlistPolicy",
    "Shortlists",
    "Vocabulary",
    "lot_keys",
    "lots",
    "shortlist",
]
