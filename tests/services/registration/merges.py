"""Merging records by HTTP: what tests of it do, and what is true after any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.observations import LevelSeen, ObservationRetracted
from tests.services.hearing.truth import last_words, true_for_matching
from tests.services.registration import bodies
from tests.services.registration.office import Office

P = "/api/v1/participants"
KEPT = {
    "participants": "id, identifier, agency_id, commune, merged_into",
    "participant_contacts": "*",
    "workshop_enrolments": "*",
    "meetup_enrolments": "meetup_id, participant_id, first_slot, last_slot, double_slot, front_table, is_present",
    "workshop_presences": "session_id, participant_id, is_present",
    "observations": "id, participant_id, ordinal, level, note, skill, retracted_at",
    "meetup_outcomes": "meetup_id, participant_id, need_id, outcome",
    "objections": "participant_id, purpose, objected_at, noted_by, way, lifted_at, lifted_because",
}
"""What is the same after a merge was undone: all but how often it changed."""

AGREED = """
    SELECT participant_id, purpose, source FROM (
        SELECT DISTINCT ON (participant_id, purpose) * FROM consents ORDER BY participant_id, purpose, revision DESC
    ) AS newest WHERE is_granted
"""


async def state(office: Office) -> Mapping[str, Sequence[str]]:
    """What is kept, but for how often it changed."""
    queries = {table: f"SELECT {columns} FROM {table}" for table, columns in KEPT.items()}  # noqa: S608
    queries["consents"] = AGREED
    return {
        table: sorted(str(sorted(row.items())) for row in await office.rows(query)) for table, query in queries.items()
    }


async def registered(office: Office, identifier: str, **changes: Any) -> str:
    """The id of somebody who is registered."""
    return str((await office.post(P, bodies.participant(identifier=identifier, **changes)))["id"])


async def merged(office: Office, survivor: str, gone: str) -> dict[str, Any]:
    """The answer to a merge."""
    return await office.post(f"{P}/{survivor}/merges", {"merged_id": gone})


async def undone(office: Office, survivor: str, made: Mapping[str, Any]) -> None:
    """Undo a merge."""
    answer = await office.ask("DELETE", f"{P}/{survivor}/merges/{made['id']}")
    assert answer.status_code == 204, answer.text


async def noted(office: Office, workshop: str, person: str, **changes: Any) -> str:
    """The id of a note on somebody."""
    answer = await office.ask("POST", "/api/v1/observations", json=bodies.observation(workshop, person, **changes))
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


async def notes_of(office: Office, person: str) -> list[tuple[str, int]]:
    """What was seen of somebody, by skill."""
    items = (await office.ask("GET", f"/api/v1/observations?participant={person}")).json()["items"]
    return sorted((each["skill"], each["level"]) for each in items)


async def assert_others_are_told_what_holds(office: Office) -> None:
    """The last word of the events on each note is whose it is, and each counts once; so on consents and enrolments."""
    events = await office.events()
    words = last_words(events, LevelSeen, ObservationRetracted, on=("observation_id",))
    told = {note: word.participant_id for note, word in words.items() if isinstance(word, LevelSeen)}
    rows = await office.rows(
        "SELECT observations.id, participant_id FROM observations "
        "JOIN participants ON participants.id = participant_id WHERE retracted_at IS NULL AND merged_into IS NULL"
    )
    assert told == {row["id"]: row["participant_id"] for row in rows}
    picture = true_for_matching(events)
    rows = await office.rows(
        "SELECT DISTINCT ON (participant_id) participant_id, is_granted AND merged_into IS NULL AS holds FROM consents "
        "JOIN participants ON participants.id = participant_id "
        "WHERE purpose = 'pairing' ORDER BY participant_id, consents.revision DESC"
    )
    agreeing = {row["participant_id"] for row in rows if row["holds"]}
    consents = {person for (person, purpose), holds in picture["consents"].items() if purpose == "pairing" and holds}
    assert consents == agreeing
    enrolled = {key for key, said in picture["enrolments"].items() if said is not None}
    rows = await office.rows("SELECT meetup_id, participant_id FROM meetup_enrolments")
    assert enrolled == {(row["meetup_id"], row["participant_id"]) for row in rows}


async def heard_by_matching(office: Office) -> Mapping[str, Any]:
    """What matching makes of all that was told, as far as it may count in a pairing."""
    picture = true_for_matching(await office.events())
    return {
        "participants": picture["participants"],
        "agreeing": {key for key, holds in picture["consents"].items() if holds},
        "observations": picture["observations"],
        "enrolments": {key: said for key, said in picture["enrolments"].items() if said is not None},
    }
