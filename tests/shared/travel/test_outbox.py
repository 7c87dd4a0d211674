"""The outbox takes events in the caller's transaction, with the trace that caused them."""

from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry import context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import select, update

from shared.contracts.envelope import Envelope
from shared.database import Sessions, unit_of_work
from shared.ids import new_id
from shared.travel import outbox
from shared.travel.inbox import Subscription, apply_batch
from shared.travel.retention import prune
from shared.travel.tables import inbox as inbox_table
from shared.travel.tables import outbox as outbox_table
from shared.travel.topics import OBSERVATIONS
from shared.travel.tracing import current_traceparent
from tests.shared.travel.records import deliver
from tests.shared.travel.small_service import SUBSCRIPTION, observation, observations, write

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


async def test_what_is_older_than_its_topic_is_forgotten_but_never_what_waits(sessions: Sessions) -> None:
    await write(sessions, observations(1, 3))
    await apply_batch(sessions, SUBSCRIPTION, deliver(observations(1, 2)), dead_in_a_row=0, limit=20)
    now = datetime.now(UTC)
    async with unit_of_work(sessions) as session:
        first = select(outbox_table.c.position).order_by(outbox_table.c.position).limit(1).scalar_subquery()
        await (await session.connection()).execute(
            update(outbox_table).where(outbox_table.c.position == first).values(published_at=now)
        )
    soon, later = now + OBSERVATIONS.retention / 2, now + OBSERVATIONS.retention + timedelta(days=40)
    async with unit_of_work(sessions) as session:
        assert await prune(session, now=soon) == 0
        assert await prune(session, now=later) == 3
    assert len(await stored(sessions)) == 2
    async with sessions() as session:
        assert (await (await session.connection()).execute(select(inbox_table))).all() == []
