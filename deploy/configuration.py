"""Writes `docs/configuration.md`, the table of all variables, from the settings themselves.

`python -m deploy.configuration` writes it; a test compares it with what the settings say.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from deploy.running import settings_classes
from shared.settings import ServiceSettings

PAGE = Path(__file__).parents[1] / "docs" / "configuration.md"

INTRODUCTION = """\
# Configuration

Each process reads its settings from environment variables and from nowhere else. `vernissage up` and `vernissage demo`
set them by themselves; these tables are for running the services in your own way. They are written by
`python -m deploy.configuration` from the settings themselves.

A service's web process runs as `python -m services.SERVICE.web`, its worker as `python -m services.SERVICE.worker`,
matching's pool as `python -m services.matching.pool`; all read the same variables. A value that does not fit ends the
process with the name of its variable.
"""

COMMON = """\
## All services

Write `REGISTRATION`, `MATCHING` or `NOTIFICATION` for `SERVICE`.
"""

MIGRATING = """\
## `vernissage migrate` alone

| variable | default | meaning |
| --- | --- | --- |
| `VERNISSAGE_SERVICE_DATABASE_OWNER_URL` | *must be set* | The address of the same database with the role that owns \
its tables. No process of a service is told it. |

A service works under the role of its `DATABASE_URL`, which owns nothing: each migration gives it rights to rows, and no
other. What is protected in registration (birth dates, publics, …) it reaches as a third role only, as which nobody
signs in, and which it takes for as long as it asks. The roles are made once, and the database belongs to the owner:

```sql
CREATE ROLE registration_owner LOGIN PASSWORD '…';
CREATE ROLE registration LOGIN PASSWORD '…';
CREATE DATABASE registration OWNER registration_owner;
REVOKE CONNECT ON DATABASE registration FROM PUBLIC;
GRANT CONNECT ON DATABASE registration TO registration;
CREATE ROLE registration_protected NOLOGIN;
GRANT registration_protected TO registration WITH INHERIT FALSE, SET TRUE;
```

The third role is registration's alone, is named like the one that works with `_protected` behind it, and needs
PostgreSQL 16 or newer; `vernissage migrate` says so where it is missing.

A database whose tables belong to the role that works in it is brought over by a superuser, once, with the services
stopped: `REASSIGN OWNED BY registration TO registration_owner` inside that database, then `vernissage migrate`. The
embedded PostgreSQL does so by itself.
"""

MEANINGS: Mapping[str, str] = {
    "DATABASE_URL": "Its PostgreSQL database: `postgresql+asyncpg://ROLE:PASSWORD@HOST:PORT/DATABASE`; TLS as libpq has"
    " it: `?sslmode=verify-full&sslrootcert=FILE`.",
    "HOST": "The interface on which its processes listen.",
    "WEB_PORT": "The port of its web process.",
    "WORKER_PORT": "The port of its worker's `/health/live`, `/health/ready` and `/metrics`.",
    "POOL_PORT": "The port of its pool's `/health/live`, `/health/ready` and `/metrics`.",
    "KAFKA_BOOTSTRAP": "Kafka: `HOST:PORT`, or several separated by commas.",
    "KAFKA_SECURITY": "How to speak to Kafka.",
    "KAFKA_SASL": "How to prove to Kafka who asks, with the two `sasl` ways.",
    "KAFKA_USER": "Who asks Kafka.",
    "KAFKA_PASSWORD": "Their password.",
    "POLICY__ALPHA": "How much shown skills weigh against wishes, from 0 to 1.",
    "POLICY__WORTHWHILE": "The utility from which a meeting is worthwhile: such meetings are shared out first.",
    "POLICY__MAXIMUM": "How many meetings one participant may have at a meetup.",
    "POLICY__STABILITY": "The bonus of a meeting that a rematch keeps.",
    "POLICY__RESERVE": "How many people stand in reserve for a need at most.",
    "POLICY__COVERAGE": "The probability of every interval shown.",
    "POLICY__NEAR_TIE": "How many standard deviations of a score are no difference in a shortlist.",
    "POLICY__SOFTNESS": "How much of what was asked one level below it counts, from 0 (nothing) to 0.5.",
    "SMTP_HOST": "The mail server.",
    "SMTP_PORT": "Its port.",
    "SMTP_SECURITY": "How to speak to it.",
    "SMTP_USER": "Who sends; nobody signs in where it is empty.",
    "SMTP_PASSWORD": "Their password.",
    "SMTP_CONNECTIONS": "How many connections are kept open for sending.",
    "SMTP_TIMEOUT_SECONDS": "How long the mail server may stay silent.",
    "MAIL_FROM": "The sender that people read.",
    "MAIL_GIVE_UP_HOURS": "How long it is tried to send a message.",
}
"""What the settings themselves do not say, by the end of the variable."""

BOUNDS = {Ge: ("≥", "ge"), Gt: (">", "gt"), Le: ("≤", "le"), Lt: ("<", "lt")}


def page() -> str:
    """The whole page as Markdown."""
    parts = [INTRODUCTION, COMMON, *_table("VERNISSAGE_SERVICE_", ServiceSettings, _common_fields())]
    for service, settings in settings_classes().items():
        parts += ["", f"## {service.capitalize()}", ""]
        parts += _table(f"VERNISSAGE_{service.upper()}_", settings, _own_fields(settings))
    return "\n".join([*parts, "", MIGRATING])


def _common_fields() -> dict[str, FieldInfo]:
    """What no service, or only some, says otherwise; what each says for itself stands in its own table."""
    own = [_own_fields(settings) for settings in settings_classes().values()]
    return {
        name: field for name, field in ServiceSettings.model_fields.items() if not all(name in chosen for chosen in own)
    }


def _own_fields(settings: type[ServiceSettings]) -> dict[str, FieldInfo]:
    common = ServiceSettings.model_fields
    return {
        name: field
        for name, field in settings.model_fields.items()
        if name not in common or field.default != common[name].default
    }


def _table(prefix: str, settings: type[ServiceSettings], chosen: Mapping[str, FieldInfo]) -> list[str]:
    told = _docstrings(ServiceSettings) | _docstrings(settings)
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in chosen.items():
        for variable, default in _variables(prefix + name.upper(), field):
            words = MEANINGS.get(variable.removeprefix(prefix)) or told.get(name, "")
            meaning = " ".join(part for part in (words, _limits(field)) if part)
            rows.append(f"| `{variable}` | {default} | {meaning} |")
    return rows


def _variables(variable: str, field: FieldInfo) -> Iterator[tuple[str, str]]:
    """A variable with its default; a nested setting has one for each of its parts."""
    default = field.default
    if hasattr(default, "__dataclass_fields__"):
        for part in fields(default):
            yield f"{variable}__{part.name.upper()}", f"`{getattr(default, part.name)}`"
    else:
        yield variable, _default_in_words(default)


def _default_in_words(default: object) -> str:
    if default is PydanticUndefined:
        return "*must be set*"
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default is None or default == "":
        return "–"
    if isinstance(default, timedelta):
        return f"`P{default.days}D`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _limits(field: FieldInfo) -> str:
    """What a value must be, where a choice or bounds are told."""
    choices = [choice for choice in get_args(field.annotation) if isinstance(choice, str)]
    if choices:
        return "One of " + ", ".join(f"`{choice}`" for choice in choices) + "."
    bounds = [
        f"{sign} {getattr(rule, name)}"
        for rule in field.metadata
        for kind, (sign, name) in BOUNDS.items()
        if isinstance(rule, kind)
    ]
    return f"({', '.join(bounds)})" if bounds else ""


def _docstrings(settings: type[ServiceSettings]) -> dict[str, str]:
    """The sentence below each setting, which Python itself forgets."""
    body = ast.parse(textwrap.dedent(inspect.getsource(settings))).body[0]
    told: dict[str, str] = {}
    if isinstance(body, ast.ClassDef):
        for field, below in zip(body.body, body.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
                told[field.target.id] = " ".join(str(ast.literal_eval(below.value)).replace("``", "`").split())
    return told


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
