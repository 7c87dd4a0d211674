"""Registration's settings, read from variables that begin with ``VERNISSAGE_REGISTRATION_``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from shared.settings import Port, ServiceSettings


class Settings(ServiceSettings):
    """What registration needs beside the settings of every service."""

    model_config = SettingsConfigDict(env_prefix="VERNISSAGE_REGISTRATION_")

    web_port: Port = 8001
    worker_port: Port = 8101
    public_url: str = "http://127.0.0.1:8001"
    import_limit_bytes: Annotated[int, Field(ge=1)] = 64_000_000
    """How many bytes one import may have."""
