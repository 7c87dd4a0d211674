"""`vernissage operator`: the first account, which nobody signed in can give."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from deploy.clients.service_client import OPERATOR
from deploy.commands.ending import CommandFailed, ExitCode
from deploy.commands.options import DATA, DataFolder
from deploy.databases import transaction_of
from deploy.running import Surroundings, find_surroundings
from shared.identity import wall_clock
from shared.ids import new_id
from shared.moment import Moment

operator = typer.Typer(help="Who runs the programme's services.", no_args_is_help=True)


@operator.callback()
def about() -> None:
    """Who runs the programme's services."""


@operator.command()
def invite(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Their e-mail address.")],
    data: DataFolder = DATA,
) -> None:
    """Invite somebody as operator: they may sign in, and invite everybody else."""
    surroundings = find_surroundings(data)
    email = _read(address)
    asyncio.run(_invite(surroundings, email))
    typer.echo(f"{email} may sign in as operator at {surroundings.url('registration')}/sign-in")


def _read(address: str) -> str:
    # Only here: a command's help needs none of it.
    from services.registration.domain.contact_rules import clean_email  # noqa: PLC0415

    email = clean_email(address)
    if email is None:
        raise CommandFailed("This is no complete e-mail address, such as name@example.org.", ExitCode.REFUSED)
    return email


async def _invite(surroundings: Surroundings, email: str) -> None:
    from services.registration.domain.accounts import Duty  # noqa: PLC0415
    from services.registration.domain.findings import Refused  # noqa: PLC0415
    from services.registration.use_cases.accounts import invite  # noqa: PLC0415

    moment = Moment(wall_clock(), new_id, by=OPERATOR.id)
    try:
        async with transaction_of(surroundings.settings["registration"]) as session:
            await invite(session, email, Duty("operator", None), moment, name=None, language="fr")
    except Refused as refusal:
        raise CommandFailed(
            f"{email} has an account already: another operator can change it.", ExitCode.REFUSED
        ) from refusal
    except DBAPIError as error:
        raise CommandFailed(
            "Registration’s database did not take it: run “vernissage migrate registration”, then try again."
        ) from error
