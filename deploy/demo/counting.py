"""What the demo did, in numbers: counted through the services' APIs, on Kafka's way, and in the caught mails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from deploy.demo.corresponding import Correspondence, Messages
from deploy.demo.deciding import PairingJson, Rematch, filled_again
from deploy.demo.preparing import Entered
from deploy.travel_status import TopicCount


@dataclass(frozen=True)
class Counts:
    """The numbers of a demo, as `report.json` holds them.

    `meetings` counts those of the first pairing of each meetup; what came after is in `invitations` (filled again) and
    in `rematches`. `lost`: events sent that a consumer neither applied
    nor keeps as a dead letter. `doubled`: effects that happened twice, which are mails that came twice, observations
    that a profile counts twice, and employers' answers beyond those given. `seconds` is by step,
    `peak_memory` in bytes by process.
    """

    rows: Mapping[str, Mapping[str, int]]
    participants: int
    observations: int
    employers: int
    needs: int
    meetups: int
    meetings: Mapping[str, int]
    invitations: Mapping[str, int]
    rematches: Sequence[Mapping[str, Any]]
    shortlists_sent: int
    employer_answers: int
    topics: Mapping[str, Mapping[str, Any]]
    dead_letters: int
    lost: int
    doubled: int
    seconds: Mapping[str, float]
    peak_memory: Mapping[str, int]
    broker: str
    database: str

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or left for dead."""
        return self.lost == self.doubled == self.dead_letters == 0

    def as_dict(self) -> dict[str, Any]:
        """The counts as plain data."""
        return asdict(self)


def count_rows(entered: Entered) -> dict[str, dict[str, int]]:
    """Rows read and refused by file."""
    return {name: {"read": each.read, "refused": each.refused} for name, each in entered.report.files.items()}


def count_meetings(proposals: Mapping[UUID, PairingJson], approved: Mapping[UUID, PairingJson]) -> dict[str, int]:
    """Meetings of the first proposals and approvals, as their steps say them."""
    return {
        "proposed": sum(len(pairing["meetings"]) for pairing in proposals.values()),
        "approved": sum(len(pairing["meetings"]) for pairing in approved.values()),
    }


def count_invitations(
    messages: Mapping[UUID, Messages], letters: Correspondence, pairings: Mapping[UUID, list[PairingJson]]
) -> dict[str, int]:
    """Invitations sent, accepted, declined, and meetings filled again from the reserve."""
    sent = [
        message
        for each in messages.values()
        for message in each["messages"]
        if message["kind"] == "invitation" and message["state"] == "sent"
    ]
    pressed = list(letters.replied.values())
    return {
        "sent": len(sent),
        "accepted": pressed.count("accept"),
        "declined": pressed.count("decline"),
        "filled_again": filled_again(pairings),
    }


def count_rematch(rematch: Rematch) -> dict[str, Any]:
    """What a rematch changed."""
    difference = rematch.pairing["difference"]
    return {
        "meetup": rematch.meetup.identifier,
        **{kind: len(difference[kind]) for kind in ("added", "removed", "moved", "kept")},
    }


def count_topics(topics: Sequence[TopicCount]) -> dict[str, dict[str, Any]]:
    """Events published by topic, and consumed by topic and service."""
    return {each.topic: {"published": each.published, "consumed": dict(each.consumed)} for each in topics}


def dead_and_lost(topics: Sequence[TopicCount]) -> tuple[int, int]:
    """How many events are dead letters, and how many are nowhere."""
    return sum(sum(each.dead.values()) for each in topics), sum(each.lost for each in topics)


def count_doubled(
    letters: Correspondence,
    messages: Mapping[UUID, Messages],
    profiles: Mapping[UUID, Mapping[str, Any]],
    entered: Entered,
    topics: Sequence[TopicCount],
) -> int:
    """How many effects happened twice."""
    noted: int = sum(each["evidence"]["observations"] for one in profiles.values() for each in one["skills"])
    answers: int = sum(each["answers"] for found in messages.values() for each in found["shortlists"])
    applied = sum(max(0, count - each.published) for each in topics for count in each.consumed.values())
    return letters.doubled + max(0, noted - entered.observations) + max(0, answers - letters.answered.total()) + applied
