"""How a command ends: with an exit code that scripts can rely on, and one sentence where something was wrong."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from enum import IntEnum

import typer
from rich.console import Console

from deploy.clients.service_client import NotAnswering, ServiceRefused
from deploy.databases import DatabaseSilent
from deploy.embedded.errors import EmbeddedError
from deploy.running import NothingRuns
from deploy.travel_status import KafkaSilent
from shared.revisions import MigrationBlocked, WrongRevision


class ExitCode(IntEnum):
    """What a command's exit code means; 2 is a wrong option, as everywhere."""

    DONE = 0
    FAILED = 1
    CANNOT_START = 3
    NOBODY_ANSWERS = 4
    REFUSED = 5
    ROWS_REFUSED = 6
    INTERRUPTED = 130


class CommandFailed(Exception):
    """A command could not do what it was asked; the sentence says what and what to do, the code is its exit code."""

    def __init__(self, sentence: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(sentence)
        self.code = code


EXPECTED: Mapping[type[Exception], ExitCode] = {
    EmbeddedError: ExitCode.CANNOT_START,
    WrongRevision: ExitCode.CANNOT_START,
    MigrationBlocked: ExitCode.CANNOT_START,
    NothingRuns: ExitCode.NOBODY_ANSWERS,
    NotAnswering: ExitCode.NOBODY_ANSWERS,
    DatabaseSilent: ExitCode.NOBODY_ANSWERS,
    KafkaSilent: ExitCode.NOBODY_ANSWERS,
    ServiceRefused: ExitCode.REFUSED,
    CommandFailed: ExitCode.FAILED,
}
"""What may go wrong in the world, each with a sentence; anything else is a fault of ours and shows its trace."""


def code_of(error: Exception) -> ExitCode:
    """The exit code of an expected error."""
    if isinstance(error, CommandFailed):
        return error.code
    return next(code for kind, code in EXPECTED.items() if isinstance(error, kind))


def interrupt_on_signals() -> None:
    """Let Ctrl-C and SIGTERM interrupt this process, also where a shell has the background ignore Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def run_to_its_end(app: typer.Typer) -> None:
    """Run the command line; ends the process."""
    try:
        app(prog_name="vernissage")
    except tuple(EXPECTED) as error:
        # Written as it is: a path in it is neither broken into lines nor taken for markup.
        Console(stderr=True, soft_wrap=True).print(str(error), markup=False, highlight=False, style="red")
        raise SystemExit(code_of(error)) from None
