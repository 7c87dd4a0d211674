"""Children are started, restarted however often, stopped in order, and never orphaned."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from deploy.embedded.errors import ProcessFailed, Stopping
from deploy.embedded.leftovers import read_records
from deploy.embedded.logs import KEPT_LOGS
from deploy.embedded.ports import free_port
from deploy.embedded.processes import ProcessEvent, Supervisor, pause_before_restart
from deploy.embedded.program import Program, wait_until, when_page_answers

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); time.sleep(600)"
)
SUPERVISE = """
import sys, pathlib, time
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import Program
supervisor = Supervisor(pathlib.Path(sys.argv[1]))
for name in ("one", "two"):
    supervisor.start(Program(name=name, command=[sys.executable, "-c", "import time; time.sleep(600)"]))
print(supervisor.pid("one"), supervisor.pid("two"), supervisor._warden.pid, flush=True)
time.sleep(600)
"""


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def kinds(events: list[ProcessEvent], name: str) -> list[str]:
    return [event.kind for event in events if event.name == name]


def test_a_program_is_ready_when_its_page_answers(supervisor: Supervisor, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    supervisor.start(Program(name="page", command=command, is_ready=when_page_answers(f"http://127.0.0.1:{port}/")))
    assert supervisor.is_running("page")
    assert "GET / HTTP" in supervisor.log_path("page").read_text()
    assert supervisor.peak_memory()["page"] > 1_000_000


def test_environment_and_folder_reach_the_program(supervisor: Supervisor, tmp_path: Path) -> None:
    told = tmp_path / "told"
    write = "import os, pathlib; pathlib.Path('told').write_text(os.environ['COLOUR'])"
    command = [sys.executable, "-c", f"{write}; import time; time.sleep(600)"]
    program = Program(name="a", command=command, environment={"COLOUR": "bleu"}, folder=tmp_path)
    supervisor.start(program)
    assert wait_until(lambda: told.exists() and told.read_text() == "bleu", 30)


def test_a_program_that_ends_at_its_start_is_told_with_its_log(supervisor: Supervisor) -> None:
    program = Program(name="short", command=[sys.executable, "-c", "raise SystemExit(3)"], is_ready=lambda: False)
    with pytest.raises(
        ProcessFailed, match=r"short ended at its start with code 3: its last words are in .*short\.log"
    ):
        supervisor.start(program)
    assert not supervisor.is_running("short")


def test_a_program_that_is_not_ready_in_time_is_stopped(supervisor: Supervisor, events: list[ProcessEvent]) -> None:
    with pytest.raises(ProcessFailed, match=r"was not ready after 0\.3 s"):
        supervisor.start(Program(name="slow", command=SLEEP, is_ready=lambda: False, ready_within=0.3))
    assert kinds(events, "slow") == ["stopped"]


def test_a_killed_program_is_started_again(supervisor: Supervisor, events: list[ProcessEvent]) -> None:
    supervisor.start(Program(name="a", command=SLEEP))
    first = supervisor.pid("a")
    psutil.Process(first).kill()
    assert wait_until(lambda: kinds(events, "a") == ["started", "died", "restarted"], 30)
    assert supervisor.pid("a") != first
    assert supervisor.is_running("a")
    assert ProcessEvent("a", "died", -signal.SIGKILL, 0.2) in events
    assert [record.pid for record in read_records(supervisor.folder / "processes.json")] == [supervisor.pid("a")]


def test_a_program_that_keeps_dying_is_tried_again_and_again_and_the_others_go_on(
    supervisor: Supervisor, events: list[ProcessEvent], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.embedded.processes.LONGEST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("deploy.embedded.processes.FIRST_PAUSE_SECONDS", 0.01)
    supervisor.start(Program(name="well", command=SLEEP))
    ran = tmp_path / "ran"
    script = "import pathlib, sys, time; ran = pathlib.Path(sys.argv[1]); ran.exists() and sys.exit(1); ran.touch(); "
    command = [sys.executable, "-S", "-c", f"{script}time.sleep(600)", str(ran)]
    supervisor.start(Program(name="a", command=command, is_ready=ran.exists))
    psutil.Process(supervisor.pid("a")).kill()
    assert wait_until(lambda: kinds(events, "a").count("died") >= 8, 60)
    pauses = [event.pause for event in events if event.name == "a" and event.kind == "died"]
    assert pauses[:5] == [0.01, 0.02, 0.04, 0.05, 0.05]
    assert supervisor.is_running("well")
    ran.unlink()
    assert wait_until(lambda: kinds(events, "a")[-1] == "restarted" and supervisor.is_running("a"), 60)


def test_pauses_grow_to_a_longest_one_however_often_a_program_dies() -> None:
    assert [pause_before_restart(deaths) for deaths in (1, 2, 3, 9, 10, 10_000)] == [0.2, 0.4, 0.8, 51.2, 60.0, 60.0]


def test_a_program_that_lives_but_is_not_ready_goes_on_and_is_told(
    supervisor: Supervisor, events: list[ProcessEvent]
) -> None:
    waits = Program(name="a", command=SLEEP, is_ready=lambda: False, is_alive=lambda: True, ready_within=0.1)
    supervisor.start(waits)
    assert supervisor.is_running("a")
    psutil.Process(supervisor.pid("a")).kill()
    assert wait_until(lambda: kinds(events, "a") == ["unready", "started", "died", "unready", "restarted"], 30)
    assert supervisor.is_running("a")


def test_a_log_is_turned_over_while_it_is_written_and_old_ones_are_bounded(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.embedded.logs.LOG_BYTES", 20_000)
    monkeypatch.setattr("deploy.embedded.processes.LOGS_EVERY_SECONDS", 0.01)
    script = "import itertools, time\nfor n in itertools.count(): print(f'{n:0100}', flush=True); time.sleep(0.0002)"
    supervisor.start(Program(name="talker", command=[sys.executable, "-S", "-c", script]))
    log = supervisor.log_path("talker")
    logs = [log, *(log.with_name(f"{log.name}.{number}") for number in range(1, KEPT_LOGS + 1))]
    assert wait_until(lambda: all(each.exists() for each in logs), 60)
    supervisor.stop("talker")
    assert sorted(supervisor.folder.glob("talker*")) == sorted(logs)
    assert all(each.stat().st_size < 200_000 for each in logs)
    lines = [int(line) for each in reversed(logs) for line in each.read_text().splitlines() if len(line) == 100]
    assert lines == sorted(lines)
    assert b"\0" not in log.read_bytes()


def test_the_death_of_a_program_that_is_not_to_be_restarted_is_only_told(
    supervisor: Supervisor, events: list[ProcessEvent]
) -> None:
    supervisor.start(Program(name="a", command=SLEEP, restarts=False))
    psutil.Process(supervisor.pid("a")).kill()
    assert wait_until(lambda: kinds(events, "a") == ["started", "died"], 30)
    assert not supervisor.is_running("a")


def test_programs_are_stopped_in_reverse_order_and_none_starts_afterwards(
    supervisor: Supervisor, events: list[ProcessEvent]
) -> None:
    for name in ("one", "two", "three"):
        supervisor.start(Program(name=name, command=SLEEP))
    pids = [supervisor.pid(name) for name in ("one", "two", "three")]
    supervisor.stop_all()
    assert [event.name for event in events if event.kind == "stopped"] == ["three", "two", "one"]
    assert all(is_gone(pid) for pid in pids)
    assert read_records(supervisor.folder / "processes.json") == []
    with pytest.raises(Stopping):
        supervisor.start(Program(name="four", command=SLEEP))


def test_a_program_that_does_not_listen_is_stopped_by_force(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = tmp_path / "deaf"
    command = [sys.executable, "-c", STUBBORN, str(deaf)]
    supervisor.start(Program(name="a", command=command, is_ready=deaf.exists, stop_within=0.3))
    pid = supervisor.pid("a")
    supervisor.stop("a")
    assert is_gone(pid)


def test_a_program_is_stopped_by_its_own_signal(supervisor: Supervisor, tmp_path: Path) -> None:
    heard, listening = tmp_path / "heard", tmp_path / "listening"
    script = (
        "import pathlib, signal, sys, time\n"
        "def hear(number, frame):\n    pathlib.Path(sys.argv[1]).write_text(str(number)); raise SystemExit\n"
        "signal.signal(signal.SIGINT, hear)\npathlib.Path(sys.argv[2]).touch()\ntime.sleep(600)"
    )
    command = [sys.executable, "-c", script, str(heard), str(listening)]
    supervisor.start(Program(name="a", command=command, is_ready=listening.exists, stop_signal=signal.SIGINT))
    supervisor.stop("a")
    assert heard.read_text() == str(int(signal.SIGINT))


def test_children_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        one, two, _ = (int(word) for word in parent.stdout.readline().split())
        parent.kill()
        parent.wait()
    assert wait_until(lambda: is_gone(one) and is_gone(two), 30)


def test_children_that_outlived_even_the_warden_are_stopped_by_the_next_supervisor(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        one, two, warden = (int(word) for word in parent.stdout.readline().split())
        psutil.Process(warden).kill()
        parent.kill()
        parent.wait()
    assert not is_gone(one)
    with Supervisor(tmp_path) as following:
        assert following.leftovers == ["one", "two"]
    assert is_gone(one)
    assert is_gone(two)


def test_a_stranger_with_a_recorded_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(SLEEP) as stranger:
        (tmp_path / "processes.json").write_text(f'[{{"name": "old", "pid": {stranger.pid}, "started": 1.0}}]')
        with Supervisor(tmp_path) as following:
            assert following.leftovers == []
        assert not is_gone(stranger.pid)
        stranger.kill()
