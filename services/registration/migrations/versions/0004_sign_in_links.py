"""Links to sign in that left by mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sign_in_links",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("goes_on_to", sa.String(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["accounts.staff_id"], name=op.f("fk_sign_in_links_staff_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sign_in_links")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("sign_in_links")
