"""Calls that come at a steady rate, come what may, as people do: how long each took from when it was due."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import count

import httpx

Call = Callable[[int], Awaitable[httpx.Response]]
"""One kind of call: the n-th of it."""


async def at_a_steady_rate(
    kinds: Mapping[str, Call], a_second: int, turns: Iterable[int]
) -> Mapping[str, Sequence[float]]:
    """Milliseconds from when a call was due, so that one that waits for a slow one counts its waiting."""
    taken: dict[str, list[float]] = defaultdict(list)
    began = time.perf_counter()

    async def ask(name: str, call: Call, turn: int, due: float) -> None:
        check(await call(turn))
        taken[name].append((time.perf_counter() - due) * 1000)

    numbers = count()
    async with asyncio.TaskGroup() as asking:
        for turn in turns:
            for name, call in kinds.items():
                due = began + next(numbers) / a_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                asking.create_task(ask(name, call, turn, due))
    return taken


def check(answer: httpx.Response) -> None:
    """Fail where a call was not answered as it should be."""
    assert answer.status_code in (200, 201), answer.text


def ninety_ninth(name: str, milliseconds: Sequence[float], goal: float, how: str) -> dict[str, object]:
    """The result of a benchmark: the 99th percentile of these times."""
    ordered = sorted(milliseconds)
    return {
        "name": name,
        "value": round(ordered[len(ordered) * 99 // 100], 1),
        "unit": "ms",
        "peer": f"median {ordered[len(ordered) // 2]:.0f} ms, {how}",
        "goal": goal,
        "better": "lower",
        "runs": [round(one, 1) for one in ordered[-5:]],
    }
