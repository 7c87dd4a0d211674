"""`vernissage show`: what the last demo played is back, to be looked at in a browser."""

from __future__ import annotations

from deploy.commands.ending import CommandFailed
from deploy.commands.options import DATA, DataFolder
from deploy.commands.up import up
from deploy.demo.folder import NAME, first_port_of


def show(data: DataFolder = DATA) -> None:
    """Bring back what the last demo played, until Ctrl-C.

    It answers on the same ports as then, so that the links in its mails work; everybody is one click away on the page
    to sign in.
    """
    folder = data / NAME
    first_port = first_port_of(folder)
    if first_port is None:
        raise CommandFailed(f"There is no demo in {folder} to be shown: play one with “vernissage demo”.")
    up(data=folder, port=first_port)
