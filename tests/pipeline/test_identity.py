"""Users, known by what they send."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from oven.adapters.database.api_keys import ApiKeyTable
from oven.adapters.database.engine import open_database
from oven.domain.caller import Caller, Scope
from oven.domain.errors import Code, NotFoundError, UnauthorizedError
from oven.pipeline.identity import PREFIX, Identity, Tokens


class Named(Tokens):
    """A provider whose tokens are their subjects."""

    async def subject(self, token: str) -> str:
        return token


@dataclass
class Clock:
    """The time, as a test says it."""

    now_ms: int = 1_000


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
async def identity(tmp_path: Path, clock: Clock) -> AsyncIterator[Identity]:
    async with open_database(tmp_path) as database:
        keys = ApiKeyTable(database=database)
        yield Identity(keys=keys, tokens=Named(), now_ms=lambda: clock.now_ms, new_hex=secrets.token_hex)


async def refusal(identity: Identity, sent: str) -> str:
    with pytest.raises(UnauthorizedError) as caught:
        await identity.caller(sent)
    assert caught.value.code is Code.AUTH_INVALID
    return caught.value.message


async def test_a_key_opens_its_owners_things(identity: Identity) -> None:
    """With the scopes that it was given, and is not stored."""
    key, text = await identity.create("alice", [Scope.READ], expires_ms=None)
    assert await identity.caller(text) == Caller(owner="alice", scopes=frozenset({Scope.READ}))
    (stored,) = await identity.keys.all()
    assert stored == key
    assert text.rpartition("_")[2] not in repr(stored)


async def test_no_two_keys_are_alike(identity: Identity) -> None:
    """Nor short enough to be guessed."""
    texts = {(await identity.create("alice", list(Scope), expires_ms=None))[1] for _ in range(9)}
    assert len(texts) == 9
    assert {len(text) for text in texts} == {len(PREFIX) + 16 + 1 + 64}


async def test_what_opens_nothing(identity: Identity, clock: Clock) -> None:
    """A key that nobody made, that was changed, revoked, or has expired."""
    key, text = await identity.create("alice", list(Scope), expires_ms=2_000)
    for sent in (PREFIX, f"{PREFIX}x_y", text[:-1], text + "0", f"{PREFIX}{key.id}", "oven_\ud83d_x"):
        assert "none of this Oven's" in await refusal(identity, sent)
    assert (await identity.caller(text)).owner == "alice"
    clock.now_ms = 2_000
    assert "expired" in await refusal(identity, text)
    clock.now_ms = 1_500
    assert (await identity.revoke(key.id)).revoked_ms == 1_500
    assert "revoked" in await refusal(identity, text)
    clock.now_ms = 1_700
    assert (await identity.revoke(key.id)).revoked_ms == 1_500


async def test_no_such_key(identity: Identity) -> None:
    """Cannot be revoked."""
    with pytest.raises(NotFoundError):
        await identity.revoke("nobody")


async def test_a_token_names_its_user(identity: Identity) -> None:
    """With all scopes, where a folder can have that name."""
    assert await identity.caller("alice") == Caller(owner="alice")
    assert "cannot name a user" in await refusal(identity, "../alice")
