"""Whole lists of the API, part by part."""

from __future__ import annotations

from typing import Any

from deploy.clients.service_client import ServiceClient

AT_ONCE = 200
"""How many items a part holds."""


async def all_items(client: ServiceClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        part = await client.get(path, size=AT_ONCE, **query, **cursor)
        found += part["items"]
        if part["next"] is None:
            return found
        cursor = {"cursor": part["next"]}
