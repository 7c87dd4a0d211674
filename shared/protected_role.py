"""The role that reaches protected data, beside the one under which a service works.

Nobody signs in as it. The service's role may become it (``SET``) and does not have its rights by itself (``INHERIT
FALSE``): so PostgreSQL refuses every statement that has not said first, in its own transaction, that it asks for what
is protected. A superuser makes it, or a role that may make roles, or whoever runs the server, by `MAKING`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import func, literal_column, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.sql import run

SUFFIX: Final = "_protected"

MAKING: Final = (
    "CREATE ROLE {protected} NOLOGIN",
    "GRANT {protected} TO {role} WITH INHERIT FALSE, SET TRUE",
)
"""The statements that make it; PostgreSQL knows them from version 16 on."""


class ProtectedRoleMissing(Exception):
    """The role that reaches protected data is missing; nothing was changed, and `str(error)` can be shown as it is."""

    def __init__(self, service: str, role: str) -> None:
        statements = " ".join(f"{statement};" for statement in making(role))
        super().__init__(
            f"The database of {service} was not migrated: the role that reaches protected data is missing, or "
            f"{quoted(role)} cannot become it. Have whoever may make roles run, once: {statements}"
        )


def protected_role_of(role: str) -> str:
    """The role that reaches protected data where a service works as ``role``."""
    return f"{role}{SUFFIX}"


def making(role: str) -> tuple[str, ...]:
    """The statements that make it."""
    names = {"protected": quoted(protected_role_of(role)), "role": quoted(role)}
    return tuple(statement.format(**names) for statement in MAKING)


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


@asynccontextmanager
async def as_protected_role(session: AsyncSession) -> AsyncIterator[None]:
    """Within, the session's transaction reaches protected data, and nothing else.

    Whoever fails within takes their transaction back: with it goes the role, which no other transaction ever sees.
    """
    its_name = func.concat(literal_column("session_user"), SUFFIX)
    await run(session, select(func.set_config("role", its_name, True)))
    yield
    await run(session, select(func.set_config("role", "none", True)))
