"""Exact filtered top-k: for every need, the best feasible participants of the whole pool, and a reserve.

`shortlist` makes the lists of all needs; the `Shortlists` it gives are then kept fresh change by change.
"""

from services.matching.domain.shortlisting.coding import Codebook, Coding
from services.matching.domain.shortlisting.columns import Entrants, Needs, Participants
from services.matching.domain.shortlisting.counting import Dropped
from services.matching.domain.shortlisting.liked import Likings
from services.matching.domain.shortlisting.lots import lot_keys, lots
from services.matching.domain.shortlisting.shortlists import (
    Shortlist,
    ShortlistPlace,
    ShortlistPolicy,
    Shortlists,
    shortlist,
)

__all__ = [
    "Codebook",
    "Coding",
    "Dropped",
    "Entrants",
    "Likings",
    "Needs",
    "Participants",
    "Shortlist",
    "ShortlistPlace",
    "ShortlistPolicy",
    "Shortlists",
    "lot_keys",
    "lots",
    "shortlist",
]
