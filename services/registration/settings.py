"""Registration's settings, read from variables that begin with ``VERNISSAGE_REGISTRATION_``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What registration needs to know of its surroundings."""

    model_config = SettingsConfigDict(env_prefix="VERNISSAGE_REGISTRATION_")

    import_limit_bytes: Annotated[int, Field(ge=1)] = 64_000_000
    """How many bytes one import may have."""
