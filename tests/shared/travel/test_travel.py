"""From the outbox over Kafka into the inbox: nothing lost, nothing doubled, order per key kept."""

from collections.abc import Sequence

import httpx
from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contracts.envelope import Envelope
from shared.database import Sessions, unit_of_work
from shared.ids import new_id
from shared.travel import dead_letters
from shared.travel.broker import KafkaAddress, apply_topics
from shared.travel.inbox import Subscription
from shared.travel.replay import replay
from shared.travel.status import database_status
from shared.travel.tables import outbox as outbox_table
from shared.travel.topics import OBSERVATIONS
from shared.travel.worker import Worker
from tests.shared.travel.checks import check_effects, has_applied, has_no_lag
from tests.shared.travel.kafka_log import producing, read_topic
from tests.shared.travel.records import DAMAGE, ODD_HEADER, deliver
from tests.shared.travel.small_service import (
    POISON,
    SUBSCRIPTION,
    applied,
    note_effects,
    observation,
    observations,
    running,
    settings_of,
    until,
    worker_of,
    write,
)


def small_worker(database: str, address: KafkaAddress, subscription: Subscription = SUBSCRIPTION) -> Worker:
    return worker_of(settings_of(database, address.bootstrap, address.prefix), [subscription])


async def test_each_event_arrives_once_and_in_order_per_key(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    events = observations(40, 60)
    async with running(small_worker(database, address)) as worker:
        for start in range(0, len(events), 300):
            await write(sessions, events[start : start + 300])
        await until(lambda: has_applied(sessions, len(events)))
        await until(lambda: is_ready(worker))
    await check_effects(sessions, events)


async def test_the_status_counts_what_travelled(database: str, sessions: Sessions, address: KafkaAddress) -> None:
    async with running(small_worker(database, address)):
        await write(sessions, observations(5, 4))
        await until(lambda: has_applied(sessions, 20))
        await until(lambda: has_no_lag(address))
        async with sessions() as session:
            status = await database_status(session)
    assert status.outbox_depth == 0
    assert status.dead_letters_open == {}


async def test_poison_goes_to_the_dead_letter_topic_and_its_neighbours_go_on(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    good = observations(8, 1)
    poison = observation(new_id(), 1, venue=POISON)
    damaged = [damage(record) for damage, record in zip(DAMAGE.values(), deliver(observations(4, 1)), strict=True)]
    await apply_topics(address, [OBSERVATIONS])
    async with producing(address) as producer:
        for record in damaged:
            await producer.send(
                OBSERVATIONS.full_name(address.prefix),
                record.value,
                key=record.key,
                headers=[*record.headers, ODD_HEADER],
            )
    async with running(small_worker(database, address)):
        await write(sessions, [*good[:4], poison, *good[4:]])
        await until(lambda: has_applied(sessions, 8))
        messages = await read_topic(address, OBSERVATIONS.dead_letters(address.prefix), at_least=5)
    errors = sorted(dict(message.headers)["dead-letter-error"].decode() for message in messages)
    assert errors == sorted([*DAMAGE, "Rejected"])
    assert {message.value for message in messages} >= {record.value for record in damaged}
    async with sessions() as session:
        assert len(await dead_letters.list_open(session, OBSERVATIONS)) == 5


async def test_a_message_of_megabytes_travels(database: str, sessions: Sessions, address: KafkaAddress) -> None:
    sizes: list[int] = []

    async def measure(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        sizes.extend(len(envelope.event.model_dump_json()) for envelope in envelopes)

    await write(sessions, observations(1, 2))
    padding = b" " * 3_000_000
    async with unit_of_work(sessions) as session:
        connection = await session.connection()
        first = (await connection.execute(select(outbox_table.c.position, outbox_table.c.body))).first()
        assert first is not None
        await connection.execute(
            outbox_table.update().where(outbox_table.c.position == first.position).values(body=first.body + padding)
        )
    async with running(small_worker(database, address, Subscription(OBSERVATIONS, measure))):
        await until(lambda: has_sizes(sizes, 2))
        (largest, _) = sorted(
            await read_topic(address, OBSERVATIONS.full_name(address.prefix), at_least=2),
            key=lambda message: -len(message.value),
        )
    assert len(largest.value) > 3_000_000


async def test_a_replayed_topic_changes_nothing_that_is_known_and_heals_what_was_missed(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    events = observations(4, 5)
    async with running(small_worker(database, address)):
        await write(sessions, events)
        await until(lambda: has_applied(sessions, 20))
        async with unit_of_work(sessions) as session:
            assert await replay(session, [OBSERVATIONS]) == 20
        topic = OBSERVATIONS.full_name(address.prefix)
        assert len(await read_topic(address, topic, at_least=40)) == 40
        await until(lambda: has_no_lag(address))
    assert len(await applied(sessions)) == 20


async def test_a_batch_that_meets_a_passing_failure_is_taken_again(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    failures: list[int] = []

    async def stumble(session: AsyncSession, envelopes: Sequence[Envelope]) -> None:
        if len(failures) < 2:
            failures.append(len(envelopes))
            raise ConnectionResetError
        await note_effects(session, envelopes)

    events = observations(10, 6)
    async with running(small_worker(database, address, Subscription(OBSERVATIONS, stumble))):
        await write(sessions, events[:30])
        await until(lambda: has_sizes(failures, 1))
        await write(sessions, events[30:])
        await until(lambda: has_applied(sessions, 60))
    await check_effects(sessions, events)


async def test_a_worker_tells_prometheus_and_whoever_asks_how_it_is(
    database: str, sessions: Sessions, address: KafkaAddress
) -> None:
    async with running(small_worker(database, address)) as worker:
        await write(sessions, observations(3, 1))
        await until(lambda: has_applied(sessions, 3))
        await until(lambda: is_ready(worker))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(worker), base_url="http://worker") as client:
            assert (await client.get("/health/live")).status_code == 200
            await until(lambda: tells(client, 'vernissage_events_published_total{topic="observations"} 3.0'))
            await until(
                lambda: tells(client, 'vernissage_events_consumed_total{outcome="applied",topic="observations"} 3.0')
            )


async def has_sizes(sizes: list[int], count: int) -> bool:
    return len(sizes) >= count


async def is_ready(worker: Worker) -> bool:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(worker), base_url="http://worker") as client:
        return (await client.get("/health/ready")).status_code == 200


async def tells(client: httpx.AsyncClient, line: str) -> bool:
    return line in (await client.get("/metrics")).text
