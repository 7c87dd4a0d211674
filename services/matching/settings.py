"""Matching's settings, read from variables that begin with ``VERNISSAGE_MATCHING_``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.matching.domain.situation import Policy
from shared.settings import Port, ServiceSettings


class Settings(ServiceSettings):
    """What matching needs beside the settings of every service."""

    model_config = SettingsConfigDict(env_prefix="VERNISSAGE_MATCHING_", env_nested_delimiter="__")

    web_port: Port = 8002
    worker_port: Port = 8102
    pool_port: Port = 8112
    public_url: str = "http://127.0.0.1:8002"
    policy: Policy = Policy()
    """What an operator decides once for all pairings, such as ``VERNISSAGE_MATCHING_POLICY__ALPHA=0.8``."""
    refit_every: timedelta = timedelta(days=1)
    """How often variance components and rater severities are fitted anew."""
    keep_runs_days: Annotated[int, Field(ge=1)] = 365
    """How many days after a meetup it can be computed anew how its pairings came about, and it is known what was asked
    for."""
    keep_pairings_days: Annotated[int, Field(ge=1)] = 730
    """How many days after a meetup its pairings are kept with their reasons, and who decided."""
    registration_url: str = "http://127.0.0.1:8001"
    """Where registration answers: it vouches for whoever asks, and its keys are asked of it."""
