"""A task that is ended has ended, also where its cancellation was lost."""

from __future__ import annotations

import asyncio

import pytest

from shared import ending
from shared.ending import end, see_begun, to_its_end


async def goes_on_after_errors() -> None:
    """As a task does that tries again after each lost connection, and loses its cancellation to one."""
    lost = 0
    while True:
        try:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost < 2:
                    lost += 1
                    raise ConnectionResetError from None
                raise
        except ConnectionResetError:
            continue


async def test_a_task_whose_cancellation_was_lost_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "ASK_AGAIN_SECONDS", 0.01)
    stubborn, willing = asyncio.create_task(goes_on_after_errors()), asyncio.create_task(asyncio.Event().wait())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end(stubborn, willing)
    assert stubborn.cancelled()
    assert willing.cancelled()


async def test_what_a_task_failed_with_is_told_by_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        raise ValueError("Madame Durand")

    failing = asyncio.create_task(fails(), name="sweep")
    await asyncio.wait([failing])
    await end(failing)
    assert "sweep had ended with ValueError" in caplog.text
    assert "Durand" not in caplog.text


async def test_nothing_to_end_has_ended() -> None:
    await end()


async def test_a_farewell_is_seen_through_however_often_it_is_cancelled() -> None:
    may_end, said = asyncio.Event(), asyncio.Event()

    async def say_farewell() -> None:
        await may_end.wait()
        said.set()

    leaving = asyncio.create_task(to_its_end(say_farewell()))
    for _ in range(3):
        await asyncio.sleep(0)
        leaving.cancel()
    await asyncio.sleep(0)
    assert not leaving.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert said.is_set()


@pytest.mark.parametrize("times", [0, 1])
async def test_what_a_farewell_failed_with_comes_out(times: int) -> None:
    may_end = asyncio.Event()

    async def fails() -> None:
        await may_end.wait()
        raise ConnectionResetError

    leaving = asyncio.create_task(to_its_end(fails()))
    await asyncio.sleep(0)
    for _ in range(times):
        leaving.cancel()
        await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError if times else ConnectionResetError) as caught:
        await leaving
    assert isinstance(caught.value.__cause__ if times else caught.value, ConnectionResetError)


async def test_what_begins_is_waited_for_when_cancelled() -> None:
    may_begin, begun = asyncio.Event(), asyncio.Event()

    async def begin() -> None:
        await may_begin.wait()
        begun.set()

    waiting = asyncio.create_task(see_begun(begin(), patience=60))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    may_begin.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert begun.is_set()


async def test_what_never_begins_keeps_nobody_from_ending() -> None:
    given_up = asyncio.Event()

    async def begin() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            given_up.set()

    waiting = asyncio.create_task(see_begun(begin(), patience=0.01))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert given_up.is_set()


async def test_what_fails_to_begin_says_why() -> None:
    async def fail() -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await see_begun(fail(), patience=60)
