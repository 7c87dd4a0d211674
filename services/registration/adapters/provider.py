"""An OpenID Connect provider, such as ProConnect: where it sends people, and what it says of who came back.

Discovery, code flow with PKCE, ID tokens, logout begun here (RP-initiated) and there (back-channel). What an ID token
must hold is checked by Authlib, signatures by joserfc; keys are asked for again when a new one signs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.registration.domain.accounts import Provider

ALGORITHMS = ("RS256", "PS256", "ES256")
STANDARD_SCOPES = ("openid", "email", "profile")
NAMES_APART = ("given_name", "usual_name")
"""What ProConnect calls somebody's names. Keycloak sends back whoever asks for a scope that it does not know."""

LEEWAY_SECONDS = 30
METADATA_KEPT_SECONDS = 3600.0
KEYS_ASKED_EVERY_SECONDS = 10.0

LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class ProviderUnavailable(Exception):
    """The provider does not answer, or not as agreed."""


class NotVouchedFor(Exception):
    """What came back does not prove who somebody is. The text never quotes it."""


@dataclass(frozen=True, slots=True)
class CameBack:
    """Whom a provider vouches for; an address that it has not verified is none."""

    provider: Provider
    email: str | None
    name: str | None


class OpenIdProvider:
    """A provider as it describes itself at its issuer's address; use as an async context manager."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, comes_back_to: str, *, verifies_addresses: bool = False
    ) -> None:
        self.issuer = issuer
        self._verifies_addresses = verifies_addresses
        self._client_id, self._client_secret = client_id, client_secret
        self._comes_back_to = comes_back_to
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(10), trust_env=False)
        self._metadata: tuple[Mapping[str, Any], float] | None = None
        self._keys: tuple[KeySet, float] | None = None

    async def __aenter__(self) -> Self:
        """Keep connections open from now on."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def sign_in_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where somebody's browser goes to sign in. Raises `ProviderUnavailable`."""
        described = await self._described()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._comes_back_to,
            "scope": " ".join(_scopes(described)),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return _with_query(described["authorization_endpoint"], asked)

    async def sign_out_url(self, id_token: str, returns_to: str) -> str | None:
        """Where somebody's browser goes to sign out there too; `None` where the provider has no such place."""
        address = (await self._described()).get("end_session_endpoint")
        asked = {"id_token_hint": id_token, "client_id": self._client_id, "post_logout_redirect_uri": returns_to}
        return _with_query(address, asked) if address else None

    async def who_came_back(self, code: str, *, nonce: str, verifier: str, now: datetime) -> CameBack:
        """Whom the provider vouches for with a code. Raises `NotVouchedFor` or `ProviderUnavailable`."""
        tokens = await self._exchanged(code, verifier)
        id_token, access_token = str(tokens.get("id_token", "")), str(tokens.get("access_token", ""))
        claims = await self._verified(id_token, now, nonce=nonce, access_token=access_token)
        told = {**await self._told_of(access_token, claims["sub"]), **claims}
        is_verified = told.get("email_verified", self._verifies_addresses) is True
        email = str(told["email"]) if told.get("email") and is_verified else None
        provider = Provider(self.issuer, str(claims["sub"]), told.get("sid"), id_token)
        return CameBack(provider, email, _name_of(told))

    async def who_left(self, logout_token: str, now: datetime) -> tuple[str | None, str | None]:
        """Whom the provider signed out, by subject or by its own session. Raises as above."""
        claims = await self._verified(logout_token, now)
        subject, session = claims.get("sub"), claims.get("sid")
        if LOGOUT not in (claims.get("events") or {}) or "nonce" in claims or not (subject or session):
            raise NotVouchedFor("the token is none of logout")
        return subject, session

    async def _exchanged(self, code: str, verifier: str) -> Mapping[str, Any]:
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._comes_back_to,
            "code_verifier": verifier,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        answer = await self._ask("POST", (await self._described())["token_endpoint"], data=sent)
        if answer.is_client_error:
            raise NotVouchedFor("the provider does not know the code")
        return _json(answer)

    async def _told_of(self, access_token: str, subject: str) -> Mapping[str, Any]:
        """What the provider tells of somebody beside the ID token: plain, or signed as ProConnect does."""
        address = (await self._described()).get("userinfo_endpoint")
        if not address:
            return {}
        answer = await self._ask("GET", address, headers={"authorization": f"Bearer {access_token}"})
        if answer.headers.get("content-type", "").startswith("application/jwt"):
            told: Mapping[str, Any] = (await self._decoded(answer.text)).claims
        else:
            told = _json(answer)
        if told.get("sub") != subject:
            raise NotVouchedFor("the provider speaks of somebody else")
        return told

    async def _verified(self, token: str, now: datetime, **expected: str) -> Mapping[str, Any]:
        decoded = await self._decoded(token)
        options: Any = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
        }
        if "nonce" not in expected:
            # A token of logout need name nobody: it may name the session alone.
            decoded.claims.setdefault("sub", "")
        claims = CodeIDToken(decoded.claims, decoded.header, options, {"client_id": self._client_id, **expected})
        try:
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except JoseError as error:
            raise NotVouchedFor(f"the token does not hold: {type(error).__name__}") from None
        return dict(claims)

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            key_id = jws.extract_compact(token.encode()).headers().get("kid")
            return jwt.decode(token, await self._keys_with(key_id), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, TypeError):
            raise NotVouchedFor("the token is forged or damaged") from None

    async def _keys_with(self, key_id: str | None) -> KeySet:
        known = self._keys
        has_it = known is not None and (key_id is None or any(key.kid == key_id for key in known[0].keys))
        if known is None or (not has_it and time.monotonic() - known[1] > KEYS_ASKED_EVERY_SECONDS):
            answer = _json(await self._ask("GET", (await self._described())["jwks_uri"]))
            known = self._keys = (KeySet.import_key_set(_signing_keys(answer)), time.monotonic())
        return known[0]

    async def _described(self) -> Mapping[str, Any]:
        known = self._metadata
        if known is None or time.monotonic() - known[1] > METADATA_KEPT_SECONDS:
            address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            described = _json(await self._ask("GET", address))
            if described.get("issuer") != self.issuer:
                raise ProviderUnavailable("the provider calls itself otherwise")
            known = self._metadata = (described, time.monotonic())
        return known[0]

    async def _ask(self, method: str, address: str, **how: Any) -> httpx.Response:
        try:
            answer = await self._client.request(method, address, **how)
        except httpx.HTTPError as error:
            raise ProviderUnavailable(type(error).__name__) from None
        if answer.is_server_error or answer.is_redirect:
            raise ProviderUnavailable(str(answer.status_code))
        return answer


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        raise ProviderUnavailable("the answer is no JSON") from None
    if not answer.is_success or not isinstance(content, dict):
        raise ProviderUnavailable(str(answer.status_code))
    return content


def _scopes(described: Mapping[str, Any]) -> list[str]:
    """What to ask for, of what the provider says that it knows."""
    known = described.get("scopes_supported")
    if not isinstance(known, list):
        return list(STANDARD_SCOPES)
    return [scope for scope in (*STANDARD_SCOPES, *NAMES_APART) if scope in known]


def _name_of(told: Mapping[str, Any]) -> str | None:
    """What somebody is called: the family name has another word at ProConnect than in the standard."""
    names = [told.get("given_name"), told.get("usual_name") or told.get("family_name")]
    return " ".join(str(name) for name in names if name) or told.get("name")


def _signing_keys(published: Mapping[str, Any]) -> Any:
    """The keys that sign: others, such as those that encrypt, may be of kinds that nobody here knows."""
    keys = published.get("keys")
    return {"keys": [key for key in keys if key.get("use", "sig") == "sig"] if isinstance(keys, list) else []}


def _with_query(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
