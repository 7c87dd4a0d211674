"""Notification's tables and those of the rules of travel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.migrations import create_travel_tables, drop_travel_tables

revision = "0001"
down_revision = None

TABLES = (
    "invitations",
    "meetings",
    "meetups",
    "needs",
    "pairings",
    "participants",
    "shortlists",
    "silences",
    "answers",
    "links",
    "messages",
)
"""In the order of their making."""


def upgrade() -> None:
    """Make all tables."""
    create_travel_tables(op)
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_in_force", sa.Boolean(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.Column("decline_reason", sa.String(), nullable=True),
        sa.Column("wants_call", sa.Boolean(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("is_removed_after_acceptance", sa.Boolean(), nullable=False),
        sa.Column("heard", sa.String(), nullable=True),
        sa.Column("heard_day", sa.Date(), nullable=True),
        sa.Column("accepted_day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("meetup_id", "participant_id", name="uq_invitations_meetup_id_participant_id"),
    )
    op.create_index(
        "ix_invitations_unanswered",
        "invitations",
        ["deadline"],
        unique=False,
        postgresql_where=sa.text("is_in_force AND reply = 'none'"),
    )
    op.create_index("ix_invitations_participant_id", "invitations", ["participant_id"], unique=False)
    op.create_table(
        "meetings",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("table", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("for_participant", postgresql.JSONB(), nullable=False),
        sa.Column("for_employer", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", "id", name="pk_meetings"),
    )
    op.create_index("ix_meetings_participant_id", "meetings", ["participant_id"], unique=False)
    op.create_table(
        "meetups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("venue", sa.String(), nullable=True),
        sa.Column("commune", sa.String(), nullable=True),
        sa.Column("directions", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slot_minutes", sa.Integer(), nullable=True),
        sa.Column("slots", sa.Integer(), nullable=True),
        sa.Column("needs", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meetups"),
    )
    op.create_table(
        "needs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=True),
        sa.Column("occupation", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_needs"),
    )
    op.create_table(
        "pairings",
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("pairing_id", sa.Uuid(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("meetup_id", name="pk_pairings"),
    )
    op.create_table(
        "participants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("contact_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("may_be_contacted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_participants"),
    )
    op.create_table(
        "shortlists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("heard", sa.String(), nullable=False),
        sa.Column("heard_day", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_shortlists"),
        sa.UniqueConstraint("meetup_id", "employer_id", name="uq_shortlists_meetup_id_employer_id"),
    )
    op.create_table(
        "silences",
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", name="pk_silences"),
    )
    op.create_table(
        "answers",
        sa.Column("shortlist_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["shortlist_id"], ["shortlists.id"], name="fk_answers_shortlist_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("shortlist_id", "need_id", "participant_id", name="pk_answers"),
    )
    op.create_index("ix_answers_participant_id", "answers", ["participant_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("shortlist_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_links_invitation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shortlist_id"], ["shortlists.id"], name="fk_links_shortlist_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_links"),
    )
    op.create_index("ix_links_invitation_id", "links", ["invitation_id"], unique=False)
    op.create_index("ix_links_shortlist_id", "links", ["shortlist_id"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("meetup_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=True),
        sa.Column("shortlist_id", sa.Uuid(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("smtp_id", sa.String(), nullable=True),
        sa.Column("address_mark", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitations.id"], name="fk_messages_invitation_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shortlist_id"], ["shortlists.id"], name="fk_messages_shortlist_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("invitation_id", "kind", "edition", name="uq_messages_invitation_id_kind_edition"),
        sa.UniqueConstraint("shortlist_id", "kind", "edition", name="uq_messages_shortlist_id_kind_edition"),
    )
    op.create_index("ix_messages_recipient_id", "messages", ["recipient_id"], unique=False)
    op.create_index("ix_messages_meetup_id", "messages", ["meetup_id"], unique=False)
    op.create_index(
        "ix_messages_open",
        "messages",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )


def downgrade() -> None:
    """Drop all tables."""
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_travel_tables(op)
