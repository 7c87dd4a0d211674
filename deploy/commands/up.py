"""`vernissage up`: everything runs until Ctrl-C, and stays as it was for the next time."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Mapping
from typing import Annotated

import typer
from rich.console import Console

from deploy.assembly import Assembly
from deploy.commands.ending import ExitCode
from deploy.commands.options import DATA, DEFAULT_KAFKA, DataFolder, Kafka, Postgres
from deploy.embedded.processes import ProcessEvent
from deploy.embedded.stack import StackSettings
from deploy.health import Troubles, troubles_of
from deploy.running import find_surroundings
from shared.travel.topics import SERVICES

FIRST_PORT = 8001
LOOK_EVERY_SECONDS = 5.0

FirstPort = Annotated[
    int,
    typer.Option(
        min=1024,
        max=65_000,
        envvar="VERNISSAGE_PORT",
        help="The first of four ports in a row: registration, matching, notification, caught mails.",
    ),
]
KafkaPort = Annotated[
    int | None, typer.Option(min=1024, max=65_535, help="Where the local Kafka listens. [default: a free port]")
]


def up(
    kafka: Kafka = DEFAULT_KAFKA,
    postgres: Postgres = None,
    data: DataFolder = DATA,
    port: FirstPort = FIRST_PORT,
    kafka_port: KafkaPort = None,
) -> None:
    """Run the whole of Vernissage on this machine until Ctrl-C.

    Real PostgreSQL, real Apache Kafka, a mail catcher and the three services, as local processes on the loopback
    interface. A process that dies is started again, and one that is unwell is told of. What was entered stays in the
    data folder.
    """
    console = Console(highlight=False)
    settings = StackSettings(data=data, kafka=kafka, postgres=postgres, kafka_port=kafka_port)
    stopping = stop_signals()
    assembly = Assembly(
        settings,
        first_web_port=port,
        # One click is for trying out: never on a database or a Kafka that others run.
        demo_sign_in=settings.is_embedded,
        progress=_Lines(console),
        on_event=_Events(console),
    )
    try:
        with assembly:
            _print_addresses(console, assembly)
            _watch(assembly, stopping, console)
            console.print("Stopping …")
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    console.print("Stopped. Everything entered is kept in " + str(data))


def stop_signals() -> threading.Event:
    """Be told of Ctrl-C and of SIGTERM: the first one sets the event, a second one interrupts."""
    asked = threading.Event()

    def hear(number: int, _frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt(number)
        asked.set()

    signal.signal(signal.SIGINT, hear)
    signal.signal(signal.SIGTERM, hear)
    return asked


def _watch(assembly: Assembly, stopping: threading.Event, console: Console) -> None:
    """Say which process is unwell, and when it is well again, until somebody asks for the end."""
    services = find_surroundings(assembly.data).settings
    told: Troubles = {}
    while not stopping.wait(LOOK_EVERY_SECONDS):
        found = asyncio.run(troubles_of(services))
        for line in changes_in_health(told, found):
            console.print(line)
        told = found


def changes_in_health(before: Troubles, now: Troubles) -> list[str]:
    """What to say of processes whose troubles are others than before."""
    changed = [
        f"[yellow]{name} is unwell: {_in_words(now[name])}[/yellow]" for name in now if now[name] != before.get(name)
    ]
    return changed + [f"[green]{name} is well again.[/green]" for name in before if name not in now]


def _in_words(troubles: Mapping[str, str]) -> str:
    return "; ".join(f"{part} {trouble}" for part, trouble in troubles.items())


def _print_addresses(console: Console, assembly: Assembly) -> None:
    stack = assembly.stack
    console.print(f"\n[bold]Vernissage runs[/bold] with {stack.broker_version} and {stack.database_version}.")
    console.print(f"  sign in        {assembly.places.url('registration')}/sign-in")
    for service in SERVICES:
        console.print(f"  {service:<14} {assembly.places.url(service)}")
    console.print(f"  caught mails   {stack.mail_page_url}")
    console.print(f"  Kafka          {stack.kafka_bootstrap}")
    console.print(f"  data           {assembly.data}")
    console.print("Ctrl-C stops everything.\n")


class _Lines:
    """Progress as lines: one for each thing that there is to say."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, str] = {}

    def __call__(self, step: str, detail: str, fraction: float | None) -> None:
        """Take a line of progress; what is done says so by its fraction, the rest needs none."""
        del fraction
        if self._told.get(step) != detail:
            self._told[step] = detail
            self._console.print(f"  [dim]{step:<11}[/dim] {detail}")


class _Events:
    """Deaths and restarts, told as they happen."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: ProcessEvent) -> None:
        """Take an event."""
        if event.kind == "started":
            self._console.print(f"  [dim]{'ready':<11}[/dim] {event.name}")
        elif event.kind == "unready":
            self._console.print(f"[yellow]{event.name} runs and is not ready: “vernissage status” says why.[/yellow]")
        elif event.kind == "died":
            self._console.print(
                f"[yellow]{event.name} ended with code {event.code}; it is started again in {event.pause or 0:.1f} s, "
                f"and the rest goes on. Its last words are in logs/{event.name}.log.[/yellow]"
            )
        elif event.kind == "restarted":
            self._console.print(f"[green]{event.name} runs again.[/green]")
