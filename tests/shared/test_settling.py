"""What a process has loaded before it serves stays out of the collector's rounds, and threads take short turns."""

from __future__ import annotations

import subprocess
import sys

SETTLED = """
import gc, sys
from shared.settling import ROUNDS, TURN_SECONDS, settle
loaded = [[number] for number in range(100_000)]
settle()
assert gc.get_freeze_count() > len(loaded)
assert not any(each is loaded for each in gc.get_objects())
assert gc.get_threshold() == ROUNDS
assert abs(sys.getswitchinterval() - TURN_SECONDS) < 1e-6
"""


def test_what_is_there_costs_no_round_any_more_and_turns_are_short() -> None:
    subprocess.run([sys.executable, "-c", SETTLED], check=True)
