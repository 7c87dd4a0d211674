"""A library that repeats itself is heard once a minute for each kind of thing that it says."""

from __future__ import annotations

import logging

from shared.travel.throttle import EVERY, Throttle


class Listener:
    """Takes lines through a throttle whose clock the test holds."""

    def __init__(self) -> None:
        self.now = 0.0
        self._throttle = Throttle("aiokafka", clock=lambda: self.now)

    def hear(self, name: str, text: str, *values: object, level: int = logging.ERROR) -> str | None:
        """The line that is written, if any."""
        record = logging.LogRecord(name, level, "somewhere.py", 1, text, values, None)
        return record.getMessage() if self._throttle.filter(record) else None


def test_a_kind_of_line_is_written_once_a_minute_and_the_others_are_counted() -> None:
    listener = Listener()
    assert listener.hear("aiokafka", "Unable connect to node with id %s", 1) == "Unable connect to node with id 1"
    assert [listener.hear("aiokafka", "Unable connect to node with id %s", node) for node in range(470)] == [None] * 470
    listener.now = EVERY
    assert listener.hear("aiokafka", "Unable connect to node with id %s", 2) == (
        "Unable connect to node with id 2 (and 470 more like it since)"
    )


def test_each_kind_is_heard() -> None:
    listener = Listener()
    assert listener.hear("aiokafka.consumer", "lost %s", 1) == "lost 1"
    assert listener.hear("aiokafka.consumer", "found %s", 1) == "found 1"
    assert listener.hear("aiokafka.producer", "lost %s", 1) == "lost 1"
    assert listener.hear("aiokafka.consumer", "lost %s", 1, level=logging.CRITICAL) == "lost 1"


def test_everybody_else_says_what_they_like() -> None:
    listener = Listener()
    for name in ("shared.travel.relay", "aiokafkaesque"):
        assert [listener.hear(name, "the same") for _ in range(3)] == ["the same"] * 3


def test_a_library_that_never_repeats_itself_is_not_remembered_for_ever() -> None:
    listener = Listener()
    for number in range(2_500):
        assert listener.hear("aiokafka", f"number {number}")
    assert len(listener._throttle._said) <= 1_000
