"""Marking what changed, with the change itself, so that the standing shortlists follow it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.repository import shortlists
from shared.contracts.employers import NeedClosed, NeedState
from shared.contracts.envelope import Event


async def mark_participants(session: AsyncSession, events: Sequence[Event]) -> None:
    """The participants of these events are to be scored again."""
    people = {person for event in events if isinstance(person := getattr(event, "participant_id", None), UUID)}
    await shortlists.mark_due(session, "participant", people)


async def mark_needs(session: AsyncSession, events: Sequence[Event]) -> None:
    """The shortlists of these needs are to be made again."""
    await shortlists.mark_due(
        session, "need", {event.need_id for event in events if isinstance(event, NeedState | NeedClosed)}
    )
