"""Sites, contacts of employers and operations are sorted and followed as other records are (`0022_kept_at`)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"

SORTED = {"sites": "name", "employer_contacts": "sorted_name", "operations": "starts_on"}


def upgrade() -> None:
    """Add the columns, the triggers and the indexes."""
    op.add_column(
        "employer_contacts",
        sa.Column("sorted_name", sa.String(), sa.Computed("lower(coalesce(name, ''))", persisted=True), nullable=False),
    )
    for table, column in SORTED.items():
        op.add_column(
            table, sa.Column("kept_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        )
        op.create_index(f"ix_{table}_kept_at", table, ["kept_at", "id"])
        op.create_index(f"ix_{table}_{column}", table, [column, "id"])
        op.execute(
            f"CREATE TRIGGER note_kept BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION note_kept()"
        )


def downgrade() -> None:
    """Drop them."""
    for table, column in SORTED.items():
        op.execute(f"DROP TRIGGER note_kept ON {table}")
        op.drop_index(f"ix_{table}_{column}")
        op.drop_column(table, "kept_at")
    op.drop_column("employer_contacts", "sorted_name")
