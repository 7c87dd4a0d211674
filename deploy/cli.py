"""The `vernissage` command: its commands and what its exit codes mean."""

from __future__ import annotations

import typer

from deploy.commands.approve import approve
from deploy.commands.audit import audit
from deploy.commands.dead_letters import dead_letters
from deploy.commands.demo import demo
from deploy.commands.ending import run_to_its_end
from deploy.commands.import_ import import_command
from deploy.commands.migrate import migrate
from deploy.commands.operator import operator
from deploy.commands.rebuild import rebuild
from deploy.commands.rematch import rematch
from deploy.commands.replay import replay
from deploy.commands.retention import retention
from deploy.commands.show import show
from deploy.commands.status import status
from deploy.commands.topics import topics
from deploy.commands.up import up

ENDINGS = (
    "Exit codes: 0 done; 1 something went wrong; 2 wrong option; 3 the stack cannot start; 4 nobody answers; "
    "5 refused; 6 imported, but rows were refused; 130 interrupted."
)

app = typer.Typer(
    name="vernissage",
    help="Fair meetings between job seekers and employers, from soft skills seen in museum workshops.",
    epilog=ENDINGS,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

app.command()(demo)
app.command()(show)
app.command()(up)
app.command()(migrate)
app.add_typer(operator, name="operator")
app.command("import")(import_command)
app.command()(rematch)
app.command()(approve)
app.add_typer(topics, name="topics")
app.command()(replay)
app.command()(rebuild)
app.command()(retention)
app.add_typer(dead_letters, name="dead-letters")
app.add_typer(audit, name="audit")
app.command()(status)


def main() -> None:
    """Run the command line."""
    run_to_its_end(app)


if __name__ == "__main__":
    main()
