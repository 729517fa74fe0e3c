"""An identity provider's public keys."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from yarl import URL

from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.key_set import AGAIN_MS, FRESH_MS, KEPT_MS, MAX_BYTES, KeySet, fetch_key_set
from oven.domain.errors import Code, OvenError, TransientError, UnauthorizedError
from tests.site import running_site

JWK = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))


def key_set(*ids: str | None) -> bytes:
    return json.dumps({"keys": [JWK | ({"kid": key_id} if key_id else {}) for key_id in ids]}).encode()


@dataclass
class Provider:
    """Answers with the sets in order, then with the last again; fails where there is none."""

    sets: Sequence[bytes | None]
    now_ms: int = 0
    asked: int = 0
    hold: anyio.Event = field(default_factory=anyio.Event)

    async def fetch(self) -> bytes:
        self.asked += 1
        await self.hold.wait()
        found = self.sets[min(self.asked, len(self.sets)) - 1]
        if found is None:
            raise TransientError(Code.DOWNLOAD_FAILED, "the host could not be reached")
        return found

    def keys(self) -> KeySet:
        return KeySet(fetch=self.fetch, now_ms=lambda: self.now_ms)


def provider(*sets: bytes | None) -> Provider:
    made = Provider(sets)
    made.hold.set()
    return made


async def test_asked_once_for_many() -> None:
    """However many ask at once, and until it is old."""
    there = Provider([key_set("a", "b")])
    keys = there.keys()
    async with anyio.create_task_group() as group:
        for _ in range(9):
            group.start_soon(keys.key, "a")
        await anyio.wait_all_tasks_blocked()
        there.hold.set()
    there.now_ms = FRESH_MS - 1
    assert (await keys.key("b")).key_id == "b"
    assert there.asked == 1
    there.now_ms = FRESH_MS
    await keys.key("b")
    assert there.asked == 2


async def test_a_new_key() -> None:
    """Is looked for at once, but not as often as strangers name one."""
    there = provider(key_set("a"), key_set("a", "b"))
    keys = there.keys()
    await keys.key("a")
    there.now_ms = AGAIN_MS
    assert (await keys.key("b")).key_id == "b"
    for _ in range(9):
        with pytest.raises(UnauthorizedError):
            await keys.key("c")
    assert there.asked == 2


async def test_a_key_that_is_gone() -> None:
    """Proves nothing any more once the new set is there."""
    there = provider(key_set("a"), key_set("b"))
    keys = there.keys()
    await keys.key("a")
    there.now_ms = FRESH_MS
    with pytest.raises(UnauthorizedError):
        await keys.key("a")


async def test_a_provider_that_is_away() -> None:
    """What is known still counts, for a day; without any it is our trouble, not the caller's."""
    there = provider(key_set("a"), None)
    keys = there.keys()
    await keys.key("a")
    there.now_ms = KEPT_MS - 1
    assert (await keys.key("a")).key_id == "a"
    there.now_ms = KEPT_MS
    with pytest.raises(TransientError) as caught:
        await keys.key("a")
    assert caught.value.code is Code.IDENTITY_UNAVAILABLE


@pytest.mark.parametrize(
    "said",
    [None, b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": [7]}', b"\xff", b'{"keys": []}', b"[" * 100_000],
)
async def test_no_set(said: bytes | None) -> None:
    """Is told as what it is, and not asked for again at once."""
    there = provider(said)
    keys = there.keys()
    for _ in range(3):
        with pytest.raises(TransientError) as caught:
            await keys.key("a")
        assert caught.value.code is Code.IDENTITY_UNAVAILABLE
    assert there.asked == 1


@pytest.mark.parametrize(
    "odd",
    [
        7,
        {},
        {"kty": "oct", "alg": "none", "k": "eA"},
        {"kty": "RSA", "kid": "a", "n": "x"},
        JWK | {"kid": ["a"]},
        JWK | {"kid": {}},
        JWK | {"alg": ["ES256"]},
        JWK | {"alg": "ES999", "kid": "c"},
        JWK | {"use": "enc", "kid": "d"},
        {"kty": "oct", "kid": "e", "k": "c2VjcmV0"},
    ],
)
async def test_an_odd_key(odd: object) -> None:
    """Is left out; the others serve as before."""
    there = provider(json.dumps({"keys": [odd, JWK | {"kid": "good"}]}).encode())
    keys = there.keys()
    assert (await keys.key("good")).key_id == "good"
    assert await keys.count() == 1


async def test_nobody_who_is_known_waits_for_others() -> None:
    """While one asks a provider that hangs, who has a known key goes on."""
    there = provider(key_set("a"), key_set("a"))
    keys = there.keys()
    await keys.key("a")
    there.now_ms, there.hold = FRESH_MS, anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(keys.key, "a")
        await anyio.wait_all_tasks_blocked()
        with anyio.fail_after(1):
            assert (await keys.key("a")).key_id == "a"
        there.hold.set()
    assert there.asked == 2


async def test_a_set_of_one() -> None:
    """Needs no name."""
    assert (await provider(key_set(None)).keys().key(None)).algorithm_name == "ES256"
    assert (await provider(key_set("a")).keys().key(None)).key_id == "a"
    for many in (key_set("a", "b"), key_set(None, None)):
        with pytest.raises(UnauthorizedError):
            await provider(many).keys().key(None)
    assert await provider(key_set(None, None)).keys().count() == 2


async def test_fetched() -> None:
    """From where the operator says; what is missing, elsewhere or endless is refused."""
    async with running_site() as site:
        site.files |= {"/jwks.json": key_set("a"), "/large": b"x" * (MAX_BYTES + 1)}
        egress = Egress(policy=EgressPolicy(hosts=frozenset({"127.0.0.1"})))
        assert await fetch_key_set(egress, URL(f"{site.base}/jwks.json")) == key_set("a")
        for path, code in (("/none", Code.DOWNLOAD_REJECTED), ("/large", Code.DOWNLOAD_TOO_LARGE)):
            with pytest.raises(OvenError) as caught:
                await fetch_key_set(egress, URL(site.base + path))
            assert caught.value.code is code
