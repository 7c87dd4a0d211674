"""How often somebody may try what nobody can guess."""

from __future__ import annotations

from datetime import timedelta

from shared.limits import Limit

LINK_GUESSES = Limit("link-guesses", times=20, within=timedelta(minutes=10))
"""Links that do not exist, from one network address: a link that was copied badly, not a machine that tries."""
