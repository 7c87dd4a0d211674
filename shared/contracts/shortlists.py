"""Topic `shortlists`: the best of the whole pool for a need, when that changes. Key: the need."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.envelope import Event
from shared.contracts.vocabulary import Id, Part, Revision, Share


class ShortlistPlace(Part):
    """Somebody on a shortlist, with their score."""

    participant_id: Id
    score: Share


class ShortlistChanged(Event):
    """Other people, or the same in another order, are now the best for a need; the best come first."""

    type: ClassVar[str] = "vernissage.shortlist.changed.v1"
    key: ClassVar[str] = "need_id"

    need_id: Id
    revision: Revision
    places: tuple[ShortlistPlace, ...]


EVENTS: tuple[type[Event], ...] = (ShortlistChanged,)
