"""What the services' processes say of themselves on their health pages."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from deploy.services import WORKING
from shared.settings import ServiceSettings
from shared.travel.topics import Service

TIMEOUT = httpx.Timeout(5.0)

SILENT: Mapping[str, str] = {"process": "does not answer"}

Troubles = Mapping[str, Mapping[str, str]]
"""What is wrong with each process that is not ready, by the name of the process and of its part."""


async def troubles_of(services: Mapping[Service, ServiceSettings]) -> Troubles:
    """What is wrong with the services' processes; those that are well are left out."""
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
        found = {}
        for service, settings in services.items():
            host = f"http://{settings.host}"
            for kind in ("web", *WORKING[service]):
                port = getattr(settings, f"{kind}_port")
                found[f"{service}-{kind}"] = await _troubles_at(client, f"{host}:{port}")
    return {process: troubles for process, troubles in found.items() if troubles}


async def _troubles_at(client: httpx.AsyncClient, place: str) -> Mapping[str, str]:
    try:
        answer = await client.get(f"{place}/health/ready")
        told = answer.json()
    except (httpx.HTTPError, ValueError):
        return SILENT
    silent = {part: "does not answer" for part, is_well in told.get("parts", {}).items() if not is_well}
    troubles: Mapping[str, str] = told.get("troubles", silent)
    return troubles
