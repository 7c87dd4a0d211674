"""How often somebody may do what costs much, or what could be used to find something out."""

from __future__ import annotations

from datetime import timedelta

from shared.limits import Limit

SEARCHES = Limit("searches", times=300, within=timedelta(minutes=1))
"""Of occupations and communes by what is typed: a page asks as somebody types."""

IMPORTS = Limit("imports", times=60, within=timedelta(hours=1))
"""Each may hold a hundred thousand rows."""

EXPORTS = Limit("exports", times=20, within=timedelta(hours=1))
"""Each may hold a whole region."""

MAILED_LINKS = Limit("mailed-links", times=3, within=timedelta(minutes=15))
"""Links to sign in by mail, to one address, whether somebody has it or not."""

SIGN_INS = Limit("sign-ins", times=60, within=timedelta(minutes=10))
"""From one network address, behind which a whole agency may be."""
