"""Fixtures for every test: the run's broker and database, and databases built by the real migrations.

What a run finds, starts and says is in `tests/support/`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.jars import kafka_jars
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.processes import Supervisor
from tests.support.brokers import Broker
from tests.support.databases import Databases
from tests.support.finding import PartUnavailable
from tests.support.run_rules import RunRules, allow_loopback_only, skip_or_fail

RULES = pytest.StashKey[RunRules]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Set the rules of the run."""
    allow_loopback_only(config)
    rules = config.stash[RULES] = RunRules(config)
    config.pluginmanager.register(rules, "vernissage-run-rules")


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> Broker:
    """The run's Kafka: `bootstrap_servers`, `kind` (named, docker, embedded or memory) and `version`."""
    try:
        return pytestconfig.stash[RULES].parts.broker()
    except PartUnavailable as error:
        skip_or_fail(error, "Kafka")


@pytest.fixture
def topic_prefix() -> str:
    """A start for the names of topics and groups that no other test of any run has, such as `t3f2a61b0.`."""
    return f"t{uuid4().hex[:8]}."


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> Iterator[Databases]:
    """The run's PostgreSQL: `url(database)`, `create_database(template=None)`, `drop_database(name)`, `version`."""
    try:
        databases = Databases(pytestconfig.stash[RULES].parts.database_server())
    except PartUnavailable as error:
        skip_or_fail(error, "PostgreSQL")
    yield databases
    databases.close()


@pytest.fixture
def service_database(postgres: Databases) -> Iterator[Callable[[str], str]]:
    """Gives the address of a new database of a service, such as `service_database("matching")`.

    It is a copy of one that the service's own migrations built, so code under test may commit; it goes with the test.
    """
    made: list[str] = []

    def make(service: str) -> str:
        from shared.migrations import upgrade

        made.append(postgres.create_database(postgres.template_of(service, upgrade)))
        return postgres.url(made[-1])

    yield make
    for name in made:
        postgres.drop_database(name)


@pytest.fixture
def own_supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """A supervisor whose children end with the test, for parts that a test kills or cuts."""
    with Supervisor(tmp_path / "own-processes") as supervisor:
        yield supervisor


@pytest.fixture(scope="session")
def downloaded_jars() -> list[Path]:
    """The jars of Apache Kafka: a test that starts a broker of its own asks for them, since it may not download."""
    try:
        return kafka_jars()
    except EmbeddedError as error:
        skip_or_fail(error, "Apache Kafka")


@pytest.fixture
def own_kafka(own_supervisor: Supervisor, downloaded_jars: list[Path], tmp_path: Path) -> EmbeddedKafka:
    """An Apache Kafka for this test alone (about 3 s): kill `own_kafka.pid`, and it comes back by itself."""
    kafka = EmbeddedKafka(own_supervisor, tmp_path / "own-kafka")
    kafka.start()
    return kafka


@pytest.fixture
def own_postgres(own_supervisor: Supervisor, tmp_path: Path) -> EmbeddedPostgres:
    """A PostgreSQL for this test alone (about 1 s): kill `own_postgres.pid`, and it comes back by itself."""
    postgres = EmbeddedPostgres(own_supervisor, tmp_path / "own-postgresql")
    postgres.start()
    return postgres


@pytest.fixture(scope="session")
def note_used(pytestconfig: pytest.Config) -> Callable[[str, str], None]:
    """Has the run's last lines say which part was used, such as `note_used("browser", "Chromium 140")`."""
    return pytestconfig.stash[RULES].parts.note
