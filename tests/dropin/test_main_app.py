"""Oven in the place of the service that the main app was written for: both the app's ends in Node."""

import base64
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import anyio
import pytest
from standardwebhooks.webhooks import Webhook

from oven.adapters.storage.s3 import open_s3
from tests.daemons import Daemon
from tests.dropin.conftest import BUCKET, CALLBACK, FRAMES, LAST_S, TAPE, TOKEN
from tests.media_files import frame_times_s, probe
from tests.s3 import S3Server
from tests.site import Site

APP = Path(__file__).with_name("convert.mjs")
MONGO_ID = "507f1f77bcf86cd799439011"
COMPLETE = {"mongoId", "mp4Url", "status", "duration", "size", "resolution"}
ERROR = {"mongoId", "status", "error"}


def asked(site: Site, path: str = TAPE, **changes: object) -> dict[str, object]:
    """Give what the app posts, but for its callbackUrl."""
    metadata = {
        "frameCount": FRAMES,
        "totalDuration": 1267,
        "piece": "wand",
        "scale": 6,
        "originalSize": [64, 48],
        "scaledSize": [384, 288],
    }
    return {
        "mongoId": MONGO_ID,
        "bucket": BUCKET,
        "slug": "wand-1729177200000",
        "zipUrl": site.base + path,
        "metadata": metadata,
        **changes,
    }


async def convert(daemon: Daemon, body: object, *, token: str = TOKEN) -> dict[str, Any]:
    """Let the app post a tape, and wait until it has its callback."""
    environment = {
        "PATH": os.environ["PATH"],
        "MP4_SERVICE_URL": daemon.base,
        "MP4_SERVICE_TOKEN": token,
        "CALLBACK_AUTH_TOKEN": CALLBACK,
    }
    with anyio.fail_after(40):
        done = await anyio.run_process(["node", str(APP), json.dumps(body)], env=environment, stderr=None)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def check_callback(said: dict[str, Any]) -> dict[str, Any]:
    """See that the app took it, and that the library takes it, too → its body."""
    taken = said["callback"]
    assert (taken["isOurs"], taken["isSigned"], taken["isForgeable"]) == (True, True, False)
    assert (taken["method"], taken["url"]) == ("POST", "/.netlify/functions/tape-mp4-complete")
    Webhook(CALLBACK.encode()).verify(taken["body"], taken["headers"])
    told: dict[str, Any] = json.loads(taken["body"])
    assert told.pop("jobId") == said["answer"]["jobId"]
    return told


def check_video(said: dict[str, Any], file: Path) -> str:
    """See that every field of the callback is so → the video's address."""
    told = check_callback(said)
    assert set(told) == COMPLETE
    assert (told["mongoId"], told["status"], told["resolution"]) == (MONGO_ID, "complete", [384, 288])
    assert (said["video"]["status"], said["video"]["type"]) == (200, "video/mp4")
    file.write_bytes(base64.b64decode(said["video"]["bytes"]))
    assert told["size"] == file.stat().st_size
    (stream,) = probe(file)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 384, 288)
    assert (stream["r_frame_rate"], stream["avg_frame_rate"]) == ("30/1", "30/1")
    times = frame_times_s(file)
    assert times == pytest.approx([slot / 30 for slot in range(len(times))], abs=1e-3)
    assert told["duration"] == pytest.approx(len(times) / 30)
    assert told["duration"] == pytest.approx(0.05 * (FRAMES - 1) + LAST_S, abs=1 / 30)
    return str(told["mp4Url"])


async def test_a_tape_of_the_main_app(local: Daemon, site: Site, tmp_path: Path) -> None:
    """Answered with 202, called back with every field that it reads, and all of it is so."""
    said = await convert(local, asked(site))
    assert (said["status"], set(said["answer"])) == (202, {"status", "jobId"})
    path = unquote(urlsplit(check_video(said, tmp_path / "v.mp4")).path)
    assert path.endswith(f"/{BUCKET}/auth0|123/wand-1729177200000.mp4")
    assert site.fetched == [TAPE]


async def test_an_object_in_the_bucket(s3: S3Server, cloud: Daemon, site: Site, tmp_path: Path) -> None:
    """By the key that the app knows; whoever has its address may read it, and no more than that."""
    said = await convert(cloud, asked(site))
    key = "auth0|123/wand-1729177200000.mp4"
    assert unquote(check_video(said, tmp_path / "v.mp4")) == f"{s3.endpoint}/{BUCKET}/{key}"
    async with open_s3(s3.account()) as client:
        found = await client.head_object(Bucket=BUCKET, Key=key)
        acl = await client.get_object_acl(Bucket=BUCKET, Key=key)
    assert found["ContentType"] == "video/mp4"
    grants = [grant for grant in acl["Grants"] if grant["Grantee"].get("URI", "").endswith("/AllUsers")]
    assert [grant["Permission"] for grant in grants] == ["READ"]
    async with aiohttp.ClientSession() as client, client.get(f"{s3.endpoint}/{BUCKET}") as answer:
        assert answer.status == 403


async def test_a_tape_that_is_broken(local: Daemon, site: Site) -> None:
    """The app is told in words what it stores beside the tape."""
    site.files["/auth0|123/broken.zip"] = b"no zip"
    told = check_callback(await convert(local, asked(site, "/auth0|123/broken.zip", slug="broken")))
    assert set(told) == ERROR | {"errorCode"}
    assert (told["mongoId"], told["status"], told["errorCode"]) == (MONGO_ID, "error", "ZIP_INVALID")
    assert "ZIP" in told["error"]


@pytest.mark.parametrize("token", ["", "another"])
async def test_an_app_with_a_wrong_token(local: Daemon, site: Site, token: str) -> None:
    """Is refused, in the words that it reads, and no tape is fetched."""
    said = await convert(local, asked(site), token=token)
    assert said["status"] == 401
    assert "token" in said["answer"]["error"]
    assert site.fetched == []
