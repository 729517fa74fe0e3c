"""`oven check --live`."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from oven.adapters.storage.s3 import open_s3
from oven.settings import read_settings
from oven.trial import check_live
from tests.faulty import busy, faulty_store
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server
from tests.site import running_site

BUCKET = "live-results"


def settings(endpoint: str, **changes: str) -> dict[str, str]:
    given = {
        "AT_BLOBS_SPACES_BUCKET": BUCKET,
        "AT_BLOBS_SPACES_KEY": ACCESS_KEY,
        "AT_BLOBS_SPACES_SECRET": SECRET_KEY,
        "AT_BLOBS_SPACES_ENDPOINT": endpoint,
    }
    return given | changes


async def look(environment: dict[str, str]) -> dict[str, tuple[bool, str]]:
    found = await check_live(read_settings(environment))
    return {check.name: (check.is_right, check.found) for check in found if not check.is_warning}


@pytest.fixture
async def bucket(s3: S3Server) -> Any:
    """A client that knows what is left in the bucket."""
    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
        yield client
        listed = await client.list_objects_v2(Bucket=BUCKET)
        assert listed["KeyCount"] == 0


@pytest.mark.usefixtures("bucket")
async def test_a_store_that_works(s3: S3Server) -> None:
    """Written, looked at, read by everybody and deleted; so are private ones, by a link."""
    media = {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT": s3.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }
    found = await look(settings(s3.endpoint) | media)
    said = f"{BUCKET}: an object was written, looked at, read and deleted"
    assert found["AT_BLOBS_SPACES_BUCKET"] == found["S3_BUCKET"] == (True, said)
    assert found["libx264"][0]
    assert found["aac"][0]
    # Told, and left to the daemon.
    is_right, said = found["OVEN_SHORTS_LIFECYCLE"]
    assert is_right
    assert said.startswith(f"the rule oven-shorts of {BUCKET} is set when Oven starts")
    assert "OVEN_SHORTS_LIFECYCLE" not in await look(media | {"OVEN_SHORTS_LIFECYCLE": "false"})


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"AT_BLOBS_SPACES_SECRET": "wrong"}, "SignatureDoesNotMatch [STORAGE_DENIED]"),
        ({"AT_BLOBS_SPACES_BUCKET": "no-such-bucket"}, "NoSuchBucket [STORAGE_DENIED]"),
        ({"AT_BLOBS_SPACES_ENDPOINT": "http://127.0.0.1:9"}, "could not be reached [UPLOAD_FAILED]"),
        ({"AT_BLOBS_CDN": "nobody.invalid"}, "is written, but cannot be read by everybody"),
    ],
)
async def test_what_does_not(s3: S3Server, changes: dict[str, str], said: str) -> None:
    """Is told in words, and nothing is left behind."""
    is_right, found = (await look(settings(s3.endpoint, **changes)))["AT_BLOBS_SPACES_BUCKET"]
    assert not is_right
    assert said in found


@pytest.mark.usefixtures("bucket")
async def test_a_store_that_is_busy_once(s3: S3Server) -> None:
    """Is given another try."""
    async with faulty_store(s3.endpoint) as store:
        store.faults = [busy]
        assert (await look(settings(store.base)))["AT_BLOBS_SPACES_BUCKET"][0]


async def test_an_encoder_that_is_listed_and_fails(tmp_path: Path) -> None:
    """Only a frame shows it."""
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\ncase \"$*\" in *libx264*) echo 'no such device' >&2; exit 1;; esac\n")
    program.chmod(0o755)
    found = await look({"OVEN_FFMPEG": str(program)})
    assert found["libx264"] == (False, "ffmpeg gave up: the encode failed: exit status 1: no such device")
    assert found["aac"][0]


async def test_a_provider_of_identities() -> None:
    """Is asked for its keys; what is wrong with it is told before its users are."""
    async with running_site() as site:
        environment = {"OVEN_JWKS_URL": f"{site.base}/jwks.json"}
        is_right, found = (await look(environment))["OVEN_JWKS_URL"]
        assert not is_right
        assert "could not be fetched" in found
        assert "404" in found
        key = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
        site.files["/jwks.json"] = json.dumps({"keys": [key]}).encode()
        assert (await look(environment))["OVEN_JWKS_URL"] == (
            True,
            "keys that users' tokens may be proved by: 1",
        )
