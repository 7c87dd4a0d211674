"""Meetups: schedule, change, cancel; invite needs; enrol participants; record who came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, Notes, find_refused
from services.registration.domain.meetups import (
    Constraints,
    Meetup,
    MeetupDetails,
    MeetupDraft,
    ends_the_same_day,
    has_its_breaks,
    has_slots,
    has_time_to_meet,
    is_past,
)
from services.registration.domain.needs import Need
from services.registration.domain.said import UNSAID, Said, Unsaid, made_of, said_or
from services.registration.repository import meetups as repository
from services.registration.repository import participants as participant_rows
from services.registration.repository.meetups import Enrolment, EnrolmentKey
from services.registration.repository.operations import meetups_of
from services.registration.use_cases import telling
from services.registration.use_cases.binding import bound
from services.registration.use_cases.needs import need_named
from services.registration.use_cases.operations import OperationsNamed, operations_named
from services.registration.use_cases.participants import participant_named
from services.registration.use_cases.saving import (
    Saved,
    SavedAs,
    check_is_free,
    identifiers_in,
    once_ended,
    said_of_kept,
    settle,
    unless_refused,
)
from services.registration.use_cases.venues import with_directions
from shared.contracts.envelope import Event
from shared.contracts.meetups import (
    AttendanceRecorded,
    MeetupCancelled,
    MeetupChanged,
    MeetupScheduled,
    ParticipantUnenrolled,
)
from shared.moment import Moment
from shared.rights import EVERYTHING, Scope


async def save_meetups(session: AsyncSession, drafts: Sequence[MeetupDraft], moment: Moment) -> list[Saved | Finding]:
    """Schedule meetups, or change those whose identifier is known, and cancel them; one answer each, in order.

    A meetup in the past is kept as a record, with a warning. A `Finding` is a refusal: what is cancelled changes no
    more, nor takes place after all.
    """
    kept = await repository.meetups_by_identifier(session, EVERYTHING, identifiers_in(drafts))
    pairs = [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in drafts]
    return await _cancel_where_said(session, drafts, await _save(session, pairs, moment), moment)


async def schedule_meetup(session: AsyncSession, draft: MeetupDraft, moment: Moment) -> Saved:
    """Schedule one meetup. Raises `Refused` where it lies in the past or the identifier is taken."""
    _check_is_ahead(draft, moment)
    check_is_free(await repository.meetups_by_identifier(session, EVERYTHING, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, None)], moment))[0])


async def change_meetup(
    session: AsyncSession, scope: Scope, meetup_id: UUID, draft: MeetupDraft, moment: Moment
) -> Saved:
    """Change what was said of one meetup. Raises `Refused` where it is unknown or cancelled, or would be over."""
    kept = await meetup_named(session, scope, meetup_id)
    if draft.starts_at != kept.details.starts_at:
        _check_is_ahead(draft, moment)
    if said_or(draft.identifier, None) != kept.details.identifier:
        check_is_free(await repository.meetups_by_identifier(session, EVERYTHING, identifiers_in([draft])))
    return unless_refused((await _save(session, [(draft, kept)], moment))[0])


async def cancel_meetup(session: AsyncSession, scope: Scope, meetup_id: UUID, moment: Moment) -> Saved:
    """Cancel a meetup; cancelling it twice changes nothing. Raises `Refused` if unknown."""
    kept = await meetup_named(session, scope, meetup_id)
    if kept.is_cancelled:
        return Saved(kept.id, kept.revision, SavedAs.UNCHANGED)
    (cancelled,) = await _cancel(session, [kept], moment)
    return Saved(cancelled.id, cancelled.revision, SavedAs.CHANGED)


async def invite_need(
    session: AsyncSession, scope: Scope, meetup_id: UUID, need_id: UUID, interviewers: int | None, moment: Moment
) -> Saved:
    """Invite a need to a meetup. Raises `Refused` where either is unknown, cancelled or closed.

    Where nobody says how many interview for it, it stays as it is there, or is as many as the need says.
    """
    kept = await standing_meetup(session, scope, meetup_id)
    need = await need_named(session, need_id)
    if need.is_closed:
        raise find_refused(kinds.NEED_CLOSED, "need_id")
    count = interviewers or dict(kept.needs).get(need_id, need.details.interviewers)
    return await _with_needs(session, kept, {**dict(kept.needs), need_id: count}, moment)


async def uninvite_need(session: AsyncSession, scope: Scope, meetup_id: UUID, need_id: UUID, moment: Moment) -> Saved:
    """Take a need out of a meetup. Raises `Refused` where it is not invited."""
    kept = await standing_meetup(session, scope, meetup_id)
    if need_id not in dict(kept.needs):
        raise find_refused(kinds.NOT_AT_MEETUP, "need_id")
    left = {need: interviewers for need, interviewers in kept.needs if need != need_id}
    return await _with_needs(session, kept, left, moment)


async def invite_needs(
    session: AsyncSession, pairs: Sequence[tuple[Meetup, Need]], moment: Moment
) -> list[SavedAs | Finding]:
    """Invite needs, all known, to meetups; one answer each, in order. Each meetup changes once.

    A `Finding` is a refusal: nobody is invited to what is cancelled.
    """
    meetups = {meetup.id: meetup for meetup, _ in pairs}
    needs = {meetup.id: dict(meetup.needs) for meetup in meetups.values()}
    answers: list[SavedAs | Finding] = []
    for meetup, need in pairs:
        if meetup.is_cancelled and need.id not in dict(meetup.needs):
            answers.append(Finding(kinds.MEETUP_CANCELLED, "meetup_id"))
            continue
        answers.append(SavedAs.UNCHANGED if need.id in dict(meetup.needs) else SavedAs.NEW)
        needs[meetup.id].setdefault(need.id, need.details.interviewers)
    changed = [
        replace(meetup, needs=tuple(sorted(needs[meetup.id].items()))).revised("needs")
        for meetup in meetups.values()
        if needs[meetup.id] != dict(meetup.needs)
    ]
    await repository.change_meetups(session, changed)
    await telling.tell(session, *(telling.meetup_state(each, MeetupChanged) for each in changed), moment=moment)
    return answers


async def enrol(
    session: AsyncSession,
    scope: Scope,
    meetup_id: UUID,
    participant_id: UUID,
    constraints: Constraints,
    moment: Moment,
) -> Saved:
    """Enrol somebody in a meetup, or change what the timetable must respect.

    Raises `Refused` where either is unknown, the meetup is cancelled, or a slot is none of the meetup's.
    """
    # Before the meetup, as whoever merges or changes them: they would wait for each other for ever.
    goes_on = await participant_rows.going_on(session, participant_id, lock=True)
    kept = await standing_meetup(session, scope, meetup_id)
    if not has_slots(constraints, kept.details.slots):
        raise find_refused(kinds.BAD_SLOT, "first_slot")
    person = await participant_named(session, scope, goes_on)
    enrolled = await repository.enrolments_of(session, [kept.id])
    was_there = await records_that_were_there(session, [person.id], enrolled)
    record = was_there.get((kept.id, person.id), person.id)
    return (await _enrol(session, [(kept, record, constraints)], moment))[0]


@dataclass(frozen=True, slots=True)
class SaidEnrolment:
    """That somebody may be paired at a meetup, and whether they came, where that is said."""

    meetup: Meetup
    participant_id: UUID
    is_present: Said[bool] = UNSAID

    @property
    def key(self) -> EnrolmentKey:
        """The meetup and the participant."""
        return self.meetup.id, self.participant_id

    def differs_from(self, known: Enrolment | None) -> bool:
        """Whether it says something that is not kept."""
        return known is None or said_or(self.is_present, known.is_present) != known.is_present


async def enrol_all(session: AsyncSession, said: Sequence[SaidEnrolment], moment: Moment) -> list[Saved | Finding]:
    """Enrol participants, all known, in meetups, and note who came; one answer each, in order.

    Who is enrolled stays so, constraints included. A `Finding` is a refusal: what is cancelled changes no more.
    """
    kept = await repository.enrolments_of(session, {each.meetup.id for each in said})
    was_there = await records_that_were_there(session, {each.participant_id for each in said}, kept)
    said = [replace(each, participant_id=was_there.get(each.key, each.participant_id)) for each in said]
    good = [each for each in said if not (each.meetup.is_cancelled and each.differs_from(kept.get(each.key)))]
    constraints = {key: known.constraints for key, known in kept.items()}
    asked = [(each.meetup, each.participant_id, constraints.get(each.key, Constraints())) for each in good]
    enrolled = await _enrol(session, asked, moment)
    came = {each.key: each.is_present for each in good if not isinstance(each.is_present, Unsaid)}
    noted = await _note_presence(session, came, moment)
    answers = {each.key: saved.raised(noted.get(each.key)) for each, saved in zip(good, enrolled, strict=True)}
    return [answers.get(each.key) or Finding(kinds.MEETUP_CANCELLED, "meetup_id") for each in said]


async def unenrol(session: AsyncSession, scope: Scope, meetup_id: UUID, participant_id: UUID, moment: Moment) -> Saved:
    """Take somebody out of a meetup. Raises `Refused` where they are not enrolled."""
    meetup = await meetup_named(session, scope, meetup_id)
    await participant_named(session, scope, participant_id)
    participant_id = (await _enrolment_named(session, meetup_id, participant_id)).participant_id
    await repository.remove_enrolment(session, (meetup_id, participant_id))
    meetup = await _with_people_changed(session, meetup)
    event = ParticipantUnenrolled(meetup_id=meetup_id, participant_id=participant_id, revision=meetup.revision)
    await telling.tell(session, event, moment=moment)
    return Saved(meetup.id, meetup.revision, SavedAs.CHANGED)


async def record_attendance(
    session: AsyncSession, scope: Scope, meetup_id: UUID, participant_id: UUID, *, present: bool, moment: Moment
) -> Saved:
    """Record whether somebody came. Raises `Refused` where they are not enrolled or the meetup is cancelled."""
    meetup = await standing_meetup(session, scope, meetup_id)
    enrolment = await _enrolment_named(session, meetup_id, participant_id)
    key = (meetup_id, enrolment.participant_id)
    noted = await _note_presence(session, {key: present}, moment)
    return Saved(meetup.id, meetup.revision, SavedAs.UNCHANGED).raised(noted.get(key))


async def meetup_named(session: AsyncSession, scope: Scope, meetup_id: UUID, *, lock: bool = True) -> Meetup:
    """The meetup with this id. Raises `Refused` where there is none within the scope."""
    found = await repository.meetups_by_id(session, scope, [meetup_id], lock=lock)
    if meetup_id not in found:
        raise find_refused(kinds.UNKNOWN_MEETUP, "meetup_id")
    return found[meetup_id]


async def standing_meetup(session: AsyncSession, scope: Scope, meetup_id: UUID) -> Meetup:
    """The meetup with this id. Raises `Refused` where there is none within the scope, or it is cancelled."""
    meetup = await meetup_named(session, scope, meetup_id)
    if meetup.is_cancelled:
        raise find_refused(kinds.MEETUP_CANCELLED, "meetup_id")
    return meetup


async def records_that_were_there(
    session: AsyncSession, people: Collection[UUID], enrolled: Collection[EnrolmentKey]
) -> dict[EnrolmentKey, UUID]:
    """Under which record people are enrolled who were merged since: a meetup that is over keeps the one it had."""
    merged = await participant_rows.records_merged_into(session, people)
    there = {(meetup, merged[record]): record for meetup, record in enrolled if record in merged}
    return {key: record for key, record in there.items() if key not in enrolled}


async def _enrolment_named(session: AsyncSession, meetup_id: UUID, participant_id: UUID) -> Enrolment:
    """Somebody's enrolment, be it under a record that was merged since."""
    enrolments = await repository.enrolments_of(session, [meetup_id])
    goes_on = await participant_rows.going_on(session, participant_id)
    for record in (participant_id, goes_on, *await participant_rows.records_merged_into(session, [goes_on])):
        if (meetup_id, record) in enrolments:
            return enrolments[meetup_id, record]
    raise find_refused(kinds.NOT_AT_MEETUP, "participant_id")


def _check_is_ahead(draft: MeetupDraft, moment: Moment) -> None:
    if not isinstance(draft.starts_at, Unsaid) and is_past(draft.starts_at, moment.now):
        raise find_refused(kinds.MEETUP_IN_THE_PAST, "starts_at")


async def _note_presence(
    session: AsyncSession, came: Mapping[EnrolmentKey, bool], moment: Moment
) -> dict[EnrolmentKey, int]:
    """Note who of those enrolled came and who did not; the revision of the meetup for each of whom that is news."""
    kept = await repository.enrolments_of(session, {meetup for meetup, _ in came})
    news = {key: present for key, present in came.items() if kept[key].is_present != present}
    meetups = await repository.meetups_by_id(session, EVERYTHING, {meetup for meetup, _ in news}, lock=True)
    noted: dict[EnrolmentKey, int] = {}
    for key in news:
        meetups[key[0]] = meetups[key[0]].revised("participants")
        noted[key] = meetups[key[0]].revision
    rows = [replace(kept[key], is_present=news[key], revision=revision) for key, revision in noted.items()]
    await repository.put_enrolments(session, rows)
    await repository.change_meetups(session, list(meetups.values()))
    events = [
        AttendanceRecorded(
            meetup_id=each.meetup_id, participant_id=each.participant_id, revision=each.revision, present=news[key]
        )
        for key, each in zip(noted, rows, strict=True)
    ]
    await telling.tell(session, *events, moment=moment)
    return noted


async def _cancel(session: AsyncSession, meetups: Sequence[Meetup], moment: Moment) -> list[Meetup]:
    cancelled = [replace(each, is_cancelled=True).revised("is_cancelled") for each in meetups]
    await repository.change_meetups(session, cancelled)
    events = [MeetupCancelled(meetup_id=each.id, revision=each.revision) for each in cancelled]
    await telling.tell(session, *events, moment=moment)
    return cancelled


async def _cancel_where_said(
    session: AsyncSession, drafts: Sequence[MeetupDraft], answers: Sequence[Saved | Finding], moment: Moment
) -> list[Saved | Finding]:
    """Cancel what was said to be cancelled, once it is kept; what is cancelled does not take place after all."""
    said = said_of_kept(answers, [draft.is_cancelled for draft in drafts])
    kept = await repository.meetups_by_id(session, EVERYTHING, said, lock=True)
    cancelling = [kept[meetup_id] for meetup_id, is_so in said.items() if is_so and not kept[meetup_id].is_cancelled]
    cancelled = {each.id: each.revision for each in await _cancel(session, cancelling, moment)}
    revived = {meetup_id for meetup_id, is_so in said.items() if not is_so and kept[meetup_id].is_cancelled}
    return once_ended(answers, cancelled, revived, Finding(kinds.MEETUP_CANCELLED, "is_cancelled"))


async def _with_people_changed(session: AsyncSession, meetup: Meetup) -> Meetup:
    """The meetup at its next revision, which counts what happened to its people too."""
    revised = meetup.revised("participants")
    await repository.change_meetups(session, [revised])
    return revised


async def _with_needs(session: AsyncSession, kept: Meetup, needs: dict[UUID, int], moment: Moment) -> Saved:
    if needs == dict(kept.needs):
        return Saved(kept.id, kept.revision, SavedAs.UNCHANGED)
    changed = replace(kept, needs=tuple(sorted(needs.items()))).revised("needs")
    await repository.change_meetups(session, [changed])
    await telling.tell(session, telling.meetup_state(changed, MeetupChanged), moment=moment)
    return Saved(changed.id, changed.revision, SavedAs.CHANGED)


@dataclass(slots=True)
class _Enrolled:
    rows: list[Enrolment] = field(default_factory=list)
    at: list[Meetup] = field(default_factory=list)
    """Where each row is, as the meetup stands with it."""
    saved: list[Saved] = field(default_factory=list)


async def _enrol(
    session: AsyncSession, asked: Sequence[tuple[Meetup, UUID, Constraints]], moment: Moment
) -> list[Saved]:
    meetups = {meetup.id: meetup for meetup, _, _ in asked}
    before = {meetup.id: meetup.revision for meetup in meetups.values()}
    kept = dict(await repository.enrolments_of(session, list(meetups)))
    done = _Enrolled()
    for meetup, participant_id, constraints in asked:
        key = (meetup.id, participant_id)
        known = kept.get(key)
        if known is not None and known.constraints == constraints:
            done.saved.append(Saved(meetup.id, meetups[meetup.id].revision, SavedAs.UNCHANGED))
            continue
        raised = meetups[meetup.id] = meetups[meetup.id].revised("participants")
        is_present = known.is_present if known else None
        kept[key] = Enrolment(meetup.id, participant_id, constraints, is_present, raised.revision)
        done.rows.append(kept[key])
        done.at.append(raised)
        done.saved.append(Saved(meetup.id, raised.revision, SavedAs.CHANGED if known else SavedAs.NEW))
    await repository.put_enrolments(session, done.rows)
    await repository.change_meetups(session, [each for each in meetups.values() if each.revision != before[each.id]])
    told = zip(done.at, await bound(session, done.rows), strict=True)
    events = [telling.enrolled(meetup, each.participant_id, each.constraints) for meetup, each in told]
    await telling.tell(session, *events, moment=moment)
    return done.saved


async def _save(
    session: AsyncSession, pairs: Sequence[tuple[MeetupDraft, Meetup | None]], moment: Moment
) -> list[Saved | Finding]:
    named = await operations_named(session, pairs)
    taken = dict(await meetups_of(session, list(named.operations)))
    settled = settle(
        await with_directions(session, pairs),
        lambda draft: Meetup(moment.new_id(), 1, made_of(MeetupDetails, draft)),
        objection=lambda after, before: _objection(after, before) or _joins(after, named, taken),
        warnings=lambda meetup: _warnings(meetup, moment),
    )
    await repository.add_meetups(session, settled.new)
    await repository.change_meetups(session, settled.changed)
    happened: list[Event] = [telling.meetup_state(each, MeetupScheduled) for each in settled.new]
    happened += [telling.meetup_state(each, MeetupChanged) for each in settled.changed]
    before = {kept.id: kept for _, kept in pairs if kept is not None}
    happened += await _bound_otherwise(session, [(before[each.id], each) for each in settled.changed])
    await telling.tell(session, *happened, moment=moment)
    return settled.answers


async def _bound_otherwise(session: AsyncSession, changed: Sequence[tuple[Meetup, Meetup]]) -> list[Event]:
    """Who is bound to front tables, where a meetup has some since its change, or has none any more."""
    meetups = {
        after.id: after
        for before, after in changed
        if (before.details.front_tables is None) is not (after.details.front_tables is None)
    }
    return [
        telling.enrolled(meetups[enrolment.meetup_id], enrolment.participant_id, enrolment.constraints)
        for enrolment in await bound(session, (await repository.enrolments_of(session, meetups)).values())
        if enrolment.constraints.front_table
    ]


def _objection(after: Meetup, before: Meetup | None) -> Finding | None:
    if before is not None and before.is_cancelled:
        return Finding(kinds.MEETUP_CANCELLED, "identifier")
    if not ends_the_same_day(after.details):
        return Finding(kinds.MEETUP_TOO_LONG, "slots")
    if not has_its_breaks(after.details):
        return Finding(kinds.BAD_SLOT, "breaks")
    if not has_time_to_meet(after.details):
        return Finding(kinds.NO_TIME_TO_MEET, "breaks")
    return None


def _joins(after: Meetup, named: OperationsNamed, taken: dict[UUID, UUID]) -> Finding | None:
    """Why a meetup cannot be part of its operation; the first one takes the place."""
    operation_id = after.details.operation_id
    if operation_id is None:
        return None
    if (refusal := named.objection(operation_id, after.details.agency_id)) is not None:
        return refusal
    is_first = taken.setdefault(operation_id, after.id) == after.id
    return None if is_first else Finding(kinds.OPERATION_HAS_MEETUP, "operation_id")


def _warnings(meetup: Meetup, moment: Moment) -> Sequence[Finding]:
    notes = Notes()
    if is_past(meetup.details.starts_at, moment.now):
        notes.add(kinds.PAST_MEETUP, "starts_at")
    return notes.findings
