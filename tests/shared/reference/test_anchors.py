"""Each level of each skill has a sentence of its own, in both languages, that a person can compare with."""

import pytest

from shared.reference.anchors import Anchor, anchors
from shared.reference.levels import levels
from shared.reference.skills import equivalents, framework, framework_names

SKILLS = [(name, skill.code) for name in framework_names() for skill in framework(name)]
GENERAL = {each.anchor_fr for each in levels()}


@pytest.mark.parametrize(("name", "code"), SKILLS)
def test_every_skill_has_five_sentences_of_its_own(name: str, code: str) -> None:
    five = anchors(name, code)
    assert [each.level for each in five] == [0, 1, 2, 3, 4]
    assert len({each.sentence() for each in five} | {each.sentence("en") for each in five}) == 10
    assert not GENERAL & {each.sentence() for each in five}


def test_no_two_skills_share_a_sentence_unless_they_are_the_same() -> None:
    of_skill: dict[str, set[tuple[str, str]]] = {}
    for name, code in SKILLS:
        for each in anchors(name, code):
            of_skill.setdefault(each.sentence(), set()).add((name, code))
    same = {
        frozenset({("savoir-etre-2018", earlier), (each.framework, each.skill.code)})
        for earlier, each in equivalents("savoir-etre-2018").items()
        if each.nearness == "exact"
    }
    assert {frozenset(skills) for skills in of_skill.values() if len(skills) > 1} == same


def test_sentences_are_short_and_say_of_nobody_whether_they_are_a_man_or_a_woman() -> None:
    sentences = [each.sentence() for name, code in SKILLS for each in anchors(name, code)]
    assert max(map(len, sentences)) <= 100
    assert not [each for each in sentences if each.startswith(("Est ", "S’est "))], "participles with être agree"


def test_a_skill_that_no_table_anchors_has_the_general_scale() -> None:
    general = tuple(Anchor(each.value, each.anchor_fr, each.anchor_en) for each in levels())
    assert anchors("a framework of one's own", "patience") == general
