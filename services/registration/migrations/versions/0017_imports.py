"""Imports wait in a queue, with their files, and are kept part by part."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("rights", postgresql.ARRAY(sa.String()), nullable=True),
        sa.Column("vouched", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_dry", sa.Boolean(), nullable=False),
        sa.Column("progress", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    for column in ("person_id", "agency_id"):
        op.create_index(op.f(f"ix_imports_{column}"), "imports", [column])
    op.create_table(
        "import_pieces",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _of_an_import("import_pieces"),
        sa.PrimaryKeyConstraint("import_id", "file", "number", name=op.f("pk_import_pieces")),
    )
    op.create_table(
        "import_parts",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("verdicts", sa.LargeBinary(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), nullable=False),
        _of_an_import("import_parts"),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_parts")),
    )


def downgrade() -> None:
    """Drop them: what waits is not imported."""
    for table in ("import_parts", "import_pieces", "imports"):
        op.drop_table(table)


def _of_an_import(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["import_id"], ["imports.id"], name=op.f(f"fk_{table}_import_id"), ondelete="CASCADE"
    )
