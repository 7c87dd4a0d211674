"""What the timetable must respect has names that say nothing of why: in what was told, and in the records of runs."""

from __future__ import annotations

from collections.abc import Mapping

from alembic import op

revision = "0004"
down_revision = "0003"

NAMES: Mapping[str, Mapping[str, str]] = {
    "enrolments": {"longer_slot": "double_slot", "ground_floor": "front_table"},
    "meetups": {"ground_floor_tables": "front_tables"},
}

OTHERWISE_NAMED = """
    UPDATE {table} SET state = (
        SELECT jsonb_object_agg(CASE field.key {cases} ELSE field.key END, field.value) FROM jsonb_each(state) AS field
    ) WHERE state ?| array[{olds}]
"""

RECORDED_OTHERWISE = """
    UPDATE pairing_runs SET inputs = renamed.inputs,
        digest = CASE WHEN redacted_at IS NULL THEN encode(sha256(renamed.inputs), 'hex') ELSE digest END
    FROM (SELECT id, convert_to({replaced}, 'UTF8') AS inputs FROM pairing_runs WHERE inputs IS NOT NULL) AS renamed
    WHERE renamed.id = pairing_runs.id
"""
"""The bytes of a record stay as they were but for the names, so that it is computed again to the same outcome."""


def upgrade() -> None:
    """Give the fields their neutral names."""
    _rename(NAMES)


def downgrade() -> None:
    """Give them the former names."""
    _rename({table: {new: old for old, new in names.items()} for table, names in NAMES.items()})


def _rename(tables: Mapping[str, Mapping[str, str]]) -> None:
    replaced = "convert_from(inputs, 'UTF8')"
    for table, names in tables.items():
        cases = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in names.items())
        olds = ", ".join(f"'{old}'" for old in names)
        op.execute(OTHERWISE_NAMED.format(table=table, cases=cases, olds=olds))
        for old, new in names.items():
            replaced = f"""replace({replaced}, '"{old}":', '"{new}":')"""
    op.execute(RECORDED_OTHERWISE.format(replaced=replaced))
