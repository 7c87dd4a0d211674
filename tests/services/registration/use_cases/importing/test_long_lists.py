"""What a list holds twice is told however far apart, though a long list goes through memory part by part."""

from __future__ import annotations

import pytest

from services.registration.use_cases.importing import run
from tests.services.registration.office import Office
from tests.services.registration.use_cases.importing.exports import OBSERVATION, folder, written

LAST = 9
SAME_DAY = "25/09/2026"


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "ROWS_A_PART", 3)


def _days_and_then(**changes: str) -> str:
    days = [{**OBSERVATION, "date": f"{day:02}/09/2026"} for day in range(7, 25)]
    return written([{**OBSERVATION, "date": SAME_DAY}, *days, {**OBSERVATION, "date": SAME_DAY, **changes}])


async def _last_codes(office: Office, text: str) -> list[str]:
    report = await office.import_files({"observations.csv": text})
    assert report["files"]["observations.csv"]["refused"] == 0
    return [each["code"] for each in report["findings"] if each["line"] == text.count("\n")]


async def _kept(office: Office) -> int:
    return len(await office.rows("SELECT 1 FROM observations WHERE retracted_at IS NULL"))


async def test_the_same_note_far_behind_is_kept_once(office: Office) -> None:
    await office.import_files(folder(observations=[{**OBSERVATION, "participant": "P2"}]))
    before = await _kept(office)
    assert await _last_codes(office, _days_and_then()) == ["duplicate-observation"]
    assert await _kept(office) == before + 19


async def test_another_level_far_behind_is_kept_and_told(office: Office) -> None:
    await office.import_files(folder(observations=[{**OBSERVATION, "participant": "P2"}]))
    before = await _kept(office)
    text = _days_and_then(niveau="1")
    assert await _last_codes(office, text) == ["second-level"]
    assert await _kept(office) == before + 20
    report = await office.import_files({"observations.csv": text})
    assert report["files"]["observations.csv"]["unchanged"] == 20
    assert await _kept(office) == before + 20


async def test_what_was_refused_is_refused_far_behind_for_the_same_reason(office: Office) -> None:
    known = {name: text for name, text in folder().items() if name not in ("inscriptions.csv", "observations.csv")}
    await office.import_files(known)
    report = await office.import_files({"observations.csv": _days_and_then()})
    assert report["files"]["observations.csv"]["refused"] == 20
    assert {each["code"] for each in report["findings"]} == {"not-enrolled"}
    assert await _kept(office) == 0
