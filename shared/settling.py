"""How a process comes to rest before it serves, so that its event loop waits neither for memory nor for threads."""

from __future__ import annotations

import gc
import sys

ROUNDS = (10_000, 5, 100)
"""How many objects, and rounds of the younger, bring on a round of the collector.

A round over what survived the first one looks at no more than 60,000 objects (10 ms); with 400,000 it held the event
loop up for 0.1 s, and a batch or an import, whose objects all live to its end, took no less time.
"""

TURN_SECONDS = 0.001
"""For how long a thread that computes may keep others from Python once they ask.

The event loop asks again after each of its system calls, many a round: at Python's own 5 ms they add up to 0.1 s.
"""


def settle() -> None:
    """Take what was imported and loaded out of the collector's rounds, and keep these and threads' turns short."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*ROUNDS)
    sys.setswitchinterval(TURN_SECONDS)
