"""What the timetable must respect has names that say nothing of why: in tables, and in events kept to be sent again."""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

revision = "0008"
down_revision = "0007"

NAMES: Mapping[str, Mapping[str, str]] = {
    "meetup_enrolments": {"longer_slot": "double_slot", "ground_floor": "front_table"},
    "meetups": {"ground_floor_tables": "front_tables"},
}
TYPES = (
    "('vernissage.meetup.scheduled.v1', 'vernissage.meetup.changed.v1', 'vernissage.meetup.participant-enrolled.v1')"
)

IN_OUTBOX = """
    UPDATE outbox SET body = convert_to(replace(convert_from(body, 'UTF8'), '"{old}":', '"{new}":'), 'UTF8')
    WHERE type IN {types}
"""

LAST_CHANGED = """
    UPDATE meetups SET field_revisions =
        (field_revisions - '{old}') || jsonb_build_object('{new}', field_revisions -> '{old}')
    WHERE field_revisions ? '{old}'
"""


def upgrade() -> None:
    """Give the columns and fields their neutral names."""
    _rename(NAMES)


def downgrade() -> None:
    """Give them the former names."""
    _rename({table: {new: old for old, new in names.items()} for table, names in NAMES.items()})


def _rename(tables: Mapping[str, Mapping[str, str]]) -> None:
    for table, names in tables.items():
        for old, new in names.items():
            op.alter_column(table, old, new_column_name=new)
            op.execute(IN_OUTBOX.format(old=old, new=new, types=TYPES))
            op.execute(LAST_CHANGED.format(old=old, new=new))
