"""What people read of a meetup."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.notification.adapters.presenting import occasion_of
from services.notification.domain.meetups import Meetup
from shared.directory import Entries, MeetupEntry

AGENCY = UUID(int=4)
MEETUP = Meetup(UUID(int=3), AGENCY, "Louvre-Lens", "62498", 1, datetime(2026, 12, 8, 8, 30, tzinfo=UTC), 15, 8)


@pytest.mark.parametrize(
    ("street", "commune", "read"),
    [
        (None, "Lens", "Lens"),
        ("99 rue Paul Bert", "Lens", "99 rue Paul Bert, Lens"),
        ("99 rue Paul Bert, 62300 Lens", "Lens", "99 rue Paul Bert, 62300 Lens"),
        ("99 rue Paul Bert 62300 LENS", "Lens", "99 rue Paul Bert 62300 LENS"),
        ("1 place de l’Église, Saint-Étienne", "Saint-Etienne", "1 place de l’Église, Saint-Étienne"),
        ("12 rue de Lens", "Lens", "12 rue de Lens, Lens"),
        ("12 rue de Valens", "Lens", "12 rue de Valens, Lens"),
        ("4 rue de Lens, bâtiment B", "Lens", "4 rue de Lens, bâtiment B, Lens"),
    ],
)
def test_an_address_names_its_town_once(street: str | None, commune: str, read: str) -> None:
    entry = MeetupEntry(title="Rencontre", venue="Louvre-Lens", commune=commune, address=street, agency_id=AGENCY)

    assert occasion_of(MEETUP, [], Entries(meetups={MEETUP.id: entry})).address == read
