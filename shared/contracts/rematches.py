"""Topic `rematches`: somebody asks for a pairing. Key: the meetup."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Id, Pair, RematchReason


class RematchRequested(Event):
    """An adviser, or a system on their behalf, asks for a new proposal for a meetup, the first one included."""

    type: ClassVar[str] = "vernissage.rematch.requested.v1"
    key: ClassVar[str] = "meetup_id"

    meetup_id: Id
    request_id: Id
    requested_by: Id
    reason: RematchReason
    pins: tuple[Pair, ...] = ()
    forbids: tuple[Pair, ...] = ()


EVENTS: tuple[type[Event], ...] = (RematchRequested,)
