"""Who is let in, put together."""

import json
import time
from pathlib import Path

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.daemons import running_daemon
from tests.doors.conftest import OUTSIDE
from tests.site import running_site

KEY = ec.generate_private_key(ec.SECP256R1())


async def status(base: str, **claims: object) -> int:
    given = {"sub": "alice", "aud": "authenticated", "iss": "us", "exp": int(time.time()) + 60} | claims
    token = jwt.encode(given, KEY, algorithm="ES256", headers={"kid": "a"})
    headers = OUTSIDE | {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as client, client.get(f"{base}/v1/jobs", headers=headers) as answer:
        return answer.status


async def test_a_provider_of_identities(tmp_path: Path) -> None:
    """Is asked for its public keys where the operator says, though private; while it is away, 503."""
    key = json.loads(ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "a"}
    async with running_site() as site:
        settings = {
            "OVEN_JWKS_URL": f"{site.base}/jwks.json",
            "OVEN_JWT_AUDIENCE": "authenticated",
            "OVEN_JWT_ISSUER": "us",
            "OVEN_EGRESS_ALLOW": "",
        }
        with running_daemon(tmp_path / "without", **settings) as daemon:
            assert await status(daemon.base) == 503
        site.files["/jwks.json"] = json.dumps({"keys": [key]}).encode()
        with running_daemon(tmp_path / "data", **settings) as daemon:
            assert await status(daemon.base) == 200
            assert await status(daemon.base, aud="anon") == 401
            assert await status(daemon.base, iss="them") == 401
        assert site.fetched == ["/jwks.json"] * 2
