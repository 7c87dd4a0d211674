"""Which agency vouches for an employer and a need, what others propose, former contacts, and who wrote a note down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

VOUCHED = ("employers", "needs")

FIRST_NEAR = """
    SELECT agencies.id FROM agencies
    ORDER BY agencies.department IS DISTINCT FROM
        CASE WHEN {table}.commune LIKE '97%' THEN left({table}.commune, 3) ELSE left({table}.commune, 2) END,
        agencies.department NULLS LAST, agencies.name
    LIMIT 1
"""
"""The first agency of the place's département by name, or else the first of all."""

OF_EMPLOYERS = f"""
    UPDATE employers SET agency_id = coalesce(
        (SELECT meetups.agency_id FROM needs
         JOIN meetup_needs ON meetup_needs.need_id = needs.id JOIN meetups ON meetups.id = meetup_needs.meetup_id
         WHERE needs.employer_id = employers.id ORDER BY meetups.starts_at DESC, meetups.id LIMIT 1),
        ({FIRST_NEAR.format(table="employers")})
    )
"""  # noqa: S608 - text of our own

OF_NEEDS = """
    UPDATE needs SET agency_id = coalesce(
        (SELECT meetups.agency_id FROM meetup_needs JOIN meetups ON meetups.id = meetup_needs.meetup_id
         WHERE meetup_needs.need_id = needs.id ORDER BY meetups.starts_at DESC, meetups.id LIMIT 1),
        (SELECT employers.agency_id FROM employers WHERE employers.id = needs.employer_id)
    )
"""


def upgrade() -> None:
    """Add the columns, empty for whoever does not know them, and say whose is what is there."""
    for table in VOUCHED:
        op.add_column(table, sa.Column("agency_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_agency_id"), table, "agencies", ["agency_id"], ["id"])
        op.create_index(op.f(f"ix_{table}_agency_id"), table, ["agency_id"])
    op.execute(OF_EMPLOYERS)
    op.execute(OF_NEEDS)
    op.add_column("observations", sa.Column("written_by", sa.Uuid(), nullable=True))
    op.create_table(
        "former_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f("fk_former_contacts_employer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_contacts")),
    )
    for column in ("employer_id", "changed_at"):
        op.create_index(op.f(f"ix_former_contacts_{column}"), "former_contacts", [column])
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=True),
        sa.Column("need_id", sa.Uuid(), nullable=True),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposing_agency_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f("fk_proposals_employer_id")),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_proposals_need_id")),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_proposals_agency_id")),
        sa.ForeignKeyConstraint(
            ["proposing_agency_id"], ["agencies.id"], name=op.f("fk_proposals_proposing_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    for column in ("employer_id", "need_id", "agency_id", "proposing_agency_id"):
        op.create_index(op.f(f"ix_proposals_{column}"), "proposals", [column])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("proposals")
    op.drop_table("former_contacts")
    op.drop_column("observations", "written_by")
    for table in VOUCHED:
        op.drop_column(table, "agency_id")
