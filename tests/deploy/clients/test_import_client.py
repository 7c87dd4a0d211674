"""An import from the terminal: its size is told before it is sent, and it waits for others."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from deploy.clients.import_client import import_folder
from deploy.clients.service_client import ServiceClient, ServiceRefused

Answer = Callable[[httpx.Request], httpx.Response]
REPORT = {
    "files": {
        "participants.csv": {"read": 1, "accepted": 1, "warned": 0, "refused": 0, "unchanged": 0, "seconds": 0.1}
    },
    "findings": [],
}
BUSY = {"status": 409, "code": "import-running", "title": "Un autre import est en cours", "detail": "Recommencez."}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one list and a workbook of another one."""
    (tmp_path / "participants.csv").write_text("identifiant\n", encoding="utf-8")
    (tmp_path / "ateliers.xls").write_bytes(b"PK")
    return tmp_path


def _registration(answer: Answer, *, limit: int = 64_000_000, most_files: int = 50) -> ServiceClient:
    """Registration as the command meets it: it tells its limits, and answers an import with ``answer``."""

    def served(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"limit_bytes": limit, "most_files": most_files})
        return answer(request)

    return ServiceClient(
        "registration", httpx.AsyncClient(transport=httpx.MockTransport(served), base_url="http://registration.test")
    )


def _report(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, text=json.dumps({"report": REPORT}) + "\n")


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.method} was sent")


def _no_progress(_file: str, _done: int, _total: int) -> None:
    pass


async def test_the_report_names_what_was_left_aside(folder: Path) -> None:
    report = await import_folder(_registration(_report), folder, progress=_no_progress)
    assert list(report.files) == ["participants.csv", "ateliers.xls"]
    assert [(found.file, found.severity) for found in report.findings] == [("ateliers.xls", "refused")]


async def test_too_much_is_told_with_how_to_split_it_and_nothing_is_sent(folder: Path) -> None:
    (folder / "observations.csv").write_bytes(b"x" * 70_000)
    with pytest.raises(ServiceRefused) as refused:
        await import_folder(_registration(_never, limit=64_000), folder, progress=_no_progress)
    assert "0,064 Mo" in str(refused.value)
    assert "plusieurs fois" in str(refused.value)
    with pytest.raises(ServiceRefused, match="2 fichiers"):
        await import_folder(_registration(_never, most_files=1), folder, progress=_no_progress)


async def test_an_import_waits_while_another_one_runs_and_says_so_once(folder: Path) -> None:
    answers = [httpx.Response(409, json=BUSY, headers={"retry-after": "0"}) for _ in range(3)]
    said: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        return answers.pop() if answers else _report(request)

    report = await import_folder(
        _registration(answer), folder, progress=_no_progress, waiting=lambda: said.append("waits")
    )
    assert report.files["participants.csv"].accepted == 1
    assert said == ["waits"]


async def test_any_other_refusal_is_handed_on(folder: Path) -> None:
    refusal = {"status": 403, "code": "forbidden", "title": "Non", "detail": "Interdit."}
    with pytest.raises(ServiceRefused, match="Interdit"):
        await import_folder(_registration(lambda _: httpx.Response(403, json=refusal)), folder, progress=_no_progress)
