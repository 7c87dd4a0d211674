"""Ending tasks for good."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 5.0
"""How long a task has to end, before it is asked again."""


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks, as often as it takes, and wait until they have ended.

    Once is not enough: a cancellation that meets a connection being lost comes out as that connection's error, and a
    task that goes on after such errors would never end.
    """
    waited_for = set(tasks)
    while waited_for:
        for task in waited_for:
            task.cancel()
        _, waited_for = await asyncio.wait(waited_for, timeout=ASK_AGAIN_SECONDS)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("%s had ended with %s", task.get_name(), type(error).__name__)


async def to_its_end(farewell: Coroutine[Any, Any, None]) -> None:
    """Wait for what gives something back, also when cancelled meanwhile, even repeatedly; that comes out afterwards.

    Given up halfway, it would leave open what nobody closes any more.
    """
    running = asyncio.ensure_future(farewell)
    cancellation: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        raise cancellation from running.exception()
    running.result()


async def see_begun(beginning: Coroutine[Any, Any, None], *, patience: float) -> None:
    """Wait for what begins something, and ``patience`` seconds more where cancelled; that comes out afterwards.

    Given up at once, it would leave open what nobody holds yet; waited for without end, it could keep us from ending.
    """
    running = asyncio.ensure_future(beginning)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await to_its_end(_let_begin(running, patience))
        raise


async def _let_begin(running: asyncio.Task[None], patience: float) -> None:
    await asyncio.wait([running], timeout=patience)
    await end(running)
