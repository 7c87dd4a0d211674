"""Soft-skill profiles: the estimator, what goes into it and what comes out.

Names are handed on when first asked for: reading one person's notes needs NumPy only, fitting needs the compiler.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.matching.domain.profiling.components import Components, VarianceComponents
    from services.matching.domain.profiling.design import DesignWarning
    from services.matching.domain.profiling.intraclass import IntraclassCorrelations, intraclass_correlations
    from services.matching.domain.profiling.person import posterior
    from services.matching.domain.profiling.priors import WeakPriors
    from services.matching.domain.profiling.profile import ROME_4, Profile, Rating, exceedance
    from services.matching.domain.profiling.profiler import SkillProfiler
    from services.matching.domain.profiling.rounding import Scale

_HOMES = {
    "Components": "components",
    "DesignWarning": "design",
    "IntraclassCorrelations": "intraclass",
    "Rating": "profile",
    "Profile": "profile",
    "ROME_4": "profile",
    "Scale": "rounding",
    "SkillProfiler": "profiler",
    "VarianceComponents": "components",
    "WeakPriors": "priors",
    "exceedance": "profile",
    "intraclass_correlations": "intraclass",
    "posterior": "person",
}

__all__ = [
    "ROME_4",
    "Components",
    "DesignWarning",
    "IntraclassCorrelations",
    "Profile",
    "Rating",
    "Scale",
    "SkillProfiler",
    "VarianceComponents",
    "WeakPriors",
    "exceedance",
    "intraclass_correlations",
    "posterior",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
