"""What a service's migration makes of the audit: its schema, and triggers that note what changes in its tables.

Changes are noted by triggers, one line a row and one statement a change, so that no code can forget to. Who asks, and
where they came in, is what the transaction said when it began (`shared.asking`); the service may write no other.

**Sealing.** A line is sealed some seconds later, many at once, since sealing each as it comes would have every
transaction wait for the one before it. A seal covers all lines up to a position, so none of them may still be on its
way: `audit.seal` writes down the last position and its own transaction's number, and the call that finds all
transactions before that number ended seals up to that position. That holds because whoever adds a line has a number
before they have a position: whoever changes a row has one, and `audit.note_looks` asks for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.migrations import Operations


@dataclass(frozen=True)
class Noted:
    """A table whose changes are noted: SQL for the record in a row, the participant whom it is about, and a reason.

    Where the record is the participant's own, it has no id but theirs. A reason is a code: what people typed never
    stands in a line.
    """

    record: str = "NULL::uuid"
    participant: str = "NULL::uuid"
    why: str = "NULL::text"


_MADE = (
    "CREATE SCHEMA audit",
    """
    CREATE TABLE audit.lines (
        position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_lines PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT clock_timestamp(),
        person_id uuid DEFAULT nullif(current_setting('vernissage.person', true), '')::uuid,
        role text NOT NULL DEFAULT coalesce(current_setting('vernissage.role', true), ''),
        agency_id uuid DEFAULT nullif(current_setting('vernissage.agency', true), '')::uuid,
        route text NOT NULL DEFAULT coalesce(current_setting('vernissage.route', true), ''),
        what text NOT NULL,
        kind text NOT NULL,
        record_id uuid,
        participant_id uuid,
        why text
    )
    """,
    "CREATE INDEX ix_lines_person_id ON audit.lines (person_id, position) WHERE person_id IS NOT NULL",
    "CREATE INDEX ix_lines_record_id ON audit.lines (record_id, position) WHERE record_id IS NOT NULL",
    "CREATE INDEX ix_lines_participant_id ON audit.lines (participant_id, position) WHERE participant_id IS NOT NULL",
    "CREATE INDEX ix_lines_at ON audit.lines USING brin (at)",
    """
    CREATE TABLE audit.seals (
        number bigint CONSTRAINT pk_seals PRIMARY KEY,
        up_to bigint NOT NULL CONSTRAINT uq_seals_up_to UNIQUE,
        sealed_at timestamptz NOT NULL,
        hash bytea NOT NULL
    )
    """,
    "CREATE TABLE audit.to_seal (up_to bigint NOT NULL, before xid8 NOT NULL)",
    """
    CREATE FUNCTION audit.hash_of(before bytea, seal_number bigint, after bigint, last bigint, made_at timestamptz)
    RETURNS bytea LANGUAGE sql STABLE RETURN (
        SELECT sha256(coalesce(before, ''::bytea) || convert_to(
            json_build_array(seal_number, after, last, extract(epoch FROM made_at), count(*))::text
            || coalesce(string_agg(json_build_array(
                line.position, extract(epoch FROM line.at), line.person_id, line.role, line.agency_id, line.route,
                line.what, line.kind, line.record_id, line.participant_id, line.why
            )::text, '' ORDER BY line.position), ''), 'UTF8'))
        FROM audit.lines line WHERE line.position > after AND line.position <= last
    )
    """,
    """
    CREATE FUNCTION audit.seal(at_most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        newest bigint;
        wanted audit.to_seal;
        last audit.seals;
        next_up_to bigint;
        made_at timestamptz;
        made integer := 0;
    BEGIN
        IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
            RAISE EXCEPTION 'the audit is sealed by a transaction that changes nothing else';
        END IF;
        -- Whoever comes while another seals leaves it to them.
        IF NOT pg_try_advisory_xact_lock(7236031) THEN
            RETURN 0;
        END IF;
        -- This before the transaction gets its number: what has a smaller position has a smaller number.
        SELECT coalesce(max(position), 0) INTO newest FROM audit.lines;
        SELECT * INTO wanted FROM audit.to_seal;
        IF FOUND AND wanted.before <= pg_snapshot_xmin(pg_current_snapshot()) THEN
            SELECT * INTO last FROM audit.seals ORDER BY number DESC LIMIT 1;
            LOOP
                SELECT max(position) INTO next_up_to FROM (
                    SELECT position FROM audit.lines
                    WHERE position > coalesce(last.up_to, 0) AND position <= wanted.up_to
                    ORDER BY position LIMIT at_most
                ) batch;
                EXIT WHEN next_up_to IS NULL;
                made_at := clock_timestamp();
                INSERT INTO audit.seals (number, up_to, sealed_at, hash)
                SELECT number, next_up_to, made_at,
                       audit.hash_of(last.hash, number, coalesce(last.up_to, 0), next_up_to, made_at)
                FROM (SELECT coalesce(last.number, 0) + 1 AS number) next
                RETURNING * INTO last;
                made := made + 1;
            END LOOP;
        ELSIF FOUND AND wanted.before <= pg_snapshot_xmax(pg_current_snapshot()) THEN
            RETURN 0;
        END IF;
        -- Numbers from before a restore on another server say nothing here, so that the wait begins anew.
        DELETE FROM audit.to_seal;
        INSERT INTO audit.to_seal (up_to, before) VALUES (newest, pg_current_xact_id());
        RETURN made;
    END $$
    """,
    """
    CREATE FUNCTION audit.first_broken(after bigint, last bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
        SELECT seal.number
        FROM audit.seals seal LEFT JOIN audit.seals before ON before.number = seal.number - 1
        WHERE seal.number > after AND seal.number <= last
        AND ((before.number IS NULL) <> (seal.number = 1) OR seal.hash <> audit.hash_of(
            before.hash, seal.number, coalesce(before.up_to, 0), seal.up_to, seal.sealed_at
        ))
        ORDER BY seal.number LIMIT 1
    $$
    """,
    """
    CREATE FUNCTION audit.note_looks(shown text, record uuid, participants uuid[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF pg_current_xact_id_if_assigned() IS NULL THEN
            PERFORM set_config('vernissage.waits', current_setting('synchronous_commit'), true),
                    set_config('synchronous_commit', 'off', true), pg_current_xact_id();
        END IF;
        INSERT INTO audit.lines (what, kind, record_id, participant_id)
        SELECT 'look', shown, record, one FROM unnest(participants) one;
    END $$
    """,
)

_NOTE_CHANGES = """
    CREATE FUNCTION audit.note_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Whoever only looked before waits for the disk after all.
        IF current_setting('vernissage.waits', true) <> '' THEN
            PERFORM set_config('synchronous_commit', current_setting('vernissage.waits'), true);
        END IF;
        INSERT INTO audit.lines (what, kind, record_id, participant_id, why)
        SELECT lower(TG_OP), '{table}', {record}, {participant}, {why} FROM changed;
        RETURN NULL;
    END $$
"""

_CHANGED_ROWS = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}


def create_audit(op: Operations, tables: Mapping[str, Noted]) -> None:
    """Begin to note: looks, and what changes in these tables."""
    connection = op.get_bind()
    for statement in _MADE:
        connection.exec_driver_sql(statement)
    note_changes(op, tables)


def note_changes(op: Operations, tables: Mapping[str, Noted]) -> None:
    """Begin to note what changes in these tables: for a version that adds them."""
    connection = op.get_bind()
    for table, noted in tables.items():
        connection.exec_driver_sql(
            _NOTE_CHANGES.format(table=table, record=noted.record, participant=noted.participant, why=noted.why)
        )
        for operation, rows in _CHANGED_ROWS.items():
            connection.exec_driver_sql(
                f"CREATE TRIGGER notes_{operation.lower()} AFTER {operation} ON {table} "
                f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION audit.note_{table}()"
            )


_LET_GO = (
    "ALTER TABLE audit.seals ADD COLUMN lines_gone boolean NOT NULL DEFAULT false",
    """
    CREATE FUNCTION audit.let_go(sealed_before timestamptz, at_most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        last audit.seals;
        gone bigint;
    BEGIN
        SELECT * INTO last FROM (
            SELECT * FROM audit.seals
            WHERE sealed_at < least(sealed_before, clock_timestamp() - interval '1 year') AND NOT lines_gone
            ORDER BY number LIMIT at_most
        ) oldest ORDER BY number DESC LIMIT 1;
        IF NOT FOUND THEN
            RETURN 0;
        END IF;
        DELETE FROM audit.lines WHERE position <= last.up_to;
        GET DIAGNOSTICS gone = ROW_COUNT;
        DELETE FROM audit.seals WHERE number < last.number;
        UPDATE audit.seals SET lines_gone = true WHERE number = last.number;
        RETURN gone;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION audit.first_broken(after bigint, last bigint)
    RETURNS bigint LANGUAGE sql STABLE AS $$
        SELECT seal.number
        FROM audit.seals seal LEFT JOIN audit.seals before ON before.number = seal.number - 1
        WHERE seal.number > after AND seal.number <= last
        AND CASE WHEN seal.lines_gone THEN EXISTS (SELECT FROM audit.seals other WHERE other.number < seal.number) ELSE
            (before.number IS NULL) <> (seal.number = 1) OR seal.hash <> audit.hash_of(
                before.hash, seal.number, coalesce(before.up_to, 0), seal.up_to, seal.sealed_at
            )
        END
        ORDER BY seal.number LIMIT 1
    $$
    """,
)

_KEPT_FOR_EVER = (
    """
    CREATE OR REPLACE FUNCTION audit.first_broken(after bigint, last bigint)
    RETURNS bigint LANGUAGE sql STABLE AS $$
        SELECT seal.number
        FROM audit.seals seal LEFT JOIN audit.seals before ON before.number = seal.number - 1
        WHERE seal.number > after AND seal.number <= last
        AND ((before.number IS NULL) <> (seal.number = 1) OR seal.hash <> audit.hash_of(
            before.hash, seal.number, coalesce(before.up_to, 0), seal.up_to, seal.sealed_at
        ))
        ORDER BY seal.number LIMIT 1
    $$
    """,
    "DROP FUNCTION audit.let_go",
    "ALTER TABLE audit.seals DROP COLUMN lines_gone",
)


def let_lines_go(op: Operations) -> None:
    """Let lines that have outlived their time go, the oldest first, and the chain go on from the last seal over them.

    The service cannot have lines go that are not a year old, nor any out of the middle: that a seal has lost its lines
    is only right where no seal is before it.
    """
    for statement in _LET_GO:
        op.get_bind().exec_driver_sql(statement)


def keep_lines_for_ever(op: Operations) -> None:
    """Let no line go any more."""
    for statement in _KEPT_FOR_EVER:
        op.get_bind().exec_driver_sql(statement)


def drop_audit(op: Operations, tables: Mapping[str, Noted]) -> None:
    """Note no more, and forget what was noted."""
    connection = op.get_bind()
    for table in tables:
        for operation in _CHANGED_ROWS:
            connection.exec_driver_sql(f"DROP TRIGGER notes_{operation.lower()} ON {table}")
    connection.exec_driver_sql("DROP SCHEMA audit CASCADE")
