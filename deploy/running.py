"""What is known of a stack that runs: written into its data folder, and read by the commands that speak to it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from pydantic import ValidationError

from deploy.embedded.folders import write_whole
from deploy.embedded.leftovers import CLOCK_TOLERANCE_SECONDS
from deploy.services import prefix_of
from shared.settings import ServiceSettings
from shared.tokens import TokenSigner
from shared.travel.topics import SERVICES, Service

FILE = "stack.json"


class NothingRuns(Exception):
    """No stack runs on the folder, and the environment names none; `str(error)` can be shown as it is."""


@dataclass(frozen=True, kw_only=True)
class RunningStack:
    """A stack that runs: who holds it, and the environment of each service's worker, which tells all addresses.

    `owner_urls` are the addresses of the databases with the roles that own their tables, which no service is told.
    `started` is the holder's start as seconds since 1970: a process number alone may since belong to somebody else.
    """

    pid: int
    started: float
    broker: str
    database: str
    mail_page: str
    environments: Mapping[Service, Mapping[str, str]]
    owner_urls: Mapping[Service, str]

    def write(self, data: Path) -> None:
        """Write this into the data folder, for its owner's eyes only: it holds passwords."""
        write_whole(data / FILE, json.dumps(asdict(self), indent=1) + "\n", mode=0o600)

    def is_alive(self) -> bool:
        """Whether the process that holds the stack still runs."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) <= CLOCK_TOLERANCE_SECONDS
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True)
class Surroundings:
    """Where the services are, as settings of each: of a local stack, or as the environment tells."""

    settings: Mapping[Service, ServiceSettings]
    stack: RunningStack | None = None

    def url(self, service: Service) -> str:
        """The address of a service's web pages, without a slash at its end."""
        return self.settings[service].public_url.rstrip("/")

    @property
    def signer(self) -> TokenSigner:
        """What signs tokens of people: registration vouches for them."""
        return self.settings["registration"].signer("registration")


def settings_classes() -> Mapping[Service, type[ServiceSettings]]:
    """What each service reads from its variables."""
    # Only here: matching's policy brings NumPy and SciPy with it, and a command's help needs neither.
    from services.matching.settings import Settings as MatchingSettings  # noqa: PLC0415
    from services.notification.settings import Settings as NotificationSettings  # noqa: PLC0415
    from services.registration.settings import Settings as RegistrationSettings  # noqa: PLC0415

    return {"registration": RegistrationSettings, "matching": MatchingSettings, "notification": NotificationSettings}


def own_start() -> tuple[int, float]:
    """The number and start of this process."""
    return os.getpid(), psutil.Process().create_time()


def remove(data: Path) -> None:
    """Forget the stack of this folder: it runs no longer."""
    (data / FILE).unlink(missing_ok=True)


def find_surroundings(data: Path, environment: Mapping[str, str] = os.environ) -> Surroundings:
    """The stack that runs on the folder `data`; else the services that the environment names.

    The environment names them by the services' own variables (`VERNISSAGE_MATCHING_DATABASE_URL` and so on). Raises
    `NothingRuns` where neither is there, or a variable does not fit.
    """
    stack = read_stack(data)
    if stack is not None and stack.is_alive():
        return Surroundings({service: _settings(service, stack.environments[service]) for service in SERVICES}, stack)
    if all(database_variable(service) in environment for service in SERVICES):
        return Surroundings({service: _settings(service, environment) for service in SERVICES})
    raise NothingRuns(
        f"No stack runs on the folder {data}: start one with “vernissage up”, name its folder with --data, "
        "or set the services’ own variables, such as VERNISSAGE_MATCHING_DATABASE_URL."
    )


@dataclass(frozen=True)
class DatabaseToMigrate:
    """A service's database: its address with the role that owns the tables, and the role under which the service
    works."""

    owner_url: str
    works_as: str


def databases_to_migrate(
    services: Sequence[Service], data: Path, environment: Mapping[str, str] = os.environ
) -> dict[Service, DatabaseToMigrate]:
    """The databases of these services, found as `find_surroundings` finds everything.

    Nothing else of the services has to be named. Raises `NothingRuns`.
    """
    stack = read_stack(data)
    if stack is not None and stack.is_alive():
        return {
            service: _to_migrate(stack.owner_urls[service], stack.environments[service][database_variable(service)])
            for service in services
        }
    needed = [name(service) for service in services for name in (database_variable, owner_variable)]
    missing = [variable for variable in needed if not environment.get(variable)]
    if missing:
        raise NothingRuns(
            f"No database is named: set {', '.join(missing)}, give --postgres, or name the folder of a running stack "
            "with --data. The services work under a role that owns nothing, and migrations run under the tables’ owner."
        )
    return {
        service: _to_migrate(environment[owner_variable(service)], environment[database_variable(service)])
        for service in services
    }


def _to_migrate(owner_url: str, url: str) -> DatabaseToMigrate:
    # Only here, and not with every command: it brings SQLAlchemy with it.
    from sqlalchemy.engine import make_url  # noqa: PLC0415

    return DatabaseToMigrate(owner_url, make_url(url).username or "")


def database_variable(service: Service) -> str:
    """The variable that names a service's database."""
    return prefix_of(service) + "DATABASE_URL"


def owner_variable(service: Service) -> str:
    """The variable that names it with the role that owns its tables: read by `vernissage migrate` alone."""
    return prefix_of(service) + "DATABASE_OWNER_URL"


def read_stack(data: Path) -> RunningStack | None:
    """What the folder's last stack wrote; None where there is nothing that can be read."""
    try:
        return RunningStack(**json.loads((data / FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def _settings(service: Service, environment: Mapping[str, str]) -> ServiceSettings:
    prefix = prefix_of(service)
    told = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
    try:
        return settings_classes()[service].model_validate(told)
    except ValidationError as error:
        wrong = (prefix + "__".join(map(str, one["loc"])).upper() + ": " + one["msg"] for one in error.errors())
        raise NothingRuns(f"The services’ variables do not fit. {'; '.join(wrong)}.") from None
