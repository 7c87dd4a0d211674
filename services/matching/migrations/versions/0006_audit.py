"""The audit: who looked at whom and who decided what. What registration told is noted there."""

from __future__ import annotations

from alembic import op

from shared.auditing.migrating import Noted, create_audit, drop_audit

revision = "0006"
down_revision = "0005"

TABLES = {
    "rematch_requests": Noted("id", why="reason"),
    "pair_rules": Noted("need_id", "participant_id", why="rule"),
    "pairings": Noted("id", why="status"),
    "refit_requests": Noted("id"),
}


def upgrade() -> None:
    """Begin to note."""
    create_audit(op, TABLES)


def downgrade() -> None:
    """Note no more, and forget what was noted."""
    drop_audit(op, TABLES)
