"""Somebody objects to being paired or written to, and that holds until it is lifted for a reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.auditing.migrating import Noted, note_changes

revision = "0026"
down_revision = "0025"

ASKS_FOR_ANOTHER = "session_user <> current_user"
WORKS_FOR_REGION = f"(SELECT asks_as('operator', 'service') OR {ASKS_FOR_ANOTHER})"
OWN_PERSON = (
    "EXISTS (SELECT FROM participants owner WHERE owner.id = participant_id"
    " AND owner.agency_id = (SELECT own_agency()))"
)
HELD_PERSON = "participant_id = ANY ((SELECT CASE WHEN asks_as('mediator') THEN held_people() END)::uuid[])"


def upgrade() -> None:
    """Make the table, seen and written like consents."""
    op.create_table(
        "objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_because", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name=op.f("fk_objections_participant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
    )
    op.create_index(op.f("ix_objections_participant_id"), "objections", ["participant_id"])
    op.create_index(
        "uq_objections_in_force",
        "objections",
        ["participant_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.execute("ALTER TABLE objections ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE objections FORCE ROW LEVEL SECURITY")
    theirs = f"{WORKS_FOR_REGION} OR {OWN_PERSON}"
    op.execute(f"CREATE POLICY reading ON objections FOR SELECT USING ({theirs} OR {HELD_PERSON})")
    op.execute(f"CREATE POLICY adding ON objections FOR INSERT WITH CHECK ({theirs})")
    op.execute(f"CREATE POLICY changing ON objections FOR UPDATE USING ({theirs})")
    op.execute(f"CREATE POLICY removing ON objections FOR DELETE USING ({theirs})")
    note_changes(op, {"objections": Noted("id", "participant_id", "changed.purpose")})


def downgrade() -> None:
    """Drop it."""
    op.drop_table("objections")
    op.execute("DROP FUNCTION audit.note_objections")
