"""What the timetable must respect: what was said of an enrolment, and what somebody's access needs come to.

Here access needs become neutral constraints; as what they are, they go no further than `repository/protected.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain.meetups import Constraints, Meetup
from services.registration.repository import meetups as repository
from services.registration.repository import participants as participant_rows
from services.registration.repository import protected
from services.registration.repository.meetups import Enrolment
from services.registration.use_cases import telling
from shared.asking import as_the_service
from shared.contracts.envelope import Event
from shared.moment import Moment


async def bound(session: AsyncSession, enrolments: Iterable[Enrolment]) -> list[Enrolment]:
    """The same enrolments, each with all that the timetable must respect."""
    asked = list(enrolments)
    needs = await asked_for(session, {each.participant_id for each in asked})
    return [_joined(each, needs) for each in asked]


async def asked_for(session: AsyncSession, people: Collection[UUID]) -> dict[UUID, Constraints]:
    """What these people's access needs come to, also those that a record says which was merged into theirs."""
    merged = await participant_rows.records_merged_into(session, people)
    needs = dict(await protected.asked_of_timetables(session, {*people, *merged}))
    for record, survivor in merged.items():
        if record in needs:
            needs[survivor] = needs.get(survivor, Constraints()).joined(needs[record])
    return needs


async def bind_anew(session: AsyncSession, before: Mapping[UUID, Constraints], moment: Moment) -> None:
    """Tell of whoever's access needs changed, at each meetup ahead, where the timetable must respect something else.

    ``before`` is what their needs came to until now.
    """
    async with as_the_service(session):  # somebody may be enrolled in the meetups of several agencies
        await _bind_anew(session, before, moment)


async def _bind_anew(session: AsyncSession, before: Mapping[UUID, Constraints], moment: Moment) -> None:
    meetups = {each.id: each for each in await repository.meetups_ahead_of(session, before.keys(), moment.now)}
    enrolments = (await repository.enrolments_of(session, meetups)).values()
    theirs = [each for each in enrolments if each.participant_id in before]
    changed: list[Enrolment] = []
    events: list[Event] = []
    for kept, now in zip(theirs, await bound(session, theirs), strict=True):
        meetup = meetups[kept.meetup_id]
        if _told(meetup, now) == _told(meetup, _joined(kept, before)):
            continue
        meetup = meetups[meetup.id] = meetup.revised("participants")
        changed.append(replace(kept, revision=meetup.revision))
        events.append(_told(meetup, now))
    await repository.put_enrolments(session, changed)
    await repository.change_meetups(session, [meetups[id_] for id_ in {each.meetup_id for each in changed}])
    await telling.tell(session, *events, moment=moment)


def _told(meetup: Meetup, enrolment: Enrolment) -> Event:
    return telling.enrolled(meetup, enrolment.participant_id, enrolment.constraints)


def _joined(enrolment: Enrolment, needs: Mapping[UUID, Constraints]) -> Enrolment:
    asked = needs.get(enrolment.participant_id)
    return replace(enrolment, constraints=enrolment.constraints.joined(asked)) if asked else enrolment
