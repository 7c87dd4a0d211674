"""Who is told what, decided without any database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.inviting import (
    Circumstances,
    Decision,
    Delivery,
    Invitation,
    MessageKind,
    Reply,
    content_of,
    deadline_of,
    decide,
)
from services.notification.domain.meetups import Meeting, Meetup, Words

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORDS = Words("Bonjour.", "Hello.")
ANNE, NEW = UUID(int=1), UUID(int=2)
MEETUP = Meetup(UUID(int=3), UUID(int=4), "Louvre-Lens", "62498", 1, NOW + timedelta(days=15), 15, 8)
GIVEN = Circumstances(now=NOW, reply_days=5, meetup=MEETUP, is_contactable=True)


def meeting(need: str = "baker", slot: int = 0, table: int = 1, words: Words = WORDS) -> Meeting:
    """Anne meets an employer."""
    need_id = uuid5(UUID(int=5), need)
    return Meeting(need_id, ANNE, need_id, UUID(int=6), slot, 1, table, 1, words, words)


def told(reply: Reply = Reply.NONE, *meetings: Meeting) -> Invitation:
    """Anne was invited to these meetings, by default to one, and replied."""
    content = content_of(MEETUP, meetings or [meeting()])
    return Invitation(
        NEW, MEETUP.id, ANNE, NOW + timedelta(days=5), content, revision=1, reply=reply, delivery=Delivery.SENT
    )


def decided(invitation: Invitation | None, *meetings: Meeting, given: Circumstances = GIVEN) -> Decision | None:
    """The decision about Anne."""
    return decide(invitation, meetings, given, new_id=NEW, participant_id=ANNE)


TOLD = replace(GIVEN, was_told=True)


def test_a_participant_with_a_meeting_is_invited_once() -> None:
    first = decided(None, meeting())
    assert first is not None
    assert (first.message, first.invitation.delivery) == (MessageKind.INVITATION, Delivery.WAITING)
    assert decided(first.invitation, meeting(), given=replace(GIVEN, has_queued=True)) is None
    assert decided(told(), meeting(), given=TOLD) is None


def test_a_better_worded_account_is_no_news() -> None:
    assert decided(told(), meeting(words=Words("Autrement dit.", "In other words.")), given=TOLD) is None


@pytest.mark.parametrize("changed", [meeting(slot=1), meeting(table=2), meeting(need="mechanic")])
def test_another_slot_table_or_need_is_told(changed: Meeting) -> None:
    decision = decided(told(), changed, given=TOLD)
    assert decision is not None
    assert (decision.message, decision.invitation.edition) == (MessageKind.UPDATE, 2)


def test_another_venue_is_told() -> None:
    elsewhere = replace(TOLD, meetup=replace(MEETUP, venue="Palais des Beaux-Arts"))
    decision = decided(told(Reply.ACCEPTED), meeting(), given=elsewhere)
    assert decision is not None
    assert (decision.message, decision.invitation.reply) == (MessageKind.UPDATE, Reply.ACCEPTED)


def test_a_change_before_the_invitation_left_needs_no_second_message() -> None:
    waiting = replace(told(), delivery=Delivery.WAITING)
    decision = decided(waiting, meeting(slot=3), given=replace(GIVEN, has_queued=True))
    assert decision is not None
    assert (decision.message, decision.invitation.edition) == (None, 2)


def test_somebody_who_accepted_is_flagged_and_never_uninvited_by_mail() -> None:
    decision = decided(told(Reply.ACCEPTED), given=TOLD)
    assert decision is not None
    assert decision.message is None
    assert decision.invitation.is_removed_after_acceptance
    assert decision.invitation.reply is Reply.ACCEPTED


def test_somebody_who_had_not_answered_is_told_that_the_meeting_is_off() -> None:
    decision = decided(told(), given=TOLD)
    assert decision is not None
    assert (decision.message, decision.invitation.is_in_force) == (MessageKind.CANCELLATION, False)


@pytest.mark.parametrize("reply", [Reply.DECLINED, Reply.EXPIRED])
def test_whoever_is_out_anyway_is_left_in_peace(reply: Reply) -> None:
    decision = decided(told(reply), given=TOLD)
    assert decision is not None
    assert decision.message is None
    moved = decided(told(reply), meeting(slot=2), given=TOLD)
    assert moved is not None
    assert moved.message is None


def test_an_invitation_that_never_left_is_taken_back_silently() -> None:
    waiting = replace(told(), delivery=Delivery.WAITING)
    decision = decided(waiting, given=replace(GIVEN, has_queued=True))
    assert decision is not None
    assert (decision.message, decision.takes_back_queued) == (None, True)


def test_somebody_back_in_the_pairing_is_asked_anew() -> None:
    out = replace(told(Reply.DECLINED), is_in_force=False, decline_reason="too-far")
    decision = decided(out, meeting(), given=TOLD)
    assert decision is not None
    assert (decision.message, decision.invitation.reply) == (MessageKind.INVITATION, Reply.NONE)
    assert decision.invitation.decline_reason is None
    assert decision.invitation.edition == 2


def test_somebody_flagged_and_back_keeps_their_yes() -> None:
    flagged = replace(told(Reply.ACCEPTED), is_in_force=False, is_removed_after_acceptance=True)
    same, moved = decided(flagged, meeting(), given=TOLD), decided(flagged, meeting(slot=4), given=TOLD)
    assert same is not None
    assert moved is not None
    assert same.message is None
    assert moved.message is MessageKind.UPDATE
    assert not moved.invitation.is_removed_after_acceptance
    assert moved.invitation.reply is Reply.ACCEPTED


@pytest.mark.parametrize("reply", [Reply.NONE, Reply.ACCEPTED])
def test_a_meetup_that_is_off_is_told_to_everybody_who_counts_on_it(reply: Reply) -> None:
    decision = decided(told(reply), meeting(), given=replace(TOLD, is_called_off=True))
    assert decision is not None
    assert decision.message is MessageKind.CANCELLATION
    assert decided(decision.invitation, given=replace(TOLD, is_called_off=True)) is None


def test_somebody_who_may_not_be_written_to_waits_for_a_phone_call() -> None:
    silent = replace(GIVEN, is_contactable=False)
    decision = decided(None, meeting(), given=silent)
    assert decision is not None
    assert (decision.message, decision.invitation.delivery) == (None, Delivery.NOT_CONTACTABLE)
    later = decided(decision.invitation, meeting(), given=GIVEN)
    assert later is not None
    assert (later.message, later.invitation.edition) == (MessageKind.INVITATION, 2)


def test_an_invitation_too_late_to_be_answered_is_not_mailed() -> None:
    tomorrow = replace(GIVEN, now=MEETUP.starts_at - timedelta(hours=23))
    decision = decided(None, meeting(), given=tomorrow)
    assert decision is not None
    assert (decision.message, decision.invitation.delivery) == (None, Delivery.TOO_LATE)


def test_the_deadline_is_some_days_away_and_never_within_24_hours_of_the_meetup() -> None:
    assert deadline_of(NOW, 5, MEETUP) == NOW + timedelta(days=5)
    assert deadline_of(NOW, 30, MEETUP) == MEETUP.starts_at - timedelta(hours=24)


circumstances = st.builds(
    replace,
    st.just(GIVEN),
    now=st.sampled_from([NOW, MEETUP.starts_at - timedelta(hours=1)]),
    is_contactable=st.booleans(),
    was_told=st.booleans(),
    has_queued=st.booleans(),
    is_called_off=st.booleans(),
)
invitations = st.none() | st.builds(
    replace,
    st.just(told()),
    reply=st.sampled_from(Reply),
    delivery=st.sampled_from(Delivery),
    is_in_force=st.booleans(),
    is_removed_after_acceptance=st.booleans(),
)
meetings_in_force = st.sampled_from([(), (meeting(),), (meeting(slot=2),), (meeting(), meeting("mechanic", 1))])


@given(invitations, meetings_in_force, circumstances)
def test_laws_of_every_decision(
    invitation: Invitation | None, meetings: tuple[Meeting, ...], given_: Circumstances
) -> None:
    decision = decided(invitation, *meetings, given=given_)
    if decision is None:
        return
    after, message = decision.invitation, decision.message
    if not given_.is_contactable:
        assert message is None
    if invitation is not None:
        accepted = invitation.reply is Reply.ACCEPTED
        assert not (accepted and message is MessageKind.CANCELLATION and not given_.is_called_off)
        assert not (accepted and after.reply is not Reply.ACCEPTED)
        assert after.edition >= invitation.edition
        assert not (message is MessageKind.UPDATE and after.edition == invitation.edition)
    assert after.is_in_force == (bool(meetings) and not given_.is_called_off)
    settled = replace(given_, has_queued=message is not None, was_told=given_.was_told)
    assert decided(after, *meetings, given=settled) is None or not given_.is_contactable or given_.was_told
