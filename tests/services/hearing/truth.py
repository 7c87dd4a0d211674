"""What is true after a history, worked out from all of its events at once, and what a service makes of them.

A picture is what the service's decisions read. The order of arrival stands in no truth: the highest revision is the
last word on a thing, erasure is the last word on a person, a cancellation on a meetup.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matching.repository import facts, pairings, runs
from services.matching.tables import ConsentRow
from services.notification.repository import told
from services.registration.repository import following
from shared.contracts.employers import NeedClosed, NeedState
from shared.contracts.envelope import Event
from shared.contracts.invitations import EmployerReplied, InvitationDeclined, InvitationEvent
from shared.contracts.meetups import MeetupCancelled, MeetupState, ParticipantEnrolled, ParticipantUnenrolled
from shared.contracts.observations import LevelSeen, ObservationRetracted
from shared.contracts.pairings import PairingProposed, PairingState, PairingWithdrawn
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantErased, ParticipantState
from shared.contracts.rematches import RematchRequested
from shared.sql import among
from shared.travel.topics import Service

Picture = dict[str, dict[Any, Any]]

WORD_OF_REPLY = {
    "sent": "invited",
    "asked-again": "invited",
    "accepted": "accepted",
    "declined": "declined",
    "expired": "expired",
    "failed": "failed",
    "uncertain": "uncertain",
    "call-requested": "call-requested",
}
"""How matching calls what an invitation event of this name tells."""


OF_PARTICIPANTS = (
    "agency_id",
    "travel_limit_km",
    "transport",
    "available_from",
    "hours",
    "licences",
    "wishes",
    "refused_occupations",
)
OF_OBSERVATIONS = ("participant_id", "rater_id", "workshop_id", "venue", "exercise", "seen_on", "skill", "level")
OF_NEEDS = ("employer_id", "occupation", "seats", "hours", "licences", "starts_on", "framework")
OF_MEETUPS = ("agency_id", "venue", "starts_at", "slot_minutes", "slots", "breaks", "front_tables")
OF_ENROLMENTS = ("first_slot", "last_slot", "double_slot", "front_table")
"""What matching keeps of each as it was told, under the same names."""


def said(one: object, names: Sequence[str]) -> tuple[Any, ...]:
    """What is said of something under these names."""
    return tuple(getattr(one, name) for name in names)


def last_words(events: Iterable[Event], *kinds: type[Event], on: tuple[str, ...]) -> dict[Any, Any]:
    """The newest event of these kinds on each thing, by its id, or its ids where it has several."""
    newest: dict[Any, Event] = {}
    for event in events:
        if not isinstance(event, kinds):
            continue
        ids = tuple(getattr(event, name) for name in on)
        thing = ids if len(ids) > 1 else ids[0]
        if thing not in newest or _age(event) > _age(newest[thing]):
            newest[thing] = event
    return newest


def _age(event: Event) -> tuple[int, int]:
    """A pairing is proposed, comes into force and is withdrawn at one and the same revision."""
    stage = 1 if isinstance(event, PairingState) and not isinstance(event, PairingProposed) else 0
    return getattr(event, "revision", 1), 2 if isinstance(event, PairingWithdrawn) else stage


def _erased(events: Iterable[Event]) -> set[UUID]:
    return {event.participant_id for event in events if isinstance(event, ParticipantErased)}


def _name_of(event: Event) -> str:
    return event.type.split(".")[2]


def true_for_matching(events: Collection[Event]) -> Picture:
    """Who takes part, agrees, was seen how; what is asked; where people meet; how they replied; what was asked for."""
    erased = _erased(events)
    states = last_words(events, ParticipantState, on=("participant_id",))
    consents = last_words(events, ConsentGranted, ConsentWithdrawn, on=("participant_id", "purpose"))
    seen = last_words(events, LevelSeen, ObservationRetracted, on=("observation_id",))
    needs = last_words(events, NeedState, on=("need_id",))
    closings = last_words(events, NeedClosed, on=("need_id",))
    meetups = last_words(events, MeetupState, on=("meetup_id",))
    cancelled = {event.meetup_id for event in events if isinstance(event, MeetupCancelled)}
    enrolled = last_words(events, ParticipantEnrolled, ParticipantUnenrolled, on=("meetup_id", "participant_id"))
    replies = last_words(events, InvitationEvent, on=("meetup_id", "participant_id"))
    requests = [event for event in events if isinstance(event, RematchRequested)]
    return {
        "participants": {
            id_: (one.home.latitude, *said(one, OF_PARTICIPANTS)) for id_, one in states.items() if id_ not in erased
        },
        "consents": {
            key: isinstance(one, ConsentGranted) for key, one in consents.items() if one.participant_id not in erased
        },
        "observations": {
            id_: said(one, OF_OBSERVATIONS)
            for id_, one in seen.items()
            if isinstance(one, LevelSeen) and one.participant_id not in erased
        },
        "needs": {
            id_: (
                one.place.latitude,
                *said(one, OF_NEEDS),
                id_ not in closings or one.revision > closings[id_].revision,
            )
            for id_, one in needs.items()
        },
        "meetups": {id_: (*said(one, OF_MEETUPS), id_ in cancelled) for id_, one in meetups.items()},
        "enrolments": {
            key: said(one, OF_ENROLMENTS)
            for key, one in enrolled.items()
            if isinstance(one, ParticipantEnrolled) and one.participant_id not in erased
        },
        "replies": {
            key: WORD_OF_REPLY[_name_of(one)] for key, one in replies.items() if one.participant_id not in erased
        },
        "rules": {
            (request.meetup_id, pair.participant_id, pair.need_id): rule
            for request in requests
            for rule, pairs in (("pin", request.pins), ("forbid", request.forbids))
            for pair in pairs
            if pair.participant_id not in erased
        },
        "requests": {request.request_id: request.meetup_id for request in requests},
    }


async def seen_by_matching(session: AsyncSession, events: Collection[Event]) -> Picture:
    """What matching knows."""
    meetup_ids, need_ids = ids_in(events, "meetup_id"), ids_in(events, "need_id")
    people = ids_in(events, "participant_id")
    consents = await session.exec(select(ConsentRow).where(among(col(ConsentRow.participant_id), people)))
    request_ids = {event.request_id for event in events if isinstance(event, RematchRequested)}
    requests = [one for id_ in request_ids if (one := await runs.find_request(session, id_)) is not None]
    return {
        "participants": {
            one.id: (one.latitude, *said(one, OF_PARTICIPANTS))
            for one in await facts.find_participants(session, people)
        },
        "consents": {(one.participant_id, one.purpose): one.is_granted for one in consents},
        "observations": {
            one.id: said(one, OF_OBSERVATIONS) for one in await facts.observations_of(session, "rome-4", people)
        },
        "needs": {
            one.id: (one.latitude, *said(one, OF_NEEDS), one.is_open)
            for one in await facts.find_needs(session, need_ids)
        },
        "meetups": {
            one.id: (*said(one, OF_MEETUPS), one.is_cancelled) for one in await facts.find_meetups(session, meetup_ids)
        },
        "enrolments": {
            (id_, one.participant_id): said(one, OF_ENROLMENTS)
            for id_ in meetup_ids
            for one in await facts.enrolments_of(session, id_)
        },
        "replies": {
            (id_, person): reply
            for id_ in meetup_ids
            for person, reply in (await facts.replies_of(session, id_)).items()
        },
        "rules": {
            (id_, pair.participant_id, pair.need_id): rule
            for id_ in meetup_ids
            for pair, rule in (await pairings.rules_of(session, id_)).items()
        },
        "requests": {one.id: one.meetup_id for one in requests if one.run_id is not None},
    }


def true_for_notification(events: Collection[Event]) -> Picture:
    """Who may be written to; whose need it is; where people meet, and who meets whom."""
    erased = _erased(events)
    states = last_words(events, ParticipantState, on=("participant_id",))
    consents = last_words(
        [event for event in events if getattr(event, "purpose", None) == "contact"],
        ConsentGranted,
        ConsentWithdrawn,
        on=("participant_id",),
    )
    needs = last_words(events, NeedState, on=("need_id",))
    closings = last_words(events, NeedClosed, on=("need_id",))
    meetups = last_words(events, MeetupState, on=("meetup_id",))
    cancelled = {event.meetup_id for event in events if isinstance(event, MeetupCancelled)}
    in_force = last_words(
        [event for event in events if not isinstance(event, PairingProposed)],
        PairingState,
        PairingWithdrawn,
        on=("meetup_id",),
    )
    return {
        "readers": {
            id_: isinstance(consents.get(id_), ConsentGranted) for id_, one in states.items() if id_ not in erased
        },
        "occupations": {id_: one.occupation for id_, one in needs.items()},
        "invited needs": {
            (id_, invited.need_id): _employer(needs, invited.need_id)
            for id_, one in meetups.items()
            for invited in one.needs
            if not _is_closed(needs, closings, invited.need_id)
        },
        "meetups": {id_: (one.slots, one.venue, id_ in cancelled) for id_, one in meetups.items()},
        "pairings": {id_: isinstance(one, PairingState) for id_, one in in_force.items()},
        "meetings": {
            (id_, meeting.meeting_id): (meeting.participant_id, meeting.slot)
            for id_, one in in_force.items()
            for meeting in (one.meetings if isinstance(one, PairingState) else ())
            if meeting.participant_id not in erased
        },
    }


def _employer(needs: Mapping[UUID, NeedState], need_id: UUID) -> UUID | None:
    return needs[need_id].employer_id if need_id in needs else None


def _is_closed(needs: Mapping[UUID, NeedState], closings: Mapping[UUID, NeedClosed], need_id: UUID) -> bool:
    if need_id not in closings:
        return False
    return need_id not in needs or closings[need_id].revision > needs[need_id].revision


async def seen_by_notification(session: AsyncSession, events: Collection[Event]) -> Picture:
    """What notification knows."""
    meetup_ids = ids_in(events, "meetup_id")
    pairings_known = {id_: await told.has_pairing_in_force(session, id_) for id_ in meetup_ids}
    return {
        "readers": {
            id_: one.is_contactable
            for id_, one in (await told.readers(session, ids_in(events, "participant_id"))).items()
        },
        "occupations": dict(await told.occupations_of(session, ids_in(events, "need_id"))),
        "invited needs": {
            (id_, need): employer
            for id_ in meetup_ids
            for need, employer in (await told.open_needs(session, id_)).items()
        },
        "meetups": {
            id_: (one.slots, one.venue, one.is_cancelled)
            for id_, one in (await told.meetups(session, meetup_ids)).items()
        },
        "pairings": {id_: holds for id_, holds in pairings_known.items() if holds is not None},
        "meetings": {
            (id_, one.id): (one.participant_id, one.slot)
            for id_ in meetup_ids
            for one in await told.meetings_of(session, id_)
        },
    }


def true_for_registration(events: Collection[Event]) -> Picture:
    """The newest pairing of each meetup, who is paired in the one in force, how invitations stand, and the answers."""
    newest = last_words(events, PairingState, PairingWithdrawn, on=("meetup_id",))
    in_force = last_words(
        [event for event in events if not isinstance(event, PairingProposed)],
        PairingState,
        PairingWithdrawn,
        on=("meetup_id",),
    )
    states = last_words(events, InvitationEvent, on=("meetup_id", "participant_id"))
    answers = last_words(events, EmployerReplied, on=("meetup_id", "need_id", "participant_id"))
    return {
        "pairings": {
            id_: (one.pairing_id, "approved" if _name_of(one) == "revised" else _name_of(one))
            for id_, one in newest.items()
        },
        "paired": {
            (id_, person): [meeting.participant_id for meeting in one.meetings].count(person)
            for id_, one in in_force.items()
            if isinstance(one, PairingState)
            for person in {meeting.participant_id for meeting in one.meetings}
        },
        "invitations": {
            key: (_name_of(one), one.reason if isinstance(one, InvitationDeclined) else None)
            for key, one in states.items()
        },
        "answers": {key: (one.answer, one.reason) for key, one in answers.items()},
    }


async def seen_by_registration(session: AsyncSession, events: Collection[Event]) -> Picture:
    """What registration shows."""
    meetup_ids = ids_in(events, "meetup_id")
    known = {id_: row for id_ in meetup_ids if (row := await following.pairing_of(session, id_)) is not None}
    return {
        "pairings": {id_: (row.pairing_id, row.state) for id_, row in known.items()},
        "paired": {
            (id_, row["participant_id"]): row["meetings"]
            for id_ in meetup_ids
            for row in await following.paired_at(session, id_)
        },
        "invitations": {
            (id_, row["participant_id"]): (row["state"], row["reason"])
            for id_ in meetup_ids
            for row in await following.invitations_to(session, id_)
        },
        "answers": {
            (id_, row["need_id"], row["participant_id"]): (row["answer"], row["reason"])
            for id_ in meetup_ids
            for row in await following.answers_at(session, id_)
        },
    }


def ids_in(events: Iterable[Event], name: str) -> list[UUID]:
    """The ids that events hold under a name."""
    return sorted({id_ for event in events if isinstance(id_ := getattr(event, name, None), UUID)})


TRUTH: Mapping[Service, Callable[[Collection[Event]], Picture]] = {
    "registration": true_for_registration,
    "matching": true_for_matching,
    "notification": true_for_notification,
}
SEEN: Mapping[Service, Callable[[AsyncSession, Collection[Event]], Awaitable[Picture]]] = {
    "registration": seen_by_registration,
    "matching": seen_by_matching,
    "notification": seen_by_notification,
}
