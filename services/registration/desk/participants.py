"""What a participant's page shows beside their record: workshops, meetups to come, what was seen, and their profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.desk.asking import Away, Desk
from services.registration.desk.profiles import ShownProfile, profile_of
from services.registration.domain.meetups import Meetup
from services.registration.domain.participants import Participant
from services.registration.domain.workshops import Workshop
from services.registration.repository.meetups import meetups_ahead_of
from services.registration.repository.observations import ObservationFilter, list_observations
from services.registration.repository.workshops import enrolments_among, workshops_by_id
from shared.auditing import note_looks
from shared.identity import Person
from shared.moment import Moment
from shared.paging import LARGEST_PAGE, Paging
from shared.rights import EVERYTHING, scope_of


@dataclass(frozen=True, slots=True)
class Picture:
    """``profile`` is absent where matching does not know the person yet, or (``is_matching_away``) does not answer."""

    workshops: Sequence[Workshop]
    meetups: Sequence[Meetup]
    observations: Sequence[RowMapping]
    profile: ShownProfile | None
    is_matching_away: bool


async def picture_of(
    session: AsyncSession, desk: Desk, person: Person, participant: Participant, moment: Moment
) -> Picture:
    """All that whoever looks may see around a participant; the looks are noted."""
    workshop_ids = [workshop_id for workshop_id, _ in await enrolments_among(session, [participant.id])]
    workshops = await workshops_by_id(session, EVERYTHING, workshop_ids)
    wanted, scope = ObservationFilter(participant.id, None), scope_of(person, "read observations")
    seen = (await list_observations(session, scope, wanted, Paging(size=LARGEST_PAGE))).items
    await note_looks(session, "participants", [participant.id])
    await note_looks(session, "observations", [participant.id] if seen else [])
    profile, is_away = None, False
    try:
        profile = await profile_of(desk, participant.id)
    except Away:
        is_away = True
    return Picture(
        workshops=sorted(workshops.values(), key=lambda each: each.details.starts_on),
        meetups=await meetups_ahead_of(session, [participant.id], moment.now),
        observations=seen,
        profile=profile,
        is_matching_away=is_away,
    )
