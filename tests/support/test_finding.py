"""The order in which a run looks for its parts, without any of them."""

from pathlib import Path

import pytest

from tests.support.finding import PartUnavailable, Way, is_strict, named_in, require_docker, take_first


def none(reason: str) -> str:
    raise PartUnavailable(reason)


def test_the_first_way_that_leads_somewhere_is_taken_and_later_ones_are_not_tried() -> None:
    ways: list[Way[str]] = [
        Way("address", lambda: none("not set")),
        Way("docker", lambda: "a container"),
        Way("embedded", lambda: pytest.fail("tried too much")),
    ]
    assert take_first(ways, strict=True) == ("a container", ["address: not set"])


def test_a_stand_in_is_taken_with_the_reasons_why() -> None:
    ways = [Way("embedded", lambda: none("no Java")), Way("memory", lambda: "memory", is_stand_in=True)]
    assert take_first(ways, strict=False) == ("memory", ["embedded: no Java"])


def test_a_strict_run_takes_no_stand_in_and_says_all_reasons() -> None:
    ways = [Way("embedded", lambda: none("no Java")), Way("memory", lambda: "memory", is_stand_in=True)]
    with pytest.raises(PartUnavailable, match="embedded: no Java; memory: not taken with CI=true"):
        take_first(ways, strict=True)


@pytest.mark.parametrize(("value", "strict"), [("true", True), ("TRUE", True), ("", False), ("false", False)])
def test_strictness_is_asked_for_by_ci(value: str, strict: bool) -> None:
    assert is_strict({"CI": value}) is strict


def test_an_address_is_taken_from_the_environment_or_missed() -> None:
    assert named_in({"VERNISSAGE_TEST_KAFKA": "127.0.0.1:9092"}, "VERNISSAGE_TEST_KAFKA") == "127.0.0.1:9092"
    with pytest.raises(PartUnavailable, match="VERNISSAGE_TEST_KAFKA is not set"):
        named_in({}, "VERNISSAGE_TEST_KAFKA")


def test_a_machine_without_docker_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(PartUnavailable, match="no Docker engine on this machine"):
        require_docker({}, tmp_path / "docker.sock")


def test_a_docker_socket_that_nobody_serves_is_told(tmp_path: Path) -> None:
    socket = tmp_path / "docker.sock"
    socket.touch()
    with pytest.raises(PartUnavailable, match="does not answer"):
        require_docker({"DOCKER_HOST": f"unix://{socket}"})
