"""The pulse tells whether PostgreSQL and Kafka answer, also where one of them only falls silent."""

from __future__ import annotations

import asyncio

import pytest

from deploy.embedded.memory_kafka import MemoryKafka
from deploy.embedded.ports import free_port
from shared.database import Sessions, create_engine, create_sessions
from shared.travel import pulse as pulse_module
from shared.travel.broker import KafkaAddress
from shared.travel.pulse import Pulse
from tests.shared.travel.small_service import DEADLINE


async def test_a_kafka_that_falls_silent_does_not_answer_until_it_speaks_again(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MemoryKafka() as kafka:
        pulse = Pulse(sessions, KafkaAddress(kafka.bootstrap_servers), [])
        async with asyncio.timeout(DEADLINE):
            await pulse.feel()
            assert pulse.troubles == {"postgresql": None, "kafka": None}
            kafka.slow_down(1, DEADLINE)
            with monkeypatch.context() as patched:
                patched.setattr(pulse_module, "DEADLINE", 1.0)
                await pulse.feel()
            assert pulse.troubles == {"postgresql": None, "kafka": "does not answer (TimeoutError)"}
            kafka.slow_down(1, 0)
            await pulse.feel()
            assert pulse.troubles == {"postgresql": None, "kafka": None}
        await pulse.close()


async def test_a_postgresql_that_is_away_does_not_answer() -> None:
    engine = create_engine(f"postgresql+asyncpg://nobody:nothing@127.0.0.1:{free_port()}/nowhere")
    with MemoryKafka() as kafka:
        pulse = Pulse(create_sessions(engine), KafkaAddress(kafka.bootstrap_servers), [])
        await pulse.feel()
        await pulse.close()
    await engine.dispose()
    assert pulse.troubles == {"postgresql": "does not answer (DatabaseAway)", "kafka": None}
