"""How probable it is that two records are of one person, and why: the rule of Fellegi and Sunter (1969).

Each field speaks for or against, by how often it is as near as this in two records of one person, against how often in
two of others. Those others are of two kinds: strangers, and people of one home, who share a telephone, an address and a
name without being one. Without the second kind every couple with one mailbox would be a duplicate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from rapidfuzz.distance import OSA, Hamming

from services.registration.domain.names import Agreement, compare_names, name_key
from services.registration.domain.participants import Participant
from shared.reference.normalise import fold
from shared.reference.spelling import allowed_edits

SAME, NEAR, PART, DIFFERENT = Agreement

PROBABLE = 0.8
"""From here on two records are shown to somebody who looks: of five, four are meant to be one person."""

ONE_PERSON = 2e-7
"""How often two records taken at random are of one person: of 100,000 who are registered, every fiftieth twice."""

ONE_HOME = 2e-7
"""How often they are of two people of one home: every fiftieth has somebody at home who takes part."""


class Odds(NamedTuple):
    """How often a field is as near as this: in two records of one person, of strangers, of two people of one home."""

    one_person: float
    strangers: float
    one_home: float


# Strangers: last names so that Σp² is 4 in 10,000 (the most frequent one, Martin, is borne by 0.36 % of France), first
# names 6 in 1,000 within some decades; birth dates 1 / (365 × 40 years), some 40 dates are one slip away; communes, Σp²
# of the people of Nord is 0.016 (`shared/reference/tables/communes.csv`), more where an agency's people live. One
# person, and one home: estimates, which nobody could count here yet. A record in twenty has a slip in a name or a date;
# of telephones and mailboxes a third changes between two registrations.
FIRST_NAME: Mapping[Agreement, Odds] = {
    SAME: Odds(0.93, 6e-3, 0.005),
    NEAR: Odds(0.04, 0.01, 0.01),
    PART: Odds(0.025, 6e-3, 0.005),
    DIFFERENT: Odds(0.005, 0.98, 0.98),
}
LAST_NAME: Mapping[Agreement, Odds] = {
    SAME: Odds(0.90, 4e-4, 0.70),
    NEAR: Odds(0.05, 2e-3, 0.01),
    PART: Odds(0.03, 1e-3, 0.04),
    DIFFERENT: Odds(0.02, 0.99, 0.25),
}
EMAIL: Mapping[Agreement, Odds] = {
    SAME: Odds(0.68, 1e-6, 0.15),
    NEAR: Odds(0.04, 2e-5, 0.02),
    DIFFERENT: Odds(0.28, 1.0, 0.83),
}
PHONE: Mapping[Agreement, Odds] = {
    SAME: Odds(0.68, 2e-6, 0.30),
    NEAR: Odds(0.04, 5e-6, 0.01),
    DIFFERENT: Odds(0.28, 1.0, 0.69),
}
BORN_ON: Mapping[Agreement, Odds] = {
    SAME: Odds(0.95, 7e-5, 0.02),
    NEAR: Odds(0.035, 3e-3, 0.01),
    DIFFERENT: Odds(0.015, 1.0, 0.97),
}
COMMUNE: Mapping[Agreement, Odds] = {SAME: Odds(0.90, 0.05, 0.95), DIFFERENT: Odds(0.10, 0.95, 0.05)}


@dataclass(frozen=True, slots=True)
class Likeness:
    """What of a record tells whose it is. What is absent says nothing."""

    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    born_on: date | None = None
    commune: str | None = None

    @property
    def names(self) -> tuple[str, str]:
        """First and last name, folded."""
        return fold(self.first_name), fold(self.last_name)

    @property
    def name_key(self) -> str:
        """What finds the records with names that may be the same."""
        return name_key(self.first_name, self.last_name)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How near the fields of two records are; None where one of them says nothing."""

    first_name: Agreement
    last_name: Agreement
    email: Agreement | None
    phone: Agreement | None
    born_on: Agreement | None
    commune: Agreement | None

    @property
    def probability(self) -> float:
        """How probable it is that both are of one person."""
        one_person, strangers, one_home = ONE_PERSON, 1.0, ONE_HOME
        for table, agreement in (
            (FIRST_NAME, self.first_name),
            (LAST_NAME, self.last_name),
            (EMAIL, self.email),
            (PHONE, self.phone),
            (BORN_ON, self.born_on),
            (COMMUNE, self.commune),
        ):
            if agreement is not None:
                odds = table[agreement]
                one_person *= odds.one_person
                strangers *= odds.strangers
                one_home *= odds.one_home
        return one_person / (one_person + strangers + one_home)

    @property
    def is_probable(self) -> bool:
        """Whether somebody should look at the two."""
        return self.probability >= PROBABLE


def likeness_of(participant: Participant) -> Likeness:
    """What of a participant tells who they are; their birth date is not told, only how near it is to another's."""
    contact = participant.contact
    return Likeness(
        contact.first_name,
        contact.last_name,
        contact.email,
        contact.phone,
        commune=participant.situation.home.commune,
    )


def compare(one: Likeness, other: Likeness) -> Comparison:
    """How near two records are, field by field."""
    first_name, last_name = compare_names(one.names, other.names)
    return Comparison(
        first_name,
        last_name,
        _emails(one.email, other.email),
        _phones(one.phone, other.phone),
        compare_birth_dates(one.born_on, other.born_on),
        _communes(one.commune, other.commune),
    )


def dates_to_look_at(born_on: date) -> Sequence[date]:
    """The birth dates under which the same person is looked for: this one, and the one with day and month swapped."""
    swapped = _swapped(born_on)
    return [born_on] if swapped is None else [born_on, swapped]


def _emails(one: str | None, other: str | None) -> Agreement | None:
    if one is None or other is None:
        return None
    if one == other:
        return SAME
    (mine, my_provider), (theirs, their_provider) = one.rsplit("@", 1), other.rsplit("@", 1)
    most = min(1, allowed_edits(min(mine, theirs, key=len)))
    is_slip = most > 0 and OSA.distance(mine, theirs) + OSA.distance(my_provider, their_provider) <= most
    return NEAR if is_slip or (most > 0 and mine == theirs) else DIFFERENT


def _phones(one: str | None, other: str | None) -> Agreement | None:
    if one is None or other is None:
        return None
    return SAME if one == other else NEAR if OSA.distance(one, other) == 1 else DIFFERENT


def compare_birth_dates(one: date | None, other: date | None) -> Agreement | None:
    """How near two birth dates are; None where one of them is not known."""
    if one is None or other is None:
        return None
    if one == other:
        return SAME
    is_slip = _swapped(one) == other or Hamming.distance(f"{one:%d%m%Y}", f"{other:%d%m%Y}") == 1
    return NEAR if is_slip else DIFFERENT


def _communes(one: str | None, other: str | None) -> Agreement | None:
    if one is None or other is None:
        return None
    return SAME if one == other else DIFFERENT


def _swapped(born_on: date) -> date | None:
    if born_on.day > 12 or born_on.day == born_on.month:
        return None
    return born_on.replace(day=born_on.month, month=born_on.day)
