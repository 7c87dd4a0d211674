"""Workshops have sessions, and of those enrolled it is known who came to each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.auditing.migrating import Noted, note_changes

revision = "0027"
down_revision = "0026"

ASKS_FOR_ANOTHER = "session_user <> current_user"
READS_REGION = f"(SELECT asks_as('manager', 'operator', 'service') OR {ASKS_FOR_ANOTHER})"
WORKS_FOR_REGION = f"(SELECT asks_as('operator', 'service') OR {ASKS_FOR_ANOTHER})"
OWN_PERSON = (
    "EXISTS (SELECT FROM participants owner WHERE owner.id = participant_id"
    " AND owner.agency_id = (SELECT own_agency()))"
)
OWN_WORKSHOP = (
    "EXISTS (SELECT FROM workshops owner WHERE owner.id = workshop_id AND owner.agency_id = (SELECT own_agency()))"
)
VISIBLE_WORKSHOP = "EXISTS (SELECT FROM workshops held WHERE held.id = workshop_id)"
HELD_WORKSHOP = "workshop_id = ANY ((SELECT CASE WHEN asks_as('mediator') THEN held_workshops() END)::uuid[])"
AT_WORKSHOP = f"{WORKS_FOR_REGION} OR {OWN_WORKSHOP} OR {HELD_WORKSHOP}"

POLICIES = (
    f"reading ON workshop_sessions FOR SELECT USING ({READS_REGION} OR {VISIBLE_WORKSHOP})",
    f"adding ON workshop_sessions FOR INSERT WITH CHECK ({WORKS_FOR_REGION} OR {OWN_WORKSHOP})",
    f"changing ON workshop_sessions FOR UPDATE USING ({WORKS_FOR_REGION} OR {OWN_WORKSHOP})",
    f"removing ON workshop_sessions FOR DELETE USING ({WORKS_FOR_REGION} OR {OWN_WORKSHOP})",
    f"reading ON workshop_presences FOR SELECT USING ({AT_WORKSHOP} OR {OWN_PERSON})",
    f"adding ON workshop_presences FOR INSERT WITH CHECK ({AT_WORKSHOP})",
    f"changing ON workshop_presences FOR UPDATE USING ({AT_WORKSHOP})",
    f"removing ON workshop_presences FOR DELETE USING ({AT_WORKSHOP})",
)
"""Sessions are seen with their workshop; who came, by whoever holds it and by the person's own agency."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "workshop_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("exercise", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_workshop_sessions_workshop_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_sessions")),
        sa.UniqueConstraint("identifier", name=op.f("uq_workshop_sessions_identifier")),
    )
    op.create_index(op.f("ix_workshop_sessions_workshop_id"), "workshop_sessions", ["workshop_id"])
    referred = {"session_id": "workshop_sessions", "participant_id": "participants", "workshop_id": "workshops"}
    op.create_table(
        "workshop_presences",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in referred),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_workshop_presences_{name}"), ondelete="CASCADE"
            )
            for name, table in referred.items()
        ),
        sa.PrimaryKeyConstraint("session_id", "participant_id", name=op.f("pk_workshop_presences")),
    )
    for name in ("participant_id", "workshop_id"):
        op.create_index(op.f(f"ix_workshop_presences_{name}"), "workshop_presences", [name])
    for table in ("workshop_sessions", "workshop_presences"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for policy in POLICIES:
        op.execute(f"CREATE POLICY {policy}")
    changes = {"workshop_sessions": Noted("id"), "workshop_presences": Noted("changed.session_id", "participant_id")}
    note_changes(op, changes)


def downgrade() -> None:
    """Drop them."""
    for table in ("workshop_presences", "workshop_sessions"):
        op.drop_table(table)
        op.execute(f"DROP FUNCTION audit.note_{table}")
