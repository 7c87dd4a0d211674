"""The texts of consents: numbered from 1 in the order in which they were shown, in both languages, in plain words."""

from datetime import date, timedelta

import pytest

from shared.reference.consent_texts import consent_texts, texts_shown_until

PURPOSES = ("contact", "pairing")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_has_versions_that_are_numbered_as_they_were_shown(purpose: str) -> None:
    texts = [each for each in consent_texts() if each.purpose == purpose]
    assert [each.version for each in texts] == list(range(1, len(texts) + 1))
    assert [each.since for each in texts] == sorted({each.since for each in texts})


def test_every_text_is_in_both_languages_and_says_how_to_change_ones_mind() -> None:
    assert {each.purpose for each in consent_texts()} == set(PURPOSES)
    for each in consent_texts():
        assert each.text().startswith("J’accepte que ")
        assert each.text("en").startswith("I agree that ")
        assert "changer d’avis" in each.text()
        assert "change my mind" in each.text("en")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_before_the_first_text_none_was_shown_and_from_its_day_on_one_is(purpose: str) -> None:
    first = next(each for each in consent_texts() if each.purpose == purpose)
    assert texts_shown_until(purpose, first.since - timedelta(days=1)) == []
    assert texts_shown_until(purpose, first.since) == [first]
    assert texts_shown_until(purpose, date.max)[-1].version == max(
        each.version for each in consent_texts() if each.purpose == purpose
    )
