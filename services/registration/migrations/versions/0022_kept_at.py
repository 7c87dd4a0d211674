"""When each record was last kept, for systems that fetch what changed; and the indexes by which lists are read.

A trigger says it, so that no code can forget to, and by the clock of the moment, not of the transaction's beginning:
nothing is kept before a transaction begins that is under way (`shared.paging.settled_until`).

Names are sorted as kept in small letters: under policies PostgreSQL looks nothing up by what a function makes of a
column.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"

TABLES = ("participants", "workshops", "observations", "employers", "needs", "meetups", "erasures")
SORTED = {
    "workshops": "starts_on",
    "observations": "seen_on",
    "employers": "name",
    "needs": "title",
    "meetups": "starts_at",
    "erasures": "erased_at",
}
"""By what the lists are sorted, beside the names of participants."""

NAMES = ("last_name", "first_name")


def upgrade() -> None:
    """Add the columns, the triggers and the indexes."""
    op.execute(
        "CREATE FUNCTION note_kept() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.kept_at := clock_timestamp(); RETURN NEW; END $$"
    )
    for table in TABLES:
        op.add_column(
            table, sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        )
        op.create_index(f"ix_{table}_kept_at", table, ["kept_at", "id"])
        op.execute(
            f"CREATE TRIGGER note_kept BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION note_kept()"
        )
    for table, column in SORTED.items():
        op.create_index(f"ix_{table}_{column}", table, [column, "id"])
    for name in NAMES:
        op.add_column(
            "participant_contacts",
            sa.Column(f"sorted_{name}", sa.String(), sa.Computed(f"lower({name})", persisted=True), nullable=False),
        )
    op.create_index(
        "ix_participant_contacts_sorted",
        "participant_contacts",
        [*(f"sorted_{name}" for name in NAMES), "participant_id"],
    )


def downgrade() -> None:
    """Drop them."""
    for name in NAMES:
        op.drop_column("participant_contacts", f"sorted_{name}")
    for table, column in SORTED.items():
        op.drop_index(f"ix_{table}_{column}")
    for table in TABLES:
        op.execute(f"DROP TRIGGER note_kept ON {table}")
        op.drop_column(table, "kept_at")
    op.execute("DROP FUNCTION note_kept")
