"""Matching's tables and those of the rules of travel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.migrations import create_travel_tables, drop_travel_tables

revision = "0001"
down_revision = None

TABLES = (
    "components",
    "consents",
    "enrolments",
    "exposures",
    "meetups",
    "needs",
    "observations",
    "pair_rules",
    "pairing_people",
    "pairing_runs",
    "pairings",
    "participants",
    "refit_requests",
    "rematch_requests",
    "replies",
    "seatings",
    "shortlists_due",
    "standing_shortlists",
)


def upgrade() -> None:
    """Make all tables."""
    create_travel_tables(op)
    op.create_table(
        "components",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_components")),
    )
    op.create_table(
        "consents",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", "purpose", name=op.f("pk_consents")),
    )
    op.create_table(
        "enrolments",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_enrolled", sa.Boolean(), nullable=False),
        sa.Column("state", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", name=op.f("pk_enrolments")),
    )
    op.create_table(
        "exposures",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("participant_id", name=op.f("pk_exposures")),
    )
    op.create_table(
        "meetups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("state", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetups")),
    )
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
    )
    op.create_table(
        "observations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("rater_id", sa.Uuid(), nullable=True),
        sa.Column("workshop_id", sa.Uuid(), nullable=True),
        sa.Column("venue", sa.String(), nullable=True),
        sa.Column("exercise", sa.String(), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("framework", sa.String(), nullable=True),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("is_retracted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
    )
    op.create_table(
        "pair_rules",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", "need_id", name=op.f("pk_pair_rules")),
    )
    op.create_table(
        "pairing_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("next_run_id", sa.Uuid(), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("inputs", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.LargeBinary(), nullable=True),
        sa.Column("conflicts", postgresql.JSONB(), nullable=True),
        sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing_runs")),
    )
    op.create_table(
        "pairings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("based_on", sa.Uuid(), nullable=True),
        sa.Column("outline", postgresql.JSONB(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
    )
    op.create_table(
        "pairing_people",
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("pairing_id", "participant_id", name=op.f("pk_pairing_people")),
    )
    op.create_table(
        "seatings",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", "number", name=op.f("pk_seatings")),
    )
    op.create_table(
        "participants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("state", postgresql.JSONB(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participants")),
    )
    op.create_table(
        "refit_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework", sa.String(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refit_requests")),
    )
    op.create_table(
        "rematch_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("pins", postgresql.JSONB(), nullable=False),
        sa.Column("forbids", postgresql.JSONB(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rematch_requests")),
    )
    op.create_table(
        "replies",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", "participant_id", name=op.f("pk_replies")),
    )
    op.create_table(
        "shortlists_due",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_shortlists_due")),
    )
    op.create_table(
        "standing_shortlists",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ranking", postgresql.JSONB(), nullable=False),
        sa.Column("dropped", postgresql.JSONB(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_standing_shortlists")),
    )
    op.create_index(op.f("ix_components_framework"), "components", ["framework"], unique=False)
    op.create_index(op.f("ix_enrolments_participant_id"), "enrolments", ["participant_id"], unique=False)
    op.create_index(op.f("ix_meetups_agency_id"), "meetups", ["agency_id"], unique=False)
    op.create_index(op.f("ix_needs_employer_id"), "needs", ["employer_id"], unique=False)
    op.create_index(op.f("ix_observations_participant_id"), "observations", ["participant_id"], unique=False)
    op.create_index(op.f("ix_pair_rules_participant_id"), "pair_rules", ["participant_id"], unique=False)
    op.create_index(op.f("ix_pairing_runs_meetup_id"), "pairing_runs", ["meetup_id"], unique=False)
    op.create_index(op.f("ix_pairing_runs_status"), "pairing_runs", ["status"], unique=False)
    op.create_index(
        "uq_pairing_runs_queued",
        "pairing_runs",
        ["meetup_id"],
        unique=True,
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(op.f("ix_pairing_people_meetup_id"), "pairing_people", ["meetup_id"], unique=False)
    op.create_index(op.f("ix_pairing_people_participant_id"), "pairing_people", ["participant_id"], unique=False)
    op.create_index(op.f("ix_pairings_meetup_id"), "pairings", ["meetup_id"], unique=False)
    op.create_index(
        "uq_pairings_in_force", "pairings", ["meetup_id"], unique=True, postgresql_where=sa.text("status = 'in-force'")
    )
    op.create_index(
        "uq_pairings_proposed", "pairings", ["meetup_id"], unique=True, postgresql_where=sa.text("status = 'proposed'")
    )
    op.create_index(op.f("ix_participants_agency_id"), "participants", ["agency_id"], unique=False)
    op.create_index(op.f("ix_rematch_requests_meetup_id"), "rematch_requests", ["meetup_id"], unique=False)
    op.create_index(op.f("ix_rematch_requests_run_id"), "rematch_requests", ["run_id"], unique=False)
    op.create_index(op.f("ix_replies_participant_id"), "replies", ["participant_id"], unique=False)
    op.create_index(op.f("ix_seatings_need_id"), "seatings", ["need_id"], unique=False)


def downgrade() -> None:
    """Drop all tables."""
    for table in TABLES:
        op.drop_table(table)
    drop_travel_tables(op)
