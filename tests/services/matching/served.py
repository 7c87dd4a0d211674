"""Matching's worker as a process of its own, served as the product does, halted where a test wants it to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess

import pytest
from pydantic import SecretStr

from services.matching.domain.profiling import Components
from services.matching.settings import Settings
from services.matching.use_cases import fitting
from services.matching.worker import create_worker
from shared.travel.broker import KafkaAddress
from shared.travel.process import run
from tests.shared.travel.mortal import Halt, nursery


@contextmanager
def served(url: str, kafka: KafkaAddress, port: int, halt_in_fit: Halt) -> Iterator[ForkServerProcess]:
    """A worker that serves until it is told to end; its fits of components halt while they compute."""
    process = nursery().Process(target=_serve, args=(url, kafka, port, halt_in_fit), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _serve(url: str, kafka: KafkaAddress, port: int, halt_in_fit: Halt) -> None:
    fit = fitting.Columns.fit

    def halting(columns: fitting.Columns) -> Components:
        halt_in_fit.stand()
        return fit(columns)

    pytest.MonkeyPatch().setattr(fitting.Columns, "fit", halting)
    settings = Settings(
        database_url=url,
        seal_secret=SecretStr("s" * 32),
        worker_port=port,
        kafka_bootstrap=kafka.bootstrap,
        topic_prefix=kafka.prefix,
    )
    run(create_worker(settings))
