"""The API as methods, against a real daemon."""

import base64
import hashlib
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from oven.client import Asset, Import, Oven, OvenError, WaitTimeoutError
from oven.client import oven as oven_client
from tests.calls import call
from tests.client.conftest import IMAGE, MISSING, VIDEO, bake
from tests.daemons import Daemon, running_daemon
from tests.faults.test_daemon import slow_ffmpeg
from tests.site import Site


async def test_steering(tmp_path: Path, site: Site) -> None:
    """A wait that ends too early leaves the job alone; cancel ends it, retry runs it again."""
    with running_daemon(tmp_path / "data", OVEN_FFMPEG=slow_ffmpeg(tmp_path, 30)) as daemon:
        oven = Oven(daemon.base)
        job_id = await bake(oven, site)
        with pytest.raises(WaitTimeoutError, match="it goes on"):
            await call(oven.wait, job_id, 0.3)
        assert (await call(oven.status, job_id))["state"] in {"queued", "running"}
        with pytest.raises(OvenError, match="JOB_CONFLICT"):
            await call(oven.retry, job_id)
        assert (await call(oven.cancel, job_id))["state"] == "cancelled"
        ended = await call(oven.wait, job_id)
        assert ended["error"] is not None
        assert ended["error"]["code"] == "CANCELLED"
        with pytest.raises(OvenError) as caught:
            await call(oven.cancel, job_id)
        assert (caught.value.code, caught.value.status) == ("JOB_CONFLICT", 409)
        await site.wait_for(1)
        assert (await call(oven.retry, job_id))["run"] == 2


async def test_refusals(tmp_path: Path, site: Site) -> None:
    """By code, with each field that is wrong; a token is never repeated."""
    with running_daemon(tmp_path / "data", OVEN_ADMIN_TOKEN="canary of the admin") as daemon:
        with pytest.raises(OvenError) as caught:
            await call(Oven(daemon.base, "canary of nobody").status, "x")
        assert (caught.value.status, caught.value.code) == (401, "AUTH_INVALID")
        assert "canary" not in f"{caught.value}{Oven(daemon.base, 'canary')!r}"
        admin = Oven(f"{daemon.base}/", "canary of the admin")
        for job_id in ("nobody", "../jobs", "é/?#", ""):
            with pytest.raises(OvenError) as caught:
                await call(admin.status, job_id)
            assert (caught.value.code, caught.value.status) == ("NOT_FOUND", 404)
        with pytest.raises(OvenError) as caught:
            await bake(admin, site, slug="a/b", zipUrl="ftp://x")
        assert sorted(error["pointer"] for error in caught.value.errors) == ["/slug", "/zipUrl"]


@pytest.mark.parametrize("token", ["a\nb", "a\0"])
def test_a_token_that_is_none(token: str) -> None:
    """Is refused before it is sent anywhere."""
    with pytest.raises(ValueError, match="token"):
        Oven(token=token)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One for all tests of imports: each looks at its own user's assets."""
    with running_daemon(tmp_path_factory.mktemp("oven") / "data") as daemon:
        yield daemon


@pytest.fixture
def user(daemon: Daemon) -> Oven:
    """An Oven as a new user sees it, by a key of theirs."""
    body = {"owner": uuid.uuid4().hex}
    return Oven(daemon.base, Oven(daemon.base).transport.ask("POST", "/v1/keys", body=body)["key"])


async def test_a_video(user: Oven, media: Site, tmp_path: Path, clip: bytes) -> None:
    """From its URL to a file that is the same, with a picture of it."""
    tags = ["ai", "sunset"]
    asset = await call(
        user.import_video, f"{media.base}{VIDEO}?a=1", name="v.mp4", metadata={"prompt": "p"}, tags=tags
    )
    assert asset["status"] in {"PENDING_UPLOAD", "UPLOADING", "READY"}
    job = await call(user.wait, asset["metadata"]["import_job_id"], 30)
    assert (job["state"], job["error"]) == ("done", None)
    asset = await call(user.asset, uuid.UUID(asset["id"]))
    assert (asset["status"], asset["name"], asset["type"], asset["error"]) == (
        "READY",
        "v.mp4",
        "video",
        None,
    )
    assert (asset["size"], asset["checksum"]) == (len(clip), hashlib.sha256(clip).hexdigest())
    assert (asset["metadata"]["prompt"], asset["metadata"]["width"], asset["tags"]) == ("p", 64, tags)
    assert round(asset["metadata"]["duration"], 3) == 1
    path = await call(user.download, asset["id"], tmp_path / "v.mp4")
    assert path.read_bytes() == clip
    picture = await call(user.download, asset["thumbnail_url"], str(tmp_path / "t.jpg"))
    assert picture.read_bytes().startswith(b"\xff\xd8")
    assert set(asset) == set(get_type_hints(Asset))


async def test_a_picture(user: Oven, media: Site) -> None:
    """Is there when the call returns."""
    asset = await call(user.import_image, media.base + IMAGE)
    assert (asset["status"], asset["type"]) == ("READY", "image")


async def test_the_same_again(user: Oven, media: Site) -> None:
    """By its key, or by the id that the caller chose, it is the same asset."""
    url, chosen = media.base + VIDEO, uuid.uuid4()
    first = await call(user.import_video, url, asset_id=chosen, idempotency_key="one")
    assert first["id"] == str(chosen)
    assert (await call(user.import_video, url, asset_id=chosen, idempotency_key="one"))["id"] == first["id"]
    assert (await call(user.import_video, url, asset_id=chosen))["id"] == first["id"]
    assert [asset["id"] async for asset in _listed(user)] == [first["id"]]


async def test_what_does_not_come(user: Oven, media: Site, tmp_path: Path) -> None:
    """Is FAILED, and says why; there is nothing to download."""
    asset = await call(user.import_video, media.base + MISSING)
    job = await call(user.wait, asset["metadata"]["import_job_id"], 30)
    assert job["state"] == "failed"
    asset = await call(user.asset, asset["id"])
    assert asset["error"] is not None
    assert (asset["status"], asset["error"]["code"]) == ("FAILED", "DOWNLOAD_REJECTED")
    with pytest.raises(OvenError, match="ASSET_NOT_READY") as caught:
        await call(user.download, asset["id"], tmp_path / "v.mp4")
    assert not caught.value.retryable
    assert [one["id"] async for one in _listed(user, status="READY")] == []


async def test_many(user: Oven, media: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a batch each has its asset, in order; all are listed, however many pages they take."""
    monkeypatch.setattr(oven_client, "PAGE", 2)
    imports: list[Import] = [{"url": media.base + VIDEO, "name": f"{number}.mp4"} for number in range(4)]
    imports.append({"url": media.base + IMAGE, "type": "image", "tags": ["t"]})
    assets = await call(user.import_batch, imports)
    assert [asset["name"] for asset in assets[:4]] == [one["name"] for one in imports[:4]]
    ids = [asset["id"] for asset in assets]
    assert sorted([asset["id"] async for asset in _listed(user)]) == sorted(ids)
    assert [asset["id"] async for asset in _listed(user, type="image")] == ids[4:]
    assert [asset["id"] async for asset in _listed(user, tag="t")] == ids[4:]
    assert [asset["id"] async for asset in _listed(user, q="3.mp4")] == ids[3:4]


async def test_a_change(user: Oven, media: Site) -> None:
    """Of what is given alone; what is deleted is there no more."""
    asset = await call(user.import_image, media.base + IMAGE, name="a", tags=["t"], folder_id="f")
    asset = await call(user.update, asset["id"], name="b", metadata={"rating": 5})
    assert (asset["name"], asset["tags"], asset["folder_id"]) == ("b", ["t"], "f")
    assert asset["metadata"]["rating"] == 5
    assert (await call(user.update, asset["id"], folder_id="", tags=[]))["folder_id"] is None
    assert [one["id"] async for one in _listed(user, folder_id="")] == [asset["id"]]
    await call(user.delete, asset["id"])
    with pytest.raises(OvenError, match="NOT_FOUND"):
        await call(user.asset, asset["id"])


async def test_its_callback(user: Oven, media: Site) -> None:
    """Is signed by the secret that the request had."""
    secret = "whsec_" + base64.b64encode(b"24 bytes that nobody kno").decode()
    asset = await call(
        user.import_video, media.base + VIDEO, callback_url=f"{media.base}/done", callback_secret=secret
    )
    (callback,) = await media.wait_for(1)
    told = user.verify_callback(callback.body, callback.headers, secret)
    assert (told["status"], told["asset_id"]) == ("complete", asset["id"])


async def _listed(oven: Oven, **filters: Any) -> AsyncIterator[Asset]:
    for asset in await call(lambda: list(oven.assets(**filters))):
        yield asset
