"""Matching's JSON API: profiles, pairings, runs and their reasons, for those who may see them."""

from services.matching.api.meetups import router as meetups
from services.matching.api.needs import router as needs
from services.matching.api.pairings import router as pairings
from services.matching.api.profiles import router as profiles
from services.matching.api.runs import router as runs

ROUTERS = (meetups, needs, pairings, profiles, runs)

__all__ = ["ROUTERS"]
