"""An OpenID Connect provider for tests: it does what a provider does, and what a wrong or a hostile one would."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI, Form, Header, Request
from fastapi.responses import JSONResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "vernissage", "a secret of the provider's client"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


@cache
def signing_key(number: int) -> RSAKey:
    """A key that signs; each is made once."""
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    return key


@dataclass
class StandIn:
    """The provider; ``claims`` and ``told`` change what its ID tokens and its userinfo say."""

    now: datetime
    address: str = ""
    key: RSAKey = field(default_factory=lambda: signing_key(1))
    signing: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    signs_userinfo: bool = False
    scopes: list[str] | None = None
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        """The provider as it answers."""
        app = FastAPI()
        app.add_api_route("/.well-known/openid-configuration", self.describe)
        app.add_api_route("/keys", self.keys)
        app.add_api_route("/token", self.token, methods=["POST"])
        app.add_api_route("/userinfo", self.userinfo)
        return app

    async def describe(self) -> dict[str, Any]:
        """Its metadata."""
        return {
            **({"scopes_supported": self.scopes} if self.scopes else {}),
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "end_session_endpoint": f"{self.address}/end",
            "jwks_uri": f"{self.address}/keys",
        }

    async def keys(self) -> Any:
        """Its public keys."""
        self.asked.append("keys")
        return {"keys": [{**self.key.as_dict(private=False), "use": "sig"}]}

    def signs_in(self, sent_to: str) -> dict[str, str]:
        """Somebody signs in where they were sent to; the query with which they come back."""
        asked = {name: value[0] for name, value in parse_qs(urlsplit(sent_to).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    async def token(
        self, code: Annotated[str, Form()], code_verifier: Annotated[str, Form()], client_secret: Annotated[str, Form()]
    ) -> Response:
        """Its tokens for a code, once, for whoever began."""
        asked = self.codes.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or client_secret != SECRET:
            return JSONResponse({"error": "invalid_grant"}, 400)
        id_token = self.sign({"nonce": asked["nonce"], "sid": "their-session", **self.claims})
        return JSONResponse({"access_token": "an-access-token", "token_type": "Bearer", "id_token": id_token})

    async def userinfo(self, _request: Request, authorization: Annotated[str, Header()]) -> Response:
        """What it tells of somebody."""
        assert authorization == "Bearer an-access-token"
        told = {"sub": "their-subject", **self.told}
        if self.signs_userinfo:
            return Response(self.sign({"nonce": "none", **told}), media_type="application/jwt")
        return JSONResponse(told)

    def logout_token(self, **changes: Any) -> str:
        """What it tells when somebody signed out there."""
        return self.sign({"events": {LOGOUT: {}}, "jti": "one", **changes})

    def sign(self, claims: dict[str, Any]) -> str:
        """A token with these claims beside the usual ones; those that are None are left out."""
        key, instant = self.signing or self.key, int(self.now.timestamp())
        usual = {"iss": self.address, "aud": CLIENT, "sub": "their-subject", "iat": instant, "exp": instant + 60}
        told = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, told, key)
