"""One whole demo on real parts: its report, field by field, its page and its mails."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.demo.corresponding import read_mail
from deploy.demo.folder import MADE, MARK, emptied_folder, first_port_of
from deploy.demo.page import STEPS
from deploy.embedded.caught_mail import MailFolder
from shared.travel.topics import TOPICS
from tests.deploy.command_line import Ended, apart, stack_that_runs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FIELDS = {
    "rows",
    "participants",
    "observations",
    "employers",
    "needs",
    "meetups",
    "meetings",
    "invitations",
    "rematches",
    "shortlists_sent",
    "employer_answers",
    "topics",
    "dead_letters",
    "lost",
    "doubled",
    "seconds",
    "peak_memory",
    "broker",
    "database",
}
PROCESSES = {
    f"{service}-{part}" for service in ("registration", "matching", "notification") for part in ("web", "worker")
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    """How the demo ended, and its folder."""
    data = tmp_path_factory.mktemp("demo")
    folder = emptied_folder(data)
    (folder / "mail").mkdir()
    (folder / "mail" / "left-over.eml").write_text("from an earlier demo", encoding="utf-8")
    return apart("demo", "--data", data, timeout=400), folder


@pytest.fixture
def report(ended: tuple[Ended, Path]) -> dict[str, Any]:
    """What `report.json` says."""
    assert ended[0].code == 0, ended[0]
    found: dict[str, Any] = json.loads((ended[1] / "report.json").read_text(encoding="utf-8"))
    return found


def test_the_report_has_every_field(report: dict[str, Any]) -> None:
    assert set(report) == FIELDS


def test_the_pack_went_in_whole(report: dict[str, Any]) -> None:
    assert report["rows"]["participants.csv"] == {"read": 120, "refused": 0}
    assert len(report["rows"]) == 9
    assert [report[kind] for kind in ("participants", "employers", "needs", "meetups")] == [120, 24, 40, 8]
    assert report["observations"] == report["rows"]["observations.csv"]["read"] > 3000


def test_everybody_was_paired_invited_and_asked(report: dict[str, Any]) -> None:
    meetings, invitations = report["meetings"], report["invitations"]
    assert meetings["proposed"] == meetings["approved"] > 200
    assert invitations["sent"] >= invitations["accepted"] + invitations["declined"]
    assert invitations["accepted"] > invitations["declined"] > 5
    assert invitations["filled_again"] > 5
    assert report["shortlists_sent"] == 24
    assert report["employer_answers"] > 100


def test_the_rematch_put_the_pin_in_and_the_forbid_out(report: dict[str, Any]) -> None:
    (rematch,) = report["rematches"]
    assert set(rematch) == {"meetup", "added", "removed", "moved", "kept"}
    assert rematch["added"] >= 1
    assert rematch["removed"] >= 1
    assert rematch["kept"] > rematch["added"] + rematch["removed"]


def test_nothing_was_lost_doubled_or_left_for_dead(report: dict[str, Any]) -> None:
    assert (report["lost"], report["doubled"], report["dead_letters"]) == (0, 0, 0)
    assert set(report["topics"]) == {topic.full_name() for topic in TOPICS}
    for topic in TOPICS:
        told = report["topics"][topic.full_name()]
        assert set(told["consumed"]) == set(topic.consumers)
        assert all(count == told["published"] for count in told["consumed"].values())
    assert report["topics"]["vernissage.observations.v1"]["published"] == report["observations"]


def test_it_ran_on_real_parts_in_processes_of_their_own(report: dict[str, Any]) -> None:
    assert report["broker"].startswith("Apache Kafka 4.3")
    assert report["database"].startswith("PostgreSQL 18")
    assert report["peak_memory"].keys() >= PROCESSES | {"kafka", "postgresql", "mail"}
    assert all(size > 10_000_000 for size in report["peak_memory"].values())


def test_every_step_has_its_time(report: dict[str, Any]) -> None:
    assert list(report["seconds"]) == list(STEPS)
    assert all(seconds >= 0 for seconds in report["seconds"].values())


def test_the_terminal_shows_shortlist_timetable_difference_and_counts(ended: tuple[Ended, Path]) -> None:
    for words in ("Shortlist –", "Timetable –", "What the rematch changed", "In numbers", "imposé par l’agence"):
        assert words in ended[0].out
    assert "the demo plays the adviser" in ended[0].out


def test_the_page_needs_no_other_file_and_shows_pictures(ended: tuple[Ended, Path]) -> None:
    page = (ended[1] / "report.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    assert not re.findall(r"""(?:src|href)=["'](?!#|data:)""", page)
    assert "<script" not in page
    assert page.count("<svg") > 16
    assert "Emploi du temps" in page
    assert not re.search(r"(?<=\w) [;:?!»](?=\s)|« ", re.sub(r"<style>.*?</style>|<[^>]+>", "", page, flags=re.DOTALL))
    assert len(page.encode()) < 200_000


def test_the_folder_holds_the_mails_and_nothing_of_an_earlier_demo(
    ended: tuple[Ended, Path], report: dict[str, Any]
) -> None:
    folder = ended[1]
    mails = MailFolder(folder / "mail").read_all()
    assert not (folder / "mail" / "left-over.eml").exists()
    assert {path.name for path in folder.iterdir()} <= {*MADE, MARK, "lock"}
    assert len(mails) > report["shortlists_sent"] + 90
    assert all(mail.message["Message-ID"] and mail.recipients for mail in mails)


def test_up_finds_the_topics_of_the_demo_and_goes_on_in_them(ended: tuple[Ended, Path]) -> None:
    kept = {path.name.rpartition("-")[0] for path in (ended[1] / "kafka" / "topics").glob("*vernissage.*")}
    assert {topic.full_name() for topic in TOPICS} <= kept
    assert not {name for name in kept if not name.startswith("vernissage.")}


def test_show_brings_all_of_it_back_with_the_links_in_the_mails(
    ended: tuple[Ended, Path], report: dict[str, Any]
) -> None:
    done, folder = ended
    assert report["lost"] == 0
    assert f"vernissage show --data {folder.parent}" in done.out
    first_port = first_port_of(folder)
    assert first_port is not None
    links = [
        link
        for mail in MailFolder(folder / "mail").read_all()
        if (link := read_mail(mail).reply_link or read_mail(mail).shortlist_link)
    ]
    with stack_that_runs(folder, first_port, command=("show", "--data", str(folder.parent))):
        for link in (links[0], links[-1], f"http://127.0.0.1:{first_port}/sign-in"):
            answer = httpx.get(link, headers={"accept": "text/html"}, follow_redirects=True, trust_env=False)
            assert answer.status_code == 200, link


def test_without_a_demo_there_is_nothing_to_show(vernissage: Callable[..., Ended], tmp_path: Path) -> None:
    refused = vernissage("show", "--data", tmp_path)
    assert refused.code == 1
    assert "play one with “vernissage demo”" in refused.err
