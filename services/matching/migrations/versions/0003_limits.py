"""How often somebody did what is limited: short-lived, so that it costs no write-ahead log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table; it is empty at first."""
    op.create_table(
        "limits",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("empty_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_limits")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_limits_empty_at"), "limits", ["empty_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("limits")
