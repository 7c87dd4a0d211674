"""Of several exports of one list the newest counts, by what their names say."""

import pytest

from services.registration.adapters.files.ages import age


@pytest.mark.parametrize(
    "oldest_first",
    [
        ["participants", "participants (1)", "participants (2)", "participants (10)"],
        ["participants", "participants 2026-11-25"],
        ["participants 2026-11-24 (3)", "participants 2026-11-25", "participants 2026-11-25 (1)"],
        ["export_20261031", "export_20261125"],
        ["participants 31-10-2026", "participants 25-11-2026"],
        ["participants_25.11.2026_9h30", "participants_25.11.2026_14h05"],
        ["participants 99-99-2026", "participants 2026-02-28"],
    ],
)
def test_a_date_counts_first_then_the_time_then_the_number_of_a_copy(oldest_first: list[str]) -> None:
    newest_first = oldest_first[::-1]
    assert sorted(newest_first, key=age) == oldest_first
