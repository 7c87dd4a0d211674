"""Registration's tables and those of the rules of travel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.migrations import create_travel_tables, drop_travel_tables

revision = "0001"
down_revision = None

TABLES = (
    "agencies",
    "employer_answers",
    "employers",
    "erasures",
    "idempotency_keys",
    "invitation_states",
    "paired_participants",
    "pairing_states",
    "pairings_in_force",
    "meetups",
    "needs",
    "participants",
    "staff",
    "venues",
    "workshops",
    "consents",
    "duplicate_suspicions",
    "meetup_departures",
    "meetup_enrolments",
    "meetup_needs",
    "meetup_outcomes",
    "observations",
    "naming_notes",
    "participant_contacts",
    "participant_protected",
    "workshop_enrolments",
    "workshop_staff",
)
"""In the order of their making: each after those that it refers to."""


def upgrade() -> None:
    """Create everything."""
    create_travel_tables(op)
    op.create_table(
        "agencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agencies"),
        sa.UniqueConstraint("folded_name", name="uq_agencies_folded_name"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("identifier_digest", sa.String(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_erasures_agency_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.UniqueConstraint("participant_id", name="uq_erasures_participant_id"),
    )
    op.create_index("ix_erasures_agency_id", "erasures", ["agency_id"], unique=False)
    op.create_index("ix_erasures_identifier_digest", "erasures", ["identifier_digest"], unique=False)
    op.create_table(
        "employer_answers",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", "need_id", "participant_id", name="pk_employer_answers"),
    )
    op.create_index("ix_employer_answers_participant_id", "employer_answers", ["participant_id"], unique=False)
    op.create_table(
        "employers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("siret", sa.String(), nullable=True),
        sa.Column("contact_name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_employers"),
        sa.UniqueConstraint("identifier", name="uq_employers_identifier"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_keys"),
        sa.UniqueConstraint("person_id", "key", name="uq_idempotency_keys_person_id_key"),
    )
    op.create_table(
        "invitation_states",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", name="pk_invitation_states"),
    )
    op.create_index("ix_invitation_states_participant_id", "invitation_states", ["participant_id"], unique=False)
    op.create_table(
        "paired_participants",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("meetings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", name="pk_paired_participants"),
    )
    op.create_index("ix_paired_participants_participant_id", "paired_participants", ["participant_id"], unique=False)
    op.create_table(
        "pairing_states",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("meetings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", name="pk_pairing_states"),
    )
    op.create_table(
        "pairings_in_force",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", name="pk_pairings_in_force"),
    )
    op.create_table(
        "meetups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("access", sa.String(), nullable=True),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("breaks", postgresql.JSONB(), nullable=False),
        sa.Column("ground_floor_tables", sa.Integer(), nullable=True),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("directions", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_meetups_agency_id"),
        sa.PrimaryKeyConstraint("id", name="pk_meetups"),
        sa.UniqueConstraint("identifier", name="uq_meetups_identifier"),
    )
    op.create_index("ix_meetups_agency_id", "meetups", ["agency_id"], unique=False)
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("hours", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("licences", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("interviewers", sa.Integer(), nullable=False),
        sa.Column("access", sa.String(), nullable=True),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("skills", postgresql.JSONB(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employers.id"], name="fk_needs_employer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_needs"),
        sa.UniqueConstraint("identifier", name="uq_needs_identifier"),
    )
    op.create_index("ix_needs_employer_id", "needs", ["employer_id"], unique=False)
    op.create_table(
        "participants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("travel_limit_km", sa.Float(), nullable=False),
        sa.Column("transport", sa.String(), nullable=False),
        sa.Column("available_from", sa.Date(), nullable=False),
        sa.Column("hours", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("licences", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("wishes", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("refused_occupations", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_participants_agency_id"),
        sa.PrimaryKeyConstraint("id", name="pk_participants"),
        sa.UniqueConstraint("identifier", name="uq_participants_identifier"),
    )
    op.create_index("ix_participants_agency_id", "participants", ["agency_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_staff_agency_id"),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("email", name="uq_staff_email"),
    )
    op.create_index("ix_staff_agency_id", "staff", ["agency_id"], unique=False)
    op.create_table(
        "venues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("access", sa.String(), nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_venues"),
        sa.UniqueConstraint("folded_name", "commune", name="uq_venues_folded_name_commune"),
    )
    op.create_table(
        "workshops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("field_revisions", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("commune", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name="fk_workshops_agency_id"),
        sa.PrimaryKeyConstraint("id", name="pk_workshops"),
        sa.UniqueConstraint("identifier", name="uq_workshops_identifier"),
    )
    op.create_index("ix_workshops_agency_id", "workshops", ["agency_id"], unique=False)
    op.create_table(
        "consents",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_consents_participant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("participant_id", "purpose", "revision", name="pk_consents"),
    )
    op.create_table(
        "duplicate_suspicions",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("resembles_id", sa.Uuid(), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_duplicate_suspicions_participant_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resembles_id"], ["participants.id"], name="fk_duplicate_suspicions_resembles_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("participant_id", "resembles_id", name="pk_duplicate_suspicions"),
    )
    op.create_index("ix_duplicate_suspicions_resembles_id", "duplicate_suspicions", ["resembles_id"], unique=False)
    op.create_table(
        "meetup_departures",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meetup_id"], ["meetups.id"], name="fk_meetup_departures_meetup_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_meetup_departures_participant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", name="pk_meetup_departures"),
    )
    op.create_index("ix_meetup_departures_participant_id", "meetup_departures", ["participant_id"], unique=False)
    op.create_table(
        "meetup_enrolments",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("first_slot", sa.Integer(), nullable=True),
        sa.Column("last_slot", sa.Integer(), nullable=True),
        sa.Column("longer_slot", sa.Boolean(), nullable=False),
        sa.Column("ground_floor", sa.Boolean(), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meetup_id"], ["meetups.id"], name="fk_meetup_enrolments_meetup_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_meetup_enrolments_participant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", name="pk_meetup_enrolments"),
    )
    op.create_index("ix_meetup_enrolments_participant_id", "meetup_enrolments", ["participant_id"], unique=False)
    op.create_table(
        "meetup_needs",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("interviewers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetups.id"], name="fk_meetup_needs_meetup_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_meetup_needs_need_id"),
        sa.PrimaryKeyConstraint("meetup_id", "need_id", name="pk_meetup_needs"),
    )
    op.create_index("ix_meetup_needs_need_id", "meetup_needs", ["need_id"], unique=False)
    op.create_table(
        "meetup_outcomes",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetups.id"], name="fk_meetup_outcomes_meetup_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name="fk_meetup_outcomes_need_id"),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_meetup_outcomes_participant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", "need_id", name="pk_meetup_outcomes"),
    )
    op.create_index("ix_meetup_outcomes_participant_id", "meetup_outcomes", ["participant_id"], unique=False)
    op.create_table(
        "observations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("rater_id", sa.Uuid(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("exercise", sa.String(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_observations_participant_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name="fk_observations_workshop_id"),
        sa.PrimaryKeyConstraint("id", name="pk_observations"),
    )
    op.create_index(
        "uq_observations_key",
        "observations",
        ["participant_id", "workshop_id", "rater_id", "seen_on", "exercise", "skill", "ordinal"],
        unique=True,
        postgresql_where=sa.text("retracted_at IS NULL"),
    )
    op.create_index("ix_observations_workshop_id", "observations", ["workshop_id"], unique=False)
    op.create_table(
        "naming_notes",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("observation_id", sa.Uuid(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["erasure_id"], ["erasures.id"], name="fk_naming_notes_erasure_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["observation_id"], ["observations.id"], name="fk_naming_notes_observation_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("erasure_id", "observation_id", name="pk_naming_notes"),
    )
    op.create_index("ix_naming_notes_observation_id", "naming_notes", ["observation_id"], unique=False)
    op.create_table(
        "participant_contacts",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("postal_address", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_participant_contacts_participant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participant_contacts"),
    )
    op.create_index("ix_participant_contacts_folded_name", "participant_contacts", ["folded_name"], unique=False)
    op.create_table(
        "participant_protected",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("publics", postgresql.ARRAY(sa.String()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_participant_protected_participant_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("participant_id", name="pk_participant_protected"),
    )
    op.create_table(
        "workshop_enrolments",
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participants.id"], name="fk_workshop_enrolments_participant_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name="fk_workshop_enrolments_workshop_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workshop_id", "participant_id", name="pk_workshop_enrolments"),
    )
    op.create_index("ix_workshop_enrolments_participant_id", "workshop_enrolments", ["participant_id"], unique=False)
    op.create_table(
        "workshop_staff",
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_workshop_staff_staff_id"),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name="fk_workshop_staff_workshop_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workshop_id", "staff_id", "role", name="pk_workshop_staff"),
    )
    op.create_index("ix_workshop_staff_staff_id", "workshop_staff", ["staff_id"], unique=False)


def downgrade() -> None:
    """Drop everything."""
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_travel_tables(op)
