"""How each consent was handed in, and the version of the text that was shown: unknown of those that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add both, known of no decision so far."""
    op.add_column("consents", sa.Column("way", sa.String(), nullable=True))
    op.add_column("consents", sa.Column("text_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Forget both."""
    op.drop_column("consents", "text_version")
    op.drop_column("consents", "way")
