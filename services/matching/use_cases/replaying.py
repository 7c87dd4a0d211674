"""The record of a run, and computing it again from that record alone."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from asyncio.subprocess import PIPE
from importlib.metadata import version
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.domain import proposing
from services.matching.domain.pairing import Pairing
from services.matching.domain.situation import RunInputs
from services.matching.repository import runs
from services.matching.repository.runs import RunRecord
from services.matching.use_cases.gathering import INPUTS, inputs_of
from services.matching.use_cases.refusals import RecordRedacted
from shared.refusals import Unknown

_PAIRING = TypeAdapter(Pairing)


async def propose_on_record(inputs: RunInputs) -> tuple[Pairing, RunRecord]:
    """Compute a pairing beside the event loop, from the very bytes that are recorded.

    Raises `ImpossiblePairing`.
    """
    recorded = INPUTS.dump_json(inputs)
    pairing = await asyncio.to_thread(_propose, recorded)
    return pairing, RunRecord(
        version=version("vernissage"),
        digest=hashlib.sha256(recorded).hexdigest(),
        inputs=recorded,
        outcome=_PAIRING.dump_json(pairing),
    )


async def record_of(session: AsyncSession, run_id: UUID) -> RunRecord:
    """What is recorded of a run. Raises `Unknown` or `RecordRedacted`."""
    record = await runs.record_of(session, run_id)
    if record is None:
        raise Unknown("run")
    if record.redacted_at is not None:
        raise RecordRedacted(run_id)
    return record


async def replay(record: RunRecord) -> bool:
    """Compute a recorded run again; True when the same bytes come out.

    In a process of its own, whose memory goes with it: who serves pages computes nothing. Raises `RuntimeError` where
    it fails.
    """
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdin=PIPE, stdout=PIPE)
    try:
        again, _ = await process.communicate(record.inputs)
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"the process that replays ended with {process.returncode}")
    return again == record.outcome


def _propose(recorded: bytes) -> Pairing:
    return proposing.propose(inputs_of(recorded))


if __name__ == "__main__":
    sys.stdout.buffer.write(_PAIRING.dump_json(_propose(sys.stdin.buffer.read())))
