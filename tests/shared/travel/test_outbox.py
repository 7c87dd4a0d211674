"""The outbox takes events in the caller's transaction, with the trace that caused them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from opentelemetry import context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import select

from shared.contracts.envelope import Envelope, Event
from shared.database import Sessions, unit_of_work
from shared.ids import new_id
from shared.moment import Moment
from shared.travel import outbox
from shared.travel.inbox import Subscription, apply_batch
from shared.travel.tables import outbox as outbox_table
from shared.travel.topics import OBSERVATIONS
from shared.travel.tracing import current_traceparent
from tests.shared.travel.records import deliver
from tests.shared.travel.small_service import observation, observations, write

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def stored(sessions: Sessions) -> list[dict[str, str]]:
    async with sessions() as session:
        rows = await (await session.connection()).execute(select(outbox_table.c.headers))
        return list(rows.scalars())


async def test_an_event_is_kept_only_if_its_transaction_is(sessions: Sessions) -> None:
    async def fail() -> None:
        async with unit_of_work(sessions) as session:
            await outbox.add(session, *observations(2, 2))
            raise RuntimeError("the use case failed")

    with pytest.raises(RuntimeError):
        await fail()
    assert await stored(sessions) == []
    await write(sessions, observations(2, 2))
    assert len(await stored(sessions)) == 4


async def test_events_are_laid_out_while_what_they_tell_of_is_written(sessions: Sessions) -> None:
    loop, laid_out = asyncio.get_running_loop(), asyncio.Event()

    def happened() -> Iterator[Event]:
        yield from (each.event for each in observations(2, 2))
        loop.call_soon_threadsafe(laid_out.set)

    async def keep() -> None:
        assert await stored(sessions) == []
        await laid_out.wait()

    async with unit_of_work(sessions) as session, asyncio.timeout(10):
        moment = Moment(datetime.now(UTC), new_id)
        await outbox.tell_after(keep(), session, happened(), source="/registration", moment=moment)
    assert len(await stored(sessions)) == 4


async def test_what_could_not_be_written_is_told_nobody(sessions: Sessions) -> None:
    async def fail() -> None:
        raise RuntimeError("the use case failed")

    async with unit_of_work(sessions) as session:
        moment = Moment(datetime.now(UTC), new_id)
        with pytest.raises(RuntimeError):
            await outbox.tell_after(
                fail(), session, [each.event for each in observations(1, 1)], source="/registration", moment=moment
            )
    assert await stored(sessions) == []


async def test_an_event_carries_the_trace_of_its_request(sessions: Sessions) -> None:
    token = context.attach(TraceContextTextMapPropagator().extract({"traceparent": TRACE}))
    try:
        await write(sessions, observations(1, 1))
    finally:
        context.detach(token)
    (headers,) = await stored(sessions)
    assert headers["traceparent"] == TRACE


async def test_an_event_outside_any_trace_carries_none(sessions: Sessions) -> None:
    await write(sessions, observations(1, 1))
    (headers,) = await stored(sessions)
    assert "traceparent" not in headers


@pytest.mark.parametrize(
    ("traces", "continued"), [((TRACE,), TRACE), ((TRACE, TRACE), TRACE), ((TRACE, TRACE.replace("b7", "b8")), None)]
)
async def test_a_handler_works_inside_the_trace_that_caused_its_events(
    sessions: Sessions, traces: tuple[str, ...], continued: str | None
) -> None:
    seen: list[str | None] = []

    async def look(session: object, envelopes: object) -> None:
        seen.append(current_traceparent())

    events = [
        Envelope(each.id, each.source, each.time, each.event, trace)
        for each, trace in zip(observations(len(traces), 1), traces, strict=True)
    ]
    await apply_batch(sessions, Subscription(OBSERVATIONS, look), deliver(events), dead_in_a_row=0, limit=20)
    assert seen == [continued]
    assert current_traceparent() is None


async def test_an_event_that_kafka_would_refuse_is_refused_in_the_transaction(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LARGEST_BODY", 100)
    with pytest.raises(outbox.EventTooLarge, match=r"skill\.observed"):
        await write(sessions, [observation(new_id(), 1)])
    assert await stored(sessions) == []
