"""Skill frameworks: the lists of soft skills that observations and needs speak of.

Two ship: `rome-4`, the sixteen of ROME 4.0 and the default, and `savoir-etre-2018`, the fourteen of the earlier list.
A framework is data: `load_framework` reads another from a CSV file with the columns
`code;libelle;definition;aussi_appele` and, if there are English texts, `libelle_anglais;definition_anglaise`.

    >>> find_skill("perseverance").code
    '6D109'
    >>> framework("rome-4").skill("6D109").name("en")
    'Show perseverance'
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from shared.language import Language
from shared.reference.csv_tables import WrongTable, listed, read_rows, read_table
from shared.reference.normalise import fold

DEFAULT_FRAMEWORK = "rome-4"
EARLIER_FRAMEWORK = "savoir-etre-2018"

Nearness = Literal["exact", "close"]

_NEARNESS: dict[str, Nearness] = {"exacte": "exact", "proche": "close"}


@dataclass(frozen=True, slots=True)
class Skill:
    """One soft skill: its stable code, official French label and definition, everyday names, and our English texts."""

    code: str
    label: str
    definition: str = ""
    also_called: tuple[str, ...] = ()
    label_en: str = ""
    definition_en: str = ""

    def name(self, language: Language = "fr") -> str:
        """Return the label in `language`, in French where there is no English one."""
        return self.label_en if language == "en" and self.label_en else self.label

    def meaning(self, language: Language = "fr") -> str:
        """Return the definition in `language`, in French where there is no English one; empty if there is none."""
        return self.definition_en if language == "en" and self.definition_en else self.definition


@dataclass(frozen=True)
class Framework:
    """A named list of skills, in its official order."""

    name: str
    skills: tuple[Skill, ...]
    _by_code: dict[str, Skill] = field(init=False, repr=False, compare=False)
    _by_name: dict[str, Skill] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the skills. Raises ValueError if two skills share a code, a label or an everyday name."""
        by_name: dict[str, Skill] = {}
        for skill in self.skills:
            for name in {fold(text) for text in (skill.code, skill.label, *skill.also_called)} - {""}:
                namesake = by_name.setdefault(name, skill)
                if namesake is not skill:
                    raise ValueError(f"framework {self.name}: {namesake.code} and {skill.code} share a name: {name}")
        object.__setattr__(self, "_by_code", {skill.code: skill for skill in self.skills})
        object.__setattr__(self, "_by_name", by_name)

    def __iter__(self) -> Iterator[Skill]:
        """Go through the skills in official order."""
        return iter(self.skills)

    def __len__(self) -> int:
        """Return the number of skills."""
        return len(self.skills)

    def __contains__(self, code: object) -> bool:
        """Tell whether a skill has this code."""
        return code in self._by_code

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes in official order: the order of every array over skills."""
        return tuple(skill.code for skill in self.skills)

    def skill(self, code: str) -> Skill:
        """Return the skill with exactly this code. Raises KeyError if there is none."""
        return self._by_code[code]

    def find(self, text: str) -> Skill | None:
        """Return the skill that `text` names by code, label or everyday name, however it is written, or None."""
        return self._by_name.get(fold(text))


@dataclass(frozen=True, slots=True)
class Equivalent:
    """The skill of another framework that stands for a skill: the same (`exact`) or a near one (`close`)."""

    framework: str
    skill: Skill
    nearness: Nearness


def framework_names() -> tuple[str, ...]:
    """Return the names of the frameworks that ship with the product, the default first."""
    return (DEFAULT_FRAMEWORK, EARLIER_FRAMEWORK)


@cache
def framework(name: str = DEFAULT_FRAMEWORK) -> Framework:
    """Return the framework that ships under `name`. Raises KeyError naming those there are."""
    if name == DEFAULT_FRAMEWORK:
        return Framework(name, tuple(_rome_skills()))
    if name == EARLIER_FRAMEWORK:
        return Framework(name, tuple(_earlier_skills()))
    raise KeyError(f"no framework {name!r}; there are {', '.join(framework_names())}")


def skill_name(code: str, language: Language = "fr") -> str:
    """Return the name of the skill that has this code in any framework that ships; the code itself where none has."""
    known = (framework(name) for name in framework_names())
    return next((each.skill(code).name(language) for each in known if code in each), code)


def load_framework(path: Path, name: str | None = None) -> Framework:
    """Read a framework of one's own from the CSV file `path`, named `name` or else as the file.

    Raises WrongTable if a column is missing or a skill has no code or label, ValueError if two skills share a name.
    """
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    columns: Sequence[str] = ("code", "libelle", "definition", "aussi_appele")
    header = "".join(lines[:1]).strip().split(";")
    if "libelle_anglais" in header and "definition_anglaise" in header:
        columns = (*columns, "libelle_anglais", "definition_anglaise")
    skills = []
    for code, label, definition, also_called, *english in read_rows(path.name, lines, columns):
        if not code.strip() or not label.strip():
            raise WrongTable(f"{path.name}: every skill needs a code and a label")
        skills.append(Skill(code.strip(), label.strip(), definition.strip(), listed(also_called), *english))
    return Framework(name or path.stem, tuple(skills))


@cache
def equivalents(framework_name: str) -> dict[str, Equivalent]:
    """Return, by code of a framework's skill, the skill that stands for it in the other framework that ships.

    Skills without one are absent, and so are all those of a framework that no map joins to another.
    """
    if framework_name == EARLIER_FRAMEWORK:
        now = framework(DEFAULT_FRAMEWORK)
        return {earlier: Equivalent(now.name, now.skill(code), near) for earlier, code, near in _equivalences()}
    if framework_name == DEFAULT_FRAMEWORK:
        before = framework(EARLIER_FRAMEWORK)
        return {code: Equivalent(before.name, before.skill(earlier), near) for earlier, code, near in _equivalences()}
    return {}


def _rome_skills() -> Iterator[Skill]:
    english = _english_texts(DEFAULT_FRAMEWORK)
    for code, label, definition, also_called in read_table(
        "savoir-etre.csv", ("code", "libelle", "definition", "aussi_appele")
    ):
        label_en, definition_en = english.get(code, ("", ""))
        yield Skill(code, label, definition, listed(also_called), label_en, definition_en)


def _earlier_skills() -> Iterator[Skill]:
    english = _english_texts(EARLIER_FRAMEWORK)
    for (label,) in read_table("savoir-etre-2018.csv", ("libelle",)):
        code = _earlier_code(label)
        yield Skill(code, label, label_en=english.get(code, ("", ""))[0])


def _equivalences() -> Iterator[tuple[str, str, Nearness]]:
    for label, code, nearness in read_table("savoir-etre-2018.csv", ("libelle", "code_rome4", "equivalence")):
        if code:
            yield _earlier_code(label), code, _NEARNESS[nearness]


def _earlier_code(label: str) -> str:
    """The list of 2018 has no codes: a skill's folded label, hyphenated, is its code."""
    return fold(label).replace(" ", "-")


def _english_texts(framework_name: str) -> dict[str, tuple[str, str]]:
    rows = read_table("savoir-etre-anglais.csv", ("referentiel", "code", "libelle", "definition"))
    return {code: (label, definition) for name, code, label, definition in rows if name == framework_name}
