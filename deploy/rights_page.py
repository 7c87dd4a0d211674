"""Writes `docs/rights.md`, who may do what in plain English, from the table by which the services decide.

`python -m deploy.rights_page` writes it; a test compares it with what the table says.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from shared.identity import Role
from shared.rights import RIGHTS, Right

PAGE = Path(__file__).parents[1] / "docs" / "rights.md"

INTRODUCTION = """\
# Who may do what

Each row is a right, each column a role: how far whoever has the role may go with it. All three services decide by this
table (`shared/rights.py`), and by nothing else; it is written from there by `python -m deploy.rights_page`.

- **all**: everything there is, in the whole region.
- **own agency**: what is of the agency that somebody belongs to. A note is of the agency whose person it is about,
  whoever's workshop it was.
- **own workshops**: what is of the workshops that somebody holds, and the people enrolled in them.
- **what they wrote**: in those workshops, what they noted themselves.
- **–**: nothing.

What is there but not within somebody's reach answers like what is not there (404). Participants and employers have no
role: they hold links of their own. *Service* is one service that asks another.

Registration's database decides a second time, by row-level security, which holds for the owner of the tables too: each
transaction says when it begins who asks, and code that forgets to ask for an agency's own rows gets no others. Whoever
says nothing sees nothing. This second wall knows rows and no columns, so three things rest on the table above alone:
that an employer's contact is shown to the agency that vouches, that operators are not shown protected data nor the
words of naming notes, and that managers are shown numbers where they see records of people and meetings under opaque
ids. Mediators see the people enrolled in their workshops whole, consents included. Events that wait or travel hold no
name, and stand outside it, like counts of how often somebody asked.
"""

MEANINGS: Mapping[str, str] = {
    "read agencies": "Which agencies there are, and how they are reached.",
    "write agencies": "Add an agency to the programme.",
    "write agency contacts": "Say how an agency is reached.",
    "read staff": "Mediators and advisers by their e-mail addresses.",
    "read accounts": "Who may sign in, as what, and at which agency.",
    "write accounts": "Invite staff, move them, let them go: advisers mediators, managers advisers too, operators all.",
    "read credentials": "Which other systems have access: for what, until when, and when they last used it.",
    "write credentials": "Give other systems access, and take it away.",
    "get tokens": "Ask the other services as whoever is signed in.",
    "read reference lists": "Occupations, skills, exercises, licences, communes.",
    "count participants": "How many people there are, where, and of which agency.",
    "name participants": "Names and identifiers in lists, and searching by them.",
    "read participants": "A person’s whole record, and how they are reached.",
    "write participants": "Register somebody, and change what is said of them.",
    "hand over records": "A person’s whole record over all services, as a file and as a letter, for themselves.",
    "erase participants": "Forget somebody for good.",
    "read protected data": "Criteria that never count: publics, birth date, sex, access needs.",
    "read consents": "What a person decided or objects to, when, and who handed it in.",
    "write consents": "Record that a person agrees, or no longer does.",
    "record objections": "Record that a person objects to being paired, or to being written to.",
    "lift objections": "Say that a person no longer objects, and why.",
    "read duplicates": "Records that are probably of one person.",
    "settle duplicates": "Note that somebody looked at such a pair.",
    "merge participants": "Make one record of two of one person, see who did, undo it; of two agencies, operators.",
    "read erasures": "That somebody was erased, and what went; whose erasure is planned, by opaque ids.",
    "settle erasures": "Note that somebody looked at a note that may name them; keep whom it is planned to erase.",
    "read naming notes": "The words of such a note.",
    "read workshops": "A workshop, its team, and how many are enrolled.",
    "write workshops": "Register a workshop, change it, enrol people in it.",
    "read presences": "Who came to which session of a workshop.",
    "note presences": "Note who came to a session, or correct it.",
    "read observations": "What was seen: of an agency’s people, whoever’s workshop it was.",
    "record observations": "Note what was seen of somebody who is enrolled.",
    "record observations of others": "Write down what somebody else saw; both are shown.",
    "correct observations": "Correct a note, or take it back.",
    "read employers": "An employer’s name and place.",
    "read employer contacts": "Whom to talk to at an employer, and their address.",
    "write employers": "Register an employer, and change what is said of one.",
    "read needs": "What employers look for.",
    "write needs": "Publish a need, change it, close it.",
    "propose changes": "Say what should change of an employer or a need that another agency vouches for.",
    "read proposals": "What was proposed to an agency, and by it.",
    "settle proposals": "Accept or refuse what was proposed.",
    "read venues": "Venues and how they are found.",
    "write venues": "Register a venue, and change it.",
    "read operations": "An operation: what joins a venue, workshops and a meetup, and how many people it was about.",
    "write operations": "Register an operation, and change it.",
    "read meetups": "A meetup with its needs, and how many are enrolled.",
    "write meetups": "Schedule a meetup, change it, cancel it, invite needs to it.",
    "read enrolments": "Who is enrolled in a meetup, and what their hours must respect.",
    "write enrolments": "Enrol people, record who came and what came of it.",
    "read replies": "How invitations and employers’ answers stand, by opaque ids.",
    "read participant audit": "Who looked at a person’s record and who changed it, when, by opaque ids.",
    "read audit": "The same of every record, by who it was, by record and by time; the head of its chain.",
    "import files": "Hand in exports of another system, and see how far they are and what was found.",
    "export records": "Have a file made of what one may read by the other rights, and fetch it oneself.",
    "tell records": "All that a service holds of a person, for the record that is handed over to them.",
    "look up names": "Names and contacts at the moment of need, for another service.",
    "read pairings": "What was proposed and why, runs, pins and forbids.",
    "decide pairings": "Ask for a pairing, pin and forbid, approve, reject.",
    "read profiles": "A person’s levels with intervals, and what stands behind them.",
    "fit profiles": "Have variances and raters’ severities fitted anew.",
    "read shortlists": "The best people of the pool for a need, by opaque ids.",
    "read messages": "What was said and answered for a meetup, by opaque ids.",
    "settle messages": "Record replies by phone, what was told, what became of a message.",
    "send shortlists": "Send a meetup’s shortlists to its employers.",
    "have mails sent": "Have a mail of registration’s own sent: a link to sign in, an invitation of staff.",
    "print letters": "Read a letter with name and address, note that it was printed or posted.",
}
"""What each right lets people do, by its name."""


def page() -> str:
    """The whole page as Markdown."""
    roles = " | ".join(role.value for role in Role)
    rows = [f"| right | {roles} | what it is about |", "| --- |" + " --- |" * (len(Role) + 1), *map(_row, RIGHTS)]
    return INTRODUCTION + "\n" + "\n".join(rows) + "\n"


def _row(right: Right) -> str:
    cells = " | ".join(right.reach_of(role).value for role in Role)
    return f"| **{right.name}** | {cells} | {MEANINGS[right.name]} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
