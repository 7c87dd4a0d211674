"""How a part that takes its time says how far it has come."""

from typing import Protocol


class Progress(Protocol):
    """Takes one line of progress."""

    def __call__(self, step: str, detail: str, fraction: float | None) -> None:
        """Say that `step` (one word, such as `kafka`) has come to `detail`.

        `fraction` goes from 0 to 1, or is None where the end cannot be foreseen.
        """


def in_silence(step: str, detail: str, fraction: float | None) -> None:
    """Take a line of progress and show it to nobody."""
