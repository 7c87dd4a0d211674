"""An import beside the web: in a thread with an event loop and a connection to the database of its own.

Reading a long export is work for seconds, and a web process that does it in its own loop answers nobody meanwhile. Nor
may an import that waits for another one hold a connection that requests need: it does not wait, but is told to come
back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from threading import Thread
from time import perf_counter
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.adapters.files.reports import json_pieces
from services.registration.adapters.files.sources import SourceFile
from services.registration.domain.import_report import Report
from services.registration.use_cases.importing.run import import_files
from shared.asking import Asker
from shared.database import create_engine, create_sessions, unit_of_work
from shared.identity import Seal
from shared.moment import Moment
from shared.rights import Scope
from shared.sql import leads

log = logging.getLogger(__name__)

IMPORT_LOCK = 7_236_021
"""The advisory lock that only one import holds, in whatever process."""


class AnotherImportRuns(Exception):
    """Another import is under way: this one has done nothing, and may be tried again."""


class ChangedMeanwhile(Exception):
    """Somebody changed what the import changes too: nothing of it was kept, and it may be tried again."""


class BrokeOff(Exception):
    """The import met a fault: nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be imported, by whom; ``scope`` says whose things they may write."""

    sources: Sequence[SourceFile]
    moment: Moment
    asker: Asker | None
    scope: Scope
    dry_run: bool = False


class _DryRun(Exception):
    """Takes back what a dry run did."""


_Progress = dict[str, str]
"""The line that tells of each file how far it is."""


class ImportApart:
    """One import on its way. Its thread tells of it in pieces of JSON lines, which come out of a queue.

    ``seal`` is the service's; ``afterwards`` is called when it has ended, in its thread, however it did.
    """

    def __init__(self, database_url: str, order: Order, seal: Seal, afterwards: Callable[[], None]) -> None:
        self._database_url = database_url
        self._seal = seal
        self._order = order
        self._afterwards = afterwards
        self._heard_by = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[str | _Progress | Exception | None] = asyncio.Queue()
        self._unheard: _Progress | None = None
        self._began: asyncio.Future[None] = self._heard_by.create_future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._thread = Thread(target=self._run, name="import", daemon=True)

    async def begin(self) -> None:
        """Start it. Raises `AnotherImportRuns`."""
        self._thread.start()
        await self._began

    async def pieces(self) -> AsyncIterator[str]:
        """What it tells: lines of progress, and at last of the report. Raises `ChangedMeanwhile` or `BrokeOff`."""
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, str):
                yield piece
            else:
                self._unheard = None
                yield "".join(piece.values())

    def stop(self) -> None:
        """Have it taken back, unless it has ended."""
        if self._loop is not None and self._work is not None:
            with contextlib.suppress(RuntimeError):  # its loop may just have ended
                self._loop.call_soon_threadsafe(self._work.cancel)

    def _run(self) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                asyncio.run(self._carry_out())
        finally:
            self._afterwards()

    async def _carry_out(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._work = asyncio.current_task()
        began = perf_counter()
        try:
            report = await self._report()
        except AnotherImportRuns as error:
            self._call(self._has_begun, error)
        except IntegrityError:
            self._tell(ChangedMeanwhile())
        except Exception as error:
            # The text of the error may quote a row.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("an import broke off: %s\n%s", type(error).__name__, place)
            self._tell(BrokeOff())
        else:
            rows = sum(counts.read for counts in report.files.values())
            kind = "dry run" if self._order.dry_run else "import"
            log.info("%s of %d files, %d rows, %.1f s", kind, len(report.files), rows, perf_counter() - began)
            for piece in json_pieces(report):
                self._tell(piece)
        finally:
            self._call(self._has_begun)
            self._tell(None)

    async def _report(self) -> Report:
        report = Report()
        engine = create_engine(self._database_url, pool_size=1)
        try:
            async with unit_of_work(create_sessions(engine, self._order.asker, seal=self._seal)) as session:
                await _take_turn(session)
                self._call(self._has_begun)
                report = await import_files(
                    session,
                    self._order.sources,
                    self._order.moment,
                    scope=self._order.scope,
                    progress=self._tell_progress,
                )
                if self._order.dry_run:
                    raise _DryRun
        except _DryRun:
            pass
        finally:
            await engine.dispose()
        return report

    def _tell_progress(self, file: str, done: int, total: int) -> None:
        self._call(self._hear, file, _line({"file": file, "done": done, "total": total}))

    def _hear(self, file: str, progress: str) -> None:
        """Keep how far a file is until that is fetched, and only the last of it.

        Whatever is sent lets the import's thread in between: a long row of it keeps everybody else waiting.
        """
        if self._unheard is None:
            self._unheard = {}
            self._pieces.put_nowait(self._unheard)
        self._unheard[file] = progress

    def _tell(self, piece: str | Exception | None) -> None:
        self._call(self._pieces.put_nowait, piece)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # whoever asked may be gone, and their loop with them
            self._heard_by.call_soon_threadsafe(function, *arguments)

    def _has_begun(self, error: Exception | None = None) -> None:
        if self._began.done():
            return
        if error is not None:
            self._began.set_exception(error)
        else:
            self._began.set_result(None)


async def _take_turn(session: AsyncSession) -> None:
    if not await leads(session, IMPORT_LOCK):
        raise AnotherImportRuns


def _line(members: dict[str, Any]) -> str:
    return json.dumps(members, ensure_ascii=False) + "\n"
