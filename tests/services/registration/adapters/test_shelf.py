"""A shelf gives back what was put up, once, and keeps little of it in memory."""

from __future__ import annotations

import os
from contextlib import closing

import psutil

from services.registration.adapters.shelf import Shelf

PUT_UP = 150_000_000


def test_what_is_put_up_is_taken_down_by_its_key_and_is_then_gone() -> None:
    with closing(Shelf[str, list[int]](str.encode)) as shelf:
        shelf.put({"a": [1], "b": [2], "c": [3]})
        assert shelf.take(["a", "x", "b", "a"]) == {"a": [1], "b": [2]}
        assert shelf.take(["a", "b"]) == {}
        shelf.put({"a": [1, 4]})
        assert shelf.take(["a", "c"]) == {"a": [1, 4], "c": [3]}


def test_however_many_keys_are_asked_for_at_once_each_gives_its_own() -> None:
    with closing(Shelf[int, int](lambda key: key.to_bytes(8, "big"))) as shelf:
        shelf.put({key: -key for key in range(0, 3_000, 2)})
        assert shelf.take(range(3_000)) == {key: -key for key in range(0, 3_000, 2)}
        assert shelf.take(range(3_000)) == {}


def test_however_much_is_put_up_memory_holds_little_of_it() -> None:
    piece = os.urandom(1_000_000)
    before = psutil.Process().memory_info().rss
    with closing(Shelf[int, bytes](lambda key: key.to_bytes(8, "big"))) as shelf:
        for key in range(PUT_UP // len(piece)):
            shelf.put({key: piece})
        assert psutil.Process().memory_info().rss - before < PUT_UP / 2
        assert shelf.take([7]) == {7: piece}
