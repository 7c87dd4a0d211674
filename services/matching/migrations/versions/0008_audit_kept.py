"""Lines of the audit are kept for some years, and the chain goes on without them."""

from __future__ import annotations

from alembic import op

from shared.auditing.migrating import keep_lines_for_ever, let_lines_go

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Let the oldest lines go once they have outlived their time."""
    let_lines_go(op)


def downgrade() -> None:
    """Keep all."""
    keep_lines_for_ever(op)
