"""Which record of the same person goes on for one that was merged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add it; of everybody known it is nobody yet."""
    op.add_column("participants", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_participants_merged_into"), "participants", ["merged_into"])


def downgrade() -> None:
    """Drop it."""
    op.drop_column("participants", "merged_into")
