"""Mails that registration owes somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "owed_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("former_contact_id", sa.Uuid(), nullable=True),
        sa.Column("owed_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.staff_id"], name=op.f("fk_owed_mails_account_id")),
        sa.ForeignKeyConstraint(
            ["former_contact_id"],
            ["former_contacts.id"],
            name=op.f("fk_owed_mails_former_contact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owed_mails")),
    )
    op.create_index(op.f("ix_owed_mails_account_id"), "owed_mails", ["account_id"])
    op.create_index(op.f("ix_owed_mails_former_contact_id"), "owed_mails", ["former_contact_id"])


def downgrade() -> None:
    """Drop it; what was owed is told in another way."""
    op.drop_table("owed_mails")
