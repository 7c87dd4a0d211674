"""Operations join a venue, workshops and a meetup: an agency sees and writes its own."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.auditing.migrating import Noted, note_changes

revision = "0024"
down_revision = "0023"

ASKS_FOR_ANOTHER = "session_user <> current_user"
READS_REGION = f"(SELECT asks_as('manager', 'operator', 'service') OR {ASKS_FOR_ANOTHER})"
WORKS_FOR_REGION = f"(SELECT asks_as('operator', 'service') OR {ASKS_FOR_ANOTHER})"
OWN_AGENCY = "agency_id = (SELECT own_agency())"


def upgrade() -> None:
    """Make the table, let workshops and meetups name it, and wall it off."""
    op.create_table(
        "operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_operations_agency_id")),
        sa.ForeignKeyConstraint(["venue_id"], ["venues.id"], name=op.f("fk_operations_venue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        sa.UniqueConstraint("identifier", name=op.f("uq_operations_identifier")),
    )
    for column in ("agency_id", "venue_id"):
        op.create_index(op.f(f"ix_operations_{column}"), "operations", [column])
    for table in ("workshops", "meetups"):
        op.add_column(table, sa.Column("operation_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_operation_id"), table, "operations", ["operation_id"], ["id"])
    op.create_index(op.f("ix_workshops_operation_id"), "workshops", ["operation_id"])
    op.create_index(
        "uq_meetups_operation_id",
        "meetups",
        ["operation_id"],
        unique=True,
        postgresql_where=sa.text("NOT is_cancelled"),
    )
    note_changes(op, {"operations": Noted("id")})
    op.execute("ALTER TABLE operations ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE operations FORCE ROW LEVEL SECURITY")
    for policy in _policies():
        op.execute(f"CREATE POLICY {policy}")


def _policies() -> Iterator[str]:
    theirs = f"{WORKS_FOR_REGION} OR {OWN_AGENCY}"
    yield f"reading ON operations FOR SELECT USING ({READS_REGION} OR {OWN_AGENCY})"
    yield f"adding ON operations FOR INSERT WITH CHECK ({theirs})"
    yield f"changing ON operations FOR UPDATE USING ({theirs})"
    yield f"removing ON operations FOR DELETE USING ({theirs})"


def downgrade() -> None:
    """Drop them."""
    for table in ("workshops", "meetups"):
        op.drop_column(table, "operation_id")
    op.drop_table("operations")
    op.execute("DROP FUNCTION audit.note_operations")
