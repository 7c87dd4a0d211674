"""Invented people who are registered once, twice with the slips of those who type, or share a home: with the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product
from random import Random

from services.registration.domain.likeness import Likeness

WRITTEN_BEGINNINGS = """
Ber Bou Car Cha Co Da De Du Fa Fon Gar Gui Hu Jac La Le Lou Mar Mer Mo Mou Pe Pi Re Ro Rous Sau Ta Va Vi
"""
WRITTEN_MIDDLES = "bar che de du fe gi lan li ma mi nar no quet re ri ro se ti val"
WRITTEN_ENDINGS = """
bois chet court dier din dot doux gnon lard leau let lier mont nard neau net rand reau rin ron tel tier ville
"""
WRITTEN_FIRST_NAMES = """
Marie Jean Nathalie Philippe Isabelle Michel Sylvie Alain Catherine Patrick Martine Nicolas Christine Christophe
Françoise Pierre Valérie Christian Sandrine Éric Stéphanie Frédéric Véronique Laurent Sophie Stéphane Céline
Chantal Pascal Patricia Daniel Anne Julien Brigitte Thierry Monique Olivier Aurélie Bernard Jacqueline Alexandre
Laurence Thomas Julie Maxime Émilie Sébastien Corinne Kévin Fatima Mohamed Élodie Mickaël Annie Bruno Léa Samira David
Karim Aïcha Youssef Zoé Jérôme Noëlle Rachid Fatoumata Mamadou Agnieszka Tomasz Jean-Pierre Marie-Claude Anne-Sophie
"""
BEGINNINGS, ENDINGS = WRITTEN_BEGINNINGS.split(), WRITTEN_ENDINGS.split()
MIDDLES = ["", *WRITTEN_MIDDLES.split()]
FIRST_NAMES = WRITTEN_FIRST_NAMES.split()
COMMUNES = ("62498", "62510", "62427", "62041", "62119", "59350", "59512", "59599", "59178", "59606")
PROVIDERS = ("courriel.example", "poste.example", "boite.example")


@dataclass
class Crowd:
    """Records in the order of their registration, and which pairs of them (later, earlier) are one person's."""

    records: list[Likeness] = field(default_factory=list)
    same: set[tuple[int, int]] = field(default_factory=set)


def crowd(people: int, *, seed: int, twice: float = 0.1, at_home: float = 0.05) -> Crowd:
    """So many people; a share is registered again by somebody who slips, another has somebody at home."""
    chance = Random(seed)
    surnames = [f"{a}{b}{c}" for a, b, c in product(BEGINNINGS, MIDDLES, ENDINGS)]
    chance.shuffle(surnames)
    found = Crowd(list(_people(people, surnames, chance)))
    for place in range(people):
        if chance.random() < at_home:
            found.records.append(_at_home_with(found.records[place], surnames, chance))
        if chance.random() < twice:
            found.same.add((len(found.records), place))
            found.records.append(_registered_again(found.records[place], surnames, chance))
    return found


def _people(count: int, surnames: list[str], chance: Random) -> Iterator[Likeness]:
    """Names that are more often alike than in France: of two people, one in 800 has the other's last name."""
    often = [1 / (place + 20) for place in range(len(surnames))]
    of_first = [1 / (place + 10) for place in range(len(FIRST_NAMES))]
    lasts = chance.choices(surnames, often, k=count)
    firsts = chance.choices(FIRST_NAMES, of_first, k=count)
    for first, last in zip(firsts, lasts, strict=True):
        yield Likeness(
            first,
            last.upper() if chance.random() < 0.5 else last,
            _mailbox(first, last, chance) if chance.random() < 0.75 else None,
            _phone(chance) if chance.random() < 0.85 else None,
            _birth_date(chance) if chance.random() < 0.85 else None,
            chance.choice(COMMUNES),
        )


def _mailbox(first: str, last: str, chance: Random) -> str:
    plain = f"{first}.{last}".lower().translate(str.maketrans("éèêëïôçñ", "eeeeiocn"))
    return f"{plain}{chance.randrange(1000)}@{chance.choice(PROVIDERS)}"


def _phone(chance: Random) -> str:
    return f"+33{chance.choice('67')}{chance.randrange(10**8):08}"


def _birth_date(chance: Random) -> date:
    return date(1962, 1, 1) + timedelta(days=chance.randrange(45 * 365))


def _at_home_with(person: Likeness, surnames: list[str], chance: Random) -> Likeness:
    """A partner, a child, a twin: the same home, often one telephone or mailbox."""
    is_twin = chance.random() < 0.05
    others = [name for name in FIRST_NAMES if name != person.first_name]
    return replace(
        person,
        first_name=chance.choice(others),
        last_name=person.last_name if chance.random() < 0.75 else chance.choice(surnames),
        email=person.email if chance.random() < 0.2 else None,
        phone=person.phone if chance.random() < 0.4 else _phone(chance),
        born_on=person.born_on if is_twin else _birth_date(chance),
    )


def _registered_again(person: Likeness, surnames: list[str], chance: Random) -> Likeness:
    """The same person after a while, by another hand: one to three slips, and what changed meanwhile."""
    again = person
    for slip in chance.sample(SLIPS, chance.choice((1, 1, 2, 3))):
        again = slip(again, chance)
    if chance.random() < 0.03:
        again = replace(again, last_name=chance.choice(surnames))
    return again


def _swapped_names(person: Likeness, chance: Random) -> Likeness:
    return replace(person, first_name=person.last_name, last_name=person.first_name)


def _without_accents(person: Likeness, chance: Random) -> Likeness:
    plain = str.maketrans("éèêëïôçñÉ", "eeeeiocnE")
    return replace(person, first_name=person.first_name.translate(plain).replace("-", " ").upper())


def _mistyped(text: str, chance: Random) -> str:
    if len(text) < 4:
        return text
    at = chance.randrange(1, len(text) - 1)
    return chance.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + chance.choice("aeinrst") + text[at + 1 :],
        )
    )


def _mistyped_last_name(person: Likeness, chance: Random) -> Likeness:
    return replace(person, last_name=_mistyped(person.last_name, chance))


def _mistyped_first_name(person: Likeness, chance: Random) -> Likeness:
    return replace(person, first_name=_mistyped(person.first_name, chance))


def _as_heard(person: Likeness, chance: Random) -> Likeness:
    heard = person.last_name.lower()
    for written, other in (("eau", "ot"), ("ph", "f"), ("qu", "k"), ("ll", "l"), ("tt", "t"), ("y", "i"), ("rd", "rt")):
        heard = heard.replace(written, other)
    return replace(person, last_name=heard.capitalize())


def _initial(person: Likeness, chance: Random) -> Likeness:
    return replace(person, first_name=f"{person.first_name[0]}.")


def _double_name(person: Likeness, chance: Random) -> Likeness:
    return replace(person, last_name=f"{person.last_name}-{chance.choice(BEGINNINGS)}{chance.choice(ENDINGS)}")


def _slip_of_birth_date(person: Likeness, chance: Random) -> Likeness:
    born_on = person.born_on
    if born_on is None:
        return person
    if born_on.day <= 12:
        return replace(person, born_on=born_on.replace(day=born_on.month, month=born_on.day))
    return replace(person, born_on=born_on.replace(year=born_on.year + chance.choice((-1, 1, 10))))


def _another_mailbox(person: Likeness, chance: Random) -> Likeness:
    other = None if chance.random() < 0.5 else _mailbox(person.first_name, person.last_name, chance)
    return replace(person, email=other)


def _another_phone(person: Likeness, chance: Random) -> Likeness:
    return replace(person, phone=None if chance.random() < 0.5 else _phone(chance))


def _mistyped_phone(person: Likeness, chance: Random) -> Likeness:
    if person.phone is None:
        return person
    at = chance.randrange(4, len(person.phone))
    return replace(person, phone=f"{person.phone[:at]}{chance.randrange(10)}{person.phone[at + 1 :]}")


def _no_birth_date(person: Likeness, chance: Random) -> Likeness:
    return replace(person, born_on=None)


def _moved(person: Likeness, chance: Random) -> Likeness:
    return replace(person, commune=chance.choice(COMMUNES))


SLIPS: tuple[Callable[[Likeness, Random], Likeness], ...] = (
    _swapped_names,
    _without_accents,
    _mistyped_last_name,
    _mistyped_first_name,
    _as_heard,
    _initial,
    _double_name,
    _slip_of_birth_date,
    _another_mailbox,
    _another_phone,
    _mistyped_phone,
    _no_birth_date,
    _moved,
)
