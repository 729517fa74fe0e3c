"""Results that are copied, by a real daemon, from the POST to the callback."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest

from oven.adapters.storage.s3 import open_s3
from tests.daemons import Daemon, running_daemon
from tests.faults.test_daemon import rows, slow_ffmpeg
from tests.faults.test_stores import BLOBS, settings
from tests.faulty import FaultyStore, faulty_store
from tests.s3 import S3Server
from tests.site import Site, running_site
from tests.tapes import small_entries, write_zip

COPIED = ["take", "find", "copy-video", "copy-thumbnail"]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site() as made:
        made.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries(12, sound=True)).read_bytes()
        yield made


@pytest.fixture
async def store(s3: S3Server) -> AsyncIterator[FaultyStore]:
    async with open_s3(s3.account()) as client, faulty_store(s3.endpoint) as made:
        await client.create_bucket(Bucket=BLOBS)
        for found in (await client.list_objects_v2(Bucket=BLOBS)).get("Contents", []):
            await client.delete_object(Bucket=BLOBS, Key=found["Key"])
        yield made


async def ask(method: str, url: str, **options: Any) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as client, client.request(method, url, **options) as answer:
        data = await answer.read()
        return answer.status, json.loads(data) if "json" in answer.content_type else data


class Baker:
    """Who has one tape baked, again and again."""

    def __init__(self, daemon: Daemon, site: Site) -> None:
        self.daemon, self.site = daemon, site

    async def post(self, slug: str, path: str = "/bake", **changes: object) -> str:
        """Ask for it, from an address of its own each time → the job's id."""
        zip_url = f"{self.site.base}/tape.zip?for={slug}"
        body = self.site.ask(slug, zipUrl=zip_url, **changes)
        status, said = await ask("POST", f"{self.daemon.base}{path}", json=body)
        assert status == 202, said
        return str(said["jobId"])

    async def told(self, job_id: str) -> dict[str, Any]:
        """Wait for a job's callback → its body."""
        with anyio.fail_after(60):
            while True:
                arrived = self.site.arrived
                for received in self.site.received:
                    body: dict[str, Any] = json.loads(received.body)
                    if body["jobId"] == job_id:
                        return body
                await arrived.wait()

    async def bake(self, slug: str, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Have it made → the callback's body, and the job."""
        told = await self.told(await self.post(slug, **changes))
        _, job = await ask("GET", f"{self.daemon.base}/v1/jobs/{told['jobId']}")
        return told, job

    async def steps(self, job_id: str) -> list[str]:
        """Name the steps of a job's last attempt that are whole ones."""
        _, timeline = await ask("GET", f"{self.daemon.base}/v1/jobs/{job_id}/timeline")
        return [step["name"] for step in timeline["attempts"][-1]["steps"] if "." not in step["name"]]


async def test_the_same_tape_under_another_name(tmp_path: Path, site: Site) -> None:
    """Is the same film, without an encode, and told as any; the result says whose it was."""
    with running_daemon(tmp_path / "data") as daemon:
        baker = Baker(daemon, site)
        first, made = await baker.bake("first")
        second, job = await baker.bake("second")
        assert await baker.steps(made["id"]) != COPIED
        assert await baker.steps(job["id"]) == COPIED
        assert (made["result"]["reused"], job["result"]["reused"]) == (None, {"jobId": made["id"]})
        differing = {name for name in made["result"] if made["result"][name] != job["result"][name]}
        assert differing == {"reused", "videoUrl", "thumbnailUrl"}
        assert first.keys() == second.keys()
        assert second["mp4Url"].endswith("/files/tapes/second.mp4")
        for name in ("mp4Url", "thumbnailUrl"):
            assert await ask("GET", first[name]) == await ask("GET", second[name])
        _, metrics = await ask("GET", f"{daemon.base}/metrics")
        assert b'oven_results_reused_total{kind="bake"} 1.0' in metrics
        # What is gone of the first does not matter: the second is as good.
        (tmp_path / "data" / "files" / "tapes" / "first.mp4").unlink()
        third, job = await baker.bake("third")
        assert job["result"]["reused"] == {"jobId": second["jobId"]}
        assert third["status"] == "complete"
        assert daemon.stop() == 0
    assert f'"reused": "{made["id"]}"' in (tmp_path / "data.log").read_text()


async def test_the_same_tape_again(tmp_path: Path, site: Site) -> None:
    """Nothing is written to the store; the object is both jobs' own."""
    with running_daemon(tmp_path / "data") as daemon:
        baker = Baker(daemon, site)
        first, _ = await baker.bake("tape")
        folder = tmp_path / "data" / "files" / "tapes"
        before = {path.name: path.stat().st_ino for path in folder.iterdir()}
        again, job = await baker.bake("tape")
        assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before
        assert job["result"]["reused"] == {"jobId": first["jobId"]}
        assert again == first | {"jobId": again["jobId"]}
        assert daemon.stop() == 0
    assert rows(tmp_path / "data", "SELECT count(DISTINCT job), count(DISTINCT key) FROM artifacts") == [
        (2, 2)
    ]


async def test_another_film_is_made(tmp_path: Path, site: Site) -> None:
    """Of another size, of other bytes, as another kind, or because it is asked for."""
    with running_daemon(tmp_path / "data") as daemon:
        baker = Baker(daemon, site)
        await baker.bake("first")
        made = [
            await baker.bake("scaled", metadata={"scale": 2}),
            await baker.bake("warned", metadata={"frameCount": 13}),
            await baker.bake("anew", reuse=False),
            await baker.bake("converted", path="/convert", bucket="tapes"),
        ]
        other = write_zip(tmp_path / "o.zip", small_entries(11, sound=True)).read_bytes()
        site.files["/tape.zip"], same = other, site.files["/tape.zip"]
        made.append(await baker.bake("other"))
        site.files["/tape.zip"] = same
        assert [job["result"]["reused"] for _, job in made] == [None] * 5
        # What was made anew is as good for later ones; so is a conversion for conversions.
        _, job = await baker.bake("later")
        assert job["result"]["reused"] == {"jobId": made[2][1]["id"]}
        _, job = await baker.bake("reconverted", path="/convert", bucket="tapes")
        assert job["result"]["reused"] == {"jobId": made[3][1]["id"]}
        assert await baker.steps(job["id"]) == COPIED[:3]


async def test_what_was_overwritten_by_hand(tmp_path: Path, site: Site) -> None:
    """Or deleted is not passed on, nor taken for what it was: it is made anew."""
    with running_daemon(tmp_path / "data") as daemon:
        baker = Baker(daemon, site)
        first, _ = await baker.bake("tape")
        _, film = await ask("GET", first["mp4Url"])
        video = tmp_path / "data" / "files" / "tapes" / "tape.mp4"
        video.write_bytes(film[::-1])
        _, job = await baker.bake("tape")
        assert job["result"]["reused"] is None
        assert await ask("GET", first["mp4Url"]) == (200, film)
        video.with_name("tape-thumb.jpg").unlink()
        _, job = await baker.bake("other")
        assert job["result"]["reused"] is None


async def test_where_it_is_switched_off(tmp_path: Path, site: Site) -> None:
    """Each is made, and nothing is written down that could be reused later."""
    with running_daemon(tmp_path / "data", OVEN_REUSE="false") as daemon:
        baker = Baker(daemon, site)
        for slug in ("first", "second"):
            _, job = await baker.bake(slug)
            assert job["result"]["reused"] is None
        assert daemon.stop() == 0
    assert rows(tmp_path / "data", "SELECT DISTINCT fingerprint FROM jobs") == [("",)]
    with running_daemon(tmp_path / "data") as daemon:
        _, job = await Baker(daemon, site).bake("third")
        assert job["result"]["reused"] is None


async def test_a_failed_job_that_is_run_again(tmp_path: Path, site: Site) -> None:
    """May be a copy, as any."""
    data = tmp_path / "data"
    with running_daemon(data, OVEN_FFMPEG=slow_ffmpeg(tmp_path, 30)) as daemon:
        baker = Baker(daemon, site)
        job_id = await baker.post("first")
        with anyio.fail_after(20):
            while (await ask("GET", f"{daemon.base}/v1/jobs/{job_id}"))[1]["phase"] != "encode":
                await anyio.sleep(0.02)
        await ask("DELETE", f"{daemon.base}/v1/jobs/{job_id}")
        daemon.stop()
    site.received.clear()
    with running_daemon(data) as daemon:
        baker = Baker(daemon, site)
        _, made = await baker.bake("second")
        status, _ = await ask("POST", f"{daemon.base}/v1/jobs/{job_id}/retry")
        assert status == 202
        with anyio.fail_after(20):
            while (job := (await ask("GET", f"{daemon.base}/v1/jobs/{job_id}"))[1])["state"] != "done":
                await anyio.sleep(0.02)
        assert (job["run"], job["result"]["reused"]) == (2, {"jobId": made["id"]})


async def test_copies_in_a_bucket(store: FaultyStore, site: Site, tmp_path: Path) -> None:
    """Are made by the store: not a byte of the film is sent."""
    with running_daemon(tmp_path / "data", **settings(store)) as daemon:
        baker = Baker(daemon, site)
        first, made = await baker.bake("first")
        store.seen.clear()
        second, job = await baker.bake("second")
        assert job["result"]["reused"] == {"jobId": made["id"]}
        puts = [path for method, path in store.seen if method in {"PUT", "POST"}]
        assert [path.partition("?")[0] for path in puts] == [
            f"/{BLOBS}/tapes/second.mp4",
            f"/{BLOBS}/tapes/second-thumb.jpg",
        ]
        assert await ask("GET", first["mp4Url"]) == await ask("GET", second["mp4Url"])
        store.seen.clear()
        await baker.bake("second")
        assert {method for method, _ in store.seen} == {"HEAD"}


async def test_a_copy_that_a_store_refuses(store: FaultyStore, site: Site, tmp_path: Path) -> None:
    """Is no reason to fail: the film is made."""
    with running_daemon(tmp_path / "data", **settings(store)) as daemon:
        baker = Baker(daemon, site)
        await baker.bake("first")
        store.faults = [_refuse_copies] * 9
        _, job = await baker.bake("second")
        assert (job["state"], job["result"]["reused"]) == ("done", None)
        steps = await baker.steps(job["id"])
        assert steps.index("copy-video") < steps.index("encode")
        assert "copy-thumbnail" not in steps


def _refuse_copies(request: aiohttp.web.Request) -> aiohttp.web.Response | None:
    if "x-amz-copy-source" not in request.headers:
        return None
    body = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"
    return aiohttp.web.Response(status=403, text=body, content_type="application/xml")


async def test_killed_at_the_copy(store: FaultyStore, site: Site, tmp_path: Path) -> None:
    """Before the store has answered, and after: the next attempt finds the same, and is told once."""
    data = tmp_path / "data"
    with running_daemon(data, **settings(store)) as daemon:
        _, made = await Baker(daemon, site).bake("first")
    for number, is_done in enumerate((False, True)):
        holding = _Holding(store, is_done=is_done)
        store.instead = holding.handle
        with running_daemon(data, **settings(store)) as daemon:
            job_id = await Baker(daemon, site).post(f"again-{number}")
            with anyio.fail_after(20):
                await holding.reached.wait()
            # From the copy on it cannot be cancelled.
            status, _ = await ask("DELETE", f"{daemon.base}/v1/jobs/{job_id}")
            assert status == 409
            daemon.kill()
        store.instead = None
        holding.go_on.set()
        with running_daemon(data, **settings(store)) as daemon:
            baker = Baker(daemon, site)
            told = await baker.told(job_id)
            _, job = await ask("GET", f"{daemon.base}/v1/jobs/{job_id}")
            assert (told["status"], job["result"]["reused"]) == ("complete", {"jobId": made["id"]})
            assert await baker.steps(job_id) == COPIED
            (status, film), (_, source) = [
                await ask("GET", url) for url in (told["mp4Url"], made["result"]["videoUrl"])
            ]
            assert (status, film) == (200, source)
            # The latest is the one that the next finds.
            made = job
        assert [json.loads(each.body)["jobId"] for each in site.received].count(job_id) == 1


class _Holding:
    """Keeps the answer to the first copy, or the copy itself, from who asked for it."""

    def __init__(self, store: FaultyStore, *, is_done: bool) -> None:
        self.store, self.is_done = store, is_done
        self.reached, self.go_on = anyio.Event(), anyio.Event()

    async def handle(self, request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        held = "x-amz-copy-source" in request.headers and not self.reached.is_set()
        if held and not self.is_done:
            self.reached.set()
            await self.go_on.wait()
            raise aiohttp.web.HTTPServiceUnavailable
        self.store.instead = None
        try:
            answer = await self.store.handle(request)
        finally:
            self.store.instead = self.handle
        if held:
            self.reached.set()
            await self.go_on.wait()
        return answer
