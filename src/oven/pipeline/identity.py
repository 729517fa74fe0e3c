"""Users, known by what they send: an API key, or a JWT that somebody else has issued."""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from oven.domain.caller import Caller, Scope, is_owner
from oven.domain.errors import Code, NotFoundError, UnauthorizedError

# Tells keys of ours from everything else, in the hands of people and of scanners for secrets.
PREFIX = "oven_"
ID_BYTES, SECRET_BYTES = 8, 32
FORM = re.compile(rf"{PREFIX}([0-9a-f]{{{2 * ID_BYTES}}})_[0-9a-f]{{{2 * SECRET_BYTES}}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is stored: by the SHA-256 of its text, which is random and long.

    Instants are milliseconds since 1970, UTC; without `expires_ms` it does not expire.
    """

    id: str
    owner: str
    scopes: frozenset[Scope]
    digest: str
    created_ms: int
    expires_ms: int | None = None
    revoked_ms: int | None = None


class ApiKeys(Protocol):
    """Where keys are kept.

    Raises:
        TransientError: STORE_UNAVAILABLE, from every method.

    """

    async def add(self, key: ApiKey) -> None: ...

    async def get(self, key_id: str) -> ApiKey | None: ...

    async def all(self, *, owner: str | None = None) -> Sequence[ApiKey]:
        """List keys, newest first: all, or one owner's."""
        ...

    async def revoke(self, key_id: str, *, now_ms: int) -> ApiKey | None:
        """Let a key open nothing any more; one that was revoked before keeps its instant."""
        ...


class Tokens(Protocol):
    """Users' JWTs."""

    async def subject(self, token: str) -> str:
        """Give the user that a token proves.

        Raises:
            UnauthorizedError: AUTH_INVALID.
            TransientError: IDENTITY_UNAVAILABLE, the keys that it is proved by could not be had.

        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Makes, lists and revokes API keys, and tells who sent one; `new_hex` gives so many random bytes."""

    keys: ApiKeys
    tokens: Tokens
    now_ms: Callable[[], int]
    new_hex: Callable[[int], str]

    async def caller(self, sent: str) -> Caller:
        """Tell who sends an API key or a JWT.

        Raises:
            UnauthorizedError: AUTH_INVALID.
            TransientError: STORE_UNAVAILABLE, IDENTITY_UNAVAILABLE.

        """
        if sent.startswith(PREFIX):
            return await self._holder(sent)
        owner = await self.tokens.subject(sent)
        if not is_owner(owner):
            raise UnauthorizedError(Code.AUTH_INVALID, "the token's sub cannot name a user here")
        return Caller(owner=owner)

    async def create(
        self, owner: str, scopes: Collection[Scope], *, expires_ms: int | None
    ) -> tuple[ApiKey, str]:
        """Make a key → it, and its text, which is known this once."""
        key_id = self.new_hex(ID_BYTES)
        text = f"{PREFIX}{key_id}_{self.new_hex(SECRET_BYTES)}"
        key = ApiKey(
            id=key_id,
            owner=owner,
            scopes=frozenset(scopes),
            digest=_digest(text),
            created_ms=self.now_ms(),
            expires_ms=expires_ms,
        )
        await self.keys.add(key)
        return key, text

    async def revoke(self, key_id: str) -> ApiKey:
        """Let a key open nothing any more, from now on.

        Raises:
            NotFoundError: NOT_FOUND.

        """
        key = await self.keys.revoke(key_id, now_ms=self.now_ms())
        if key is None:
            raise NotFoundError(Code.NOT_FOUND, "there is no such key")
        return key

    async def _holder(self, sent: str) -> Caller:
        named = FORM.fullmatch(sent)
        key = await self.keys.get(named[1]) if named else None
        if key is None or not hmac.compare_digest(key.digest, _digest(sent)):
            raise UnauthorizedError(Code.AUTH_INVALID, "this API key is none of this Oven's")
        if key.revoked_ms is not None:
            raise UnauthorizedError(Code.AUTH_INVALID, "this API key was revoked")
        if key.expires_ms is not None and key.expires_ms <= self.now_ms():
            raise UnauthorizedError(Code.AUTH_INVALID, "this API key has expired")
        return Caller(owner=key.owner, scopes=key.scopes)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
