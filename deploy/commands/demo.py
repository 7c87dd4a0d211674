"""`vernissage demo`: the main job from an export to the employers' answers, on real parts, in a minute."""

from __future__ import annotations

import asyncio
import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.assembly import Assembly
from deploy.commands.ending import CommandFailed, ExitCode, interrupt_on_signals
from deploy.commands.options import DATA, DEFAULT_KAFKA, DataFolder, Kafka, Postgres
from deploy.commands.showing import show_json
from deploy.demo.folder import REPORT_NUMBERS, REPORT_PAGE, emptied_folder, keep_first_port
from deploy.demo.page import report_page
from deploy.demo.screen import Screen
from deploy.demo.showcase import showcase
from deploy.demo.stage import DemoFailed
from deploy.demo.story import DemoStory, play
from deploy.demo.telling import tell
from deploy.embedded.folders import write_whole
from deploy.embedded.ports import free_ports_in_a_row
from deploy.embedded.stack import APACHE, MEMORY, StackSettings
from deploy.services import PORTS

DATABASES = "vernissage_demo_"
TOPICS = "demo-"
"""A Kafka that others run keeps what it was sent: each demo has topics of its own there."""


def demo(
    kafka: Kafka = DEFAULT_KAFKA,
    postgres: Postgres = None,
    data: DataFolder = DATA,
    as_json: Annotated[bool, typer.Option("--json", help="Write report.json’s content instead of tables.")] = False,
) -> None:
    """Play the whole main job on this machine, with invented people, and show what comes of it.

    It starts everything anew in FOLDER/demo, a folder of its own that it marks and empties each time. It imports eight
    groups of fifteen, pairs, approves (it plays the adviser), sends invitations, answers them by the links in the
    mails, asks for a rematch, sends shortlists and answers those. All of it goes through the public interfaces. The
    outcome is shown, and kept as report.html and report.json. On your own PostgreSQL and Kafka it uses databases and
    topics of its own, whose names say “demo”.
    """
    console = Console(stderr=as_json)
    first_port = free_ports_in_a_row(PORTS)
    folder = emptied_folder(data)
    interrupt_on_signals()
    try:
        told = _play(
            StackSettings(
                data=folder,
                kafka=kafka,
                postgres=postgres,
                database_prefix=DATABASES,
                databases_anew=True,
                durable=False,
            ),
            first_port,
            console,
        )
    except DemoFailed as error:
        raise CommandFailed(f"{error} What each process said is in {folder / 'logs'}.") from error
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    shown = showcase(told)
    write_whole(folder / REPORT_NUMBERS, json.dumps(told.counts.as_dict(), ensure_ascii=False, indent=1) + "\n")
    write_whole(folder / REPORT_PAGE, report_page(told.counts, shown, datetime.now(UTC)))
    if as_json:
        show_json(told.counts.as_dict())
    else:
        tell(console, told.counts, shown)
        _tell_where(console, folder, None if postgres or kafka not in (APACHE, MEMORY) else first_port)
    if not told.counts.is_clean:
        raise CommandFailed("Something was lost, doubled or left for dead: see the numbers above.")


def _tell_where(console: Console, folder: Path, first_port: int | None) -> None:
    """Say what is kept, and how all of it comes back: on the same ports, so that the links in the mails work."""
    console.print(f"\nThe whole report: {folder / REPORT_PAGE}", soft_wrap=True)
    console.print(f"The mails, as they were caught: {folder / 'mail'}", soft_wrap=True)
    if first_port is not None:
        keep_first_port(folder, first_port)
        again = "make show" if folder.parent == DATA else f"vernissage show --data {shlex.quote(str(folder.parent))}"
        console.print(f"Until the next demo all of it comes back, with the links in the mails: {again}", soft_wrap=True)


def _play(settings: StackSettings, first_port: int, console: Console) -> DemoStory:
    now = datetime.now(UTC)
    with Screen(console) as screen:
        with screen.step("start", "The stack and the three services start") as step:
            assembly = Assembly(
                settings,
                first_web_port=first_port,
                # Wherever its databases stand, they hold invented people alone.
                demo_sign_in=True,
                topic_prefix="" if settings.kafka in (APACHE, MEMORY) else f"{TOPICS}{now:%Y%m%d-%H%M%S}.",
                progress=lambda part, detail, _fraction: step.say(f"{part}: {detail}"),
            )
            assembly.start()
            step.say(f"{assembly.stack.broker_version}, {assembly.stack.database_version}")
        try:
            return asyncio.run(play(assembly, now.date(), screen))
        finally:
            console.print("Stopping …", style="dim")
            assembly.stop()
