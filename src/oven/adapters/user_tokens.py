"""Users' JWTs, as an identity provider such as Supabase issues them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from oven.adapters.key_set import ALGORITHMS, KeySet
from oven.domain.errors import Code, UnauthorizedError
from oven.pipeline.identity import Tokens

SHARED = "HS256"
# Clocks of two machines differ.
LEEWAY_S = 10
# A provider's tokens for nobody (Supabase's anon and service_role) have no subject.
NEEDED = ["exp", "sub"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTokens(Tokens):
    """The `Tokens` port: proved by a shared secret (HS256), by a provider's public keys, or by either.

    Which of them a token is proved by follows from its algorithm, and a key serves its own alone: a public
    key never stands for a secret (RFC 8725, 3.1).
    `audience` and `issuer` are what `aud` and `iss` must be, where they are set.
    """

    secret: str = ""
    key_set: KeySet | None = None
    audience: str = ""
    issuer: str = ""

    async def subject(self, token: str) -> str:
        if not (self.secret or self.key_set):
            raise UnauthorizedError(Code.AUTH_INVALID, "this is neither the admin's token nor an API key")
        try:
            header = jwt.get_unverified_header(token)
            key, algorithms = await self._key(str(header.get("alg", "")), header.get("kid"))
            claims = self._claims(token, key, algorithms)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            # Also what a stranger's JSON makes a library stumble over.
            raise UnauthorizedError(Code.AUTH_INVALID, _reason(error), detail=repr(error)) from error
        return str(claims["sub"])

    async def _key(self, algorithm: str, key_id: object) -> tuple[Any, Sequence[str]]:
        if algorithm == SHARED and self.secret:
            return self.secret, [SHARED]
        if algorithm in ALGORITHMS and self.key_set is not None:
            key = await self.key_set.key(key_id if isinstance(key_id, str) else None)
            return key, [key.algorithm_name]
        raise UnauthorizedError(Code.AUTH_INVALID, "the token is signed in a way that is not taken here")

    def _claims(self, token: str, key: Any, algorithms: Sequence[str]) -> dict[str, Any]:
        return jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=self.audience or None,
            issuer=self.issuer or None,
            leeway=LEEWAY_S,
            options={"require": NEEDED, "verify_aud": bool(self.audience)},
        )


def _reason(error: Exception) -> str:  # noqa: PLR0911 - one a kind
    """Say why a token proves nobody; claims are looked at only once its signature is right."""
    match error:
        case jwt.ExpiredSignatureError():
            return "the token has expired"
        case jwt.ImmatureSignatureError():
            return "the token is not valid yet"
        case jwt.MissingRequiredClaimError():
            return f"the token has no {error.claim}, so it proves no user"
        case jwt.InvalidAudienceError():
            return "the token is for somebody else (aud)"
        case jwt.InvalidIssuerError():
            return "the token was issued by somebody else (iss)"
        case jwt.InvalidSignatureError():
            return "the token's signature is wrong"
        case _:
            return "this is neither the admin's token, nor an API key, nor a user's token"
