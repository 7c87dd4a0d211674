"""Two records of one person become one, and can be told apart again.

What counts goes over to the record that goes on: notes, workshops, enrolments in meetups that have not begun, consents,
ways to reach the person. A meetup that is over stays under the id under which it happened. The merged record is kept as
it was, agrees to nothing, and is looked up as the one that goes on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import find_refused
from services.registration.domain.meetups import Constraints, Meetup, is_past
from services.registration.domain.merging import Moved, MovedEnrolment, MovedNote, consents_after, filled_in, share_out
from services.registration.domain.participants import Consent, Participant, Purpose
from services.registration.domain.workshops import Observation, Workshop
from services.registration.repository import duplicates as suspicions
from services.registration.repository import meetups as meetup_rows
from services.registration.repository import merges as repository
from services.registration.repository import objections as objection_rows
from services.registration.repository import observations as note_rows
from services.registration.repository import participants as participant_rows
from services.registration.repository import workshop_sessions as session_rows
from services.registration.repository import workshops as workshop_rows
from services.registration.repository.meetups import Enrolment
from services.registration.repository.merges import Merge
from services.registration.repository.retention import plan_no_more
from services.registration.use_cases import telling
from services.registration.use_cases.binding import asked_for, bind_anew, bound
from services.registration.use_cases.duplicates import suspect
from services.registration.use_cases.participants import decision_on, participant_named
from shared.asking import as_the_service
from shared.contracts.envelope import Event
from shared.contracts.meetups import ParticipantUnenrolled
from shared.contracts.observations import ObservationRetracted, SkillObserved
from shared.contracts.participants import ConsentGranted, ConsentWithdrawn, ParticipantChanged
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope
from shared.sql import hold


@dataclass(slots=True)
class _Hands:
    """What happens to two records at once: what is told of it, at which moment."""

    session: AsyncSession
    moment: Moment
    events: list[Event] = field(default_factory=list)


async def merge(session: AsyncSession, scope: Scope, survivor_id: UUID, merged_id: UUID, moment: Moment) -> Merge:
    """Make one record of two; the first goes on, also for those that were merged into the other before.

    Raises `Refused` where one is unknown or was merged before, or where the other has to go on: it is expected at a
    meetup ahead.
    """
    await _alone_with(session, survivor_id, merged_id)
    survivor, merged = await _both(session, scope, survivor_id, merged_id)
    async with as_the_service(session):  # what is about them lies at every agency that met them
        return await _merge(session, survivor, merged, moment)


async def _merge(session: AsyncSession, survivor: Participant, merged: Participant, moment: Moment) -> Merge:
    await _check_can_go(session, survivor, merged, moment)
    hands = _Hands(session, moment)
    notes, silent = await _move_notes(hands, survivor, merged)
    workshops = await _move_workshops(hands, survivor, merged)
    presences = await _move_presences(hands, survivor, merged)
    enrolments = await _move_enrolments(hands, survivor, merged)
    survivor, filled = _with_contact_of(survivor, merged)
    survivor, decided = await _decide_consents(hands, survivor, merged)
    objections = await _take_objections_over(hands, survivor, merged)
    if filled:
        hands.events.append(telling.participant_state(survivor, ParticipantChanged))
    gone = replace(merged, merged_into=survivor.id).revised("merged_into")
    hands.events.append(telling.participant_state(gone, ParticipantChanged))
    hands.events += _consents_told(gone, {purpose: False for purpose, said in gone.consents.items() if said.granted})
    asked_before = {survivor.id: await _asked_for(hands, survivor)}
    await participant_rows.change_participants(session, [survivor, gone], moment.now)
    followers = tuple(sorted(await participant_rows.records_merged_into(session, [gone.id])))
    await _follow_another(hands, followers, survivor.id)
    await _settle(hands, survivor, gone)
    moved = Moved(notes, silent, workshops, enrolments, presences, filled, decided, objections, followers)
    made = Merge(moment.new_id(), survivor.id, gone.id, moment.now, moment.by, moved)
    await repository.add_merge(session, made)
    await telling.tell(session, *hands.events, moment=moment)
    await bind_anew(session, asked_before, moment)
    return made


async def undo(session: AsyncSession, scope: Scope, survivor_id: UUID, merge_id: UUID, moment: Moment) -> None:
    """Tell two records apart again: what moved goes back, as far as nothing newer was said of it.

    What came in meanwhile stays with the record that went on, and so does a meetup where it is expected by now. Raises
    `Refused` where there is no such merge (an erasure takes it with it), it was undone before, or a later one stands.
    """
    await _alone_with(session, survivor_id)
    survivor = await participant_named(session, scope, survivor_id, lock=True)
    made = await repository.merge_by_id(session, survivor_id, merge_id)
    if made is None:
        raise find_refused(kinds.UNKNOWN_MERGE, "merge_id")
    if made.undone_at is not None:
        raise find_refused(kinds.MERGE_UNDONE, "merge_id")
    if survivor.id != made.participant_id or await repository.stands_after(session, made):
        raise find_refused(kinds.MERGED_LATER, "merge_id")
    found = await participant_rows.participants_by_id(session, scope, [made.merged_id], lock=True)
    if made.merged_id not in found:
        raise find_refused(kinds.UNKNOWN_MERGE, "merge_id")
    async with as_the_service(session):  # what is about them lies at every agency that met them
        await _undo(session, survivor, found[made.merged_id], made, moment)


async def _undo(session: AsyncSession, survivor: Participant, merged: Participant, made: Merge, moment: Moment) -> None:
    hands = _Hands(session, moment)
    back = replace(merged, merged_into=None).revised("merged_into")
    hands.events.append(telling.participant_state(back, ParticipantChanged))
    hands.events += _consents_told(back, {purpose: True for purpose, said in back.consents.items() if said.granted})
    await _put_notes_back(hands, survivor, back, made.moved)
    await _put_workshops_back(hands, survivor, back, made.moved)
    await session_rows.hand_presences_over(session, made.moved.presences, survivor.id, back.id)
    await _put_enrolments_back(hands, survivor, back, made.moved)
    await objection_rows.take_back(session, made.moved.objections)
    survivor = await _take_consents_back(hands, survivor, made.moved)
    survivor = await _refuse_what_is_objected_to(hands, survivor)
    survivor, is_emptied = _without_contact_of(survivor, back, made.moved)
    if is_emptied:
        hands.events.append(telling.participant_state(survivor, ParticipantChanged))
    asked_before = {survivor.id: await _asked_for(hands, survivor)}
    await participant_rows.change_participants(session, [survivor, back], moment.now)
    await _follow_another(hands, made.moved.followers, back.id)
    await repository.note_undone(session, made.id, moment.by, moment.now)
    await suspect(session, [survivor, back], moment)
    await telling.tell(session, *hands.events, moment=moment)
    await bind_anew(session, asked_before, moment)


async def merges_of(session: AsyncSession, scope: Scope, participant_id: UUID) -> Sequence[Merge]:
    """The merges into a record, the latest first, undone ones too. Raises `Refused` if unknown."""
    return await repository.merges_into(session, (await participant_named(session, scope, participant_id)).id)


async def _alone_with(session: AsyncSession, *records: UUID) -> None:
    """Have another merge of these records wait: whoever was merged into them is locked later, in no order of ids."""
    await hold(session, (f"merge {record}" for record in records))


async def _both(
    session: AsyncSession, scope: Scope, survivor_id: UUID, merged_id: UUID
) -> tuple[Participant, Participant]:
    if survivor_id == merged_id:
        raise find_refused(kinds.SAME_RECORD, "merged_id")
    found = await participant_rows.participants_by_id(session, scope, [survivor_id, merged_id], lock=True)
    for participant_id, where in ((survivor_id, "participant_id"), (merged_id, "merged_id")):
        if participant_id not in found:
            raise find_refused(kinds.UNKNOWN_PARTICIPANT, where)
        if found[participant_id].merged_into is not None:
            raise find_refused(kinds.ALREADY_MERGED, where)
    return found[survivor_id], found[merged_id]


async def _check_can_go(session: AsyncSession, survivor: Participant, merged: Participant, moment: Moment) -> None:
    if await repository.is_expected_ahead(session, merged.id, moment.now):
        both = await repository.is_expected_ahead(session, survivor.id, moment.now)
        raise find_refused(kinds.BOTH_EXPECTED if both else kinds.EXPECTED_AT_MEETUP, "merged_id")


async def _follow_another(hands: _Hands, records: Collection[UUID], goes_on: UUID) -> None:
    """Have another record go on for those that were merged before."""
    known = await participant_rows.participants_by_id(hands.session, EVERYTHING, records, lock=True)
    turned = [replace(each, merged_into=goes_on).revised("merged_into") for each in known.values()]
    await participant_rows.change_participants(hands.session, turned, hands.moment.now)
    hands.events += [telling.participant_state(each, ParticipantChanged) for each in turned]


async def _settle(hands: _Hands, survivor: Participant, gone: Participant) -> None:
    """Nobody has to look at the pair any more, nor is somebody erased with whom an adviser is occupied.

    What went over may show that the record that goes on is like a third.
    """
    pair = suspicions.suspected(survivor.id, gone.id)
    await suspicions.settle_suspicion(hands.session, pair, hands.moment.by, hands.moment.now)
    await plan_no_more(hands.session, [survivor.id, gone.id])
    await suspect(hands.session, [survivor], hands.moment)


async def _move_notes(
    hands: _Hands, survivor: Participant, merged: Participant
) -> tuple[tuple[MovedNote, ...], tuple[UUID, ...]]:
    coming = await note_rows.notes_on(hands.session, merged.id)
    moving, silent = share_out(await note_rows.notes_on(hands.session, survivor.id), coming, survivor.id)
    ordinals = {note.id: note.ordinal for note in coming}
    await _hand_over(hands, moving, merged.id)
    await _silence(hands, silent)
    return tuple(MovedNote(note.id, ordinals[note.id]) for note in moving), tuple(note.id for note in silent)


async def _put_notes_back(hands: _Hands, survivor: Participant, back: Participant, moved: Moved) -> None:
    ordinals = {note.observation_id: note.ordinal for note in moved.notes}
    kept = await note_rows.observations_by_id(hands.session, ordinals)
    returning = [
        replace(note, key=replace(note.key, participant_id=back.id), ordinal=ordinals[note.id])
        for note in kept
        if note.key.participant_id == survivor.id
    ]
    await _hand_over(hands, returning, survivor.id)
    await _hand_over(hands, await note_rows.observations_by_id(hands.session, moved.silent_notes), back.id)


async def _hand_over(hands: _Hands, notes: Sequence[Observation], before: UUID) -> None:
    """Keep notes under another record, and tell both sides: taken back here, seen there, one revision later."""
    handed = [replace(note, revision=note.revision + 2) for note in notes]
    await note_rows.change_observations(hands.session, handed)
    venues = await _workshops_of(hands, notes)
    for note in handed:
        hands.events.append(
            ObservationRetracted(participant_id=before, observation_id=note.id, revision=note.revision - 1)
        )
        if note.is_retracted:
            after = note.key.participant_id
            hands.events.append(
                ObservationRetracted(participant_id=after, observation_id=note.id, revision=note.revision)
            )
        else:
            venue = venues[note.key.workshop_id].details.venue
            hands.events.append(telling.observation_state(note, venue, SkillObserved))


async def _silence(hands: _Hands, notes: Sequence[Observation]) -> None:
    """Have notes count nowhere; here they stay as they are."""
    silent = [replace(note, revision=note.revision + 1) for note in notes]
    await note_rows.change_observations(hands.session, silent)
    hands.events += [
        ObservationRetracted(participant_id=note.key.participant_id, observation_id=note.id, revision=note.revision)
        for note in silent
    ]


async def _workshops_of(hands: _Hands, notes: Sequence[Observation]) -> Mapping[UUID, Workshop]:
    return await workshop_rows.workshops_by_id(hands.session, EVERYTHING, {note.key.workshop_id for note in notes})


async def _move_workshops(hands: _Hands, survivor: Participant, merged: Participant) -> dict[UUID, bool]:
    enrolments = await workshop_rows.enrolments_among(hands.session, {survivor.id, merged.id})
    theirs = sorted(workshop for workshop, person in enrolments if person == merged.id)
    for workshop in theirs:
        await workshop_rows.remove_enrolment(hands.session, (workshop, merged.id))
    await workshop_rows.add_enrolments(hands.session, [(workshop, survivor.id) for workshop in theirs])
    return {workshop: (workshop, survivor.id) not in enrolments for workshop in theirs}


async def _move_presences(hands: _Hands, survivor: Participant, merged: Participant) -> tuple[UUID, ...]:
    """Whether they came, where only the merged record says so; what both say stays with each."""
    mine = {each.session_id for each in await session_rows.presences_of_one(hands.session, survivor.id)}
    theirs = {each.session_id for each in await session_rows.presences_of_one(hands.session, merged.id)}
    moving = tuple(sorted(theirs - mine))
    await session_rows.hand_presences_over(hands.session, moving, merged.id, survivor.id)
    return moving


async def _put_workshops_back(hands: _Hands, survivor: Participant, back: Participant, moved: Moved) -> None:
    """Whoever was seen there meanwhile, under the record that went on, was there."""
    seen_at = {note.key.workshop_id for note in await note_rows.notes_on(hands.session, survivor.id)}
    for workshop, is_new in moved.workshops.items():
        if is_new and workshop not in seen_at:
            await workshop_rows.remove_enrolment(hands.session, (workshop, survivor.id))
    await workshop_rows.add_enrolments(hands.session, [(workshop, back.id) for workshop in moved.workshops])


async def _move_enrolments(hands: _Hands, survivor: Participant, merged: Participant) -> tuple[MovedEnrolment, ...]:
    ids = await repository.meetups_ahead_of(hands.session, merged.id, hands.moment.now)
    meetups = await meetup_rows.meetups_by_id(hands.session, EVERYTHING, ids, lock=True)
    kept = await meetup_rows.enrolments_of(hands.session, ids)
    moved = []
    for meetup in meetups.values():
        constraints = kept[meetup.id, merged.id].constraints
        is_new = (meetup.id, survivor.id) not in kept
        await _unenrol(hands, meetup, merged.id)
        if is_new:
            await _enrol(hands, meetup.id, survivor.id, kept[meetup.id, merged.id])
        moved.append(MovedEnrolment(meetup.id, constraints, is_new))
    return tuple(moved)


async def _put_enrolments_back(hands: _Hands, survivor: Participant, back: Participant, moved: Moved) -> None:
    """A meetup that began, or where the record that went on is expected, stays its own: nobody is invited twice."""
    ids = [each.meetup_id for each in moved.enrolments]
    meetups = await meetup_rows.meetups_by_id(hands.session, EVERYTHING, ids, lock=True)
    expected = await repository.expected_at(hands.session, survivor.id, ids)
    kept = await meetup_rows.enrolments_of(hands.session, ids)
    for each in moved.enrolments:
        meetup = meetups[each.meetup_id]
        is_over = meetup.is_cancelled or is_past(meetup.details.starts_at, hands.moment.now)
        if is_over or (each.is_new and each.meetup_id in expected):
            continue
        if each.is_new and (each.meetup_id, survivor.id) in kept:
            await _unenrol(hands, meetup, survivor.id)
        await _enrol(hands, each.meetup_id, back.id, Enrolment(each.meetup_id, back.id, each.constraints))


async def _asked_for(hands: _Hands, participant: Participant) -> Constraints:
    """What somebody's access needs come to: those of a merged record hold as long as it is merged."""
    return (await asked_for(hands.session, [participant.id])).get(participant.id, Constraints())


async def _unenrol(hands: _Hands, meetup: Meetup, participant_id: UUID) -> None:
    await meetup_rows.remove_enrolment(hands.session, (meetup.id, participant_id))
    revised = meetup.revised("participants")
    await meetup_rows.change_meetups(hands.session, [revised])
    hands.events.append(
        ParticipantUnenrolled(meetup_id=meetup.id, participant_id=participant_id, revision=revised.revision)
    )


async def _enrol(hands: _Hands, meetup_id: UUID, participant_id: UUID, as_was: Enrolment) -> None:
    meetup = (await meetup_rows.meetups_by_id(hands.session, EVERYTHING, [meetup_id]))[meetup_id]
    revised = meetup.revised("participants")
    enrolment = replace(as_was, participant_id=participant_id, revision=revised.revision)
    await meetup_rows.put_enrolments(hands.session, [enrolment])
    await meetup_rows.change_meetups(hands.session, [revised])
    (told,) = await bound(hands.session, [enrolment])
    hands.events.append(telling.enrolled(revised, participant_id, told.constraints))


async def _decide_consents(
    hands: _Hands, survivor: Participant, merged: Participant
) -> tuple[Participant, dict[Purpose, int]]:
    decided: dict[Purpose, int] = {}
    for purpose, said in consents_after(survivor.consents, merged.consents).items():
        survivor = await _decide(hands, survivor, purpose, said)
        decided[purpose] = survivor.revision
    return survivor, decided


async def _take_objections_over(hands: _Hands, survivor: Participant, merged: Participant) -> tuple[UUID, ...]:
    """Whoever objected under one record objects: no purpose is agreed to by then, since refusals went over before."""
    taken = [
        replace(each, id=hands.moment.new_id(), participant_id=survivor.id)
        for each in await objection_rows.objections_of(hands.session, merged.id)
        if each.is_in_force and each.purpose not in survivor.objects_to
    ]
    await objection_rows.add_objections(hands.session, taken)
    return tuple(each.id for each in taken)


async def _take_consents_back(hands: _Hands, survivor: Participant, moved: Moved) -> Participant:
    """What the merge decided, as far as nobody decided since: a later act counts.

    A consent that only the merge gave is withdrawn, on the record: others were told of it.
    """
    newest = {each.purpose: each.revision for each in await participant_rows.decisions_of(hands.session, survivor.id)}
    decided = {purpose: revision for purpose, revision in moved.consents.items() if newest.get(purpose) == revision}
    if not decided:
        return survivor
    before = survivor.consents
    await participant_rows.take_back_decisions(hands.session, survivor.id, list(decided.values()))
    (survivor,) = (await participant_rows.participants_by_id(hands.session, EVERYTHING, [survivor.id])).values()
    for purpose in sorted(decided):
        if purpose not in survivor.consents and before[purpose].granted:
            survivor = await _decide(hands, survivor, purpose, replace(before[purpose], granted=False, source="import"))
        elif purpose in survivor.consents:
            survivor = survivor.revised("consents")
            hands.events += _consents_told(survivor, {purpose: survivor.consents[purpose].granted})
    return survivor


async def _refuse_what_is_objected_to(hands: _Hands, survivor: Participant) -> Participant:
    """Whoever objected while the merge stood agrees to nothing that they agreed to before it."""
    for each in await objection_rows.objections_of(hands.session, survivor.id):
        said = survivor.consents.get(each.purpose)
        if each.is_in_force and said is not None and said.granted:
            refusal = replace(said, granted=False, source="person", way=each.way)
            survivor = await _decide(hands, survivor, each.purpose, refusal)
    return survivor


async def _decide(hands: _Hands, participant: Participant, purpose: Purpose, said: Consent) -> Participant:
    """Keep and tell a decision that nobody took by themselves: the next revision."""
    decided = replace(participant, consents={**participant.consents, purpose: said}).revised("consents")
    decision = decision_on(decided, purpose, hands.moment)
    await participant_rows.add_decisions(hands.session, [decision])
    hands.events += _consents_told(decided, {purpose: said.granted})
    return decided


def _consents_told(participant: Participant, holds: Mapping[Purpose, bool]) -> list[Event]:
    return [
        (ConsentGranted if granted else ConsentWithdrawn)(
            participant_id=participant.id, revision=participant.revision, purpose=purpose
        )
        for purpose, granted in sorted(holds.items())
    ]


def _with_contact_of(survivor: Participant, merged: Participant) -> tuple[Participant, tuple[str, ...]]:
    filled = filled_in(survivor.contact, merged.contact)
    if not filled:
        return survivor, ()
    theirs = {name: getattr(merged.contact, name) for name in filled}
    return replace(survivor, contact=replace(survivor.contact, **theirs)).revised(*filled), filled


def _without_contact_of(survivor: Participant, back: Participant, moved: Moved) -> tuple[Participant, bool]:
    """What was filled in is emptied, unless somebody has said something else since."""
    emptied = [name for name in moved.filled_in if getattr(survivor.contact, name) == getattr(back.contact, name)]
    if not emptied:
        return survivor, False
    nothing: dict[str, Any] = dict.fromkeys(emptied)
    contact = replace(survivor.contact, **nothing)
    return replace(survivor, contact=contact).revised(*emptied), True
