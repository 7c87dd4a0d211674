"""On which day something came of a meeting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column, empty for what nobody dated."""
    op.add_column("meetup_outcomes", sa.Column("happened_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("meetup_outcomes", "happened_on")
