"""Imports from slow hosts into a real store: one pass, and nothing lost or left when the daemon is killed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from oven.adapters.storage.s3 import open_s3
from tests.daemons import Daemon, running_daemon
from tests.imports import MIB, Host, clip, importing, padded, running_host
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server

BUCKET = "media-of-users"
# Twice as much as parts on their way take.
SIZE = 80 * MIB


@pytest.fixture
async def store(s3: S3Server) -> AsyncIterator[Any]:
    """A client of a real store, with an empty bucket."""
    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
        for found in (await client.list_objects_v2(Bucket=BUCKET)).get("Contents", []):
            await client.delete_object(Bucket=BUCKET, Key=found["Key"])
        for left in (await client.list_multipart_uploads(Bucket=BUCKET)).get("Uploads", []):
            await client.abort_multipart_upload(Bucket=BUCKET, Key=left["Key"], UploadId=left["UploadId"])
        yield client


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    """Gives a film of 80 MiB, the first half of it at once."""
    async with running_host(film_mp4=padded(clip(tmp_path), SIZE)) as host:
        host.at_once = SIZE // 2
        yield host


def settings(s3: S3Server) -> dict[str, str]:
    return {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT": s3.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }


async def uploads(store: Any) -> list[Any]:
    found: list[Any] = (await store.list_multipart_uploads(Bucket=BUCKET)).get("Uploads", [])
    return found


async def sent_parts(store: Any, count: int) -> None:
    """Wait until so many parts of an upload are at the store."""
    with anyio.fail_after(30):
        while True:
            for upload in await uploads(store):
                listed = await store.list_parts(Bucket=BUCKET, Key=upload["Key"], UploadId=upload["UploadId"])
                if len(listed.get("Parts", [])) >= count:
                    return
            await anyio.sleep(0.02)


async def keys(store: Any) -> list[str]:
    return [found["Key"] for found in (await store.list_objects_v2(Bucket=BUCKET)).get("Contents", [])]


def resident_bytes(daemon: Daemon) -> int:
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    return int(status.split("VmRSS:", 1)[1].split()[0]) * 1024


async def test_a_film_is_sent_on_while_it_arrives(
    s3: S3Server, store: Any, host: Host, tmp_path: Path
) -> None:
    """Its parts are there before its end is here; nothing of it is seen until it is proved."""
    with running_daemon(tmp_path / "data", **settings(s3)) as daemon:
        async with importing(daemon) as ask:
            _, asset = await ask.post(f"{host.base}/film.mp4")
            await sent_parts(store, 2)
            assert await keys(store) == []
            before = resident_bytes(daemon)
            host.gate.set()
            asset = await ask.settled(asset["id"])
            grown = resident_bytes(daemon) - before
            spans = await ask.spans(asset)
            async with ask.client.get(asset["url"]) as answer:
                assert (answer.content_type, len(await answer.read())) == ("video/mp4", SIZE)
            async with ask.client.get(asset["thumbnail_url"]) as answer:
                assert answer.content_type == "image/jpeg"
    assert (asset["status"], asset["size"]) == ("READY", SIZE)
    assert spans["take.upload"][0] < spans["take.download"][1]
    assert spans["publish-original"][0] >= spans["probe"][1]
    assert await uploads(store) == []
    assert len(await keys(store)) == 2
    # A part or two, and what the client of the store makes of them: never the file.
    assert grown < SIZE


async def test_a_daemon_that_is_killed_in_the_middle(
    s3: S3Server, store: Any, host: Host, tmp_path: Path
) -> None:
    """Brings the asset when it is started again; one object comes of it, no upload is left half done."""
    with running_daemon(tmp_path / "data", **settings(s3)) as daemon:
        async with importing(daemon) as ask:
            _, asset = await ask.post(f"{host.base}/film.mp4")
            await sent_parts(store, 1)
        daemon.kill()
    assert len(await uploads(store)) == 1
    host.gate.set()
    with running_daemon(tmp_path / "data", **settings(s3)) as daemon:
        async with importing(daemon) as ask:
            asset = await ask.settled(asset["id"])
        daemon.stop()
    assert (asset["status"], asset["size"]) == ("READY", SIZE)
    assert await uploads(store) == []
    assert sorted(key.rpartition("/")[2] for key in await keys(store)) == ["original.mp4", "thumbnail.jpg"]
    assert not list((tmp_path / "data" / "work").iterdir())


async def test_what_is_refused_leaves_nothing(s3: S3Server, store: Any, host: Host, tmp_path: Path) -> None:
    """Neither at the store nor here: the upload is taken back as soon as the file is known to be none."""
    host.files["/film.mp4"] = b"#EXTM3U\n" + bytes(20 * MIB)
    host.gate.set()
    with running_daemon(tmp_path / "data", **settings(s3)) as daemon:
        async with importing(daemon) as ask:
            asset = await ask.brought(f"{host.base}/film.mp4")
            assert (asset["status"], asset["error"]["code"]) == ("FAILED", "MEDIA_UNSUPPORTED")
            assert asset["metadata"]["error"] == asset["error"]["message"]
    assert await keys(store) == []
    assert await uploads(store) == []


async def test_a_cancelled_import_leaves_nothing(
    s3: S3Server, store: Any, host: Host, tmp_path: Path
) -> None:
    """The asset has failed, and says why; deleting one on its way does the same."""
    with running_daemon(tmp_path / "data", **settings(s3)) as daemon:
        async with importing(daemon) as ask:
            _, first = await ask.post(f"{host.base}/film.mp4")
            await sent_parts(store, 1)
            assert (await ask.ask("DELETE", f"/v1/jobs/{first['metadata']['import_job_id']}"))[0] == 200
            asset = await ask.settled(first["id"])
            assert (asset["status"], asset["error"]["code"]) == ("FAILED", "CANCELLED")
            _, second = await ask.post(f"{host.base}/film.mp4", name="second")
            await sent_parts(store, 1)
            assert (await ask.ask("DELETE", f"/api/v1/media/{second['id']}"))[0] == 204
            assert (await ask.ask("GET", f"/api/v1/media/{second['id']}"))[0] == 404
            with anyio.fail_after(20):
                while await uploads(store):
                    await anyio.sleep(0.02)
    assert await keys(store) == []
