"""Who is asking, told to PostgreSQL when a transaction begins, so that its policies can decide what it sees and writes.

It is told for the length of the transaction alone (``set_config(…, true)``), so a pooler that lends a connection to
somebody else for the next one lends nothing of it. A transaction that says nothing sees nothing of what is protected.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Executable, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Session, SessionTransaction
from sqlmodel.ext.asyncio.session import AsyncSession


@dataclass(frozen=True, slots=True)
class Asker:
    """In whose name a transaction works; ``route`` is where they came in, such as ``GET /api/v1/participants``.

    ``sees_as`` is the role that PostgreSQL's policies go by, where it is not their own.
    """

    role: str
    person: UUID | None = None
    agency: UUID | None = None
    route: str = ""
    sees_as: str = ""


THE_SERVICE: Final = Asker("service")
"""What works for nobody in particular: events, timers, migrations, operators' commands."""

IN_WORKER: Final = Asker("service", route="worker")
"""The same in a worker, whatever it hears or its timers ask for."""

AT_THE_DOOR: Final = Asker("door")
"""Whoever signs in or out, before it is known who it is: sees who is signed in, whom one can sign in as and which other
systems have access, nothing else."""

UNTOLD: Final = Asker("")
"""Whoever said nothing, and sees nothing of what is protected."""

ASKER: Final = "asker"
"""Under this name a session carries who is asking."""


_TELL: Final = text(
    "SELECT " + ", ".join(f"set_config('vernissage.{name}', :{name}, true)" for name in Asker.__slots__)
)
"""As text, made once: every transaction begins with it."""


def told(asker: Asker) -> Executable:
    """The statement that tells PostgreSQL who is asking, until the transaction ends."""
    return _TELL.bindparams(**{name: str(getattr(asker, name) or "") for name in Asker.__slots__})


@event.listens_for(Session, "after_begin")
def _tell(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    asker = session.info.get(ASKER)
    if asker is not None and not transaction.nested:
        connection.execute(told(asker))


@asynccontextmanager
async def as_the_service(session: AsyncSession) -> AsyncIterator[None]:
    """See and write as the service itself for the length of the block, within the same transaction.

    It is for the few questions that reach beyond what whoever asks may see, each with its reason beside it. Who asks
    stays known: what is done in the block is theirs.
    """
    before: Asker = session.info.get(ASKER) or UNTOLD
    if THE_SERVICE.role in (before.role, before.sees_as):
        yield
        return
    connection = await session.connection()  # the transaction has begun, in the name of whoever asks
    await _tell_anew(session, connection, replace(before, sees_as=THE_SERVICE.role))
    try:
        yield
    except BaseException:
        session.info[ASKER] = before
        # A transaction that is lost, or goes back to before this block, forgets what it was told here.
        with suppress(SQLAlchemyError):
            await connection.execute(told(before))
        raise
    await _tell_anew(session, connection, before)


async def _tell_anew(session: AsyncSession, connection: AsyncConnection, asker: Asker) -> None:
    session.info[ASKER] = asker
    await connection.execute(told(asker))
