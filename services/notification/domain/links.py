"""The links of those who have no account: random tokens, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from services.notification.domain.rules import Rules

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


def token_of_letter(mark: str) -> str:
    """The token of a letter, from a secret mark of its message: printed again, a letter has the same link."""
    number = int.from_bytes(hashlib.sha256(mark.encode()).digest())
    signs = []
    for _ in range(TOKEN_LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[sign])
    return "".join(signs)


def expires_at(over: datetime, rules: Rules) -> datetime:
    """Until when a link opens its page, once what it is for is ``over``."""
    return over + timedelta(days=rules.link_days)
