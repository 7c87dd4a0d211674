"""What must never count stands in a schema of its own, which the service's role does not reach by itself."""

from __future__ import annotations

from collections.abc import Sequence

from alembic import op

revision = "0013"
down_revision = "0012"

CONSTRAINTS = (
    ("pk_participant_protected", "pk_criteria"),
    ("fk_participant_protected_participant_id", "fk_criteria_participant_id"),
)

ONE_FOR_ALL = """
    UPDATE participants SET field_revisions = (field_revisions - ARRAY['publics', 'born_on', 'sex'])
        || jsonb_build_object('protected', greatest(
            (field_revisions ->> 'publics')::int, (field_revisions ->> 'born_on')::int, (field_revisions ->> 'sex')::int
        ))
    WHERE field_revisions ?| ARRAY['publics', 'born_on', 'sex']
"""
"""When something protected last changed is kept beside the rest; what of it, no more."""

ALL_FOR_ONE = """
    UPDATE participants SET field_revisions = (field_revisions - 'protected') || jsonb_build_object(
        'publics', field_revisions -> 'protected',
        'born_on', field_revisions -> 'protected',
        'sex', field_revisions -> 'protected'
    )
    WHERE field_revisions ? 'protected'
"""


def upgrade() -> None:
    """Move the table, with what is in it."""
    op.execute("CREATE SCHEMA protected")
    op.execute("ALTER TABLE participant_protected SET SCHEMA protected")
    op.execute("ALTER TABLE protected.participant_protected RENAME TO criteria")
    _rename(CONSTRAINTS)
    op.execute("ALTER INDEX protected.ix_participant_protected_born_on RENAME TO ix_protected_criteria_born_on")
    op.execute(ONE_FOR_ALL)


def downgrade() -> None:
    """Move it back."""
    op.execute(ALL_FOR_ONE)
    op.execute("ALTER INDEX protected.ix_protected_criteria_born_on RENAME TO ix_participant_protected_born_on")
    _rename([(new, old) for old, new in CONSTRAINTS])
    op.execute("ALTER TABLE protected.criteria RENAME TO participant_protected")
    op.execute("ALTER TABLE protected.participant_protected SET SCHEMA public")
    op.execute("DROP SCHEMA protected")


def _rename(names: Sequence[tuple[str, str]]) -> None:
    for old, new in names:
        op.execute(f"ALTER TABLE protected.criteria RENAME CONSTRAINT {old} TO {new}")
