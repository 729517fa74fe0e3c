"""Direct uploads, asked over HTTP, and sent as a client would."""

import hashlib
import io
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import anyio
import pytest
from botocore.exceptions import ClientError

from oven.adapters.storage.s3 import open_s3
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import ADMIN
from tests.imports import MIB, Importer, clip, importing, padded
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server

PATH = "/api/v1/media"
BUCKET = "uploads-of-users"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Of a bit more than two parts."""
    return padded(clip(tmp_path_factory.mktemp("clip")), 17 * MIB)


@pytest.fixture(scope="module")
async def cloud(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Daemon]:
    """A daemon that keeps assets in a real store."""
    async with open_s3(s3.account()) as client:
        await client.create_bucket(Bucket=BUCKET)
    settings = {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT": s3.endpoint,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "OVEN_ADMIN_TOKEN": "the admin's token",
    }
    with running_daemon(tmp_path_factory.mktemp("uploads") / "data", **settings) as daemon:
        yield daemon


@pytest.fixture(params=["local", "s3"])
def place(request: pytest.FixtureRequest) -> Daemon:
    """Each kind of store."""
    daemon: Daemon = request.getfixturevalue("daemon" if request.param == "local" else "cloud")
    return daemon


@pytest.fixture
async def ask(place: Daemon) -> AsyncIterator[Importer]:
    async with importing(place, **ADMIN) as ask:
        yield ask


async def begin(ask: Importer, **fields: Any) -> dict[str, Any]:
    status, asset = await ask.ask("POST", PATH, json=fields)
    assert status == 201, asset
    return asset


async def send(ask: Importer, asset: dict[str, Any], data: bytes, numbers: Iterable[int]) -> None:
    """Put some of the parts, as any client would: without a token."""
    size = asset["upload"]["part_size"]
    for number in numbers:
        part = asset["upload"]["parts"][number - 1]
        chunk = data[(number - 1) * size : number * size]
        assert len(chunk) == part["size"]
        async with ask.client.put(part["url"], data=io.BytesIO(chunk)) as answer:
            assert answer.status == 200, await answer.text()


async def test_the_bucket_knows_of_shorts(cloud: Daemon, s3: S3Server) -> None:
    """Soon after the start, by the daemon's own doing."""
    del cloud
    async with open_s3(s3.account()) as client:
        with anyio.fail_after(10):
            while True:
                try:
                    told = await client.get_bucket_lifecycle_configuration(Bucket=BUCKET)
                    break
                except ClientError:
                    await anyio.sleep(0.05)
    assert [rule["ID"] for rule in told["Rules"]] == ["oven-shorts"]


async def test_a_film_in_parts(ask: Importer, film: bytes) -> None:
    """In any order; nothing is there before it is complete, and proved."""
    asset = await begin(ask, name="film.mp4", size=len(film), tags=["t"], metadata={"mine": 1})
    assert (asset["status"], asset["url"], asset["size"]) == ("PENDING_UPLOAD", "", 0)
    assert [part["number"] for part in asset["upload"]["parts"]] == [1, 2, 3]
    await send(ask, asset, film, [3, 1])
    status, problem = await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={})
    assert (status, problem["code"]) == (400, "UPLOAD_INCOMPLETE")
    assert "part 2" in problem["error"]
    status, again = await ask.ask("POST", f"{PATH}/{asset['id']}/upload", json={})
    assert (status, again["id"]) == (200, asset["id"])
    await send(ask, again, film, [2, 1])
    status, sent = await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={"thumbnail_times": [0.5]})
    assert (status, sent["status"], sent["metadata"]["status"]) == (202, "UPLOADING", "processing")
    there = await ask.settled(asset["id"])
    assert (there["status"], there["error"], there["size"]) == ("READY", None, len(film))
    assert there["checksum"] == hashlib.sha256(film).hexdigest()
    assert (there["tags"], there["metadata"]["mine"], there["metadata"]["width"]) == (["t"], 1, 64)
    assert len(there["metadata"]["thumbnails"]) == 1
    async with ask.client.get(there["url"]) as answer:
        assert (answer.content_type, await answer.read() == film) == ("video/mp4", True)
    status, problem = await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={})
    assert (status, problem["code"]) == (409, "ASSET_CONFLICT")


async def test_more_than_was_announced(ask: Importer) -> None:
    """Is not taken: no disk and no bucket is filled by links for little."""
    asset = await begin(ask, name="film.mp4", size=9 * MIB)
    for part, size in zip(asset["upload"]["parts"], (8 * MIB, MIB), strict=True):
        async with ask.client.put(part["url"], data=io.BytesIO(b"x" * (size + 1))) as answer:
            assert answer.status in {403, 413}
    status, problem = await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={})
    assert (status, problem["code"]) == (400, "UPLOAD_INCOMPLETE")
    assert "nothing has arrived" in problem["error"]


async def test_less_than_was_announced(ask: Importer, film: bytes) -> None:
    """Is told, and may be sent still; nothing that is cut off becomes an asset."""
    asset = await begin(ask, name="film.mp4", size=len(film))
    await send(ask, asset, film, [1, 2])
    status, problem = await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={})
    assert (status, problem["code"]) == (400, "UPLOAD_INCOMPLETE")
    await send(ask, asset, film, [3])
    assert (await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={}))[0] == 202
    assert (await ask.settled(asset["id"]))["status"] == "READY"


async def test_what_is_no_video(ask: Importer) -> None:
    """Fails as an import would; a new upload under the same id cannot be had."""
    page = b"<!doctype html>"
    asset = await begin(ask, name="page.mp4", size=len(page))
    await send(ask, asset, page, [1])
    assert (await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={}))[0] == 202
    failed = await ask.settled(asset["id"])
    assert (failed["status"], failed["error"]["code"]) == ("FAILED", "MEDIA_UNSUPPORTED")
    status, problem = await ask.ask("POST", PATH, json={"name": "x", "size": 1, "asset_id": asset["id"]})
    assert (status, problem["code"]) == (409, "ASSET_CONFLICT")


async def test_one_that_is_deleted_meanwhile(ask: Importer, film: bytes) -> None:
    """Is not there any more, for whoever would complete it."""
    asset = await begin(ask, name="film.mp4", size=len(film))
    assert (await ask.ask("DELETE", f"{PATH}/{asset['id']}"))[0] == 204
    status, problem = await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={})
    assert (status, problem["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x"}, "/size"),
        ({"name": "x", "size": 0}, "/size"),
        ({"name": "x", "size": 1.5}, "/size"),
        ({"name": "x", "size": 1 << 40}, "/size"),
        ({"name": "", "size": 1}, "/name"),
        ({"name": "x", "size": 1, "type": "film"}, "/type"),
    ],
)
async def test_wrong_fields(daemon: Daemon, body: dict[str, Any], pointer: str) -> None:
    """Are refused before anything is begun."""
    async with importing(daemon, **ADMIN) as ask:
        status, problem = await ask.ask("POST", PATH, json=body)
    assert (status, [error["pointer"] for error in problem["errors"]]) == (400, [pointer])


async def test_moments_of_what_has_none(daemon: Daemon) -> None:
    """Are refused when they are asked for, and the upload goes on."""
    async with importing(daemon, **ADMIN) as ask:
        asset = await begin(ask, name="x.mp3", size=1, type="audio")
        await send(ask, asset, b"x", [1])
        path = f"{PATH}/{asset['id']}/complete"
        status, problem = await ask.ask("POST", path, json={"thumbnail_times": [1]})
        assert (status, problem["errors"][0]["pointer"]) == (400, "/thumbnail_times")
        assert (await ask.ask("POST", path, json={}))[0] == 202
        assert (await ask.settled(asset["id"]))["error"]["code"] == "MEDIA_UNSUPPORTED"


async def test_an_upload_outlasts_the_daemon(tmp_path: Path, film: bytes) -> None:
    """Its parts are still there after a kill, and the links still good."""
    data = tmp_path / "data"
    port = {"PORT": "0", "OVEN_PUBLIC_URL": ""}
    with running_daemon(data, **port) as daemon:
        async with importing(daemon) as ask:
            asset = await begin(ask, name="film.mp4", size=len(film))
            await send(ask, asset, film, [1, 2])
        daemon.kill()
    with running_daemon(data, **port) as daemon:
        async with importing(daemon) as ask:
            _, again = await ask.ask("POST", f"{PATH}/{asset['id']}/upload", json={})
            await send(ask, again, film, [3])
            assert (await ask.ask("POST", f"{PATH}/{asset['id']}/complete", json={}))[0] == 202
            assert (await ask.settled(asset["id"]))["status"] == "READY"
