"""Row-level security: whoever forgets to ask for their own agency's rows sees no other's, and changes none.

Who asks is what the transaction said when it began (`shared/asking.py`); without a word it sees nothing. Operators and
the service itself see and write the region, managers read it. Advisers see what is their agency's: its people, its
workshops and meetups, and all about either; employers and needs they all see, and change those that their agency
vouches for. Mediators see the workshops that they hold and the people enrolled there, and write down what they
themselves saw of these. Who is signed in, and what leads there, only the door reads (`AT_THE_DOOR`) before anybody is
known, and everybody their own. The owner of the tables sees no more than others do.

Each policy asks once a statement who asks (``(SELECT …)``), and finds the agency of a person, a workshop or a meetup by
its key.

Once the walls stand, processes of the release before find nobody signed in, and those of older ones say nothing of who
asks and see nothing: so this waits until they are stopped.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from shared.migrations import check_nobody_works

revision = "0020"
down_revision = "0019"

FUNCTIONS = (
    """
    CREATE FUNCTION asks_as(VARIADIC roles text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(coalesce(
        nullif(current_setting('vernissage.sees_as', true), ''), current_setting('vernissage.role', true)
    ) = ANY (roles), false)
    """,
    """
    CREATE FUNCTION own_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('vernissage.person', true), '')::uuid
    """,
    """
    CREATE FUNCTION own_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN asks_as('adviser') THEN nullif(current_setting('vernissage.agency', true), '')::uuid END
    """,
    """
    CREATE FUNCTION held_workshops() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT array_agg(workshop_id) FROM workshop_staff WHERE staff_id = own_id()'
    """,
    """
    CREATE FUNCTION held_people() RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT array_agg(participant_id) FROM workshop_enrolments WHERE workshop_id = ANY (held_workshops())'
    """,
    """
    CREATE FUNCTION was_met(workshop uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER COST 1000 SET search_path = public, pg_temp
    AS 'SELECT EXISTS (
            SELECT FROM workshop_enrolments JOIN participants ON participants.id = participant_id
            WHERE workshop_id = workshop AND agency_id = own_agency()
        ) OR EXISTS (
            SELECT FROM observations JOIN participants ON participants.id = participant_id
            WHERE workshop_id = workshop AND agency_id = own_agency()
        )'
    """,
    """
    CREATE FUNCTION is_own_person(participant uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT EXISTS (SELECT FROM participants WHERE id = participant AND agency_id = own_agency())'
    """,
    """
    CREATE FUNCTION is_enrolled(meetup uuid, participant uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS 'SELECT EXISTS (SELECT FROM meetup_enrolments WHERE meetup_id = meetup AND participant_id = participant)'
    """,
)

ASKS_FOR_ANOTHER = "session_user <> current_user"
"""That one of the functions above asks, as the owner, for somebody else: who holds what, and who is or was where.

The role that reaches protected data is another than the session's, too; it has no right to any table with this.
"""

READS_REGION = f"(SELECT asks_as('manager', 'operator', 'service') OR {ASKS_FOR_ANOTHER})"
WORKS_FOR_REGION = f"(SELECT asks_as('operator', 'service') OR {ASKS_FOR_ANOTHER})"
OWN_AGENCY = "agency_id = (SELECT own_agency())"
MET_WORKSHOP = "(SELECT asks_as('adviser')) AND was_met(id)"
"""A workshop, be it another agency's, in which somebody of the asking adviser's agency was: asked of a few, so its cost
has the planner look at these alone."""

HELD_WORKSHOP = "{column} = ANY ((SELECT CASE WHEN asks_as('mediator') THEN held_workshops() END)::uuid[])"
HELD_PERSON = "{column} = ANY ((SELECT CASE WHEN asks_as('mediator') THEN held_people() END)::uuid[])"


def _own(owner: str, column: str) -> str:
    """That a row's person, workshop, meetup or erasure is the asking adviser's agency's."""
    return f"EXISTS (SELECT FROM {owner} owner WHERE owner.id = {column} AND owner.{OWN_AGENCY})"


OWN_PERSON = _own("participants", "participant_id")
OWN_WORKSHOP = _own("workshops", "workshop_id")
OWN_MEETUP = _own("meetups", "meetup_id")
OWN_ERASURE = _own("erasures", "erasure_id")
OWN_EMPLOYER = _own("employers", "employer_id")
OWN_COLLEAGUE = f"EXISTS (SELECT FROM accounts account WHERE account.staff_id = staff.id AND account.{OWN_AGENCY})"
BY_ONESELF = "person_id = (SELECT own_id())"
OWN_IMPORT = "EXISTS (SELECT FROM imports asked WHERE asked.id = import_id)"
"""Of an import that the asker sees."""
OWN_EXPORT = "EXISTS (SELECT FROM exports asked WHERE asked.id = export_id)"
"""Of an export that the asker sees: whoever asked for it."""

BY_OWN_AGENCY = "proposing_agency_id = (SELECT own_agency())"
AT_THE_DOOR = "(SELECT asks_as('door'))"
ADVISES = "(SELECT asks_as('adviser'))"
ENROLLED = "is_enrolled(meetup_id, participant_id)"
VISIBLE_WORKSHOP = "EXISTS (SELECT FROM workshops held WHERE held.id = workshop_id)"

REGION_READS = {
    "participants": f"{OWN_AGENCY} OR {HELD_PERSON.format(column='id')}",
    "participant_contacts": f"{OWN_PERSON} OR {HELD_PERSON.format(column='participant_id')}",
    "consents": f"{OWN_PERSON} OR {HELD_PERSON.format(column='participant_id')}",
    "duplicate_suspicions": OWN_PERSON,
    "merges": OWN_PERSON,
    "workshops": f"{OWN_AGENCY} OR {HELD_WORKSHOP.format(column='id')} OR {MET_WORKSHOP}",
    "workshop_staff": VISIBLE_WORKSHOP,
    "workshop_enrolments": f"{OWN_WORKSHOP} OR {OWN_PERSON} OR {HELD_WORKSHOP.format(column='workshop_id')}",
    "observations": f"{OWN_WORKSHOP} OR {OWN_PERSON} OR {HELD_WORKSHOP.format(column='workshop_id')}",
    "meetups": OWN_AGENCY,
    "meetup_needs": OWN_MEETUP,
    "meetup_enrolments": f"{OWN_MEETUP} OR {OWN_PERSON}",
    "meetup_departures": f"{OWN_MEETUP} OR {OWN_PERSON}",
    "meetup_outcomes": f"{OWN_MEETUP} OR {OWN_PERSON}",
    "pairing_states": OWN_MEETUP,
    "pairings_in_force": OWN_MEETUP,
    "paired_participants": f"{OWN_MEETUP} OR {OWN_PERSON}",
    "invitation_states": f"{OWN_MEETUP} OR {OWN_PERSON}",
    "employer_answers": f"{OWN_MEETUP} OR {OWN_PERSON}",
    "erasures": OWN_AGENCY,
    "naming_notes": OWN_ERASURE,
    "planned_erasures": OWN_PERSON,
    "employers": ADVISES,
    "needs": ADVISES,
    "venues": ADVISES,
    "staff": f"{OWN_AGENCY} OR {OWN_COLLEAGUE} OR id = (SELECT own_id()) OR {AT_THE_DOOR}",
    "accounts": f"{OWN_AGENCY} OR staff_id = (SELECT own_id()) OR {AT_THE_DOOR}",
    "agencies": "(SELECT asks_as('adviser', 'mediator', 'door'))",
    "credentials": f"{OWN_AGENCY} OR {AT_THE_DOOR}",
    "imports": f"{OWN_AGENCY} OR {BY_ONESELF}",
    "import_pieces": OWN_IMPORT,
    "import_parts": OWN_IMPORT,
    "exports": BY_ONESELF,
    "export_pieces": OWN_EXPORT,
}
"""Who sees which rows, beside those who see the region."""

KEPT_FROM_MANAGERS = (
    *("participant_contacts", "observations", "consents", "duplicate_suspicions", "merges"),
    *("imports", "import_pieces", "import_parts", "exports", "export_pieces"),
)
"""What managers have no right to read, though they see the region."""

WRITES = {
    "participants": OWN_AGENCY,
    "participant_contacts": OWN_PERSON,
    "consents": OWN_PERSON,
    "duplicate_suspicions": OWN_PERSON,
    "merges": OWN_PERSON,
    "workshops": OWN_AGENCY,
    "workshop_staff": OWN_WORKSHOP,
    "workshop_enrolments": f"{OWN_WORKSHOP} AND {OWN_PERSON}",
    "meetups": OWN_AGENCY,
    "meetup_needs": OWN_MEETUP,
    "erasures": OWN_AGENCY,
    "naming_notes": OWN_ERASURE,
    "planned_erasures": OWN_PERSON,
    "agencies": "id = (SELECT own_agency())",
    "employers": OWN_AGENCY,
    "needs": OWN_AGENCY,
    "venues": ADVISES,
    "former_contacts": OWN_EMPLOYER,
    "import_pieces": OWN_IMPORT,
    "import_parts": OWN_IMPORT,
    "export_pieces": OWN_EXPORT,
    "idempotency_keys": BY_ONESELF,
    # What only events, operators and the service itself write.
    "pairing_states": "false",
    "pairings_in_force": "false",
    "paired_participants": "false",
    "invitation_states": "false",
    "employer_answers": "false",
    "staff": "false",
    "owed_mails": "false",
    "credentials": "false",
}
"""Who writes which rows, beside those who work for the region; what is in no list of readers is seen by it, too."""

AT_DOOR = ("signed_in", "sign_in_links", "sign_in_attempts")
"""What is about signing in: the door's and the service's alone, not even an operator's."""

AT_OWN_MEETUPS = ("meetup_enrolments", "meetup_departures", "meetup_outcomes")
"""Who is at a meetup is its agency's to write; somebody new there is their own agency's person."""

BY_THEMSELVES = "rater_id = (SELECT own_id())"
OWN_NOTE = f"{HELD_WORKSHOP.format(column='workshop_id')} AND {BY_THEMSELVES}"

MAY_INVITE = f"{OWN_AGENCY} AND role = 'mediator' OR (SELECT asks_as('manager')) AND role IN ('mediator', 'adviser')"
"""Whom advisers and managers give an account; operators give all."""

ASKED_AS_THEMSELVES = f"{BY_ONESELF} AND asks_as(role) AND (agency_id IS NULL OR {OWN_AGENCY})"
"""A worker carries an import or an export out in the name that stands in its row: nobody writes another's there."""

WALLED = tuple(sorted({*REGION_READS, *WRITES, *AT_OWN_MEETUPS, *AT_DOOR, "proposals", "protected.criteria"}))


def upgrade() -> None:
    """Put up the walls."""
    check_nobody_works(op)
    for function in FUNCTIONS:
        op.execute(function)
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    # Not forced: what its owner does to the audit, the chain shows, and sealing goes through all of it.
    op.execute("ALTER TABLE audit.lines ENABLE ROW LEVEL SECURITY")
    for policy in _policies():
        op.execute(f"CREATE POLICY {policy}")


def _policies() -> Iterator[str]:
    for table, rows in REGION_READS.items():
        region = WORKS_FOR_REGION if table in KEPT_FROM_MANAGERS else READS_REGION
        yield f"reading ON {table} FOR SELECT USING ({region} OR {rows})"
    for table, rows in WRITES.items():
        theirs = f"{WORKS_FOR_REGION} OR {rows}"
        if table not in REGION_READS:
            yield f"writing ON {table} USING ({theirs})"
            continue
        # Whoever writes reads by the policy above: what planning takes grows with each policy that a question meets.
        yield f"adding ON {table} FOR INSERT WITH CHECK ({theirs})"
        yield f"changing ON {table} FOR UPDATE USING ({theirs})"
        yield f"removing ON {table} FOR DELETE USING ({theirs})"
    for table in AT_OWN_MEETUPS:
        theirs = f"{WORKS_FOR_REGION} OR {OWN_MEETUP}"
        someone = f"({OWN_PERSON} OR {ENROLLED})"
        yield f"adding ON {table} FOR INSERT WITH CHECK ({WORKS_FOR_REGION} OR {OWN_MEETUP} AND {someone})"
        yield f"changing ON {table} FOR UPDATE USING ({theirs})"
        yield f"removing ON {table} FOR DELETE USING ({theirs})"
    seen = HELD_PERSON.format(column="participant_id")
    yield (
        f"adding ON observations FOR INSERT WITH CHECK ("
        f"{WORKS_FOR_REGION} OR {OWN_WORKSHOP} AND {OWN_PERSON} OR {OWN_NOTE} AND {seen})"
    )
    yield f"changing ON observations FOR UPDATE USING ({WORKS_FOR_REGION} OR {OWN_PERSON} OR {OWN_NOTE})"
    yield f"removing ON observations FOR DELETE USING ({WORKS_FOR_REGION})"
    for table in AT_DOOR:
        yield f"entering ON {table} USING ((SELECT asks_as('door', 'service')))"
    own_former = "EXISTS (SELECT FROM former_contacts former WHERE former.id = former_contact_id)"
    yield f"owing ON owed_mails FOR INSERT WITH CHECK ({own_former})"
    yield f"reading ON audit.lines FOR SELECT USING ({READS_REGION} OR {OWN_PERSON})"
    yield "adding ON audit.lines FOR INSERT WITH CHECK (true)"
    # Read as another role, which reaches no table but this one.
    yield (
        "reaching ON protected.criteria"
        " USING ((SELECT asks_as('operator', 'service')) OR is_own_person(participant_id))"
    )
    yield "owning ON signed_in USING (staff_id = (SELECT own_id()))"
    for table in ("accounts", "credentials"):
        yield f"entering ON {table} FOR UPDATE USING ({AT_THE_DOOR})"
    invited, may_invite = f"{READS_REGION} OR {OWN_AGENCY}", f"{WORKS_FOR_REGION} OR {MAY_INVITE}"
    yield f"adding ON accounts FOR INSERT WITH CHECK ({may_invite})"
    yield f"changing ON accounts FOR UPDATE USING ({invited}) WITH CHECK ({may_invite})"
    yield f"removing ON accounts FOR DELETE USING ({invited})"
    for queue in ("imports", "exports"):
        theirs = f"{WORKS_FOR_REGION} OR {REGION_READS[queue]}"
        yield f"adding ON {queue} FOR INSERT WITH CHECK ({WORKS_FOR_REGION} OR {ASKED_AS_THEMSELVES})"
        yield f"changing ON {queue} FOR UPDATE USING ({theirs})"
        yield f"removing ON {queue} FOR DELETE USING ({WORKS_FOR_REGION})"
    concerned = f"{WORKS_FOR_REGION} OR {OWN_AGENCY} OR {BY_OWN_AGENCY}"
    yield f"reading ON proposals FOR SELECT USING ({concerned})"
    yield f"adding ON proposals FOR INSERT WITH CHECK ({WORKS_FOR_REGION} OR {BY_OWN_AGENCY})"
    yield f"changing ON proposals FOR UPDATE USING ({WORKS_FOR_REGION} OR {OWN_AGENCY})"
    yield f"removing ON proposals FOR DELETE USING ({WORKS_FOR_REGION})"


def downgrade() -> None:
    """Take the walls down."""
    for policy in _policies():
        op.execute(f"DROP POLICY {' '.join(policy.split()[:3])}")
    for table in WALLED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE audit.lines DISABLE ROW LEVEL SECURITY")
    for function in (
        "is_enrolled",
        "is_own_person",
        "was_met",
        "held_people",
        "held_workshops",
        "own_agency",
        "own_id",
        "asks_as",
    ):
        op.execute(f"DROP FUNCTION {function}")
