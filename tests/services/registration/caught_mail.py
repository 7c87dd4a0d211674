"""Mails to staff, caught before they leave."""

from __future__ import annotations


class CaughtMail:
    """Keeps each link, to whom it would go, and in which language."""

    def __init__(self) -> None:
        self.links: list[tuple[str, str, str]] = []

    async def send_link(self, email: str, link: str, language: str) -> None:
        """Keep it."""
        self.links.append((email, link, language))
