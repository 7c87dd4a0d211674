"""What the processes of a stack are told."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded.stack import StackSettings
from deploy.services import Secrets, choose_places, web_environment
from shared.travel.topics import SERVICES

SECRETS = Secrets("seal", "signing")
EMBEDDED = StackSettings(data=Path("var"))


@pytest.mark.parametrize("demo_sign_in", [True, False])
def test_every_service_is_told_whether_one_click_signs_in(demo_sign_in: bool) -> None:
    places = choose_places(None)
    for service in SERVICES:
        told = web_environment(
            service, places, "postgresql+asyncpg://", SECRETS, smtp_port=1025, demo_sign_in=demo_sign_in
        )
        assert told[f"VERNISSAGE_{service.upper()}_DEMO_SIGN_IN"] == str(demo_sign_in).lower()


def test_a_stack_on_what_others_run_is_not_embedded() -> None:
    assert EMBEDDED.is_embedded
    assert replace(EMBEDDED, kafka="memory").is_embedded
    assert not replace(EMBEDDED, postgres="postgresql://somebody@127.0.0.1/database").is_embedded
    assert not replace(EMBEDDED, kafka="kafka.example:9092").is_embedded
