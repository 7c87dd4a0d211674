"""Two records of one person become one, and can be told apart again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.auditing.migrating import Noted, note_changes

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the table of merges, and say of each record into which it was merged."""
    op.add_column("participants", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_participants_merged_into"), "participants", "participants", ["merged_into"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_participants_merged_into"), "participants", ["merged_into"])
    people = ("participant_id", "merged_id")
    op.create_table(
        "merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(person, sa.Uuid(), nullable=False) for person in people),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.Column("moved", postgresql.JSONB(), nullable=False),
        *(
            sa.ForeignKeyConstraint([person], ["participants.id"], name=op.f(f"fk_merges_{person}"), ondelete="CASCADE")
            for person in people
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
    )
    for person in people:
        op.create_index(op.f(f"ix_merges_{person}"), "merges", [person])
    note_changes(op, {"merges": Noted("id", "participant_id")})


def downgrade() -> None:
    """Drop them."""
    op.drop_table("merges")
    op.execute("DROP FUNCTION audit.note_merges")
    op.drop_column("participants", "merged_into")
