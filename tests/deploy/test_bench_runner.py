"""The runner of the benchmarks: what it runs, what counts as met, and what it keeps."""

from copy import copy
from pathlib import Path
from typing import Any

import pytest

from deploy.clients.service_client import ServiceRefused
from tests.bench import __main__ as runner
from tests.bench import apart


def a_result(name: str, value: float, goal: float | None = None, better: str = "higher") -> dict[str, Any]:
    """A result as a benchmark gives it."""
    return {"name": name, "value": value, "unit": "times", "peer": "", "goal": goal, "better": better, "runs": [value]}


@pytest.mark.parametrize(
    ("value", "goal", "better", "met"),
    [(21, 20, "higher", True), (19, 20, "higher", False), (39, 40, "lower", True), (41, 40, "lower", False)],
)
def test_a_goal_is_met_on_its_better_side(value: float, goal: float, better: str, met: bool) -> None:
    assert runner.is_met(a_result("some", value, goal, better)) is met


def test_a_result_without_a_goal_is_met() -> None:
    assert runner.is_met(a_result("some", 1))


def test_a_new_result_takes_the_place_of_the_old_one_of_its_name() -> None:
    merged = runner.merged([a_result("b", 1), a_result("a", 1)], [a_result("b", 2)])
    assert [(each["name"], each["value"]) for each in merged] == [("a", 1), ("b", 2)]


def test_only_what_is_asked_for_is_run_and_kept_beside_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner, "RESULTS", tmp_path / "bench" / "results.json")
    monkeypatch.setattr(runner, "benchmarks", list)
    modules = {"one": a_result("one", 30, 20), "two": a_result("two", 10, 20)}

    monkeypatch.setattr(runner, "run_apart", lambda name: [modules[name]])
    assert runner.main(["one"]) == 0
    assert runner.main(["two"]) == 1
    assert [each["name"] for each in runner.kept_results()] == ["one", "two"]
    assert all(each["machine"] for each in runner.kept_results())
    assert "missed" in capsys.readouterr().out


def test_every_benchmark_of_the_folder_is_found() -> None:
    names = runner.benchmarks([])
    assert {"api_to_matching", "memory", "relay", "consumer"} <= set(names)
    assert "travel_ground" not in names


def test_an_error_that_cannot_leave_its_process_is_told_by_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refusing:
        @staticmethod
        def run() -> list[apart.Result]:
            raise ServiceRefused(503, "unavailable", "Recommencez dans quelques secondes.")

    monkeypatch.setattr(apart, "import_module", lambda _name: Refusing)
    with pytest.raises(apart.BenchmarkFailed) as failed:
        apart.results_of("some")
    assert str(copy(failed.value)) == "ServiceRefused: Recommencez dans quelques secondes."
