"""Employers have sites, and several contacts: the one that stood in their row becomes the main one.

A need may name its site and its contact. Contacts are seen by those alone who speak for the agency that vouches for
their employer, and by whoever works for the region.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.auditing.migrating import Noted, note_changes
from shared.migrations import check_nobody_works

revision = "0023"
down_revision = "0022"

ASKS_FOR_ANOTHER = "session_user <> current_user"
READS_REGION = f"(SELECT asks_as('manager', 'operator', 'service') OR {ASKS_FOR_ANOTHER})"
WORKS_FOR_REGION = f"(SELECT asks_as('operator', 'service') OR {ASKS_FOR_ANOTHER})"
ADVISES = "(SELECT asks_as('adviser'))"
OWN_EMPLOYER = (
    "EXISTS (SELECT FROM employers owner WHERE owner.id = employer_id AND owner.agency_id = (SELECT own_agency()))"
)

READERS = {
    "sites": f"{READS_REGION} OR {ADVISES}",
    "employer_contacts": f"{WORKS_FOR_REGION} OR {OWN_EMPLOYER}",
}

MOVED = ("contact_name", "email", "phone")

TO_CONTACTS = """
    INSERT INTO employer_contacts
        (id, revision, field_revisions, employer_id, name, email, phone, language, is_main)
    SELECT gen_random_uuid(), 1, '{}', id, contact_name, email, phone, language, true FROM employers
    WHERE coalesce(contact_name, email, phone) IS NOT NULL OR language <> 'fr'
"""

OF_FORMER = """
    UPDATE former_contacts SET language = employers.language
    FROM employers WHERE employers.id = former_contacts.employer_id
"""

BACK_TO_EMPLOYERS = """
    UPDATE employers SET contact_name = main.name, email = main.email, phone = main.phone, language = main.language
    FROM employer_contacts main WHERE main.employer_id = employers.id AND main.is_main
"""


def upgrade() -> None:
    """Make the tables, move what is known of contacts, and wall the new tables off."""
    check_nobody_works(op)
    op.create_table(
        "sites",
        *_record("sites"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("access", sa.String(), nullable=True),
    )
    op.create_table(
        "employer_contacts",
        *_record("employer_contacts"),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("function", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
    )
    for table in READERS:
        op.create_index(op.f(f"ix_{table}_employer_id"), table, ["employer_id"])
    op.execute(TO_CONTACTS)
    op.add_column("former_contacts", sa.Column("language", sa.String(), server_default="fr", nullable=False))
    op.alter_column("former_contacts", "language", server_default=None)
    op.execute(OF_FORMER)
    op.create_index(
        "uq_employer_contacts_main",
        "employer_contacts",
        ["employer_id"],
        unique=True,
        postgresql_where=sa.text("is_main"),
    )
    for column in (*MOVED, "language"):
        op.drop_column("employers", column)
    for table, column, owner in (
        ("needs", "site_id", "sites"),
        ("needs", "contact_id", "employer_contacts"),
        ("proposals", "site_id", "sites"),
    ):
        _refer(table, column, owner)
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    op.add_column("proposals", sa.Column("adds", sa.String(), nullable=True))
    op.add_column("former_contacts", sa.Column("contact_id", sa.Uuid(), nullable=True))
    _refer("former_contacts", "need_id", "needs")
    note_changes(op, {table: Noted("id") for table in READERS})
    for table in READERS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    for policy in _policies():
        op.execute(f"CREATE POLICY {policy}")


def _record(table: str) -> Iterator[sa.schema.SchemaItem]:
    """What all records of an employer have."""
    yield sa.Column("id", sa.Uuid(), nullable=False)
    yield sa.Column("identifier", sa.String(), nullable=True)
    yield sa.Column("revision", sa.Integer(), nullable=False)
    yield sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    yield sa.Column("employer_id", sa.Uuid(), nullable=False)
    yield sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name=op.f(f"fk_{table}_employer_id"))
    yield sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))
    yield sa.UniqueConstraint("identifier", name=op.f(f"uq_{table}_identifier"))


def _refer(table: str, column: str, owner: str) -> None:
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f(f"fk_{table}_{column}"), table, owner, [column], ["id"])


def _policies() -> Iterator[str]:
    theirs = f"{WORKS_FOR_REGION} OR {OWN_EMPLOYER}"
    for table, readers in READERS.items():
        yield f"reading ON {table} FOR SELECT USING ({readers})"
        yield f"adding ON {table} FOR INSERT WITH CHECK ({theirs})"
        yield f"changing ON {table} FOR UPDATE USING ({theirs})"
        yield f"removing ON {table} FOR DELETE USING ({theirs})"


def downgrade() -> None:
    """Move main contacts back, and forget the others, and sites."""
    for column in ("need_id", "contact_id", "language"):
        op.drop_column("former_contacts", column)
    op.execute("DELETE FROM proposals WHERE adds IS NOT NULL OR site_id IS NOT NULL")
    op.drop_column("proposals", "adds")
    op.drop_column("proposals", "site_id")
    for column in ("contact_id", "site_id"):
        op.drop_column("needs", column)
    for column in MOVED:
        op.add_column("employers", sa.Column(column, sa.String(), nullable=True))
    op.add_column("employers", sa.Column("language", sa.String(), server_default="fr", nullable=False))
    op.alter_column("employers", "language", server_default=None)
    op.execute(BACK_TO_EMPLOYERS)
    for table in READERS:
        op.drop_table(table)
        op.execute(f"DROP FUNCTION audit.note_{table}")
