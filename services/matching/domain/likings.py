"""How much a participant likes a need's occupation, from their wishes and from ROME's near occupations."""

from collections.abc import Callable, Collection, Sequence

NOTHING_KNOWN = 0.5
NEVER = 0.0

Near = Callable[[str], Sequence[tuple[str, int]]]
"""Gives the occupations near one, each with its rank; rank 1 is the nearest."""


def liking(wishes: Collection[str], refused: Collection[str], occupation: str, near: Near) -> float:
    """The participant's liking of `occupation`, in [0, 1].

    0 when refused (a hard constraint, it outweighs a wish); 1 when asked for; ½ + ½/(1 + rank) when near a wish, by the
    best rank; ½ when nothing is known.

    >>> near = {"G1602": [("G1603", 1), ("G1604", 3)]}
    >>> [liking({"G1602"}, {"M1601"}, code, lambda wish: near[wish]) for code in ("G1602", "G1603", "N1103", "M1601")]
    [1.0, 0.75, 0.5, 0.0]
    """
    return known_likings(wishes, refused, near).get(occupation, NOTHING_KNOWN)


def known_likings(wishes: Collection[str], refused: Collection[str], near: Near) -> dict[str, float]:
    """Every occupation about whose liking something is known, with that liking; all others are at ½."""
    ranks = dict.fromkeys(wishes, 0)
    for wish in wishes:
        for occupation, rank in near(wish):
            if not rank >= 1:
                raise ValueError(f"The rank of {occupation} near {wish} is {rank}: the nearest has 1.")
            ranks[occupation] = min(rank, ranks.get(occupation, rank))
    likings = {occupation: _liking_at(rank) for occupation, rank in ranks.items()}
    return likings | dict.fromkeys(refused, NEVER)


def _liking_at(rank: int) -> float:
    """A wish itself has rank 0; the liking falls from 1 towards what it is when nothing is known."""
    return NOTHING_KNOWN + (1 - NOTHING_KNOWN) / (1 + rank)
