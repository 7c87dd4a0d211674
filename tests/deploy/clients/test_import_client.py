"""An import from the terminal: its size is told before it is sent, and it is followed until it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.clients import import_client
from deploy.clients.import_client import follow_import, import_folder
from deploy.clients.service_client import ServiceClient, ServiceRefused

Answer = Callable[[httpx.Request], httpx.Response]
ID = UUID(int=7)
COUNTS = {"read": 1, "accepted": 1, "warned": 0, "refused": 0, "unchanged": 0, "seconds": 0.1}
REPORT = {"files": {"participants.csv": COUNTS}, "findings": [], "left_out": []}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one list and a workbook of another one."""
    (tmp_path / "participants.csv").write_text("identifiant\n", encoding="utf-8")
    (tmp_path / "ateliers.xls").write_bytes(b"PK")
    return tmp_path


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_client, "LOOK_EVERY", 0)


def _standing(state: str, read: int = 0, failure: dict[str, str] | None = None) -> dict[str, Any]:
    files = [{"name": "participants.csv", "read": read, "known": 1}]
    return {"id": str(ID), "state": state, "files": files, "failure": failure, "rows": {"read": read, "written": read}}


def _registration(
    *stands: dict[str, Any], handed_in: Answer | None = None, limit: int = 64_000_000, most_files: int = 50
) -> ServiceClient:
    """Registration as the command meets it: it takes an import, which stands so one look after the other."""
    left = list(stands)

    def served(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/limits"):
            return httpx.Response(200, json={"limit_bytes": limit, "most_files": most_files})
        if path.endswith("/report"):
            return httpx.Response(200, json=REPORT)
        if request.method == "POST":
            return handed_in(request) if handed_in else httpx.Response(202, json=_standing("waiting"))
        return httpx.Response(200, json=left.pop(0))

    return ServiceClient(
        "registration", httpx.AsyncClient(transport=httpx.MockTransport(served), base_url="http://registration.test")
    )


def _never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.method} was sent")


def _no_progress(_file: str, _done: int, _total: int) -> None:
    pass


async def test_the_report_names_what_was_left_aside(folder: Path) -> None:
    report = await import_folder(_registration(_standing("done", 1)), folder, progress=_no_progress)
    assert list(report.files) == ["participants.csv", "ateliers.xls"]
    assert [(found.file, found.severity) for found in report.findings] == [("ateliers.xls", "refused")]


async def test_too_much_is_told_with_how_to_split_it_and_nothing_is_sent(folder: Path) -> None:
    (folder / "observations.csv").write_bytes(b"x" * 70_000)
    with pytest.raises(ServiceRefused) as refused:
        await import_folder(_registration(handed_in=_never, limit=64_000), folder, progress=_no_progress)
    assert "0,064 Mo" in str(refused.value)
    assert "plusieurs fois" in str(refused.value)
    with pytest.raises(ServiceRefused, match="2 fichiers"):
        await import_folder(_registration(handed_in=_never, most_files=1), folder, progress=_no_progress)


async def test_an_import_is_followed_from_where_it_waits_to_its_end(folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    ids: list[UUID] = []
    registration = _registration(_standing("waiting"), _standing("running", 1), _standing("done", 1))
    await import_folder(registration, folder, progress=lambda *each: told.append(each), handed_in=ids.append)
    assert ids == [ID]
    assert told == [("participants.csv", read, 1) for read in (0, 1, 1)]


@pytest.mark.parametrize(
    ("stands", "code"),
    [
        (_standing("cancelled", 1), "import-cancelled"),
        (_standing("failed", 1, {"code": "unexpected-error", "message": "Une erreur."}), "unexpected-error"),
    ],
)
async def test_what_did_not_come_to_its_end_says_why_and_what_it_kept(stands: dict[str, Any], code: str) -> None:
    with pytest.raises(ServiceRefused, match="1 lignes lues, 1 gardées") as stopped:
        await follow_import(_registration(stands), ID, progress=_no_progress)
    assert stopped.value.code == code


async def test_any_other_refusal_is_handed_on(folder: Path) -> None:
    refusal = {"status": 403, "code": "forbidden", "title": "Non", "detail": "Interdit."}
    registration = _registration(handed_in=lambda _: httpx.Response(403, json=refusal))
    with pytest.raises(ServiceRefused, match="Interdit"):
        await import_folder(registration, folder, progress=_no_progress)
