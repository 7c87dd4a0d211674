"""From the inputs of a run to a pairing: constraints, scores, plan, timetable, shortlists, accounts, difference.

from services.matching.domain import proposing
pairing = proposing.propose(inputs)
[(m.participant_id, m.need_id, m.slot, m.reasons.score.value) for m in pairing.meetings]
pairing.proof.plan_status, pairing.difference.added

Names are handed on when first asked for: a web process that only reads pairings loads no solver.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.matching.domain.proposing.arranging import ImpossiblePairing
    from services.matching.domain.proposing.editing import ImpossibleEdit, edit
    from services.matching.domain.proposing.proposal import propose

_HOMES = {
    "ImpossibleEdit": "editing",
    "ImpossiblePairing": "arranging",
    "edit": "editing",
    "propose": "proposal",
}

__all__ = ["ImpossibleEdit", "ImpossiblePairing", "edit", "propose"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
