"""Who is to be erased because there was no contact for long, the mail that tells them, and that they said they stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.auditing.migrating import Noted, note_changes

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the table, and the columns beside it."""
    op.create_table(
        "planned_erasures",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erases_on", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["participants.id"],
            name=op.f("fk_planned_erasures_participant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_planned_erasures")),
    )
    op.create_index(op.f("ix_planned_erasures_erases_on"), "planned_erasures", ["erases_on"])
    op.add_column("participants", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("owed_mails", sa.Column("participant_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_owed_mails_participant_id"),
        "owed_mails",
        "planned_erasures",
        ["participant_id"],
        ["participant_id"],
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_owed_mails_participant_id"), "owed_mails", ["participant_id"])
    note_changes(op, {"planned_erasures": Noted(participant="participant_id")})


def downgrade() -> None:
    """Drop them; who was told is told again."""
    op.drop_column("owed_mails", "participant_id")
    op.drop_column("participants", "heard_at")
    op.drop_table("planned_erasures")
    op.execute("DROP FUNCTION audit.note_planned_erasures")
