"""Short-lived tokens by which services learn who asks: each signs with a key of its own, and publishes the other half.

A token (JWT, RFC 7519; Ed25519, RFC 9864) says who asks whom and lasts minutes. It is signed by registration for
somebody signed in, or by a service for itself. Whoever is asked fetches the issuer's public keys (JWKS, RFC 7517): so
nobody signs in another's name, and keys change without a stop. A new secret is first published, then signed with; the
old one leaves when the last token is past its time.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, Self
from uuid import UUID

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization, OKPKey

from shared.identity import Clock, InvalidToken, Person, Role
from shared.travel.topics import SERVICES, Service

ALGORITHM = "Ed25519"
KEYS_PATH = "/.well-known/jwks.json"
"""Where each service publishes its keys."""

LIFETIME: Final = timedelta(minutes=5)
"""How long a token stands for somebody."""

SKEW: Final = timedelta(seconds=30)
"""By how much the clocks of two machines may differ."""

KEYS_FRESH_SECONDS = 300.0
"""After this long the keys of another service are asked for again."""
KEYS_USABLE_SECONDS = 3600.0
"""For so long keys are believed of a service that does not answer."""
ASK_AGAIN_SECONDS = 5.0
"""How often at most a key that nobody knows makes us ask."""


class KeysUnavailable(Exception):
    """The keys of another service cannot be had now, so that nobody can say who asks."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: who asks, who vouches for it, and in which session somebody is signed in."""

    person: Person
    issuer: Service
    session_id: UUID | None


class TokenSigner:
    """Signs a service's tokens. The first of its secrets signs; all of their public halves are published."""

    def __init__(self, service: Service, secrets: Sequence[str]) -> None:
        self.service = service
        self._keys = [_key_of(service, secret) for secret in secrets]

    def sign(self, person: Person, audience: Service, *, now: datetime, session_id: UUID | None = None) -> str:
        """A token that stands for ``person`` before ``audience``, and nobody else, for `LIFETIME`."""
        claims: dict[str, Any] = {
            "iss": self.service,
            "aud": audience,
            "sub": str(person.id),
            "role": person.role.value,
            "agency": str(person.agency_id) if person.agency_id else None,
            "sid": str(session_id) if session_id else None,
            "rights": sorted(person.rights) if person.rights is not None else None,
            "exp": int((now + LIFETIME).timestamp()),
        }
        key = self._keys[0]
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])

    def sign_for_itself(self, audience: Service, *, now: datetime) -> str:
        """A token that stands for the service itself."""
        return self.sign(Person(_ITSELF[self.service], Role.SERVICE), audience, now=now)

    def published(self) -> KeySetSerialization:
        """The public keys, as a JWKS."""
        return {"keys": [{**key.as_dict(private=False), "alg": ALGORITHM, "use": "sig"} for key in self._keys]}


class Keys(Protocol):
    """Whoever knows the public keys of services."""

    async def of(self, issuer: Service, key_id: str) -> KeySet:
        """The keys of a service, which hold the one with this id if there is one. Raises `KeysUnavailable`."""


class KnownKeys:
    """Keys that are at hand: of services in the same process, or in a test."""

    def __init__(self, *signers: TokenSigner) -> None:
        self._keys = {signer.service: _published_keys(signer) for signer in signers}

    async def of(self, issuer: Service, key_id: str) -> KeySet:
        """The keys of a service. Raises `KeysUnavailable`."""
        del key_id
        if issuer not in self._keys:
            raise KeysUnavailable(issuer)
        return self._keys[issuer]


@dataclass
class _Fetched:
    keys: KeySet
    at: float


class PublishedKeys:
    """Keys as services publish them, asked for when needed and kept for minutes; use as an async context manager.

    ``urls`` says where each service answers; those of the ``own`` service need not be asked for.
    """

    def __init__(self, urls: Mapping[Service, str], own: TokenSigner | None = None) -> None:
        self._urls = urls
        self._own = {own.service: _published_keys(own)} if own else {}
        self._fetched: dict[Service, _Fetched] = {}
        self._asked: dict[Service, float] = {}
        self._asking = asyncio.Lock()
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(5), trust_env=False)

    async def __aenter__(self) -> Self:
        """Keep connections open from now on."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def of(self, issuer: Service, key_id: str) -> KeySet:
        """The keys of a service. Raises `KeysUnavailable`."""
        if issuer in self._own:
            return self._own[issuer]
        if issuer not in self._urls:
            raise KeysUnavailable(issuer)
        async with self._asking:
            if self._should_ask(issuer, key_id):
                await self._ask(issuer)
        known = self._fetched.get(issuer)
        if known is None or time.monotonic() - known.at > KEYS_USABLE_SECONDS:
            raise KeysUnavailable(issuer)
        return known.keys

    def _should_ask(self, issuer: Service, key_id: str) -> bool:
        known, now = self._fetched.get(issuer), time.monotonic()
        if known is None:
            return True
        is_settled = now - known.at < KEYS_FRESH_SECONDS and _has(known.keys, key_id)
        return not is_settled and now - self._asked[issuer] > ASK_AGAIN_SECONDS

    async def _ask(self, issuer: Service) -> None:
        self._asked[issuer] = time.monotonic()
        try:
            response = await self._client.get(self._urls[issuer].rstrip("/") + KEYS_PATH)
            response.raise_for_status()
            self._fetched[issuer] = _Fetched(KeySet.import_key_set(response.json()), time.monotonic())
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError):
            # What is known stays in use for a while.
            return


class TokenReader:
    """Reads the tokens that a service is shown."""

    def __init__(self, service: Service, keys: Keys) -> None:
        self._service = service
        self._keys = keys

    async def read(self, token: str, *, now: datetime) -> Claims:
        """What a token says. Raises `InvalidToken`, or `KeysUnavailable`."""
        try:
            issuer, key_id = _issuer_of(token)
            keys = await self._keys.of(issuer, key_id)
            claims = jwt.decode(token, keys, algorithms=[ALGORITHM]).claims
            return self._checked(issuer, claims, now)
        except (JoseError, KeyError, TypeError, ValueError):
            raise InvalidToken("the token is forged, damaged or past its time") from None

    def _checked(self, issuer: Service, claims: Mapping[str, Any], now: datetime) -> Claims:
        person = Person(
            UUID(claims["sub"]),
            Role(claims["role"]),
            UUID(claims["agency"]) if claims["agency"] else None,
            frozenset(claims["rights"]) if claims["rights"] is not None else None,
        )
        if claims["iss"] != issuer or claims["aud"] != self._service:
            raise InvalidToken("the token is for another service")
        if now.timestamp() >= float(claims["exp"]) + SKEW.total_seconds():
            raise InvalidToken("the token is past its time")
        if issuer != "registration" and person != Person(_ITSELF[issuer], Role.SERVICE):
            raise InvalidToken("only registration vouches for people")
        return Claims(person, issuer, UUID(claims["sid"]) if claims["sid"] else None)


class SignsForItself:
    """Puts a service's own token on each request that it makes to another; for `httpx`, as ``auth``."""

    def __init__(self, signer: TokenSigner, audience: Service, clock: Clock) -> None:
        self._signer, self._audience, self._clock = signer, audience, clock

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """The request, with its token."""
        token = self._signer.sign_for_itself(self._audience, now=self._clock())
        request.headers["authorization"] = f"Bearer {token}"
        return request


_ITSELF: Mapping[Service, UUID] = {
    service: UUID(f"00000000-0000-7000-8000-00000000000{number}") for number, service in enumerate(SERVICES, 1)
}
"""Who a service is when it asks for itself."""


def _issuer_of(token: str) -> tuple[Service, str]:
    """Who says to have signed a token, and with which key: nothing of it is verified yet."""
    compact = jws.extract_compact(token.encode())
    issuer = json.loads(compact.payload or b"")["iss"]
    if issuer not in SERVICES:
        raise InvalidToken("nobody known signed the token")
    return issuer, str(compact.headers()["kid"])


def _published_keys(signer: TokenSigner) -> KeySet:
    return KeySet.import_key_set(signer.published())


def _has(keys: KeySet, key_id: str) -> bool:
    return any(key.kid == key_id for key in keys.keys)


def _key_of(service: Service, secret: str) -> OKPKey:
    """The key of a service that comes of a secret: the same one in all of its processes."""
    seed = HKDF(SHA256(), 32, salt=None, info=f"vernissage.token.v1.{service}".encode()).derive(secret.encode())
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": _in_base64(seed), "x": _in_base64(public)})
    key.ensure_kid()
    return key


def _in_base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
