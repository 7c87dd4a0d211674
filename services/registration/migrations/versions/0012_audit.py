"""The audit: who looked at whom and who changed what, in lines that the service can add and nobody can take back."""

from __future__ import annotations

from alembic import op

from shared.auditing.migrating import Noted, create_audit, drop_audit

revision = "0012"
down_revision = "0011"

THEIR_OWN = Noted(participant="participant_id")

TABLES = {
    "participants": Noted(participant="id"),
    "participant_contacts": THEIR_OWN,
    "participant_protected": THEIR_OWN,
    "consents": Noted(participant="participant_id", why="source"),
    "duplicate_suspicions": Noted("resembles_id", "participant_id"),
    "observations": Noted("id", "participant_id"),
    "workshop_enrolments": Noted("workshop_id", "participant_id"),
    "meetup_enrolments": Noted("meetup_id", "participant_id"),
    "meetup_departures": Noted("meetup_id", "participant_id"),
    "meetup_outcomes": Noted("meetup_id", "participant_id"),
    "erasures": Noted("id", "participant_id"),
    "naming_notes": Noted("observation_id"),
    "workshops": Noted("id"),
    "workshop_staff": Noted("workshop_id"),
    "meetups": Noted("id"),
    "meetup_needs": Noted("meetup_id"),
    "employers": Noted("id"),
    "needs": Noted("id"),
    "proposals": Noted("id"),
    "venues": Noted("id"),
    "agencies": Noted("id"),
    "staff": Noted("id"),
    "accounts": Noted("staff_id"),
    "credentials": Noted("id"),
}


def upgrade() -> None:
    """Begin to note."""
    create_audit(op, TABLES)


def downgrade() -> None:
    """Note no more, and forget what was noted."""
    drop_audit(op, TABLES)
