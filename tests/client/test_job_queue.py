"""The functions of a job queue, against a real daemon."""

import uuid
from pathlib import Path

import anyio
import pytest

from oven.client import (
    Oven,
    OvenError,
    cancel_job,
    enqueue_image_import,
    enqueue_video_import,
    get_job_status,
    job_queue,
)
from tests.calls import call
from tests.client.conftest import IMAGE, MISSING, VIDEO, bake
from tests.daemons import running_daemon
from tests.faults.test_daemon import slow_ffmpeg
from tests.site import Site


async def test_where_a_job_stands(tmp_path: Path, site: Site) -> None:
    """In a job queue's words, from its beginning to its end."""
    settings = {"OVEN_FFMPEG": slow_ffmpeg(tmp_path, 30), "OVEN_CONCURRENCY": "1"}
    with running_daemon(tmp_path / "data", **settings) as daemon:
        oven = Oven(daemon.base)
        running, waiting, broken = [await bake(oven, site, name) for name in ("a", "b", "c")]
        with anyio.fail_after(20):
            while (status := await call(get_job_status, running, client=oven))["status"] != "started":
                await anyio.sleep(0.02)
        assert (status["result"], status["error"]) == (None, None)
        assert (await call(get_job_status, waiting, client=oven))["status"] == "queued"
        site.files["/c.zip"] = b"no zip"
        for job_id in (running, waiting):
            assert await call(cancel_job, job_id, client=oven)
            assert not await call(cancel_job, job_id, client=oven)
            status = await call(get_job_status, job_id, client=oven)
            assert (status["status"], status["error"]) == ("canceled", "the job was cancelled [CANCELLED]")
        await call(oven.wait, broken, 20)
        status = await call(get_job_status, broken, client=oven)
        assert (status["status"], status["result"]) == ("failed", None)
        assert (status["error"] or "").endswith("[ZIP_INVALID]")
        await site.wait_for(3)
        assert not await call(cancel_job, "nobody", client=oven)
        assert await call(get_job_status, "nobody", client=oven) == {
            "status": "not_found",
            "result": None,
            "error": None,
            "progress": None,
        }
    with pytest.raises(OvenError, match="DAEMON_UNREACHABLE"):
        await call(get_job_status, running, client=Oven(daemon.base, tries=1))


async def test_a_job_that_is_done(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is finished, with its result; the environment says which Oven, and who asks."""
    with running_daemon(tmp_path / "data", OVEN_ADMIN_TOKEN="s") as daemon:
        job_id = await bake(Oven(daemon.base, "s"), site)
        await call(Oven(daemon.base, "s").wait, job_id, 20)
        monkeypatch.setenv("OVEN_URL", f"{daemon.base}/ ")
        monkeypatch.setenv("OVEN_TOKEN", " s ")
        status = await call(get_job_status, job_id)
        assert (status["status"], status["progress"], status["error"]) == ("finished", 1, None)
        assert (status["result"] or {})["size"] > 0
        await site.wait_for(1)
        monkeypatch.setenv("OVEN_TOKEN", "another")
        with pytest.raises(OvenError, match="AUTH_INVALID"):
            await call(get_job_status, job_id)


def test_nothing_in_the_environment() -> None:
    """Is the Oven on this machine; what cannot be an address is told."""
    assert repr(job_queue.from_environment({})) == "Oven('http://127.0.0.1:3000')"
    with pytest.raises(ValueError, match="looks like"):
        job_queue.from_environment({"OVEN_URL": "oven"})


async def test_enqueue(tmp_path: Path, media: Site) -> None:
    """A job's id, of a user's asset that the caller has chosen the id of; it is waited for elsewhere."""
    with running_daemon(tmp_path / "data") as daemon:
        oven = Oven(daemon.base)
        ids: list[str] = []
        for enqueue, path in ((enqueue_video_import, VIDEO), (enqueue_image_import, IMAGE)):
            asset_id = uuid.uuid4()
            job_id = await call(
                enqueue, media.base + path, "n", "alice", asset_id, {"prompt": "p"}, client=oven
            )
            ids.append(job_id)
            job = await call(oven.wait, job_id, 20)
            assert (job["state"], job["owner"]) == ("done", "alice")
            asset = await call(oven.asset, asset_id)
            assert (asset["status"], asset["metadata"]["prompt"]) == ("READY", "p")
            status = await call(get_job_status, job_id, client=oven)
            assert (status["status"], status["progress"]) == ("finished", 1)
        assert len(set(ids)) == 2
        nobodys = await call(enqueue_image_import, media.base + IMAGE, "n", None, None, client=oven)
        assert nobodys not in ids


async def test_enqueue_again(tmp_path: Path, media: Site) -> None:
    """What has failed comes under the same id after all, from another URL."""
    with running_daemon(tmp_path / "data") as daemon:
        oven, asset_id = Oven(daemon.base), uuid.uuid4()
        job_id = await call(
            enqueue_image_import, media.base + MISSING, "n", "alice", asset_id, None, client=oven
        )
        assert (await call(oven.wait, job_id, 20))["state"] == "failed"
        again = await call(
            enqueue_image_import, media.base + IMAGE, "n", "alice", asset_id, None, client=oven
        )
        assert (await call(oven.wait, again, 20))["state"] == "done"
        asset = await call(oven.asset, asset_id)
        assert (asset["status"], asset["error"]) == ("READY", None)
