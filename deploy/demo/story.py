"""The main job from a folder of exports to the employers' answers, through the public interfaces only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from deploy.assembly import Assembly
from deploy.demo import counting
from deploy.demo.corresponding import (
    Correspondence,
    answer_shortlists,
    receive_invitations,
    reply,
    send_shortlists,
    until_sent,
)
from deploy.demo.counting import Counts
from deploy.demo.dates import dated_pack
from deploy.demo.deciding import (
    PairingJson,
    Rematch,
    approve_all,
    filled_again,
    pairings_in_force,
    propose,
    rematch,
)
from deploy.demo.evening import evening
from deploy.demo.preparing import import_pack, make_profiles
from deploy.demo.screen import Screen
from deploy.demo.stage import DemoMeetup, Stage
from deploy.embedded.caught_mail import MailFolder
from deploy.running import find_surroundings


@dataclass(frozen=True)
class DemoStory:
    """What happened in a demo: its numbers, and what its report shows of it."""

    counts: Counts
    meetups: tuple[DemoMeetup, ...]
    people: Mapping[UUID, str]
    needs: Mapping[UUID, str]
    profiles: Mapping[UUID, dict[str, Any]]
    in_force: Mapping[UUID, PairingJson]
    rematch: Rematch


async def play(assembly: Assembly, today: date, screen: Screen) -> DemoStory:
    """Play the whole main job on a stack that runs. Raises `DemoFailed` where a step does not do what it should."""
    async with Stage(find_surroundings(assembly.data), MailFolder(assembly.stack.mail_folder)) as stage:
        letters = Correspondence()
        with screen.step("import", "The agencies’ exports are imported") as step:
            entered = await import_pack(stage, dated_pack(assembly.data / "pack", today), step)
        with screen.step("profiles", "Profiles are made of what was seen") as step:
            profiles = await make_profiles(stage, entered, step)
        with screen.step("pairings", "A pairing is proposed for each meetup") as step:
            proposals = await propose(stage, step)
        with screen.step("approvals", "An adviser of each agency approves") as step:
            approved = await approve_all(stage, proposals, step)
        with screen.step("invitations", "Invitations leave by mail") as step:
            await receive_invitations(stage, letters, step)
        with screen.step("replies", "Participants answer by the link in their mail") as step:
            await reply(stage, letters, first_answer, step)
        with screen.step("refills", "Refusals are filled from the reserve") as step:
            await until_sent(stage)
            letters.read_new(stage)
            await reply(stage, letters, later_answer, step)
            await until_sent(stage)
            pairings = await pairings_in_force(stage)
            filled = filled_again(pairings)
            step.say(f"{filled} meetings filled again")
        with screen.step("rematch", "An adviser asks for a rematch") as step:
            again = await rematch(stage, {meetup: found[-1] for meetup, found in pairings.items()}, step)
            await until_sent(stage)
        with screen.step("shortlists", "Employers receive their shortlists") as step:
            shortlists = await send_shortlists(stage, letters, step)
        with screen.step("answers", "When people have met, employers answer by the link in their mail") as step:
            async with evening(stage, assembly.environments["notification"]) as browser:
                await answer_shortlists(stage, letters, browser, step)
        with screen.step("counting", "Everything is counted") as step:
            topics = await stage.until_at_rest()
            messages = await until_sent(stage)
            letters.read_new(stage)
            pairings = await pairings_in_force(stage)
            dead, lost = counting.dead_and_lost(topics)
            doubled = counting.count_doubled(letters, messages, profiles, entered, topics)
            step.say(f"{dead} dead letters, {lost} events lost, {doubled} effects doubled")
        stack = assembly.stack
        counts = Counts(
            rows=counting.count_rows(entered),
            participants=len(entered.participants),
            observations=entered.observations,
            employers=entered.employers,
            needs=len(entered.needs),
            meetups=len(stage.meetups),
            meetings=counting.count_meetings(proposals, approved),
            invitations=counting.count_invitations(messages, letters, pairings),
            rematches=[counting.count_rematch(again)],
            shortlists_sent=shortlists,
            employer_answers=letters.answered.total(),
            topics=counting.count_topics(topics),
            dead_letters=dead,
            lost=lost,
            doubled=doubled,
            seconds=screen.seconds,
            peak_memory=stack.peak_memory(),
            broker=stack.broker_version,
            database=stack.database_version,
        )
        return DemoStory(
            counts=counts,
            meetups=tuple(stage.meetups),
            people=stage.people,
            needs=stage.needs,
            profiles=profiles,
            in_force={meetup: found[-1] for meetup, found in pairings.items()},
            rematch=again,
        )


def first_answer(_meetup: str, _participant: UUID, number: int) -> str | None:
    """Most accept, some refuse, some have not answered yet."""
    if number % 7 == 3:
        return "decline"
    return None if number % 5 == 4 else "accept"


def later_answer(_meetup: str, _participant: UUID, number: int) -> str | None:
    """Of those asked later, everybody accepts but the undecided of before."""
    return None if number % 5 == 4 else "accept"
