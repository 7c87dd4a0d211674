"""Every process warms up before it serves."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from services.matching import pool as matching_pool
from services.matching import worker as matching_worker
from services.matching.warming import warm_pool, warm_worker
from services.notification import web as notification_web
from services.notification import worker as notification_worker
from services.notification.warming import warm as warm_notification
from services.registration import web as registration_web
from services.registration.warming import warm as warm_registration


@pytest.mark.parametrize(
    ("process", "making", "serving", "warming"),
    [
        (matching_worker, "create_worker", "run", warm_worker),
        (matching_pool, "create_pool", "run", warm_pool),
        (notification_worker, "create_worker", "run", warm_notification),
        (notification_web, "create_app", "serve_service", warm_notification),
        (registration_web, "create_app", "serve_service", warm_registration),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_it_hands_over_what_to_do_before(
    process: ModuleType, making: str, serving: str, warming: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: dict[str, Any] = {}
    monkeypatch.setattr(process, "Settings", lambda: None)
    monkeypatch.setattr(process, making, lambda _settings: None)
    monkeypatch.setattr(process, serving, lambda *_, **named: handed.update(named))
    process.main()
    assert handed == {"warm": warming}
