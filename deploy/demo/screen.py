"""The steps of the demo on the terminal, live: what is being done, how far it is, and how long each step took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

REFRESH_PER_SECOND = 8


@dataclass
class Step:
    """One step: `name` in the report, `title` on the screen, `detail` as far as it is."""

    name: str
    title: str
    detail: str = ""
    seconds: float | None = None
    began: float = field(default_factory=time.monotonic)
    spinner: Spinner = field(default_factory=lambda: Spinner("dots"))

    def say(self, detail: str) -> None:
        """Tell how far the step is."""
        self.detail = detail


class Screen:
    """Shows steps as they go on: a living table on a terminal, else a line when each is done."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.steps: list[Step] = []
        self._live = Live(get_renderable=self._table, console=console, refresh_per_second=REFRESH_PER_SECOND)

    @property
    def seconds(self) -> dict[str, float]:
        """How long each step took that is done."""
        return {step.name: round(step.seconds, 2) for step in self.steps if step.seconds is not None}

    @contextmanager
    def step(self, name: str, title: str) -> Iterator[Step]:
        """A step that lasts as long as the context."""
        step = Step(name, title)
        self.steps.append(step)
        yield step
        step.seconds = time.monotonic() - step.began
        if not self.console.is_terminal:
            self.console.print(f"{step.seconds:6.1f} s  {step.title}: {step.detail}", highlight=False, soft_wrap=True)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.console.is_terminal:
            self._live.stop()

    def _table(self) -> Table:
        """The steps, the first ones left out where the terminal is too low: what is being done stays to be seen."""
        table = Table.grid(padding=(0, 2))
        for step in self.steps[-max(1, self.console.height - 1) :]:
            table.add_row(*self._row(step))
        return table

    @staticmethod
    def _row(step: Step) -> tuple[RenderableType, ...]:
        if step.seconds is None:
            so_far = time.monotonic() - step.began
            return step.spinner, Text(step.title, style="bold"), Text(step.detail), Text(f"{so_far:.1f} s", style="dim")
        return Text("✓", style="green"), Text(step.title), Text(step.detail), Text(f"{step.seconds:.1f} s", style="dim")
