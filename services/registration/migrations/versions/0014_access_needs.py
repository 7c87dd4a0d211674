"""What somebody needs to take part stands with what is protected; the timetable knows only what it must respect."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the column; nothing is known of anybody at first."""
    op.execute("ALTER TABLE protected.criteria ADD COLUMN access_needs varchar[] NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE protected.criteria DROP COLUMN access_needs")
