"""The links of those who have no account: random tokens, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and digits that nobody confuses, since a link may be typed from a letter."""

TOKEN_LENGTH = 27
"""27 of 31 signs: 133 random bits."""


def new_token() -> str:
    """A fresh token for a link."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))


def hash_of(token: str) -> bytes | None:
    """The hash under which a token is kept; `None` for what cannot be one. Case and hyphens do not matter."""
    plain = token.strip().lower().replace("-", "")
    if len(plain) != TOKEN_LENGTH or not set(plain) <= set(ALPHABET):
        return None
    return hashlib.sha256(plain.encode()).digest()
