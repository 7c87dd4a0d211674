"""Every process warms up before it serves."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from services.matching import worker as matching_worker
from services.notification import web as notification_web
from services.notification import worker as notification_worker
from services.registration import web as registration_web


@pytest.mark.parametrize(
    ("process", "serving"),
    [
        (matching_worker, "run"),
        (notification_worker, "run"),
        (notification_web, "serve_service"),
        (registration_web, "serve_service"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_it_hands_over_what_to_do_before(process: ModuleType, serving: str, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: dict[str, Any] = {}
    monkeypatch.setattr(process, "Settings", lambda: None)
    monkeypatch.setattr(process, "create_worker" if serving == "run" else "create_app", lambda _settings: None)
    monkeypatch.setattr(process, serving, lambda *_, **named: handed.update(named))
    process.main()
    assert handed == {"warm": process.warm}
