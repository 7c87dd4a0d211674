"""A service's database at any of its revisions, forwards and back, with what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from deploy.embedded.postgres import run_apart
from shared.asking import THE_SERVICE, told
from shared.database import create_engine
from shared.revisions import known_revisions, migrations_folder


class Migrating:
    """The database of a service at an owner's address, and the revision whose file is named ``…_name.py``."""

    def __init__(self, service: str, url: str, name: str) -> None:
        self._service, self._url = service, url
        (found,) = (migrations_folder(service) / "versions").glob(f"*_{name}.py")
        self._here = found.name.partition("_")[0]
        known = known_revisions(service)
        self._before = known[known.index(self._here) - 1]

    def begin(self) -> None:
        """Bring an empty database to the revision before."""
        self._alembic(command.upgrade, self._before)

    def forwards(self) -> None:
        """Bring it to the revision."""
        self._alembic(command.upgrade, self._here)

    def back(self) -> None:
        """Bring it to the revision before again."""
        self._alembic(command.downgrade, self._before)

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """What a statement answers, with nothing for one that only writes."""

        def run(connection: Connection) -> list[dict[str, Any]]:
            result = connection.execute(text(statement), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

        return run_apart(self._on_connection(run))

    def _alembic(self, move: Any, revision: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations_folder(self._service))).replace("%", "%%"))
        config.set_main_option("path_separator", "os")

        def run(connection: Connection) -> None:
            config.attributes["connection"] = connection
            move(config, revision)

        run_apart(self._on_connection(run))

    async def _on_connection(self, act: Any) -> Any:
        engine = create_engine(self._url)
        try:
            async with engine.begin() as connection:
                await connection.execute(told(THE_SERVICE))
                return await connection.run_sync(act)
        finally:
            await engine.dispose()
