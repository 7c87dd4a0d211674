"""How a process comes to rest before it serves: what is there to stay costs its event loop nothing afterwards."""

from __future__ import annotations

import gc

ROUNDS = (10_000, 5, 100)
"""How many objects, and rounds of the younger, bring on a round of the collector.

A round over what survived the first one looks at no more than 60,000 objects (10 ms); with 400,000 it held the event
loop up for 0.1 s, and a batch or an import, whose objects all live to its end, took no less time.
"""


def settle_memory() -> None:
    """Take what was imported and loaded out of the garbage collector's rounds, and keep each round short."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*ROUNDS)
