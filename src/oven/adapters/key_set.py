"""The public keys of an identity provider (JWKS, RFC 7517), fetched and kept."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import aiohttp
import anyio
import jwt
import structlog
from yarl import URL

from oven.adapters.egress import Egress
from oven.domain.errors import Code, OvenError, TransientError, UnauthorizedError

# Of two parties: whoever may prove may not issue.
ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"})
# Providers publish a key long before they use it, and let caches keep it for ten minutes.
FRESH_MS = 600_000
# A provider that cannot be reached must not lock everybody out; one that is gone for long does.
KEPT_MS = 86_400_000
# Tokens that name unknown keys cost one look in so long.
AGAIN_MS = 10_000
# While a provider does not answer, one who is known waits for it no more often than that.
KNOWN_AGAIN_MS = 60_000
TIMEOUT = aiohttp.ClientTimeout(total=5)
MAX_BYTES = 262_144
OK = 200
log = structlog.get_logger("oven.identity")

Fetch = Callable[[], Awaitable[bytes]]


@dataclass(slots=True, kw_only=True)
class KeySet:
    """Gives keys by their ids; `fetch` gives the set as JSON."""

    fetch: Fetch
    now_ms: Callable[[], int]
    _keys: Sequence[jwt.PyJWK] = ()
    # When the set was had, and when it was last asked for.
    _had_ms: int | None = None
    _asked_ms: int | None = None
    _failure: str = ""
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def key(self, key_id: str | None) -> jwt.PyJWK:
        """Find a key; without an id the only one there is.

        Raises:
            UnauthorizedError: AUTH_INVALID, there is no such key.
            TransientError: IDENTITY_UNAVAILABLE, the set could not be had.

        """
        is_known = self._found(key_id) is not None
        # Where the key is known one of many asks whether it still is; the others go on.
        is_due = not self._is_within(self._had_ms, FRESH_MS) and not self._lock.locked()
        if not is_known or is_due:
            async with self._lock:
                # Whoever waited for the lock may find what they need.
                if not self._is_within(self._asked_ms, KNOWN_AGAIN_MS if is_known else AGAIN_MS):
                    await self._refresh()
        self._check_had()
        key = self._found(key_id)
        if key is None:
            raise UnauthorizedError(Code.AUTH_INVALID, "the token is signed by a key that is not known here")
        return key

    async def count(self) -> int:
        """Ask for the set, and tell how many keys are in it that tokens may be proved by.

        Raises:
            TransientError: IDENTITY_UNAVAILABLE.

        """
        await self._refresh()
        self._check_had()
        return len(self._keys)

    def _check_had(self) -> None:
        if not self._is_within(self._had_ms, KEPT_MS):
            raise TransientError(
                Code.IDENTITY_UNAVAILABLE,
                "the keys that users' tokens are proved by could not be fetched",
                hint="Send it again in a few seconds.",
                detail=self._failure,
            )

    def _found(self, key_id: str | None) -> jwt.PyJWK | None:
        if key_id is None and len(self._keys) == 1:
            return self._keys[0]
        return next((key for key in self._keys if key.key_id is not None and key.key_id == key_id), None)

    def _is_within(self, instant_ms: int | None, age_ms: int) -> bool:
        return instant_ms is not None and 0 <= self.now_ms() - instant_ms < age_ms

    async def _refresh(self) -> None:
        self._asked_ms = self.now_ms()
        try:
            self._keys = _keys(await self.fetch())
        except (OvenError, ValueError, RecursionError) as error:
            self._failure = repr(error)
            log.warning("key_set_unavailable", detail=self._failure)
            return
        self._had_ms = self.now_ms()


def _keys(data: bytes) -> Sequence[jwt.PyJWK]:
    """Read a set: its keys, without those that cannot be used here (RFC 7517, 5).

    Raises:
        ValueError: it is none, or has none.

    """
    said = json.loads(data)
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise ValueError("it is no set of keys")  # noqa: TRY004 - what is said is wrong, not who calls
    keys = [key for each in listed if (key := _key(each)) is not None]
    if not keys:
        raise ValueError("it has no key that tokens may be proved by")
    return keys


def _key(said: object) -> jwt.PyJWK | None:
    """Read a key; None where it is for something else, or of a kind that is not known."""
    if not isinstance(said, dict) or said.get("use", "sig") != "sig":
        return None
    if not isinstance(said.get("kid", ""), str) or not isinstance(said.get("alg", ""), str):
        return None
    try:
        key = jwt.PyJWK(said)
    except Exception as error:  # noqa: BLE001 - one odd key must not lock out who uses the others
        log.warning("key_left_out", detail=type(error).__name__)
        return None
    return key if key.algorithm_name in ALGORITHMS else None


async def fetch_key_set(egress: Egress, url: URL) -> bytes:
    """Fetch a set of keys.

    Raises:
        OvenError: DNS_FAILED, TLS_FAILED, DOWNLOAD_FAILED, DOWNLOAD_REJECTED, DOWNLOAD_TIMEOUT, ….

    """
    async with egress.request("GET", url, limits=TIMEOUT, headers={"Accept": "application/json"}) as answer:
        if answer.status != OK:
            raise TransientError(Code.DOWNLOAD_REJECTED, f"the key set's host answered {answer.status}")
        data = bytearray()
        async for chunk in answer.content.iter_any():
            data += chunk
            if len(data) > MAX_BYTES:
                raise TransientError(
                    Code.DOWNLOAD_TOO_LARGE, f"the key set has more than {MAX_BYTES:,} bytes"
                )
        return bytes(data)
