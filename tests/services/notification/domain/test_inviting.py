"""Who is told what, decided without any database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notification.domain.inviting import (
    Circumstances,
    Invitation,
    InvitationDecision,
    Reply,
    concern_of,
    content_of,
    decide,
    heard_of,
    told_in_person,
    unreached,
)
from services.notification.domain.meetups import Meeting, Meetup
from services.notification.domain.replying import Choice, reply_to
from services.notification.domain.rules import Rules
from services.notification.domain.telling import (
    NO_POST,
    OFF,
    OUT,
    QUESTIONS,
    Concern,
    Delivery,
    Known,
    MessageKind,
    Post,
)
from shared.language import Bilingual

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WORDS = Bilingual("Bonjour.", "Hello.")
ANNE, NEW = UUID(int=1), UUID(int=2)
MEETUP = Meetup(UUID(int=3), UUID(int=4), "Louvre-Lens", "62498", 1, NOW + timedelta(days=15), 15, 8)
NEXT_DAY = replace(MEETUP, starts_at=MEETUP.starts_at + timedelta(days=1))
LATER = replace(MEETUP, starts_at=MEETUP.starts_at + timedelta(hours=2))
RULES = Rules()
GIVEN = Circumstances(now=NOW, rules=RULES, meetup=MEETUP, is_contactable=True)


def meeting(need: str = "baker", slot: int = 0, table: int = 1, words: Bilingual = WORDS) -> Meeting:
    """Anne meets an employer."""
    need_id = uuid5(UUID(int=5), need)
    return Meeting(need_id, ANNE, need_id, UUID(int=6), slot, 1, table, 1, words, words)


def told(reply: Reply = Reply.NONE, *meetings: Meeting) -> Invitation:
    """Anne was invited to these meetings, by default to one, and replied."""
    content = content_of(MEETUP, meetings or [meeting()])
    answer_by = NOW + timedelta(days=5)
    invited = Invitation(NEW, MEETUP.id, ANNE, content, MEETUP.day, answer_by, answer_by, revision=1, reply=reply)
    accepted_day = MEETUP.day if reply is Reply.ACCEPTED else None
    sent = replace(invited, delivery=Delivery.SENT, accepted_day=accepted_day)
    return heard_of(sent, Known(content, MEETUP.day))


def untold() -> Invitation:
    """Anne's invitation waits to be sent."""
    return replace(told(), delivery=Delivery.WAITING, heard=None, heard_day=None)


def waits(kind: MessageKind) -> Circumstances:
    """A message of this kind waits."""
    return replace(GIVEN, post=Post(waiting=kind))


def decided(
    invitation: Invitation | None, *meetings: Meeting, given: Circumstances = GIVEN
) -> InvitationDecision | None:
    """The decision about Anne."""
    return decide(invitation, meetings, given, new_id=NEW, participant_id=ANNE)


def one(invitation: Invitation | None, *meetings: Meeting, given: Circumstances = GIVEN) -> InvitationDecision:
    """The decision about Anne, where there must be one."""
    decision = decided(invitation, *meetings, given=given)
    assert decision is not None
    return decision


def test_a_participant_with_a_meeting_is_invited_once() -> None:
    first = one(None, meeting())
    assert (first.message, first.invitation.delivery) == (MessageKind.INVITATION, Delivery.WAITING)
    assert decided(first.invitation, meeting(), given=waits(MessageKind.INVITATION)) is None
    assert decided(told(), meeting()) is None


def test_a_better_worded_account_is_no_news() -> None:
    assert decided(told(), meeting(words=Bilingual("Autrement dit.", "In other words."))) is None


@pytest.mark.parametrize("changed", [meeting(slot=1), meeting(table=2), meeting(need="mechanic")])
def test_another_slot_table_or_need_is_told(changed: Meeting) -> None:
    decision = one(told(), changed)
    assert (decision.message, decision.invitation.edition) == (MessageKind.UPDATE, 2)


@pytest.mark.parametrize(
    "elsewhere",
    [
        LATER,
        replace(MEETUP, venue="Palais des Beaux-Arts"),
        replace(MEETUP, commune="59350"),
        replace(MEETUP, directions=2),
        replace(MEETUP, slot_minutes=20),
    ],
)
def test_another_hour_or_place_is_told_and_keeps_the_yes(elsewhere: Meetup) -> None:
    decision = one(told(Reply.ACCEPTED, meeting(slot=1)), meeting(slot=1), given=replace(GIVEN, meetup=elsewhere))
    assert (decision.message, decision.invitation.reply) == (MessageKind.UPDATE, Reply.ACCEPTED)


@pytest.mark.parametrize("reply", [Reply.NONE, Reply.ACCEPTED])
def test_another_day_asks_again_whoever_counts_on_it(reply: Reply) -> None:
    now = NOW + timedelta(days=3)
    decision = one(told(reply), meeting(), given=replace(GIVEN, meetup=NEXT_DAY, now=now))
    after = decision.invitation
    assert (decision.message, after.reply, after.delivery) == (MessageKind.OTHER_DAY, Reply.NONE, Delivery.WAITING)
    assert (after.question, after.edition, after.deadline) == (2, 2, datetime(2026, 11, 30, 19, tzinfo=UTC))
    assert after.accepted_day == (MEETUP.day if reply is Reply.ACCEPTED else None), "the earlier yes is not forgotten"


def test_an_hour_that_makes_it_another_day_in_paris_asks_again() -> None:
    evening = replace(MEETUP, starts_at=datetime(2026, 12, 8, 21, 0, tzinfo=UTC), slots=3)
    asked = replace(told(Reply.ACCEPTED), content=content_of(evening, [meeting()]), day=evening.day)
    after_midnight = replace(evening, starts_at=datetime(2026, 12, 8, 23, 30, tzinfo=UTC))
    decision = one(asked, meeting(), given=replace(GIVEN, meetup=after_midnight))
    assert decision.invitation.reply is Reply.NONE


def test_a_day_that_comes_back_before_anybody_heard_keeps_the_yes() -> None:
    moved = one(told(Reply.ACCEPTED), meeting(), given=replace(GIVEN, meetup=NEXT_DAY))
    back = one(moved.invitation, meeting(), given=waits(MessageKind.OTHER_DAY))
    assert (back.message, back.takes_back, back.invitation.reply) == (None, True, Reply.ACCEPTED)


def test_a_day_that_comes_back_after_it_was_told_asks_once_more() -> None:
    moved = one(told(Reply.ACCEPTED), meeting(), given=replace(GIVEN, meetup=NEXT_DAY)).invitation
    heard = heard_of(replace(moved, delivery=Delivery.SENT), Known(moved.content, moved.day))
    back = one(heard, meeting())
    assert (back.message, back.invitation.reply) == (MessageKind.OTHER_DAY, Reply.NONE)


def test_a_meetup_that_comes_nearer_shortens_the_time_to_answer_at_once() -> None:
    soon = replace(MEETUP, starts_at=NOW + timedelta(days=2))
    asked = one(told(), meeting(), given=replace(GIVEN, meetup=soon))
    assert asked.invitation.deadline == soon.starts_at - timedelta(hours=24)
    earlier = replace(soon, starts_at=soon.starts_at - timedelta(hours=3))
    heard = heard_of(replace(asked.invitation, delivery=Delivery.SENT), Known(asked.invitation.content, soon.day))
    assert one(heard, meeting(), given=replace(GIVEN, meetup=earlier)).invitation.deadline == (
        earlier.starts_at - timedelta(hours=24)
    )


def test_another_day_too_near_to_be_answered_is_left_to_an_adviser() -> None:
    tomorrow = replace(MEETUP, starts_at=NOW + timedelta(hours=20))
    decision = one(told(Reply.ACCEPTED), meeting(), given=replace(GIVEN, meetup=tomorrow))
    assert (decision.message, decision.invitation.delivery) == (None, Delivery.TOO_LATE)
    assert concern_of(decision.invitation, NO_POST) is Concern.OTHER_DAY


def test_a_change_before_the_invitation_left_needs_no_second_message() -> None:
    decision = one(untold(), meeting(slot=3), given=waits(MessageKind.INVITATION))
    assert (decision.message, decision.takes_back, decision.invitation.edition) == (None, False, 2)


def test_somebody_who_accepted_is_flagged_and_never_uninvited_by_mail() -> None:
    decision = one(told(Reply.ACCEPTED))
    assert decision.message is None
    assert decision.invitation.is_removed_after_acceptance
    assert decision.invitation.reply is Reply.ACCEPTED
    assert concern_of(decision.invitation, NO_POST) is Concern.LEFT_WITHOUT_MEETING


def test_somebody_who_had_not_answered_is_told_that_the_meeting_is_off() -> None:
    decision = one(told())
    assert (decision.message, decision.invitation.is_in_force) == (MessageKind.CANCELLATION, False)


@pytest.mark.parametrize("reply", [Reply.DECLINED, Reply.EXPIRED])
@pytest.mark.parametrize("given", [GIVEN, replace(GIVEN, is_called_off=True), replace(GIVEN, meetup=NEXT_DAY)])
def test_whoever_is_out_anyway_is_left_in_peace(reply: Reply, given: Circumstances) -> None:
    assert one(told(reply), given=given).message is None
    moved = one(told(reply), meeting(slot=2), given=given)
    assert (moved.message, moved.invitation.reply) == (None, reply)
    assert concern_of(moved.invitation, NO_POST) is None


def test_an_invitation_that_never_left_is_taken_back_silently() -> None:
    decision = one(untold(), given=waits(MessageKind.INVITATION))
    assert (decision.message, decision.takes_back) == (None, True)


def test_a_question_takes_back_a_waiting_cancellation_and_is_asked() -> None:
    out = one(told())
    back = one(out.invitation, meeting(), given=waits(MessageKind.CANCELLATION))
    assert (back.message, back.takes_back) == (MessageKind.INVITATION, True)
    assert (back.invitation.edition, back.invitation.question) == (3, 2)


def test_somebody_back_in_the_pairing_is_asked_anew() -> None:
    out = replace(told(Reply.DECLINED), is_in_force=False, decline_reason="too-far", content=OUT)
    decision = one(out, meeting())
    assert (decision.message, decision.invitation.reply) == (MessageKind.INVITATION, Reply.NONE)
    assert decision.invitation.decline_reason is None
    assert decision.invitation.edition == 2


def test_somebody_flagged_and_back_keeps_their_yes() -> None:
    flagged = one(told(Reply.ACCEPTED)).invitation
    same, moved = one(flagged, meeting()), one(flagged, meeting(slot=4))
    assert same.message is None
    assert moved.message is MessageKind.UPDATE
    for decision in (same, moved):
        assert not decision.invitation.is_removed_after_acceptance
        assert decision.invitation.reply is Reply.ACCEPTED


@pytest.mark.parametrize("reply", [Reply.NONE, Reply.ACCEPTED])
def test_a_meetup_that_is_off_is_told_to_everybody_who_counts_on_it(reply: Reply) -> None:
    off = replace(GIVEN, is_called_off=True)
    decision = one(told(reply), meeting(), given=off)
    assert decision.message is MessageKind.CANCELLATION
    waiting = replace(off, post=Post(waiting=MessageKind.CANCELLATION))
    assert decided(decision.invitation, given=waiting) is None
    silent = one(told(reply), meeting(), given=replace(off, is_contactable=False))
    assert silent.message is None
    assert concern_of(silent.invitation, NO_POST) is Concern.CANCELLED


def test_somebody_told_that_it_is_off_is_asked_anew_when_it_is_on_again() -> None:
    off = one(told(Reply.ACCEPTED), meeting(), given=replace(GIVEN, is_called_off=True)).invitation
    on = one(heard_of(off, Known(OFF, off.day)), meeting())
    assert (on.message, on.invitation.reply) == (MessageKind.INVITATION, Reply.NONE)


def test_somebody_who_may_not_be_written_to_waits_for_a_phone_call() -> None:
    decision = one(None, meeting(), given=replace(GIVEN, is_contactable=False))
    assert (decision.message, decision.invitation.delivery) == (None, Delivery.NOT_CONTACTABLE)
    assert decision.invitation.deadline == datetime(2026, 11, 24, 19, tzinfo=UTC)
    assert decided(decision.invitation, meeting(), given=replace(GIVEN, is_contactable=False)) is None
    later = one(decision.invitation, meeting())
    assert (later.message, later.invitation.edition) == (MessageKind.INVITATION, 2)
    assert later.invitation.deadline == datetime(2026, 11, 27, 19, tzinfo=UTC)


def test_a_change_that_cannot_be_mailed_is_for_an_adviser_until_it_was_told() -> None:
    silent = replace(GIVEN, is_contactable=False)
    for meetup, concern in ((LATER, Concern.CHANGED), (NEXT_DAY, Concern.OTHER_DAY)):
        changed = one(told(Reply.ACCEPTED), meeting(), given=replace(silent, meetup=meetup)).invitation
        assert concern_of(changed, NO_POST) is concern
        phoned = told_in_person(changed, meetup=meetup, now=NOW, rules=RULES)
        assert concern_of(phoned, NO_POST) is None
        assert decided(phoned, meeting(), given=replace(silent, meetup=meetup)) is None


def test_a_refused_update_is_not_tried_again_but_listed() -> None:
    changed = one(told(Reply.ACCEPTED), meeting(slot=1)).invitation
    refused = Post(failed_edition=changed.edition)
    assert decided(changed, meeting(slot=1), given=replace(GIVEN, post=refused)) is None
    assert concern_of(changed, refused) is Concern.CHANGED
    assert one(changed, meeting(slot=2), given=replace(GIVEN, post=refused)).message is MessageKind.UPDATE


def test_an_invitation_too_late_to_be_answered_is_not_mailed() -> None:
    tomorrow = replace(GIVEN, now=MEETUP.starts_at - timedelta(hours=23))
    decision = one(None, meeting(), given=tomorrow)
    assert (decision.message, decision.invitation.delivery) == (None, Delivery.TOO_LATE)
    assert decision.invitation.deadline == MEETUP.starts_at - timedelta(hours=12)


def test_an_update_never_asks_for_an_answer_that_can_no_longer_be_given() -> None:
    late = replace(GIVEN, now=NOW + timedelta(days=6))
    assert one(told(), meeting(slot=1), given=late).message is None


@dataclass
class Life:
    """Anne's invitation through a history: what waits, what she got, and what is true."""

    invitation: Invitation | None = None
    waiting: MessageKind | None = None
    failed_edition: int = 0
    meetings: tuple[Meeting, ...] = ()
    given: Circumstances = GIVEN
    asked: list[tuple[int, MessageKind]] = field(default_factory=list)
    mails: list[MessageKind] = field(default_factory=list)

    def follow(self) -> None:
        """Bring Anne up to what is true, as `catch_up` does; a second look must change nothing."""
        for look in (1, 2):
            post = Post(waiting=self.waiting, failed_edition=self.failed_edition)
            before = self.invitation
            decision = decided(before, *self.meetings, given=replace(self.given, post=post))
            assert decision is None or look == 1, "following twice changes nothing"
            if decision is None:
                return
            self.invitation = decision.invitation
            if decision.takes_back:
                self.waiting = None
            if decision.message is not None:
                assert self.given.is_contactable
                assert self.waiting is None, "what waits is superseded"
                self.waiting = decision.message
                self.asked.append((decision.invitation.edition, decision.message))
            if before is not None and before.reply is Reply.ACCEPTED and self.waiting is MessageKind.CANCELLATION:
                assert self.given.is_called_off, "who said yes is never un-invited by mail"

    def leave(self, *, arrives: bool) -> None:
        """The sender sends what waits."""
        if self.waiting is None or self.invitation is None:
            return
        kind, self.waiting = self.waiting, None
        invitation = self.invitation
        if not arrives:
            self.failed_edition = invitation.edition
            if kind in QUESTIONS:
                self.invitation = unreached(invitation, Delivery.FAILED, meetup=self.given.meetup, now=NOW, rules=RULES)
            return
        self.mails.append(kind)
        heard = heard_of(invitation, Known(invitation.content, invitation.day))
        self.invitation = replace(heard, delivery=Delivery.SENT) if kind in QUESTIONS else heard

    def reply(self, choice: Choice) -> None:
        """Anne answers, if she can."""
        if self.invitation is not None and self.invitation.is_in_force:
            self.invitation = reply_to(
                self.invitation, choice, None, now=NOW, until=self.given.meetup.starts_at, for_day=None
            )

    def take(self, what: str, value: object) -> None:
        """One step of a history."""
        match what, value:
            case "meetings", tuple():
                self.meetings = value
            case "meetup", Meetup():
                self.given = replace(self.given, meetup=value)
            case "off", bool():
                self.given = replace(self.given, is_called_off=value)
            case "contactable", bool():
                self.given = replace(self.given, is_contactable=value)
            case "leave", bool():
                self.leave(arrives=value)
            case "reply", Choice():
                self.reply(value)


STEPS = st.one_of(
    st.sampled_from([(), (meeting(),), (meeting(slot=2),), (meeting(), meeting("mechanic", 1))]).map(
        lambda meetings: ("meetings", meetings)
    ),
    st.sampled_from([MEETUP, NEXT_DAY, LATER, replace(MEETUP, directions=2)]).map(lambda meetup: ("meetup", meetup)),
    st.booleans().map(lambda off: ("off", off)),
    st.booleans().map(lambda contactable: ("contactable", contactable)),
    st.booleans().map(lambda arrives: ("leave", arrives)),
    st.sampled_from([Choice.ACCEPT, Choice.DECLINE]).map(lambda choice: ("reply", choice)),
)


@given(st.lists(STEPS, max_size=14))
def test_after_any_history_everybody_knows_what_is_true_or_is_listed(steps: list[tuple[str, object]]) -> None:
    life = Life()
    for what, value in [*steps, ("leave", True)]:
        life.take(what, value)
        life.follow()
    life.leave(arrives=True)
    assert len(set(life.asked)) == len(life.asked), "an edition is told once"
    after = life.invitation
    if after is None:
        assert not life.meetings or life.given.is_called_off
        return
    assert after.is_in_force == (bool(life.meetings) and not life.given.is_called_off)
    if concern_of(after, NO_POST) is not None or after.reply in (Reply.DECLINED, Reply.EXPIRED):
        return
    if after.is_in_force:
        assert after.heard == after.content, "whoever is in force knows the plan"
        assert after.delivery is Delivery.SENT or after.reply is Reply.ACCEPTED, "and was asked"
    else:
        assert after.heard is None or after.heard in (OUT, OFF), "whoever is out does not count on it"
