"""In which language somebody is written to is asked for with their address, and kept no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Drop the column."""
    op.drop_column("participants", "language")


def downgrade() -> None:
    """Have the column again, empty until participants are told anew."""
    op.add_column("participants", sa.Column("language", sa.String(), nullable=True))
