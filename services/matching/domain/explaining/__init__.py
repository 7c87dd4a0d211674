"""Why a pairing was made, told in three voices and two languages from the numbers that made it.

told = reasons(score, labels={"6D109": Label("Faire preuve de persévérance", "Persevering")}, evidence=evidence,
               liking=1.0, utility=0.68)
explain(told, Voice.CANDIDATE, "fr")  # « Cette rencontre vous est proposée parce que… », without any number
explain(told, Voice.ADVISER, "fr")    # numbers, intervals, what would change it
explain(told, Voice.EMPLOYER, "en")   # what was shown and where
"""

from services.matching.domain.explaining.reasons import Evidence, Label, Raise, Reasons, SkillReason, reasons
from services.matching.domain.explaining.telling import Language, Voice, explain

__all__ = ["Evidence", "Label", "Language", "Raise", "Reasons", "SkillReason", "Voice", "explain", "reasons"]
