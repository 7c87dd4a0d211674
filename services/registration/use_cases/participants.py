"""Participants: register, change; give and take back consent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.registration.domain import kinds
from services.registration.domain.findings import Finding, Notes, find_refused
from services.registration.domain.meetups import Constraints, asked_by
from services.registration.domain.merging import heard_of_merged, unless_merged_have_it
from services.registration.domain.participants import (
    PURPOSES,
    Consent,
    Contact,
    Origin,
    Participant,
    ParticipantDraft,
    Protected,
    Purpose,
    Situation,
    consents_to_record,
    is_withdrawn_since,
)
from services.registration.domain.places import civil_date
from services.registration.domain.said import UNSAID, made_of, said_or
from services.registration.repository import erasures, protected
from services.registration.repository import participants as repository
from services.registration.repository.participants import ConsentDecision
from services.registration.use_cases import telling
from services.registration.use_cases.binding import bind_anew
from services.registration.use_cases.duplicates import suspect
from services.registration.use_cases.saving import Saved, SavedAs, check_is_free, identifiers_in
from shared.contracts.envelope import Event
from shared.contracts.participants import (
    ConsentGranted,
    ConsentWithdrawn,
    ParticipantChanged,
    ParticipantRegistered,
    ParticipantState,
)
from shared.moment import Moment
from shared.reference.consent_texts import texts_shown_until
from shared.rights import EVERYTHING, Scope

CONSENT_FIELDS: dict[Purpose, str] = {"pairing": "consents.pairing", "contact": "consents.contact"}


@dataclass(slots=True)
class _Effects:
    """What keeping several participants comes to, before it is written; ``source`` says through what they came."""

    source: Origin
    new: list[Participant] = field(default_factory=list)
    changed: list[Participant] = field(default_factory=list)
    protected: list[Participant] = field(default_factory=list)
    asked_before: dict[UUID, Constraints] = field(default_factory=dict)
    """What the access needs of whoever changes them asked of timetables."""
    decisions: list[ConsentDecision] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


async def save_participants(
    session: AsyncSession, drafts: Sequence[ParticipantDraft], moment: Moment, source: Origin
) -> list[Saved | Finding]:
    """Register participants, or change those whose identifier is known; one answer each, in order.

    A `Finding` is a refusal: somebody who was erased stays erased. What is said of a record that was merged reaches the
    one that goes on, as far as it counts. The identifiers differ among themselves.
    """
    identifiers = identifiers_in(drafts)
    kept = await repository.participants_by_identifier(session, EVERYTHING, identifiers)
    erased = await erasures.erased_identifiers(session, [each for each in identifiers if each not in kept])
    merged = {name: each for name, each in kept.items() if each.merged_into is not None}
    welcome = [draft for draft in drafts if draft.identifier not in erased and draft.identifier not in merged]
    pairs = [(draft, kept.get(said_or(draft.identifier, None) or "")) for draft in welcome]
    saved = await _save(session, await _as_merged_have_it(session, pairs), moment, source)
    answers = iter(saved)
    return [
        Finding(kinds.ERASED_PARTICIPANT, "identifier")
        if (name := said_or(draft.identifier, None)) in erased
        else await _hear_of_merged(session, draft, merged[name], moment)
        if name in merged
        else next(answers)
        for draft in drafts
    ]


async def register_participant(session: AsyncSession, draft: ParticipantDraft, moment: Moment) -> Saved:
    """Register one participant. Raises `Refused` where the identifier is taken or belonged to somebody erased."""
    identifiers = identifiers_in([draft])
    check_is_free(await repository.participants_by_identifier(session, EVERYTHING, identifiers))
    if await erasures.erased_identifiers(session, identifiers):
        raise find_refused(kinds.ERASED_PARTICIPANT, "identifier")
    return (await _save(session, [(draft, None)], moment, "person"))[0]


async def change_participant(
    session: AsyncSession, scope: Scope, participant_id: UUID, draft: ParticipantDraft, moment: Moment
) -> Saved:
    """Change what was said of one participant. Raises `Refused` where there is none, or the new identifier is taken."""
    kept = await participant_named(session, scope, participant_id, lock=True)
    if said_or(draft.identifier, None) != kept.identifier:
        check_is_free(await repository.participants_by_identifier(session, EVERYTHING, identifiers_in([draft])))
    return (await _save(session, [(draft, kept)], moment, "person"))[0]


async def decide_consent(
    session: AsyncSession, scope: Scope, participant_id: UUID, purpose: Purpose, said: Consent, moment: Moment
) -> Saved:
    """Give or take back one consent; repeating a decision changes nothing, unless another text was shown.

    Where no version of the text is said, it is the one shown today. Raises `Refused` where the participant or the
    version is unknown, or where they agree to what they object to.
    """
    kept = await participant_named(session, scope, participant_id, lock=True)
    if said.granted and purpose in kept.objects_to:
        raise find_refused(kinds.OBJECTED, "purpose")
    decision = replace(said, text_version=_version_shown(purpose, said.text_version, moment))
    known = kept.consents.get(purpose)
    if known is not None and known.is_repeated_by(decision):
        return Saved(kept.id, kept.revision, SavedAs.UNCHANGED)
    effects = _Effects("person")
    decided = _decide(kept, {purpose: decision}, moment, effects)
    effects.changed.append(decided)
    await _write(session, effects, moment)
    return Saved(decided.id, decided.revision, SavedAs.CHANGED)


async def participant_named(
    session: AsyncSession, scope: Scope, participant_id: UUID, *, lock: bool = False
) -> Participant:
    """The participant with this id; for a record that was merged, the one that goes on.

    Raises `Refused` where there is none within the scope.
    """
    goes_on = await repository.going_on(session, participant_id)
    found = await repository.participants_by_id(session, scope, [goes_on], lock=lock)
    if goes_on not in found:
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "participant_id")
    if found[goes_on].merged_into is not None:
        return await participant_named(session, scope, goes_on, lock=lock)  # merged while this waited for it
    return found[goes_on]


async def _as_merged_have_it(
    session: AsyncSession, pairs: Sequence[tuple[ParticipantDraft, Participant | None]]
) -> list[tuple[ParticipantDraft, Participant | None]]:
    """The same pairs; an empty cell does not take what a merged record has of ways to reach the person."""
    into = await repository.records_merged_into(session, [kept.id for _, kept in pairs if kept is not None])
    merged: dict[UUID, list[Participant]] = {}
    for each in (await repository.participants_by_id(session, EVERYTHING, into)).values():
        merged.setdefault(into[each.id], []).append(each)
    return [(unless_merged_have_it(draft, merged.get(kept.id, ())) if kept else draft, kept) for draft, kept in pairs]


async def _hear_of_merged(session: AsyncSession, draft: ParticipantDraft, record: Participant, moment: Moment) -> Saved:
    """Take over what counts of what was said of a merged record; its refusals are the person's own word."""
    goes_on = await participant_named(session, EVERYTHING, record.id, lock=True)
    (saved,) = await _save(session, [(heard_of_merged(draft, goes_on), goes_on)], moment, "person")
    return replace(saved, findings=[*saved.findings, Finding(kinds.READ_AS_MERGED, "identifier")])


async def check_is_known(session: AsyncSession, scope: Scope, participant_id: UUID) -> None:
    """Raise `Refused` where there is no participant with this id within the scope."""
    if not await repository.is_participant(session, scope, participant_id):
        raise find_refused(kinds.UNKNOWN_PARTICIPANT, "participant_id")


async def _save(
    session: AsyncSession,
    pairs: Sequence[tuple[ParticipantDraft, Participant | None]],
    moment: Moment,
    source: Origin,
) -> list[Saved]:
    effects = _Effects(source)
    saved = [_save_one(draft, kept, moment, effects) for draft, kept in await _opened_where_said(session, pairs)]
    await _write(session, effects, moment)
    looked_at = {each.id for each in (*effects.new, *effects.changed)}
    likely = await suspect(session, [*effects.new, *effects.changed], moment)
    return [
        replace(each, findings=(*each.findings, *likely.get(each.id, ()))) if each.id in looked_at else each
        for each in saved
    ]


async def _opened_where_said(
    session: AsyncSession, pairs: Sequence[tuple[ParticipantDraft, Participant | None]]
) -> list[tuple[ParticipantDraft, Participant | None]]:
    """The same pairs; whoever is known, and of whom something protected was said, with what is kept of it."""
    asked = [kept for draft, kept in pairs if kept is not None and draft.says_protected]
    opened = {each.id: each for each in await protected.opened(session, asked)}
    return [(draft, opened.get(kept.id, kept) if kept else None) for draft, kept in pairs]


def _save_one(draft: ParticipantDraft, kept: Participant | None, moment: Moment, effects: _Effects) -> Saved:
    if kept is None:
        fresh = _begun(draft, moment)
        effects.events.append(telling.participant_state(fresh, ParticipantRegistered))
        fresh = _decide(fresh, _handed_in(draft, {}, moment, effects), moment, effects)
        effects.new.append(fresh)
        if fresh.protected != Protected():
            effects.protected.append(fresh)
        return Saved(fresh.id, fresh.revision, SavedAs.NEW, _warnings(draft, fresh, effects.source, is_new=True))
    overruling = [purpose for purpose in PURPOSES if draft.consents.get(purpose) and purpose in kept.objects_to]
    if overruling and effects.source == "person":
        raise find_refused(kinds.OBJECTED, CONSENT_FIELDS[overruling[0]])
    changed = kept.amended(draft)
    decisions = _handed_in(draft, kept.consents, moment, effects)
    if changed == kept and not decisions:
        told = [Finding(kinds.OBJECTED_SINCE, CONSENT_FIELDS[purpose]) for purpose in overruling]
        return Saved(kept.id, kept.revision, SavedAs.UNCHANGED, told)
    if changed != kept:
        changed = changed.revised(*changed.differing(kept))
        if (changed.situation, changed.contact) != (kept.situation, kept.contact):
            effects.events.append(_changed(changed))
        if changed.protected != kept.protected:
            effects.protected.append(changed)
            effects.asked_before[kept.id] = asked_by(kept.protected.access_needs if kept.protected else ())
    changed = _decide(changed, decisions, moment, effects)
    effects.changed.append(changed)
    return Saved(changed.id, changed.revision, SavedAs.CHANGED, _warnings(draft, kept, effects.source, is_new=False))


def _begun(draft: ParticipantDraft, moment: Moment) -> Participant:
    return Participant(
        id=moment.new_id(),
        identifier=said_or(draft.identifier, None),
        revision=1,
        situation=made_of(Situation, draft, available_from=civil_date(moment.now, said_or(draft.home, None))),
        contact=made_of(Contact, draft),
        protected=made_of(Protected, draft),
        consents={},
    )


def _changed(participant: Participant) -> ParticipantState:
    return telling.participant_state(participant, ParticipantChanged)


def _handed_in(
    draft: ParticipantDraft, kept: Mapping[Purpose, Consent], moment: Moment, effects: _Effects
) -> dict[Purpose, Consent]:
    """The decisions in a draft that change something, on the texts that are shown today."""
    return {
        purpose: Consent(granted, effects.source, draft.consent_way, _version_shown(purpose, None, moment))
        for purpose, granted in consents_to_record(draft, kept, effects.source).items()
    }


def _version_shown(purpose: Purpose, said: int | None, moment: Moment) -> int | None:
    """The version that was said, or else the one shown today. Raises `Refused` for one that was never shown."""
    shown = {each.version for each in texts_shown_until(purpose, civil_date(moment.now))}
    if said is not None and said not in shown:
        raise find_refused(kinds.UNKNOWN_CONSENT_TEXT, "text_version")
    return said if said is not None else max(shown, default=None)


def decision_on(participant: Participant, purpose: Purpose, moment: Moment) -> ConsentDecision:
    """The decision that a participant's newest revision is."""
    said = participant.consents[purpose]
    return ConsentDecision(
        participant.id,
        purpose,
        participant.revision,
        said.granted,
        said.source,
        moment.now,
        moment.by,
        said.way,
        said.text_version,
    )


def _decide(
    participant: Participant, decisions: Mapping[Purpose, Consent], moment: Moment, effects: _Effects
) -> Participant:
    """The participant after these decisions, each of which is one more revision."""
    for purpose, decision in decisions.items():
        before = participant.consents.get(purpose)
        consents = {**participant.consents, purpose: decision}
        participant = replace(participant, consents=consents).revised("consents")
        revision = participant.revision
        effects.decisions.append(decision_on(participant, purpose, moment))
        if decision.granted and not (before and before.granted):
            effects.events.append(ConsentGranted(participant_id=participant.id, revision=revision, purpose=purpose))
        elif not decision.granted and before is not None and before.granted:
            effects.events.append(ConsentWithdrawn(participant_id=participant.id, revision=revision, purpose=purpose))
    return participant


def _warnings(draft: ParticipantDraft, kept: Participant, source: Origin, *, is_new: bool) -> Sequence[Finding]:
    notes = Notes()
    if draft.email is None or (is_new and draft.email is UNSAID):
        notes.add(kinds.NO_EMAIL, "email")
    refusals = {"pairing": kinds.NO_PAIRING_CONSENT, "contact": kinds.NO_CONTACT_CONSENT}
    for purpose in PURPOSES if is_new else draft.consents:
        granted = draft.consents.get(purpose, kept.consents[purpose].granted if purpose in kept.consents else False)
        if not granted:
            notes.add(refusals[purpose], CONSENT_FIELDS[purpose])
        elif purpose in kept.objects_to:
            notes.add(kinds.OBJECTED_SINCE, CONSENT_FIELDS[purpose])
        elif is_withdrawn_since(purpose, granted, kept.consents, source):
            notes.add(kinds.CONSENT_WITHDRAWN_SINCE, CONSENT_FIELDS[purpose])
    return notes.findings


async def _write(session: AsyncSession, effects: _Effects, moment: Moment) -> None:
    await telling.tell_after(_keep(session, effects, moment), session, effects.events, moment=moment)


async def _keep(session: AsyncSession, effects: _Effects, moment: Moment) -> None:
    await repository.add_participants(session, effects.new, moment.now)
    await repository.change_participants(session, effects.changed, moment.now)
    await protected.keep(session, effects.protected)
    await bind_anew(session, effects.asked_before, moment)
    await repository.add_decisions(session, effects.decisions)
