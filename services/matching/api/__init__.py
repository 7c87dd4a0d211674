"""Matching's JSON API: profiles, pairings, runs and their reasons, for those who may see them."""

from services.matching.api import audit, internal, meetups, needs, pairings, profiles, runs
from services.matching.api.examples import ANSWERED, EXAMPLES

ROUTERS = (meetups.router, needs.router, pairings.router, profiles.router, runs.router, audit.router, internal.router)

__all__ = ["ANSWERED", "EXAMPLES", "ROUTERS"]
