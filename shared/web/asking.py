"""How a request proves who asks, by a short-lived token, and how a service publishes the keys of its own."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request

from shared.identity import Identify, InvalidToken, Person, bearer_token, now_of
from shared.tokens import KEYS_PATH, TokenReader, TokenSigner


async def nobody(_request: Request) -> Person | None:
    """Nobody signs in here."""
    return None


def by_token(tokens: TokenReader) -> Identify:
    """Whoever shows a token for this service. Raises `KeysUnavailable`."""

    async def find(request: Request) -> Person | None:
        token = bearer_token(request)
        try:
            return (await tokens.read(token, now=now_of(request))).person if token else None
        except InvalidToken:
            return None

    return find


def publish_keys(app: FastAPI, signer: TokenSigner) -> None:
    """Have the application tell the public keys of its service's tokens."""
    published = signer.published()

    @app.get(KEYS_PATH, include_in_schema=False)
    async def keys() -> Any:
        """The public keys of this service's tokens (JWKS)."""
        return published
