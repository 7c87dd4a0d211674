"""Matching's JSON API: profiles, pairings, runs and their reasons, for those who may see them."""

from services.matching.api import audit, meetups, needs, pairings, profiles, runs

ROUTERS = (meetups.router, needs.router, pairings.router, profiles.router, runs.router, audit.router)

__all__ = ["ROUTERS"]
