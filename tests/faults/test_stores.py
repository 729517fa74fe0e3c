"""The daemon with its results in a real S3 store, also when that fails."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from oven.adapters.storage.s3 import open_s3
from tests.daemons import Daemon, running_daemon
from tests.faulty import FaultyStore, busy, faulty_store, reset
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server
from tests.site import Site, running_site
from tests.tapes import small_entries, write_zip

BLOBS, ART = "at-blobs", "art-tapes"


@pytest.fixture
async def store(s3: S3Server) -> AsyncIterator[FaultyStore]:
    """Both buckets, the results' one empty, behind a proxy that fails on command."""
    async with open_s3(s3.account()) as client, faulty_store(s3.endpoint) as made:
        for bucket in (BLOBS, ART):
            await client.create_bucket(Bucket=bucket)
        for found in (await client.list_objects_v2(Bucket=BLOBS)).get("Contents", []):
            await client.delete_object(Bucket=BLOBS, Key=found["Key"])
        yield made


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site() as made:
        made.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        yield made


def settings(store: FaultyStore, *, secret: str = SECRET_KEY) -> dict[str, str]:
    return {
        "AT_BLOBS_SPACES_BUCKET": BLOBS,
        "AT_BLOBS_SPACES_KEY": ACCESS_KEY,
        "AT_BLOBS_SPACES_SECRET": secret,
        "AT_BLOBS_SPACES_ENDPOINT": store.base,
    }


async def post(daemon: Daemon, site: Site, **changes: object) -> str:
    """Post a tape → the job's id."""
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{daemon.base}/bake", json=site.ask("tape", **changes)) as answer,
    ):
        assert answer.status == 202, await answer.text()
        return str((await answer.json())["jobId"])


async def bake(daemon: Daemon, site: Site, **changes: object) -> tuple[str, dict[str, Any]]:
    """Post a tape and wait for its callback → the job's id, and the callback's body."""
    job_id = await post(daemon, site, **changes)
    received = (await site.wait_for(len(site.received) + 1))[-1]
    return job_id, orjson.loads(received.body)


async def get(url: str) -> tuple[int, bytes, dict[str, str]]:
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def test_results_and_private_sources(
    s3: S3Server, store: FaultyStore, site: Site, tmp_path: Path
) -> None:
    """A tape that nobody else may read becomes objects that everybody may."""
    private = f"{s3.endpoint}/{ART}/auth0|7/2025.zip"
    async with open_s3(s3.account()) as client:
        await client.put_object(Bucket=ART, Key="auth0|7/2025.zip", Body=site.files["/tape.zip"])
    assert (await get(private))[0] == 403
    art = {
        "ART_SPACES_BUCKET": ART,
        "ART_SPACES_KEY": ACCESS_KEY,
        "ART_SPACES_SECRET": SECRET_KEY,
        "ART_SPACES_ENDPOINT": s3.endpoint,
    }
    with running_daemon(tmp_path / "data", **settings(store), **art) as daemon:
        _, told = await bake(daemon, site, zipUrl=private, code="aBc")
        status, _, _ = await get(f"{daemon.base}/health")
        assert status == 200
    assert told["status"] == "complete"
    assert told["mp4Url"] == f"{store.base}/{BLOBS}/tapes/aBc.mp4"
    for url, kind in ((told["mp4Url"], "video/mp4"), (told["thumbnailUrl"], "image/jpeg")):
        status, body, headers = await get(url)
        assert (status, headers["Content-Type"]) == (200, kind)
        assert headers["Cache-Control"] == "public, max-age=3600"
        if kind == "video/mp4":
            assert len(body) == told["size"]
    assert not (tmp_path / "data" / "files").exists()


async def test_a_store_that_is_busy_and_breaks_off(store: FaultyStore, site: Site, tmp_path: Path) -> None:
    """The job is tried again without a second encode; one object and one callback come of it."""
    with running_daemon(tmp_path / "data", **settings(store)) as daemon:
        # All three tries of the first attempt; one of the second.
        store.faults = [busy, busy, busy, reset]
        job_id, told = await bake(daemon, site)
        assert told["status"] == "complete"
        attempts = orjson.loads((await get(f"{daemon.base}/v1/jobs/{job_id}/timeline"))[1])["attempts"]
    assert [attempt["endedAs"] for attempt in attempts] == ["retrying", "done"]
    assert attempts[0]["error"]["code"] == "UPLOAD_FAILED"
    outcomes = {step["name"]: step["outcome"] for step in attempts[1]["steps"]}
    assert (outcomes["encode"], outcomes["publish-video"]) == ("reused", "done")
    assert len(site.received) == 1
    assert len((await get(told["mp4Url"]))[1]) == told["size"]


async def test_a_store_that_keeps_less(store: FaultyStore, site: Site, tmp_path: Path) -> None:
    """Nothing is announced before the store says that it has every byte."""
    with running_daemon(tmp_path / "data", **settings(store)) as daemon:
        store.lie_bytes = -1
        job_id = await post(daemon, site)
        error = None
        while error is None:
            error = orjson.loads((await get(f"{daemon.base}/v1/jobs/{job_id}"))[1])["error"]
        assert error["code"] == "UPLOAD_VERIFY_FAILED"
        assert site.received == []
        store.lie_bytes = 0
        await site.wait_for(1)
    assert orjson.loads(site.received[0].body)["status"] == "complete"


async def test_a_wrong_secret_key(store: FaultyStore, site: Site, tmp_path: Path) -> None:
    """The operator's to mend: told at once, not tried again, and health is red."""
    with running_daemon(tmp_path / "data", **settings(store, secret="wrong")) as daemon:
        status, body, _ = await get(f"{daemon.base}/health")
        assert (status, orjson.loads(body)["checks"]["storage"]) == (503, "STORAGE_DENIED")
        job_id, told = await bake(daemon, site)
        assert (told["status"], told["errorCode"]) == ("error", "STORAGE_DENIED")
        assert orjson.loads((await get(f"{daemon.base}/v1/jobs/{job_id}"))[1])["attempt"] == 1
    assert "wrong" not in str(told)
