"""What a profile says of each skill, a row a person: what the pool of the standing shortlists is loaded from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; it fills by itself."""
    op.create_table(
        "profiles",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("fit_id", sa.Uuid(), nullable=True),
        sa.Column("exceedance", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "framework", name=op.f("pk_profiles")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("profiles")
