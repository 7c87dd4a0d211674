"""Tokens stand for whom they say, before one service, for minutes; nobody can make one up in another's name."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared import tokens
from shared.identity import InvalidToken, Person, Role
from shared.tokens import ALGORITHM, KEYS_PATH, LIFETIME, SKEW, KeysUnavailable, KnownKeys, PublishedKeys
from shared.tokens import TokenReader as Reader
from shared.tokens import TokenSigner as Signer
from shared.travel.topics import SERVICES, Service
from tests.support.serving import serving
from tests.support.tokens import KEYS, SIGNERS

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ADVISER = Person(UUID(int=7), Role.ADVISER, UUID(int=8))
REGISTRATION = SIGNERS["registration"]
MATCHING = Reader("matching", KEYS)
OLD, NEW = "an old secret of registration, long", "a new secret of registration, long"

people = st.builds(Person, st.uuids(), st.sampled_from(Role), st.none() | st.uuids())


@given(people, st.integers(0, 30_000), st.none() | st.uuids(), st.sampled_from(SERVICES))
async def test_a_token_stands_for_the_person_it_was_made_for(
    person: Person, days: int, session: UUID | None, service: Service
) -> None:
    now = NOW + timedelta(days=days)
    token = REGISTRATION.sign(person, service, now=now, session_id=session)
    for moment in (now, now + LIFETIME):
        claims = await Reader(service, KEYS).read(token, now=moment)
        assert (claims.person, claims.session_id, claims.issuer) == (person, session, "registration")


async def test_a_token_ends_within_minutes() -> None:
    token = REGISTRATION.sign(ADVISER, "matching", now=NOW)
    assert timedelta(minutes=6) > LIFETIME + SKEW
    with pytest.raises(InvalidToken):
        await MATCHING.read(token, now=NOW + LIFETIME + SKEW)


async def test_a_token_for_one_service_is_worth_nothing_at_another() -> None:
    token = REGISTRATION.sign(ADVISER, "matching", now=NOW)
    for other in ("registration", "notification"):
        with pytest.raises(InvalidToken):
            await Reader(other, KEYS).read(token, now=NOW)


@pytest.mark.parametrize("service", ["matching", "notification"])
async def test_no_other_service_vouches_for_people(service: Service) -> None:
    forged = SIGNERS[service].sign(ADVISER, "registration", now=NOW)
    as_another = SIGNERS[service].sign(Person(UUID(int=1), Role.SERVICE), "registration", now=NOW)
    itself = SIGNERS[service].sign_for_itself("registration", now=NOW)
    reader = Reader("registration", KEYS)
    assert (await reader.read(itself, now=NOW)).person.role is Role.SERVICE
    for token in (forged, as_another):
        with pytest.raises(InvalidToken):
            await reader.read(token, now=NOW)


async def test_any_changed_sign_makes_a_token_invalid() -> None:
    token = REGISTRATION.sign(ADVISER, "matching", now=NOW)
    for place in range(0, len(token) - 1, 3):
        forged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises((InvalidToken, KeysUnavailable)):
            await MATCHING.read(forged, now=NOW)


@pytest.mark.parametrize("token", ["", ".", "a.b", "..", "{}", "é", "x" * 10_000, "W10.W10.W10", "e30.e30.e30"])
async def test_nonsense_is_no_token_and_is_not_repeated(token: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        await MATCHING.read(token, now=NOW)
    assert str(refused.value) == "the token is forged, damaged or past its time"


def _claims(**changes: Any) -> dict[str, Any]:
    told = {"iss": "registration", "aud": "matching", "sub": str(uuid4()), "role": "operator", "agency": None}
    return {**told, "sid": None, "exp": int((NOW + LIFETIME).timestamp()), **changes}


def _part(content: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _key_id() -> str:
    return str(REGISTRATION.published()["keys"][0]["kid"])


async def test_a_key_that_nobody_published_signs_nothing() -> None:
    own = OKPKey.generate_key("Ed25519")
    unsigned = f"{_part({'alg': 'none', 'kid': _key_id()})}.{_part(_claims())}."
    public = json.dumps(REGISTRATION.published()["keys"][0])
    by_public_key = jwt.encode({"alg": "HS256", "kid": _key_id()}, _claims(), OctKey.import_key(public))
    by_own_key = jwt.encode({"alg": ALGORITHM, "kid": _key_id()}, _claims(), own, algorithms=[ALGORITHM])
    for token in (unsigned, by_public_key, by_own_key):
        with pytest.raises(InvalidToken):
            await MATCHING.read(token, now=NOW)


def test_each_service_has_keys_of_its_own_even_of_one_secret() -> None:
    keys = [Signer(service, [OLD]).published()["keys"][0]["x"] for service in SERVICES]
    assert len(set(keys)) == len(SERVICES)
    assert not any("d" in Signer(service, [OLD]).published()["keys"][0] for service in SERVICES)


async def test_a_secret_changes_without_a_stop() -> None:
    steps = [[OLD], [OLD, NEW], [NEW, OLD], [NEW]]
    for before, after in pairwise(steps):
        # For a while processes of both steps sign and read.
        for signing, reading in ((before, after), (after, before)):
            token = Signer("registration", signing).sign(ADVISER, "matching", now=NOW)
            keys = KnownKeys(Signer("registration", reading))
            assert (await Reader("matching", keys).read(token, now=NOW)).person == ADVISER
    gone = Signer("registration", [OLD]).sign(ADVISER, "matching", now=NOW)
    with pytest.raises(InvalidToken):
        await Reader("matching", KnownKeys(Signer("registration", [NEW]))).read(gone, now=NOW)


class Issuer:
    """A service that publishes keys, and can change them or fall silent."""

    def __init__(self) -> None:
        self.signer = Signer("registration", [OLD])
        self.asked = 0
        self.is_well = True
        self.app = FastAPI()
        self.app.add_api_route(KEYS_PATH, self.keys)

    async def keys(self) -> Any:
        """Tell the keys."""
        self.asked += 1
        return self.signer.published() if self.is_well else {"keys": "none"}


class Time:
    """A clock that is set."""

    now = 1_000.0

    def monotonic(self) -> float:
        """The time it shows."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The clock by which keys grow old."""
    shown = Time()
    monkeypatch.setattr(tokens, "time", shown)
    return shown


async def test_published_keys_are_asked_for_once_and_again_when_a_new_one_signs(clock: Time) -> None:
    issuer = Issuer()
    async with serving(issuer.app) as address, PublishedKeys({"registration": address}) as keys:
        reader = Reader("matching", keys)
        for _ in range(3):
            await reader.read(issuer.signer.sign(ADVISER, "matching", now=NOW), now=NOW)
        assert issuer.asked == 1
        issuer.signer = Signer("registration", [NEW])
        token = issuer.signer.sign(ADVISER, "matching", now=NOW)
        with pytest.raises(InvalidToken):
            await reader.read(token, now=NOW)
        assert issuer.asked == 1, "a key that nobody knows makes us ask only now and then"
        clock.now += tokens.ASK_AGAIN_SECONDS + 1
        assert (await reader.read(token, now=NOW)).person == ADVISER
        assert issuer.asked == 2


async def test_keys_stay_in_use_for_a_while_when_their_service_falls_silent_and_a_withdrawn_one_goes(
    clock: Time,
) -> None:
    issuer = Issuer()
    async with serving(issuer.app) as address, PublishedKeys({"registration": address}) as keys:
        reader = Reader("matching", keys)
        token = issuer.signer.sign(ADVISER, "matching", now=NOW)
        await reader.read(token, now=NOW)
        issuer.is_well = False
        clock.now += tokens.KEYS_FRESH_SECONDS + 1
        assert (await reader.read(token, now=NOW)).person == ADVISER
        clock.now += tokens.KEYS_USABLE_SECONDS
        with pytest.raises(KeysUnavailable):
            await reader.read(token, now=NOW)
        issuer.is_well, issuer.signer = True, Signer("registration", [NEW])
        clock.now += tokens.ASK_AGAIN_SECONDS + 1
        with pytest.raises(InvalidToken):
            await reader.read(token, now=NOW)


async def test_where_keys_cannot_be_had_nobody_is_let_in_or_turned_away() -> None:
    async with PublishedKeys({"registration": "http://127.0.0.1:1"}) as keys:
        with pytest.raises(KeysUnavailable):
            await Reader("matching", keys).read(REGISTRATION.sign(ADVISER, "matching", now=NOW), now=NOW)
