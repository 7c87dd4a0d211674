"""Why a pairing was made, told in three voices and two languages from the numbers that made it.

told = grounds(score, labels={"6D109": Bilingual("Faire preuve de persévérance", "Persevering")}, evidence=evidence,
               liking=1.0, utility=0.68)
explain(told, Voice.PARTICIPANT, "fr")  # « Cet entretien vous est proposé parce que… », without any number
explain(told, Voice.ADVISER, "fr")    # numbers, intervals, what would change it
explain(told, Voice.EMPLOYER, "en")   # what was shown and where
"""

from services.matching.domain.explaining.grounds import Grounds, NamedRaise, SkillGround, grounds
from services.matching.domain.explaining.telling import Voice, explain
from shared.language import Bilingual

__all__ = ["Bilingual", "Grounds", "NamedRaise", "SkillGround", "Voice", "explain", "grounds"]
