"""The words of people's names, so that whoever searches finds somebody by how they begin, in any order.

Under policies PostgreSQL looks nothing up by an operator that might tell something of rows that nobody may see:
neither `LIKE` nor full text search, but the order of texts. So words stand in rows, in the order of their bytes, each
with the names as they are sorted and compared: one index answers for who bears which words. A trigger makes them of
the names as compared, so that no code can forget to; they go with their contact, and with the person to another
agency.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.migrations import check_nobody_works

revision = "0032"
down_revision = "0031"

ASKS_FOR_ANOTHER = "session_user <> current_user"
WORKS_FOR_REGION = f"(SELECT asks_as('operator', 'service') OR {ASKS_FOR_ANOTHER})"
ON_THE_ROW = "agency_id = (SELECT own_agency())"

SPLIT = """
    INSERT INTO name_words (participant_id, word, agency_id, sorted_last_name, sorted_first_name, folded_name)
    SELECT DISTINCT participant_id, word, agency_id, sorted_last_name, sorted_first_name, folded_name
    FROM {contacts} CROSS JOIN string_to_table(folded_name, ' ') word WHERE word <> ''
"""
RENAMED = """
    named JOIN named_before USING (participant_id)
    WHERE (named.folded_name, named.sorted_last_name, named.sorted_first_name)
        <> (named_before.folded_name, named_before.sorted_last_name, named_before.sorted_first_name)
"""
KEEP = f"""
    CREATE FUNCTION keep_name_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            {SPLIT.format(contacts="named")};
        ELSE
            DELETE FROM name_words WHERE participant_id IN (SELECT participant_id FROM {RENAMED});
            {SPLIT.format(contacts=f"(SELECT named.* FROM {RENAMED}) renamed")};
        END IF;
        RETURN NULL;
    END $$
"""  # noqa: S608 - our own


def upgrade() -> None:
    """Make the table, fill it, and have a trigger keep it."""
    check_nobody_works(op)
    op.create_table(
        "name_words",
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(collation="C"), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("sorted_last_name", sa.String(), nullable=False),
        sa.Column("sorted_first_name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
    )
    op.execute(SPLIT.format(contacts="participant_contacts"))
    op.create_primary_key("pk_name_words", "name_words", ["participant_id", "word"])
    op.create_foreign_key(
        "fk_name_words_participant_id_agency_id",
        "name_words",
        "participants",
        ["participant_id", "agency_id"],
        ["id", "agency_id"],
        onupdate="CASCADE",
        ondelete="CASCADE",
    )
    by_word = ["agency_id", "word", "sorted_last_name", "sorted_first_name", "participant_id"]
    op.create_index("ix_name_words_agency_id_word", "name_words", by_word, postgresql_include=["folded_name"])
    op.drop_index("ix_participant_contacts_folded_name", "participant_contacts")
    op.execute(KEEP)
    made = "CREATE TRIGGER words_{what} AFTER {what} ON participant_contacts REFERENCING {rows} FOR EACH STATEMENT"
    for what, rows in (("INSERT", "NEW TABLE AS named"), ("UPDATE", "NEW TABLE AS named OLD TABLE AS named_before")):
        op.execute(f"{made.format(what=what, rows=rows)} EXECUTE FUNCTION keep_name_words()")
    op.execute("ALTER TABLE name_words ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE name_words FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY searching ON name_words USING ({WORKS_FOR_REGION} OR {ON_THE_ROW})")


def downgrade() -> None:
    """Drop it."""
    for what in ("INSERT", "UPDATE"):
        op.execute(f"DROP TRIGGER words_{what} ON participant_contacts")
    op.execute("DROP FUNCTION keep_name_words")
    op.drop_table("name_words")
    op.create_index("ix_participant_contacts_folded_name", "participant_contacts", ["folded_name"])
