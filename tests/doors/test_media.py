"""The import door, asked over HTTP."""

import hashlib
import io
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import orjson
import pytest
from aiohttp import web
from PIL import Image
from standardwebhooks.webhooks import Webhook

from oven.adapters.database.assets import AssetTable
from oven.adapters.database.engine import open_database
from oven.adapters.sealing import open_sealer
from oven.domain.asset import AssetStatus
from oven.stores import LOCAL_RESULTS
from tests.contract.test_assets import asset
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import ADMIN, OUTSIDE
from tests.imports import Host, Importer, clip, importing, running_host
from tests.serving import serving
from tests.site import running_site

IMPORT = "/api/v1/media/import-from-url"


def png(width: int = 640, height: int = 480) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 10, 10)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Host]:
    film = clip(tmp_path_factory.mktemp("clip"))
    async with running_host(film_mp4=film, picture_png=png(), page_mp4=b"<!doctype html>") as host:
        yield host


@pytest.fixture
async def ask(daemon: Daemon) -> AsyncIterator[Importer]:
    async with importing(daemon, **ADMIN) as ask:
        yield ask


async def test_a_video(ask: Importer, host: Host) -> None:
    """Is on its way at once, then there, with what was found of it over what the caller said."""
    said = {"aiGenerated": True, "prompt": "sunset", "width": 1, "status": "mine"}
    status, asset = await ask.post(
        f"{host.base}/film.mp4?signature=x", name="AI.mp4", metadata=said, tags=["a", "b"], folder_id="f"
    )
    assert status == 202
    assert (asset["status"], asset["url"], asset["thumbnail_url"], asset["size"]) == (
        "UPLOADING",
        "",
        None,
        0,
    )
    assert (asset["name"], asset["type"], asset["tags"], asset["folder_id"]) == (
        "AI.mp4",
        "video",
        ["a", "b"],
        "f",
    )
    assert asset["metadata"]["status"] == "processing"
    assert asset["metadata"]["source_url"] == f"{host.base}/film.mp4"
    there = await ask.settled(asset["id"])
    film = host.files["/film.mp4"]
    assert (there["status"], there["error"], there["size"]) == ("READY", None, len(film))
    assert there["checksum"] == hashlib.sha256(film).hexdigest()
    found = there["metadata"]
    assert (found["width"], found["height"], found["codec"], found["format"]) == (64, 48, "h264", "mp4")
    assert (found["frame_rate"], found["duration"]) == (25, pytest.approx(1, abs=0.03))
    assert (found["aiGenerated"], found["prompt"], found["status"]) == (True, "sunset", "mine")
    assert found["import_job_id"] == asset["metadata"]["import_job_id"]
    assert found["imported_at"] >= asset["created_at"]
    async with ask.client.get(there["url"]) as answer:
        assert (answer.content_type, await answer.read()) == ("video/mp4", film)
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''AI.mp4"
    async with ask.client.get(there["thumbnail_url"]) as answer:
        picture = Image.open(io.BytesIO(await answer.read()))
    assert (picture.format, picture.size) == ("JPEG", (320, 240))
    async with ask.client.get(there["url"].partition("?")[0]) as answer:
        assert answer.status == 404


async def test_pictures_of_moments(ask: Importer, host: Host) -> None:
    """Beside the first; of one after the end there is none."""
    asset = await ask.brought(f"{host.base}/film.mp4", name="moments", thumbnail_times=[0.5, 0, 7])
    taken = asset["metadata"]["thumbnails"]
    assert [each["time"] for each in taken] == [0.5, 0]
    pictures = []
    for url in (asset["thumbnail_url"], *(each["url"] for each in taken)):
        async with ask.client.get(url) as answer:
            pictures.append(await answer.read())
    assert pictures[0] == pictures[2] != pictures[1]


async def test_an_image_is_there_at_once(ask: Importer, host: Host) -> None:
    """With a picture of it for lists; nothing is known of its time."""
    status, asset = await ask.post(f"{host.base}/picture.png", type="image")
    assert (status, asset["status"], asset["name"]) == (201, "READY", "picture.png")
    assert (asset["metadata"]["width"], asset["metadata"]["height"]) == (640, 480)
    assert asset["metadata"]["format"] == "png"
    async with ask.client.get(asset["url"]) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", host.files["/picture.png"])
    async with ask.client.get(asset["thumbnail_url"]) as answer:
        assert Image.open(io.BytesIO(await answer.read())).size == (320, 240)


@pytest.mark.parametrize(
    ("path", "type_", "code"),
    [
        ("page.mp4", "image", "MEDIA_UNSUPPORTED"),
        ("film.mp4", "image", "MEDIA_UNSUPPORTED"),
        ("nothing.png", "image", "DOWNLOAD_REJECTED"),
    ],
)
async def test_an_image_that_cannot_be(ask: Importer, host: Host, path: str, type_: str, code: str) -> None:
    """Is refused with the reason, the job and, where one looks for it, the asset."""
    status, problem = await ask.post(f"{host.base}/{path}", type=type_)
    assert (status, problem["code"]) == (400, code)
    _, job = await ask.ask("GET", f"/v1/jobs/{problem['jobId']}")
    assert job["state"] == "failed"
    _, listed = await ask.ask("GET", "/api/v1/media?status=FAILED&limit=1")
    assert listed["assets"][0]["error"]["code"] == code


@pytest.mark.parametrize(
    ("path", "type_", "code"),
    [
        ("page.mp4", "video", "MEDIA_UNSUPPORTED"),
        ("picture.png", "video", "MEDIA_UNSUPPORTED"),
        ("film.mp4", "audio", "MEDIA_TYPE_MISMATCH"),
        ("nothing.mp4", "video", "DOWNLOAD_REJECTED"),
    ],
)
async def test_what_is_no_such_medium(ask: Importer, host: Host, path: str, type_: str, code: str) -> None:
    """Fails with the reason, which stands in the metadata, too."""
    asset = await ask.brought(f"{host.base}/{path}", type=type_)
    assert (asset["status"], asset["error"]["code"]) == ("FAILED", code)
    assert asset["metadata"]["error"] == asset["error"]["message"]
    assert (asset["url"], asset["thumbnail_url"], asset["size"]) == ("", None, 0)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "https://h.invalid/x", "type": "film"}, "/type"),
        ({"url": "https://h.invalid/x", "type": ["video"]}, "/type"),
        ({"url": "https://h.invalid/x", "name": ""}, "/name"),
        ({"url": "https://h.invalid/x", "name": "a" * 256}, "/name"),
        ({"url": "https://h.invalid/x", "metadata": []}, "/metadata"),
        ({"url": "https://h.invalid/x", "metadata": {"a": "x" * 70_000}}, "/metadata"),
        ({"url": "https://h.invalid/x", "tags": "sky"}, "/tags"),
        ({"url": "https://h.invalid/x", "tags": [""]}, "/tags"),
        ({"url": "https://h.invalid/x", "tags": ["x"] * 51}, "/tags"),
        ({"url": "https://h.invalid/x", "thumbnail_times": [-1]}, "/thumbnail_times"),
        ({"url": "https://h.invalid/x", "thumbnail_times": [True]}, "/thumbnail_times"),
        ({"url": "https://h.invalid/x", "thumbnail_times": [1] * 21}, "/thumbnail_times"),
        ({"url": "https://h.invalid/x", "type": "image", "thumbnail_times": [1]}, "/thumbnail_times"),
        ({"url": "https://h.invalid/x", "asset_id": "1"}, "/asset_id"),
        ({"url": "https://h.invalid/x", "user_id": "a/b"}, "/user_id"),
        ({"url": "https://h.invalid/x", "folder_id": 1}, "/folder_id"),
        ({"url": "https://h.invalid/x", "callbackUrl": "ftp://h.invalid/"}, "/callbackUrl"),
        ({"url": "http://h.invalid/x"}, "/url"),
        ({}, "/url"),
        ({"url": "https://169.254.169.254/latest"}, "/url"),
    ],
)
async def test_wrong_fields(ask: Importer, body: dict[str, Any], pointer: str) -> None:
    """Are refused at once, by name; nothing is begun."""
    status, problem = await ask.ask("POST", IMPORT, json=body)
    assert (status, [error["pointer"] for error in problem["errors"]]) == (400, [pointer])


async def test_the_same_while_it_is_on_its_way(ask: Importer, host: Host) -> None:
    """Gives that asset, whatever the query of its URL; another name is another asset."""
    host.at_once = 0
    try:
        _, first = await ask.post(f"{host.base}/film.mp4?token=1", name="same")
        _, again = await ask.post(f"{host.base}/film.mp4?token=2", name="same")
        _, other = await ask.post(f"{host.base}/film.mp4", name="other")
        assert first["id"] == again["id"] != other["id"]
        host.gate.set()
        assert (await ask.settled(first["id"]))["status"] == "READY"
        assert (await ask.settled(other["id"]))["status"] == "READY"
    finally:
        host.at_once, host.gate = None, anyio.Event()


async def test_an_id_of_the_callers(ask: Importer, host: Host) -> None:
    """Is the asset's; one that failed is brought anew under it, one that is there is left alone."""
    asset_id = "550E8400-E29B-41D4-A716-446655440000"
    failed = await ask.brought(f"{host.base}/nothing.mp4", asset_id=asset_id)
    assert (failed["id"], failed["status"]) == (asset_id.lower(), "FAILED")
    there = await ask.brought(f"{host.base}/film.mp4", asset_id=asset_id)
    assert (there["id"], there["status"], there["error"]) == (asset_id.lower(), "READY", None)
    status, again = await ask.post(f"{host.base}/film.mp4", asset_id=asset_id)
    assert (status, again["status"]) == (202, "READY")
    status, problem = await ask.post(f"{host.base}/film.mp4", asset_id=asset_id, user_id="bob")
    assert (status, problem["code"]) == (409, "ASSET_CONFLICT")


async def test_several_at_once(ask: Importer, host: Host) -> None:
    """All are accepted, in their order; where one is wrong, none is, and which one is said."""
    wanted = [
        {"url": f"{host.base}/film.mp4", "name": "one"},
        {"url": f"{host.base}/picture.png", "name": "two", "type": "image"},
    ]
    status, accepted = await ask.ask("POST", f"{IMPORT}/batch", json={"imports": wanted})
    assert (status, [asset["name"] for asset in accepted["assets"]]) == (202, ["one", "two"])
    for each in accepted["assets"]:
        assert (await ask.settled(each["id"]))["status"] == "READY"
    wrong = [*wanted, {"url": "ftp://x", "name": "three"}]
    status, problem = await ask.ask("POST", f"{IMPORT}/batch", json={"imports": wrong})
    assert (status, [error["pointer"] for error in problem["errors"]]) == (400, ["/imports/2/url"])
    refused: tuple[Any, ...] = ([], [wanted[0]] * 51, {})
    for imports in refused:
        status, problem = await ask.ask("POST", f"{IMPORT}/batch", json={"imports": imports})
        assert (status, problem["errors"][0]["pointer"]) == (400, "/imports")


async def test_the_end_is_told(ask: Importer, host: Host) -> None:
    """By a callback that is signed by the request's own secret, and never holds it."""
    async with running_site() as site:
        asset = await ask.brought(
            f"{host.base}/film.mp4",
            name="told",
            callbackUrl=f"{site.base}/done",
            callbackSecret="a secret of the caller's",
        )
        (callback,) = await site.wait_for(1)
    Webhook(b"a secret of the caller's").verify(callback.body, callback.headers)
    body = orjson.loads(callback.body)
    assert set(body) == {"asset_id", "status", "type", "size", "checksum", "metadata", "jobId"}
    assert (body["asset_id"], body["status"], body["checksum"]) == (
        asset["id"],
        "complete",
        asset["checksum"],
    )
    assert body["metadata"]["width"] == 64


async def test_users_import_for_themselves(daemon: Daemon, ask: Importer, host: Host) -> None:
    """Each sees their own; the admin imports for a user, a user for nobody else."""
    # Nobody else's names: the daemon is shared.
    keys = {}
    for user in ("gwen", "dora"):
        _, key = await ask.ask("POST", "/v1/keys", json={"owner": user})
        keys[user] = {**OUTSIDE, "Authorization": f"Bearer {key['key']}"}
    async with importing(daemon, **keys["gwen"]) as gwen, importing(daemon, **keys["dora"]) as dora:
        mine = await gwen.brought(f"{host.base}/film.mp4")
        assert (mine["status"], mine["user_id"]) == ("READY", "gwen")
        assert "/media/gwen/" in mine["url"]
        assert (await dora.ask("GET", f"/api/v1/media/{mine['id']}"))[0] == 404
        assert (await dora.ask("GET", f"/v1/jobs/{mine['metadata']['import_job_id']}"))[0] == 404
        status, problem = await dora.post(f"{host.base}/film.mp4", user_id="gwen")
        assert (status, problem["code"]) == (403, "FORBIDDEN")
        status, problem = await dora.ask("GET", "/api/v1/media?user_id=gwen")
        assert (status, problem["code"]) == (403, "FORBIDDEN")
        _, given = await ask.post(f"{host.base}/film.mp4", user_id="dora", name="given")
        assert given["user_id"] == "dora"
        _, listed = await dora.ask("GET", "/api/v1/media")
        assert [asset["name"] for asset in listed["assets"]] == ["given"]


async def test_nobody_imports(daemon: Daemon, host: Host) -> None:
    """Without saying who they are."""
    async with importing(daemon, **OUTSIDE) as nobody:
        status, problem = await nobody.post(f"{host.base}/film.mp4")
    assert (status, problem["code"]) == (401, "AUTH_REQUIRED")


async def test_a_key_of_the_callers(daemon: Daemon, host: Host) -> None:
    """Gives the same asset for a day, also after it is there; with another body it is refused."""
    async with importing(daemon, **ADMIN, **{"Idempotency-Key": "k1"}) as ask:
        first = await ask.brought(f"{host.base}/film.mp4", name="keyed")
        async with ask.client.post(
            f"{daemon.base}{IMPORT}",
            json={"url": f"{host.base}/film.mp4", "name": "keyed"},
            headers=ask.headers,
        ) as answer:
            again = await answer.json()
            assert answer.headers["Idempotency-Replayed"] == "true"
        assert again["id"] == first["id"]
        status, problem = await ask.post(f"{host.base}/film.mp4", name="another")
        assert (status, problem["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_a_retry_by_hand(ask: Importer, host: Host) -> None:
    """Brings an asset that had failed, under its id."""
    failed = await ask.brought(f"{host.base}/later.mp4")
    host.files["/later.mp4"] = host.files["/film.mp4"]
    job = failed["metadata"]["import_job_id"]
    assert (await ask.ask("POST", f"/v1/jobs/{job}/retry"))[0] == 202
    assert (await ask.settled(failed["id"]))["status"] == "READY"


async def test_the_jobs_own_view(ask: Importer, host: Host) -> None:
    """Its result has what was found; no address of the source shows."""
    asset = await ask.brought(f"{host.base}/film.mp4?secret=canary", name="viewed")
    async with ask.client.get(
        f"{ask.daemon.base}/v1/jobs/{asset['metadata']['import_job_id']}", headers=ask.headers
    ) as answer:
        text = await answer.text()
    job = orjson.loads(text)
    assert (job["kind"], job["state"], job["result"]["assetId"]) == ("import", "done", asset["id"])
    assert "canary" not in text
    assert "canary" not in orjson.dumps(asset).decode()


async def test_unknown_length(ask: Importer, host: Host) -> None:
    """A host that does not say how long the file is is read to its end."""

    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(host.files["/film.mp4"])
        return response

    app = web.Application()
    app.router.add_get("/film.mp4", handle)
    async with serving(app) as port:
        asset = await ask.brought(f"http://127.0.0.1:{port}/film.mp4")
    assert (asset["status"], asset["size"]) == ("READY", len(host.files["/film.mp4"]))


async def test_an_id_whose_job_is_forgotten(tmp_path: Path, host: Host) -> None:
    """Gives the asset that is there, to its owner; nothing is brought again."""
    data = tmp_path / "data"
    async with open_database(data) as database:
        open_sealer(data, is_new=database.is_new)
        there = asset(str(uuid.uuid4()), owner="", status=AssetStatus.READY, bucket=LOCAL_RESULTS)
        await AssetTable(database=database).add(there, now_ms=1)
    with running_daemon(data) as daemon:
        async with importing(daemon) as ask:
            status, again = await ask.post(f"{host.base}/film.mp4", asset_id=there.id)
            assert (status, again["id"], again["status"]) == (202, there.id, "READY")
            status, problem = await ask.post(f"{host.base}/film.mp4", asset_id=there.id, user_id="bob")
            assert (status, problem["code"]) == (409, "ASSET_CONFLICT")
            assert (await ask.ask("GET", "/v1/jobs"))[1]["jobs"] == []
