"""Finding a stack that runs, by its folder or by the environment."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.ports import free_port
from deploy.running import (
    FILE,
    DatabaseToMigrate,
    NothingRuns,
    RunningStack,
    databases_to_migrate,
    find_surroundings,
    own_start,
    read_stack,
    remove,
)
from deploy.services import WORKING, Places, Secrets, prefix_of, web_environment
from shared.tokens import TokenSigner
from shared.travel.topics import SERVICES, Service

URL = "postgresql+asyncpg://role:password@127.0.0.1:5432/database"
OWNER_URL = "postgresql+asyncpg://owner:password@127.0.0.1:5432/database"
SECRET = "s" * 40
SECRETS = Secrets(SECRET, "t" * 40)


@pytest.fixture
def places() -> Places:
    """Ports as they may be."""
    return Places(
        {service: 8001 + number for number, service in enumerate(SERVICES)},
        {(service, kind): free_port() for service in SERVICES for kind in WORKING[service]},
    )


@pytest.fixture
def stack(places: Places) -> RunningStack:
    """A stack that this process holds."""
    pid, started = own_start()
    environments: dict[Service, dict[str, str]] = {
        service: web_environment(service, places, URL, SECRETS, smtp_port=1025, demo_sign_in=True)
        for service in SERVICES
    }
    return RunningStack(
        pid=pid,
        started=started,
        broker="Kafka",
        database="PostgreSQL",
        mail_page="",
        environments=environments,
        owner_urls=dict.fromkeys(SERVICES, OWNER_URL),
    )


def test_what_is_written_is_found_with_every_address(tmp_path: Path, stack: RunningStack) -> None:
    stack.write(tmp_path)
    found = find_surroundings(tmp_path, {})
    assert found.stack == stack
    assert found.url("matching") == "http://127.0.0.1:8002"
    assert found.settings["notification"].database_url == URL
    assert found.signer.published() == TokenSigner("registration", [SECRETS.signing]).published()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_a_process_of_the_same_number_that_began_later_is_another(tmp_path: Path, stack: RunningStack) -> None:
    replace(stack, started=stack.started - 60).write(tmp_path)
    with pytest.raises(NothingRuns, match="vernissage up"):
        find_surroundings(tmp_path, {})


def test_a_stack_that_stopped_is_forgotten(tmp_path: Path, stack: RunningStack) -> None:
    stack.write(tmp_path)
    remove(tmp_path)
    remove(tmp_path)
    assert read_stack(tmp_path) is None


def test_the_environment_is_asked_where_no_stack_runs(tmp_path: Path, stack: RunningStack) -> None:
    environment = {name: value for each in stack.environments.values() for name, value in each.items()}
    assert find_surroundings(tmp_path, environment).url("registration") == "http://127.0.0.1:8001"
    del environment[prefix_of("matching") + "DATABASE_URL"]
    with pytest.raises(NothingRuns):
        find_surroundings(tmp_path, environment)


def test_the_environment_need_not_say_what_the_services_know_by_themselves(tmp_path: Path) -> None:
    needed = {"DATABASE_URL": URL, "SEAL_SECRET": SECRET}
    environment = {prefix_of(service) + name: value for service in SERVICES for name, value in needed.items()}
    found = find_surroundings(tmp_path, environment)
    assert [found.url(service) for service in SERVICES] == [f"http://127.0.0.1:{port}" for port in (8001, 8002, 8003)]


def test_the_owners_of_the_tables_are_told_to_no_service(tmp_path: Path, stack: RunningStack) -> None:
    stack.write(tmp_path)
    found = databases_to_migrate(SERVICES, tmp_path, {})
    assert set(found.values()) == {DatabaseToMigrate(OWNER_URL, "role")}
    assert OWNER_URL not in str(stack.environments)


def test_migrations_ask_for_the_owner_and_for_whoever_works(tmp_path: Path) -> None:
    environment = {"VERNISSAGE_MATCHING_DATABASE_URL": URL, "VERNISSAGE_MATCHING_DATABASE_OWNER_URL": OWNER_URL}
    assert databases_to_migrate(["matching"], tmp_path, environment) == {
        "matching": DatabaseToMigrate(OWNER_URL, "role")
    }
    for variable in environment:
        with pytest.raises(NothingRuns, match=f"set {variable},"):
            databases_to_migrate(["matching"], tmp_path, {**environment, variable: ""})


def test_a_variable_that_does_not_fit_is_named_and_its_value_is_not(tmp_path: Path) -> None:
    environment = {prefix_of(service) + "DATABASE_URL": URL for service in SERVICES}
    environment[prefix_of("registration") + "SEAL_SECRET"] = "short"
    with pytest.raises(NothingRuns, match="VERNISSAGE_REGISTRATION_SEAL_SECRET") as refused:
        find_surroundings(tmp_path, environment)
    assert "short" not in str(refused.value).replace("too short", "")


def test_a_file_of_another_shape_is_no_stack(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"pid": 1}), encoding="utf-8")
    assert read_stack(tmp_path) is None


def test_services_listen_on_loopback_and_web_processes_know_no_kafka(stack: RunningStack) -> None:
    for service, environment in stack.environments.items():
        assert environment[prefix_of(service) + "HOST"] == "127.0.0.1"
        assert environment[prefix_of(service) + "DEMO_SIGN_IN"] == "true"
        assert not [name for name in environment if "KAFKA" in name]
