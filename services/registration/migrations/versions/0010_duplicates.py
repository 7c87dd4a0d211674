"""What finds records that may be of one person: how names sound, and indexes on what two records share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.registration.domain.names import name_key

revision = "0010"
down_revision = "0009"

PEOPLE_AT_ONCE = 5_000

SHARED = (
    ("participant_contacts", "name_key"),
    ("participant_contacts", "email"),
    ("participant_contacts", "phone"),
    ("participant_protected", "born_on"),
)
"""The columns by which others are found."""

PAIRS_TWICE = """
    DELETE FROM duplicate_suspicions AS one USING duplicate_suspicions AS other
    WHERE one.participant_id = other.resembles_id AND one.resembles_id = other.participant_id
      AND (one.settled_at IS NOT NULL, one.participant_id) < (other.settled_at IS NOT NULL, other.participant_id)
"""
"""Of a pair that stands both ways round, the settled one stays."""

HIGHER_ID_FIRST = """
    UPDATE duplicate_suspicions SET participant_id = resembles_id, resembles_id = participant_id
    WHERE participant_id < resembles_id
"""


def upgrade() -> None:
    """Fill the key of everybody who is registered; keep each pair once, the one with the higher id first."""
    op.add_column("participant_contacts", sa.Column("name_key", sa.String(), nullable=True))
    fill_name_keys()
    op.alter_column("participant_contacts", "name_key", nullable=False)
    for table, column in SHARED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for statement in (PAIRS_TWICE, HIGHER_ID_FIRST):
        op.execute(statement)


def downgrade() -> None:
    """Drop them."""
    for table, column in SHARED:
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.drop_column("participant_contacts", "name_key")


def fill_name_keys() -> None:
    """As names sound to this version; who changes that has a migration fill them anew."""
    contacts = sa.table(
        "participant_contacts",
        sa.column("participant_id", sa.Uuid()),
        *(sa.column(name, sa.String()) for name in ("first_name", "last_name", "name_key")),
    )
    everybody = sa.select(contacts.c.participant_id, contacts.c.first_name, contacts.c.last_name)
    by_id = contacts.c.participant_id == sa.bindparam("person")
    fill = sa.update(contacts).where(by_id).values(name_key=sa.bindparam("key"))
    rows = op.get_bind().execute(everybody).all()
    for start in range(0, len(rows), PEOPLE_AT_ONCE):
        some = rows[start : start + PEOPLE_AT_ONCE]
        keys = [{"person": row.participant_id, "key": name_key(row.first_name, row.last_name)} for row in some]
        op.get_bind().execute(fill, keys)
