"""The language of a participant stands with how they are reached; what is kept to be sent again says it no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

STATES = "('vernissage.participant.registered.v1', 'vernissage.participant.changed.v1')"

UNSAID_IN_OUTBOX = f"""
    UPDATE outbox SET body = convert_to((convert_from(body, 'UTF8')::jsonb - 'language')::text, 'UTF8')
    WHERE type IN {STATES}
"""  # noqa: S608 - text of our own

SAID_IN_OUTBOX = f"""
    UPDATE outbox SET body = convert_to(
        (convert_from(body, 'UTF8')::jsonb || jsonb_build_object('language', contacts.language))::text, 'UTF8')
    FROM participant_contacts AS contacts
    WHERE contacts.participant_id = outbox.key AND type IN {STATES}
"""  # noqa: S608 - text of our own


def upgrade() -> None:
    """Move the column, and take the field out of the events that are kept."""
    _move("participants", "id", "participant_contacts", "participant_id")
    op.execute(UNSAID_IN_OUTBOX)


def downgrade() -> None:
    """Move it back; a release before asks for the field in each event."""
    op.execute(SAID_IN_OUTBOX)
    _move("participant_contacts", "participant_id", "participants", "id")


def _move(source: str, source_id: str, target: str, target_id: str) -> None:
    op.add_column(target, sa.Column("language", sa.String(), nullable=True))
    op.execute(
        f"UPDATE {target} SET language = {source}.language FROM {source} WHERE {source}.{source_id} = {target}.{target_id}"  # noqa: S608, E501 - text of our own
    )
    op.alter_column(target, "language", nullable=False)
    op.drop_column(source, "language")
