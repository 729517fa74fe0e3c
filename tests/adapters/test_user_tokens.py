"""Users' JWTs."""

import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

from oven.adapters.clock import wall_ms
from oven.adapters.key_set import KeySet
from oven.adapters.user_tokens import UserTokens
from oven.domain.errors import Code, UnauthorizedError

SECRET = "the secret of an identity provider that is long enough for every hash there is"
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
CURVE = ec.generate_private_key(ec.SECP256R1())


def claims(**changes: Any) -> dict[str, Any]:
    """Give the claims of a token as Supabase issues it."""
    usual = {
        "iss": "https://project.supabase.co/auth/v1",
        "sub": "3f6c0e2a-1b0d-4c55-9e8e-0d7f6f1f2a3b",
        "aud": "authenticated",
        "role": "authenticated",
        "iat": int(time.time()),
        "exp": int(time.time()) + 3_600,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", kid: str | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def public_keys() -> KeySet:
    keys = [
        json.loads(RSAAlgorithm.to_jwk(RSA.public_key())) | {"kid": "r", "alg": "RS256"},
        json.loads(ECAlgorithm.to_jwk(CURVE.public_key())) | {"kid": "e", "alg": "ES256"},
        # A secret among public keys is none.
        {"kty": "oct", "kid": "s", "alg": "HS256", "k": "c2VjcmV0IG9mIGV2ZXJ5Ym9keSB3aG8gYXNrcw"},
    ]

    async def fetch() -> bytes:
        return json.dumps({"keys": keys}).encode()

    return KeySet(fetch=fetch, now_ms=wall_ms)


BOTH = UserTokens(secret=SECRET, key_set=public_keys())


async def refusal(tokens: UserTokens, token: str) -> str:
    with pytest.raises(UnauthorizedError) as caught:
        await tokens.subject(token)
    assert caught.value.code is Code.AUTH_INVALID
    return caught.value.message


@pytest.mark.parametrize(
    "token", [signed(), signed(RSA, "RS256", "r"), signed(CURVE, "ES256", "e"), signed(kid="whichever")]
)
async def test_proved(token: str) -> None:
    """By the secret, or by a public key: both may be in use while a provider changes over."""
    assert await BOTH.subject(token) == claims()["sub"]


PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def forged_with_the_public_key() -> str:
    """Sign with the public key as if it were a secret; a check that trusts the header would be content."""
    parts = ({"alg": "HS256", "typ": "JWT", "kid": "r"}, claims())
    text = ".".join(base64url_encode(json.dumps(part).encode()).decode() for part in parts)
    return f"{text}.{base64url_encode(hmac.digest(PEM, text.encode(), 'sha256')).decode()}"


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (signed("the secret of somebody else that is as long as ours is"), "signature is wrong"),
        (signed("", "none"), "not taken"),
        (signed(algorithm="HS512"), "not taken"),
        (signed(ec.generate_private_key(ec.SECP256R1()), "ES256", "e"), "signature is wrong"),
        (signed(CURVE, "ES256", "r"), "neither the admin's"),
        (signed(RSA, "RS256", "e"), "neither the admin's"),
        (signed(RSA, "RS256", "s"), "not known"),
        (signed(RSA, "RS256", "unknown"), "not known"),
        (signed(RSA, "PS256", "r"), "neither the admin's"),
        (forged_with_the_public_key(), "signature is wrong"),
        (signed(exp=int(time.time()) - 60), "expired"),
        (signed(nbf=int(time.time()) + 3_000), "not valid yet"),
        (signed(exp=None), "has no exp"),
        # Supabase's own tokens for nobody.
        (signed(sub=None, role="anon"), "has no sub"),
        ("", "neither the admin's"),
        ("a.b", "neither the admin's"),
        ("a.b.c", "neither the admin's"),
        ("e30.e30.e30", "not taken"),
        ("bnVsbA.bnVsbA.bnVsbA", "neither the admin's"),
        ("eyJhbGciOlsiSFMyNTYiXX0.e30.", "not taken"),
        # Whole bytes are cut off: of a part of one, a strict decoder says that it is no base64.
        (signed()[:-3], "signature is wrong"),
        ("é.é.é", "neither the admin's"),
    ],
)
async def test_not_proved(token: str, said: str) -> None:
    """401, whatever is in it."""
    assert said in await refusal(BOTH, token)


async def test_whom_it_is_for_and_whose_it_is() -> None:
    """Are compared where the operator says what they must be."""
    strict = UserTokens(secret=SECRET, audience="authenticated", issuer=claims()["iss"])
    assert await strict.subject(signed())
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"aud": "another"}, "(aud)"),
        ({"aud": None}, "has no aud"),
        ({"iss": "https://another"}, "(iss)"),
        ({"iss": None}, "has no iss"),
    ]
    for changes, said in wrong:
        assert said in await refusal(strict, signed(**changes))


async def test_without_a_provider() -> None:
    """Nothing is a token."""
    assert "neither the admin's token nor an API key" in await refusal(UserTokens(), signed())


async def test_each_kind_needs_its_own() -> None:
    """A secret alone proves no public key's token, and the other way round."""
    assert "not taken" in await refusal(UserTokens(secret=SECRET), signed(RSA, "RS256", "r"))
    assert "not taken" in await refusal(UserTokens(key_set=public_keys()), signed())
