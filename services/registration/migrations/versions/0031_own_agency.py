"""Contacts and observations say themselves whose they are, so that an agency's lists read its own rows and no others.

Before, policies and lists asked each row's person; then PostgreSQL can only go through the region's rows and leave out
those of others. A foreign key holds the agency to the person's, and has it follow when they move.

Each list of an agency has its indexes beside those of the region: by what it is sorted, by ids, by when rows were kept.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from shared.migrations import check_nobody_works

revision = "0031"
down_revision = "0030"

OWNED = ("participant_contacts", "observations")
LISTED = {
    "workshops": ("id", "kept_at", "starts_on"),
    "meetups": ("id", "kept_at", "starts_at"),
    "erasures": ("id", "kept_at", "erased_at"),
    "operations": ("id", "kept_at", "starts_on"),
    "observations": ("id", "kept_at", "seen_on"),
    "participants": ("kept_at",),
}
BARE = ("workshops", "meetups", "erasures", "operations", "participants")
"""What had an index of the agency alone."""

ASKS_FOR_ANOTHER = "session_user <> current_user"
WORKS_FOR_REGION = f"(SELECT asks_as('operator', 'service') OR {ASKS_FOR_ANOTHER})"
ON_THE_ROW = "agency_id = (SELECT own_agency())"
BY_THE_PERSON = f"EXISTS (SELECT FROM participants owner WHERE owner.id = participant_id AND owner.{ON_THE_ROW})"
OWN_WORKSHOP = f"EXISTS (SELECT FROM workshops owner WHERE owner.id = workshop_id AND owner.{ON_THE_ROW})"
HELD_WORKSHOP = "workshop_id = ANY ((SELECT CASE WHEN asks_as('mediator') THEN held_workshops() END)::uuid[])"
HELD_PERSON = "participant_id = ANY ((SELECT CASE WHEN asks_as('mediator') THEN held_people() END)::uuid[])"
OWN_NOTE = f"{HELD_WORKSHOP} AND rater_id = (SELECT own_id())"

WAS_MET = """
    CREATE OR REPLACE FUNCTION was_met(workshop uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER COST 1000 SET search_path = public, pg_temp
    AS 'SELECT EXISTS (
            SELECT FROM workshop_enrolments JOIN participants ON participants.id = participant_id
            WHERE workshop_id = workshop AND agency_id = own_agency()
        ) OR EXISTS (
            SELECT FROM {noted} WHERE workshop_id = workshop AND {whose} = own_agency()
        )'
"""
NOTED_OF = {"noted": "observations", "whose": "agency_id"}
NOTED_OF_PERSON = {
    "noted": "observations JOIN participants ON participants.id = participant_id",
    "whose": "participants.agency_id",
}


def upgrade() -> None:
    """Add the columns with what the people say, hold them to it, and let policies and indexes go by them."""
    check_nobody_works(op)
    op.create_unique_constraint("uq_participants_agency_id_id", "participants", ["agency_id", "id"])
    for table in OWNED:
        op.add_column(table, sa.Column("agency_id", sa.Uuid(), nullable=True))
        # Nothing happened to these rows, so neither is it noted nor are they kept anew.
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        op.execute(
            f"UPDATE {table} SET agency_id = person.agency_id FROM participants person WHERE person.id = participant_id"  # noqa: S608 - a name of our own
        )
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        op.alter_column(table, "agency_id", nullable=False)
        op.drop_constraint(f"fk_{table}_participant_id", table)
        op.create_foreign_key(
            f"fk_{table}_participant_id_agency_id",
            table,
            "participants",
            ["participant_id", "agency_id"],
            ["id", "agency_id"],
            onupdate="CASCADE",
            ondelete="CASCADE",
        )
    # By which notes follow who moves and go with who is erased: another index leaves out the retracted.
    op.create_index("ix_observations_participant_id", "observations", ["participant_id"])
    for table in BARE:
        op.drop_index(f"ix_{table}_agency_id")
    for table, columns in LISTED.items():
        for column in columns:
            by = ["agency_id", column, *(["id"] if column != "id" else [])]
            op.create_index(f"ix_{table}_agency_id_{column}", table, by)
    by_name = ["agency_id", "sorted_last_name", "sorted_first_name", "participant_id"]
    op.create_index("ix_participant_contacts_agency_id_sorted", "participant_contacts", by_name)
    for policy in _policies(ON_THE_ROW):
        op.execute(f"ALTER POLICY {policy}")
    op.execute(WAS_MET.format(**NOTED_OF))


def _policies(own: str) -> Iterator[str]:
    yield f"reading ON participant_contacts USING ({WORKS_FOR_REGION} OR {own} OR {HELD_PERSON})"
    yield f"adding ON participant_contacts WITH CHECK ({WORKS_FOR_REGION} OR {own})"
    yield f"changing ON participant_contacts USING ({WORKS_FOR_REGION} OR {own})"
    yield f"removing ON participant_contacts USING ({WORKS_FOR_REGION} OR {own})"
    yield f"reading ON observations USING ({WORKS_FOR_REGION} OR {own} OR {OWN_WORKSHOP} OR {HELD_WORKSHOP})"
    yield (
        f"adding ON observations WITH CHECK ("
        f"{WORKS_FOR_REGION} OR {OWN_WORKSHOP} AND {own} OR {OWN_NOTE} AND {HELD_PERSON})"
    )
    yield f"changing ON observations USING ({WORKS_FOR_REGION} OR {own} OR {OWN_NOTE})"


def downgrade() -> None:
    """Ask the person again."""
    for policy in _policies(BY_THE_PERSON):
        op.execute(f"ALTER POLICY {policy}")
    op.execute(WAS_MET.format(**NOTED_OF_PERSON))
    for table in OWNED:
        op.drop_constraint(f"fk_{table}_participant_id_agency_id", table)
        op.create_foreign_key(
            f"fk_{table}_participant_id", table, "participants", ["participant_id"], ["id"], ondelete="CASCADE"
        )
    for table, columns in LISTED.items():
        for column in columns:
            op.drop_index(f"ix_{table}_agency_id_{column}", table)
    op.drop_index("ix_observations_participant_id", "observations")
    for table in OWNED:
        op.drop_column(table, "agency_id")
    op.drop_constraint("uq_participants_agency_id_id", "participants")
    for table in BARE:
        op.create_index(f"ix_{table}_agency_id", table, ["agency_id"])
