"""What employers are told: who withdrew hears nothing and gets no list, whoever comes hears of another day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.notification.domain.hosting import concern_for, decide_for_host, new_shortlist
from services.notification.domain.meetups import Meetup
from services.notification.domain.telling import NO_POST, OUT, Concern, MessageKind, Post

MEETUP = Meetup(UUID(int=3), UUID(int=4), "Louvre-Lens", "62498", 1, datetime(2026, 12, 8, 8, 30, tzinfo=UTC), 15, 8)
NEXT_DAY = replace(MEETUP, starts_at=MEETUP.starts_at + timedelta(days=1))
LATER = replace(MEETUP, starts_at=MEETUP.starts_at + timedelta(hours=2))
HOST = new_shortlist(UUID(int=1), MEETUP, UUID(int=2))


def test_an_employer_without_an_open_need_is_told_nothing_and_gets_no_list() -> None:
    asked_for = Post(waiting=MessageKind.SHORTLIST)
    decided = decide_for_host(HOST, NEXT_DAY, asked_for, has_open_need=False, is_contactable=True)
    assert decided is not None
    assert (decided.shortlist.content, decided.message, decided.takes_back) == (OUT, None, True)


def test_an_employer_hears_of_another_day() -> None:
    decided = decide_for_host(HOST, NEXT_DAY, NO_POST, has_open_need=True, is_contactable=True)
    assert decided is not None
    assert decided.message is MessageKind.EMPLOYER_UPDATE


def test_an_adviser_sees_whether_an_employer_must_hear_of_another_day_or_of_another_hour() -> None:
    concerns = []
    for now_true in (NEXT_DAY, LATER):
        decided = decide_for_host(HOST, now_true, NO_POST, has_open_need=True, is_contactable=False)
        assert decided is not None
        concerns.append(concern_for(decided.shortlist, NO_POST))
    assert concerns == [Concern.OTHER_DAY, Concern.CHANGED]
