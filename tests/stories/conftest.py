"""A whole stack on which stories are played, and groups that come to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deploy.demo.stage import Signed, Stage
from deploy.embedded.caught_mail import MailFolder
from deploy.running import find_surroundings
from tests.deploy.command_line import Up, four_ports, stack_that_runs
from tests.stories.evening import Evening, begin
from tests.stories.pack import Group, Guest

Begin = Callable[..., Awaitable[Evening]]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A stack that runs for all stories."""
    with stack_that_runs(tmp_path_factory.mktemp("stories") / "var", four_ports()) as running:
        yield running


@pytest.fixture
async def evening(stack: Up, tmp_path: Path) -> AsyncIterator[Begin]:
    """Begins a group's way to its evening: ``await evening("MOVED", guests=3, seats=[5])``."""
    async with Stage(find_surroundings(stack.data), MailFolder(stack.data / "mail")) as stage:
        operator = await stage.sign_in("operator")

        async def advise(agency: UUID) -> Signed:
            staff = (await operator.registration.get("/api/v1/staff"))["items"]
            return await stage.sign_in(
                next(each["id"] for each in staff if each["role"] == "adviser" and each["agency_id"] == str(agency))
            )

        async def start(
            name: str, *, guests: Sequence[Guest] | int = 3, seats: Sequence[int] = (5,), day: date | None = None
        ) -> Evening:
            group = Group(
                name,
                day or datetime.now(UTC).date() + timedelta(days=20),
                [Guest(number) for number in range(guests)] if isinstance(guests, int) else guests,
                seats,
            )
            return await begin(stage, group, tmp_path / name, operator, advise)

        yield start
