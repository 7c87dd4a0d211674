"""Finding occupations as people type job titles: unfinished, in any order, with slips of the finger."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from shared.reference.normalise import fold, fold_all
from shared.reference.occupations.table import (
    Occupation,
    everyday_names,
    job_titles,
    meaningful_words,
    occupation,
    occupations,
)
from shared.reference.occupations.titles import forms
from shared.reference.spelling import NearSpelling, allowed_edits

_EXACT, _BEGINS, _MISSPELT = 1.0, 0.8, 0.6
_MOST_COMPLETIONS = 200
_WIDE_BONUS, _LABEL_BONUS, _FIRST_WORD_BONUS = 0.01, 0.02, 0.04


@dataclass(frozen=True, slots=True)
class Found:
    """An occupation found by search, the job title that matched best, and how well (1 is a full match)."""

    occupation: Occupation
    title: str
    score: float


def search(text: str, limit: int = 10) -> list[Found]:
    """Return the occupations whose job titles match what was typed, best first, each once, at most `limit`.

    Words may come in any order, the last may be unfinished, and words of four letters or more may hold a slip (of eight
    or more, two). Each title scores by how well its words are matched and how many of its words were not asked for; a
    title that matches all the words typed goes before one that does not. What is nearly equal is settled by the
    first word, by the occupation's own label and by its being one of the older, wider ones; equal scores go by title.
    """
    words = meaningful_words(fold(text))
    if not words or limit < 1:
        return []
    index = _title_index()
    quality = _matched_words(words, index)
    best: dict[str, tuple[float, str]] = {}
    for place, matched in quality.items():
        form = index.titles[place]
        score = _score(matched, len(words), form)
        here = occupation(form.code)
        score += _LABEL_BONUS * (form.title == here.label) + _WIDE_BONUS * (here.parent == here.code)
        score += _FIRST_WORD_BONUS * form.first_word.startswith(words[0])
        if form.code not in best or (-score, form.title) < (-best[form.code][0], best[form.code][1]):
            best[form.code] = (score, form.title)
    ranked = sorted(best.items(), key=lambda entry: (-entry[1][0], entry[1][1], entry[0]))
    return [Found(occupation(code), title, min(score, 1.0)) for code, (score, title) in ranked[:limit]]


def _score(matched: dict[int, float], asked: int, title: "_TitleForm") -> float:
    """How well the typed words match, lowered a little by words of the title that were not typed."""
    covered = sum(matched.values()) / asked
    return covered**2 * (0.7 + 0.3 * min(1.0, len(matched) / title.length))


@dataclass(frozen=True, slots=True)
class _TitleForm:
    """A job title in one gender: as its table writes it, its occupation, its first meaningful word and their number."""

    title: str
    code: str
    first_word: str
    length: int


@dataclass(frozen=True, slots=True)
class _TitleIndex:
    """All title forms; where each word of the vocabulary (sorted) occurs among them; the vocabulary's spelling."""

    titles: list[_TitleForm]
    places: dict[str, list[int]]
    vocabulary: list[str]
    spelling: NearSpelling


def _matched_words(words: list[str], index: _TitleIndex) -> dict[int, dict[int, float]]:
    """Return for each matching place how well each typed word (by number) matches there."""
    matches: dict[int, dict[int, float]] = defaultdict(dict)
    for number, word in enumerate(words):
        unfinished = number == len(words) - 1
        for known, quality in _known_words(word, unfinished, index):
            for place in index.places[known]:
                if quality > matches[place].get(number, 0.0):
                    matches[place][number] = quality
    most = max((len(matched) for matched in matches.values()), default=0)
    return {place: matched for place, matched in matches.items() if len(matched) == most}


def _known_words(word: str, unfinished: bool, index: _TitleIndex) -> list[tuple[str, float]]:
    found = [(word, _EXACT)] if word in index.places else []
    if unfinished or not found:
        found += [(longer, _BEGINS) for longer in _completions(word, index.vocabulary) if longer != word]
    if not found:
        found = [(near, _MISSPELT / edits) for edits, near in index.spelling.near(word, allowed_edits(word)) if edits]
    return found


def _completions(word: str, vocabulary: list[str]) -> list[str]:
    start = bisect_left(vocabulary, word)
    longer = []
    for known in vocabulary[start : start + _MOST_COMPLETIONS]:
        if not known.startswith(word):
            break
        longer.append(known)
    return longer


@cache
def _title_index() -> _TitleIndex:
    labels = [(found.label, found.code) for found in occupations().values()]
    written = [*labels, *job_titles(), *everyday_names()]
    gendered = [(form, title, code) for title, code in dict.fromkeys(written) for form in _one_gender(title)]
    titles: list[_TitleForm] = []
    places: dict[str, list[int]] = defaultdict(list)
    for folded, (_, title, code) in zip(fold_all(form for form, _, _ in gendered), gendered, strict=True):
        words = meaningful_words(folded)
        for word in set(words):
            places[word].append(len(titles))
        titles.append(_TitleForm(title, code, words[0], len(set(words))))
    vocabulary = sorted(places)
    return _TitleIndex(titles, dict(places), vocabulary, NearSpelling(vocabulary))


def _one_gender(title: str) -> tuple[str, ...]:
    """The forms of a title in one gender, or the title itself if it has but one form."""
    written = forms(title)
    return written[1:] or written
