"""Why two records are probably of one person, or perhaps not, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.registration.domain.likeness import Comparison, Likeness
from services.registration.domain.names import Agreement

SAME, NEAR, PART, DIFFERENT = Agreement


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for, or against, two records being of one person; ``of_names`` where it is their names."""

    french: str
    english: str
    speaks_for: bool
    of_names: bool = False


EMAIL: Mapping[Agreement, Reason] = {
    SAME: Reason("même courriel", "same e-mail address", speaks_for=True),
    NEAR: Reason("courriels presque semblables", "e-mail addresses nearly alike", speaks_for=True),
    DIFFERENT: Reason("courriels différents", "different e-mail addresses", speaks_for=False),
}
PHONE: Mapping[Agreement, Reason] = {
    SAME: Reason("même téléphone", "same telephone", speaks_for=True),
    NEAR: Reason("téléphones à un chiffre près", "telephones alike but for a digit", speaks_for=True),
    DIFFERENT: Reason("téléphones différents", "different telephones", speaks_for=False),
}
BORN_ON: Mapping[Agreement, Reason] = {
    SAME: Reason("même date de naissance", "same birth date", speaks_for=True),
    NEAR: Reason(
        "dates de naissance à un chiffre près, ou jour et mois échangés",
        "birth dates alike but for a digit, or with day and month swapped",
        speaks_for=True,
    ),
    DIFFERENT: Reason("dates de naissance différentes", "different birth dates", speaks_for=False),
}
COMMUNE: Mapping[Agreement, Reason] = {
    SAME: Reason("même commune", "same commune", speaks_for=True),
    DIFFERENT: Reason("communes différentes", "different communes", speaks_for=False),
}


def reasons_of(comparison: Comparison) -> Sequence[Reason]:
    """What speaks for it first, then what speaks against; nobody is named, and no value given."""
    fields = (
        (PHONE, comparison.phone),
        (EMAIL, comparison.email),
        (BORN_ON, comparison.born_on),
        (COMMUNE, comparison.commune),
    )
    said = (table[agreement] for table, agreement in fields if agreement is not None)
    reasons = [_of_names(comparison.first_name, comparison.last_name), *said]
    return sorted(reasons, key=lambda reason: not reason.speaks_for)


def quoting_names(reasons: Iterable[Reason], one: Likeness, other: Likeness) -> Sequence[Reason]:
    """The same reasons with both names, for those who may know them."""
    mine, theirs = (f"{each.first_name} {each.last_name}" for each in (one, other))
    return [
        replace(
            reason,
            french=f"{reason.french} (« {mine} » / « {theirs} »)",
            english=f"{reason.english} (“{mine}” / “{theirs}”)",
        )
        if reason.of_names
        else reason
        for reason in reasons
    ]


def in_french(reasons: Sequence[Reason]) -> str:
    """The reasons as one sentence's end: « même téléphone ; noms proches ; mais dates de naissance différentes »."""
    against = next((reason for reason in reasons if not reason.speaks_for), None)
    return " ; ".join(f"mais {reason.french}" if reason is against else reason.french for reason in reasons)


def _of_names(first_name: Agreement, last_name: Agreement) -> Reason:
    if first_name is SAME and last_name is SAME:
        return Reason("mêmes noms", "same names", speaks_for=True, of_names=True)
    if first_name is not DIFFERENT and last_name is not DIFFERENT:
        return Reason("noms proches", "names alike", speaks_for=True, of_names=True)
    if first_name is not DIFFERENT:
        return Reason(
            "prénoms proches, noms différents", "first names alike, other names", speaks_for=False, of_names=True
        )
    if last_name is not DIFFERENT:
        return Reason(
            "noms proches, prénoms différents", "names alike, other first names", speaks_for=False, of_names=True
        )
    return Reason("noms et prénoms différents", "other names", speaks_for=False, of_names=True)
