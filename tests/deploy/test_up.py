"""A stack that stays up: what its commands do, a child that dies, Ctrl-C, and what survives `kill -9` of everything."""

import asyncio
import csv
import json
import os
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaProducer

from deploy.commands.ending import ExitCode
from deploy.demo.corresponding import Correspondence, read_mail
from deploy.demo.dates import dated_pack
from deploy.embedded.caught_mail import MailFolder
from deploy.embedded.program import wait_until
from deploy.running import FILE, find_surroundings, read_stack
from shared.travel.topics import OBSERVATIONS, SERVICES, TOPICS
from tests.deploy.command_line import Ended, Up, apart, four_ports, stack_that_runs, until_json

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Command = Callable[..., Ended]


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's pack with the dates of today."""
    return dated_pack(tmp_path_factory.mktemp("pack"), datetime.now(UTC).date())


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, pack: Path) -> Iterator[Up]:
    """A stack with the pack in it."""
    with stack_that_runs(tmp_path_factory.mktemp("up") / "var", four_ports()) as running:
        ended = apart("import", pack, "--data", running.data, "--json")
        assert ended.code == 0, ended
        yield running


def is_at_rest(status: dict[str, Any]) -> bool:
    """Whether nothing waits anywhere."""
    return not any(each["waiting"] for each in status["outboxes"]) and not any(
        each["lag"] for each in status["consumers"]
    )


def test_it_says_where_everything_is(up: Up) -> None:
    assert f"http://127.0.0.1:{up.port}/sign-in" in up.said
    assert "Apache Kafka 4.3.1" in up.said
    for port in range(up.port, up.port + 4):
        assert httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200


def test_passwords_are_for_the_owner_alone(up: Up) -> None:
    for name in (FILE, "seal", *(f"signing-{service}" for service in SERVICES)):
        assert stat.S_IMODE((up.data / name).stat().st_mode) == 0o600
        secret = (up.data / name).read_text(encoding="ascii").strip()
        assert secret not in up.said
        assert not [log for log in (up.data / "logs").iterdir() if secret.encode() in log.read_bytes()]


def test_other_accounts_of_the_machine_read_nothing(up: Up) -> None:
    assert stat.S_IMODE((up.data / "mail").stat().st_mode) == 0o700, "mails hold names and links"
    assert readable_by_others(up.data) == []


def readable_by_others(folder: Path) -> list[Path]:
    """The files that any account reads: it may enter each folder on the way."""
    found: list[Path] = []
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & stat.S_IXOTH:
            found += readable_by_others(path)
        elif stat.S_ISREG(mode) and mode & stat.S_IROTH and path.name not in ("lock", "made-by-vernissage-demo"):
            found.append(path)
    return found


def test_only_loopback_is_listened_on(up: Up) -> None:
    listening = []
    for process in [psutil.Process(up.process.pid), *up.children()]:
        with suppress(psutil.NoSuchProcess):  # a connection's own process of PostgreSQL may have ended meanwhile
            told = process.net_connections(kind="tcp")
            listening += [each.laddr.ip for each in told if each.status == psutil.CONN_LISTEN]
    assert len(listening) >= 10
    assert set(listening) <= {"127.0.0.1", "::ffff:127.0.0.1"}


def test_status_tells_of_every_service_and_consumer(up: Up, vernissage: Command) -> None:
    status = until_json(["status", "--data", up.data], is_at_rest)
    assert is_at_rest(status)
    assert [each["service"] for each in status["outboxes"]] == list(SERVICES)
    assert {(each["topic"], each["service"]) for each in status["consumers"]} == {
        (topic.full_name(), service) for topic in TOPICS for service in topic.consumers
    }
    assert {each["missing"] for each in status["consumers"]} == {0}
    assert (status["silent"], status["stops"], status["troubles"]) == ([], [], {})
    shown = vernissage("status", "--data", up.data)
    assert (shown.code, "Consumers" in shown.out) == (ExitCode.DONE, True)


def test_the_same_folder_again_changes_nothing(up: Up, pack: Path, vernissage: Command) -> None:
    again = vernissage("import", pack, "--data", up.data, "--json")
    assert again.code == 0
    assert all(each["unchanged"] == each["read"] for each in again.json["files"].values())


def test_refused_rows_have_an_exit_code_and_a_report_that_opens_in_a_spreadsheet(
    up: Up, tmp_path: Path, vernissage: Command
) -> None:
    (tmp_path / "employeurs.csv").write_text(
        "identifiant;raison_sociale;siret;contact;courriel;telephone;commune\nE998;=1+1;12345678900000;;;;Lens\n",
        encoding="utf-8",
    )
    report = tmp_path / "report"
    dry = vernissage("import", tmp_path, "--dry-run", "--report", report, "--data", up.data)
    assert dry.code == ExitCode.ROWS_REFUSED
    assert "rien n’a été changé" in dry.out
    assert "employeurs.csv, ligne 2, siret « 12345678900000 »" in dry.out
    rows = list(csv.DictReader((report / "report.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    told = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert [row["ligne"] for row in rows] == ["2"] * len(rows)
    assert told["files"]["employeurs.csv"]["refused"] == 1


def test_a_file_refused_as_a_whole_has_the_exit_code_of_refused_rows(
    up: Up, tmp_path: Path, vernissage: Command
) -> None:
    (tmp_path / "participants.csv").write_bytes(b"")
    ended = vernissage("import", tmp_path, "--dry-run", "--data", up.data)
    assert ended.code == ExitCode.ROWS_REFUSED
    assert "participants.csv – Le fichier est vide." in ended.out


def test_a_folder_without_exports_is_refused(up: Up, tmp_path: Path, vernissage: Command) -> None:
    ended = vernissage("import", tmp_path, "--data", up.data)
    assert ended.code == ExitCode.REFUSED
    assert "is no file or folder of an export" in ended.err


def test_a_rematch_shows_what_it_would_change(up: Up, vernissage: Command) -> None:
    first = vernissage("rematch", "RE-02", "--reason", "first-pairing", "--data", up.data, "--json")
    assert first.code == 0, first
    pairs = {(each["participant"], each["need"]) for each in first.json["added"]}
    assert len(pairs) == first.json["meetings"] > 10
    assert all(participant.startswith("P0") and need.startswith("B0") for participant, need in pairs)
    again = vernissage("rematch", "RE-02", "--reason", "Deux personnes se connaissent.", "--data", up.data)
    assert "waits for an adviser: “vernissage approve RE-02” puts it in force" in again.out


def test_a_proposal_is_approved_once_somebody_has_seen_it(up: Up, vernissage: Command) -> None:
    none_yet = vernissage("approve", "RE-04", "--data", up.data)
    assert none_yet.code == ExitCode.REFUSED
    assert "vernissage rematch RE-04 --reason WHY" in none_yet.err
    proposal = vernissage("rematch", "RE-04", "--reason", "first-pairing", "--data", up.data, "--json").json
    unanswered = apart("approve", "RE-04", "--data", up.data)
    assert unanswered.code == ExitCode.FAILED
    assert f"Put these {proposal['meetings']} meetings of RE-04 in force" in unanswered.out
    assert "Approved" not in unanswered.out
    approved = vernissage("approve", "RE-04", "--yes", "--data", up.data, "--json")
    assert approved.code == ExitCode.DONE
    assert approved.json["pairing_id"] == proposal["pairing_id"]
    assert vernissage("approve", "RE-04", "--yes", "--data", up.data).code == ExitCode.REFUSED


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["RE-99"], "RE-99"),
        (["RE-03", "--pin", "P9999:B011"], "P9999"),
        (["RE-03", "--pin", "P0031"], "P:N"),
        (["RE-03", "--pin", "PAIR", "--forbid", "PAIR"], "Demande contradictoire"),
    ],
    ids=["unknown meetup", "unknown participant", "no pair", "pin contradicts forbid"],
)
def test_a_rematch_that_cannot_be_is_refused_in_a_sentence(
    up: Up, vernissage: Command, words: list[str], told: str
) -> None:
    if "PAIR" in words:
        listed = vernissage("rematch", "RE-03", "--reason", "first-pairing", "--data", up.data, "--json").json
        pair = f"{listed['added'][0]['participant']}:{listed['added'][0]['need']}"
        words = [pair if word == "PAIR" else word for word in words]
    ended = vernissage("rematch", *words, "--reason", "other", "--data", up.data)
    assert ended.code == ExitCode.REFUSED
    assert told in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_replay_applies_nothing_twice(up: Up, vernissage: Command) -> None:
    before = until_json(["status", "--data", up.data], is_at_rest)
    sent = vernissage("replay", "observations", "--data", up.data, "--json").json["events"]
    assert sent == 3123
    after = until_json(["status", "--data", up.data], is_at_rest)
    applied = {(each["topic"], each["service"]): each["applied"] for each in before["consumers"]}
    topic = OBSERVATIONS.full_name()
    assert {(each["topic"], each["service"]): each["applied"] for each in after["consumers"]}[
        topic, "matching"
    ] == applied[topic, "matching"]
    assert vernissage("replay", "nothing", "--data", up.data).code == ExitCode.REFUSED


def test_topics_are_there_already(up: Up, vernissage: Command) -> None:
    assert vernissage("topics", "apply", "--data", up.data, "--json").json == {"made": []}


def test_a_dead_letter_can_be_seen_tried_again_and_dropped(up: Up, vernissage: Command) -> None:
    kafka = find_surroundings(up.data).settings["registration"].kafka_bootstrap
    asyncio.run(send_poison(kafka))
    held = until_json(["dead-letters", "list", "--topic", "observations", "--data", up.data], bool)
    assert [each["service"] for each in held] == ["matching"]
    assert "Camille" not in json.dumps(held)
    letter = held[0]["id"]
    retried = vernissage("dead-letters", "retry", letter, "--data", up.data, "--json")
    assert retried.code == ExitCode.FAILED
    assert "failed again" in retried.json[0]["outcome"]
    read = vernissage("dead-letters", "retry", letter, "--data", up.data).out
    assert letter in read
    assert "drop LETTER" in read
    assert vernissage("dead-letters", "drop", "--data", up.data).code == ExitCode.REFUSED
    assert vernissage("dead-letters", "drop", letter, "--data", up.data, "--json").json == {"dropped": 1}
    assert vernissage("dead-letters", "drop", letter, "--data", up.data).code == ExitCode.REFUSED
    assert vernissage("dead-letters", "list", "--data", up.data, "--json").json == []


async def send_poison(kafka: str) -> None:
    """Send what no consumer can read."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        await producer.send_and_wait(OBSERVATIONS.full_name(), b'{"first_name": "Camille"', key=b"poison")
    finally:
        await producer.stop()


def test_a_child_that_dies_is_started_again(up: Up) -> None:
    (victim,) = [each for each in up.children() if "services.matching.web" in each.cmdline()]
    victim.send_signal(signal.SIGKILL)
    assert wait_until(lambda: "matching-web runs again" in up.said, 120)
    assert "the rest goes on. Its last words are in logs/matching-web.log" in up.said
    assert f"matching-web ended with code {-signal.SIGKILL}" in up.said
    assert httpx.get(f"http://127.0.0.1:{up.port + 1}/health").status_code == 200


def test_kill_9_of_everything_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mail that was being handed over at the kill is told uncertain once its sender's time is over.
    monkeypatch.setenv("VERNISSAGE_NOTIFICATION_SMTP_TIMEOUT_SECONDS", "4")
    monkeypatch.setenv("VERNISSAGE_NOTIFICATION_MAIL_LEASE_SECONDS", "8")
    data = tmp_path / "var"
    port = four_ports()
    with stack_that_runs(data, port) as first:
        assert apart("import", pack, "--data", data, "--json").code == 0
        approve(data, "RE-01")
        assert wait_until(lambda: bool(MailFolder(data / "mail").names()), 120)
        first.kill_everything()
    stack = read_stack(data)
    assert stack is not None
    assert not stack.is_alive()
    with stack_that_runs(data, port) as second:
        status = until_json(["status", "--data", data], is_at_rest)
        applied = {each["topic"]: each["applied"] for each in status["consumers"] if each["service"] == "matching"}
        assert applied[OBSERVATIONS.full_name()] == 3123
        assert apart("dead-letters", "list", "--data", data, "--json").json == []
        states = until_all_sent(data, "RE-01")
        folder = MailFolder(data / "mail")
        letters = Correspondence({name: read_mail(folder.read(name)) for name in folder.names()})
        came = {letter.message for letter in letters.letters.values()}
        assert letters.doubled == 0
        assert {message for message, state in states.items() if state == "sent"} <= came <= states.keys()
        assert second.interrupt() == 0
    assert "Everything entered is kept" in second.said
    assert not (data / FILE).exists()
    mentions = [each.info["cmdline"] for each in psutil.process_iter(["cmdline"]) if each.pid != os.getpid()]
    assert not [words for words in mentions if any(str(data) in word for word in words or ())]


def approve(data: Path, meetup: str) -> None:
    """Ask for a pairing of a meetup and approve it."""
    assert apart("rematch", meetup, "--reason", "first-pairing", "--data", data).code == 0
    assert apart("approve", meetup, "--yes", "--data", data).code == 0


def until_all_sent(data: Path, meetup: str) -> dict[str, str]:
    """Wait until every message of the meetup is settled; the state of each mail by its id."""
    with closing(signed_in(data, "registration")) as client:
        meetup_id = client.get("/api/v1/meetups", params={"identifier": meetup}).json()["items"][0]["id"]
    with closing(signed_in(data, "notification")) as client:

        def messages() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = client.get(f"/api/v1/meetups/{meetup_id}/messages").json()["messages"]
            return found

        # A letter is composed: it waits for somebody to print and post it.
        ends = ("sent", "uncertain", "composed")
        assert wait_until(lambda: all(each["state"] in ends for each in messages()), 120)
        found = messages()
    return {each["message_id"]: each["state"] for each in found if each["channel"] == "email"}


def signed_in(data: Path, service: Any) -> httpx.Client:
    """An operator's client of a service's API."""
    from deploy.clients.service_client import OPERATOR, SignedFor

    surroundings = find_surroundings(data)
    auth = SignedFor(OPERATOR, service, surroundings.signer)
    return httpx.Client(base_url=surroundings.url(service), auth=auth, timeout=60)
