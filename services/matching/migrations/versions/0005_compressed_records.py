"""What runs were computed from and what came out is kept compressed, record after record."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from shared.compressed import compressed, uncompressed

revision = "0005"
down_revision = "0004"

RUNS = sa.table("pairing_runs", sa.column("id"), sa.column("inputs"), sa.column("outcome"))


def upgrade() -> None:
    """Compress the records that are there."""
    _keep_anew(compressed)


def downgrade() -> None:
    """Keep them as they are."""
    _keep_anew(uncompressed)


def _keep_anew(document_as_kept: Callable[[bytes], bytes]) -> None:
    connection = op.get_bind()
    recorded = sa.select(RUNS.c.id).where(RUNS.c.inputs.is_not(None), RUNS.c.outcome.is_not(None))
    for run_id in connection.scalars(recorded).all():
        here = RUNS.c.id == run_id
        record = connection.execute(sa.select(RUNS.c.inputs, RUNS.c.outcome).where(here)).one()
        inputs, outcome = (document_as_kept(document) for document in record)
        connection.execute(sa.update(RUNS).where(here).values(inputs=inputs, outcome=outcome))
