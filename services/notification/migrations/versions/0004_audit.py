"""The audit: who looked at whom, what was said to them, what they answered. What registration told is noted there."""

from __future__ import annotations

from alembic import op

from shared.auditing.migrating import Noted, create_audit, drop_audit

revision = "0004"
down_revision = "0003"

TABLES = {
    "invitations": Noted("id", "participant_id", why="decline_reason"),
    "messages": Noted("id", "CASE WHEN invitation_id IS NOT NULL THEN recipient_id END", why="state"),
    "shortlists": Noted("id"),
    "answers": Noted("shortlist_id", "participant_id", why="choice"),
    "silences": Noted("recipient_id"),
}


def upgrade() -> None:
    """Begin to note."""
    create_audit(op, TABLES)


def downgrade() -> None:
    """Note no more, and forget what was noted."""
    drop_audit(op, TABLES)
