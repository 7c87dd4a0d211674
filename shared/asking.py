"""Who is asking, told to PostgreSQL when a transaction begins, so that its policies can decide what it sees and writes.

It is told for the length of the transaction alone (``set_config(…, true)``), so a pooler that lends a connection to
somebody else for the next one lends nothing of it. A transaction that says nothing sees nothing of what is protected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Executable, event, func, select
from sqlalchemy.orm import Session, SessionTransaction


@dataclass(frozen=True, slots=True)
class Asker:
    """In whose name a transaction works; ``route`` is where they came in, such as ``GET /api/participants``."""

    role: str
    person: UUID | None = None
    agency: UUID | None = None
    route: str = ""


THE_SERVICE: Final = Asker("service")
"""What works for nobody in particular: events, timers, migrations, operators' commands."""

IN_WORKER: Final = Asker("service", route="worker")
"""The same in a worker, whatever it hears or its timers ask for."""

ASKER: Final = "asker"
"""Under this name a session carries who is asking."""


def told(asker: Asker) -> Executable:
    """The statement that tells PostgreSQL who is asking, until the transaction ends."""
    settings = {"role": asker.role, "person": asker.person, "agency": asker.agency, "route": asker.route}
    return select(*(func.set_config(f"vernissage.{name}", str(value or ""), True) for name, value in settings.items()))


@event.listens_for(Session, "after_begin")
def _tell(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    asker = session.info.get(ASKER)
    if asker is not None and not transaction.nested:
        connection.execute(told(asker))
