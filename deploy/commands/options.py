"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.embedded.stack import APACHE

DATA = Path("var")

DataFolder = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="FOLDER",
        envvar="VERNISSAGE_DATA",
        help="The folder that keeps everything; by it a command also finds the stack that runs there.",
    ),
]
Kafka = Annotated[
    str,
    typer.Option(
        "--kafka",
        metavar="apache|memory|HOST:PORT",
        envvar="VERNISSAGE_KAFKA",
        help="Apache Kafka as a local process, a broker in memory that forgets everything when it stops, "
        "or the address of your own Kafka.",
    ),
]
Postgres = Annotated[
    str | None,
    typer.Option(
        "--postgres",
        metavar="URL",
        envvar="VERNISSAGE_POSTGRES",
        help="The address of your own PostgreSQL, postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE, "
        "instead of a local process.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for programs instead of a table.")]

DEFAULT_KAFKA = APACHE
