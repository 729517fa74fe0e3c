"""Accepted means done: the daemon as a process, asked, flooded, stopped and killed."""

import json
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiohttp
import anyio
import pytest
from standardwebhooks.webhooks import Webhook

from tests.adapters.test_process import is_running
from tests.commands import OVEN
from tests.daemons import Daemon, running_daemon
from tests.media_files import decode
from tests.ports import free_port
from tests.site import Site, running_site
from tests.tapes import jittered_starts_ms, read_numbers, small_entries, tape_entries, wav, write_zip

SECRET = "a secret that the site knows"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries(12, sound=True)).read_bytes()
        yield site


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(data / "oven.db")) as connection:
        return connection.execute(query).fetchall()


async def ended(client: aiohttp.ClientSession, daemon: Daemon, count: int) -> list[dict[str, object]]:
    """Wait until so many jobs have ended, and none is active."""
    with anyio.fail_after(50):
        while True:
            async with client.get(f"{daemon.base}/v1/jobs?limit=200") as answer:
                jobs: list[dict[str, object]] = (await answer.json())["jobs"]
            if len(jobs) == count and all(job["state"] in {"done", "failed", "cancelled"} for job in jobs):
                return jobs
            await anyio.sleep(0.05)


async def test_a_bake_from_post_to_callback(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """With nothing set but where the test's site may be: 202, a signed callback, a video that is true."""
    starts = jittered_starts_ms(90, 60)
    site.files["/auth0|1/tape.zip"] = write_zip(
        tmp_path / "n.zip", tape_entries(starts, sound=wav(1.6))
    ).read_bytes()
    with running_daemon(tmp_path / "data") as daemon:
        ask = site.ask(code="aBc", zipUrl=f"{site.base}/auth0|1/tape.zip?signature=x%2Fy", unknown={"a": 1})
        async with client.post(f"{daemon.base}/bake", json=ask) as answer:
            assert answer.status == 202
            accepted = await answer.json()
        (callback,) = await site.wait_for(1)
        body = json.loads(callback.body)
        Webhook(SECRET.encode()).verify(callback.body, callback.headers)
        async with client.get(f"{daemon.base}/status/{accepted['jobId']}") as answer:
            status = await answer.json()
        async with client.get(body["mp4Url"]) as answer:
            assert answer.content_type == "video/mp4"
            (tmp_path / "v.mp4").write_bytes(await answer.read())
        async with client.get(body["thumbnailUrl"]) as answer:
            assert answer.content_type == "image/jpeg"
    assert site.fetched == ["/auth0|1/tape.zip?signature=x%2Fy"]
    assert callback.path == "/done?for=tape"
    assert accepted == {
        "status": "accepted",
        "jobId": body["jobId"],
        "slug": "tape",
        "code": "aBc",
        "message": "the tape will be baked",
    }
    assert (body["mongoId"], body["slug"], body["code"], body["secret"]) == ("id-tape", "tape", "aBc", SECRET)
    assert (body["status"], body["resolution"]) == ("complete", [192, 192])
    assert body["mp4Url"].endswith("/files/tapes/aBc.mp4")
    assert (status["status"], status["success"], status["mp4Url"]) == ("complete", True, body["mp4Url"])
    numbers = read_numbers(decode(tmp_path / "v.mp4", 192, 192))
    assert numbers == sorted(numbers)
    assert len(numbers) == body["frames"]
    late = [
        abs(slot / 60 - starts[n] / 1000)
        for slot, n in enumerate(numbers)
        if slot == 0 or numbers[slot - 1] != n
    ]
    assert max(late) <= 0.5 / 60 + 1e-6


async def test_a_broken_tape_is_told(tmp_path: Path, site: Site, client: aiohttp.ClientSession) -> None:
    """An error callback with a code, signed like any other; the job is failed and not tried again."""
    site.files["/tape.zip"] = b"no zip"
    with running_daemon(tmp_path / "data") as daemon:
        async with client.post(f"{daemon.base}/bake", json=site.ask()) as answer:
            assert answer.status == 202
        (callback,) = await site.wait_for(1)
        (job,) = await ended(client, daemon, 1)
    body = json.loads(callback.body)
    Webhook(SECRET.encode()).verify(callback.body, callback.headers)
    assert (body["status"], body["errorCode"]) == ("error", "ZIP_INVALID")
    assert "mp4Url" not in body
    assert (job["state"], job["attempt"]) == ("failed", 1)


async def test_the_secret_is_stored_nowhere(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """Not in the database, not in a work directory, not in the log, not in a status."""
    with running_daemon(tmp_path / "data") as daemon:
        async with client.post(
            f"{daemon.base}/bake", json=site.ask(zipUrl=f"{site.base}/tape.zip?sig=CANARY")
        ) as answer:
            job_id = (await answer.json())["jobId"]
        await site.wait_for(1)
        shown = ""
        for path in ("/status", f"/status/{job_id}", "/v1/jobs", f"/v1/jobs/{job_id}", "/health"):
            async with client.get(daemon.base + path) as answer:
                shown += await answer.text()
        assert daemon.stop() == 0
    assert SECRET not in shown
    assert "CANARY" not in shown
    for file in [*(tmp_path / "data").rglob("*"), tmp_path / "data.log"]:
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file


# Twenty starts of a daemon, on machines that do much else.
@pytest.mark.timeout(180)
async def test_killed_at_twenty_moments(tmp_path: Path, site: Site, client: aiohttp.ClientSession) -> None:
    """Kill -9 twenty times in the middle of bakes: each ends once, is told by one id, and leaves nothing.

    Every second is made anew; of the others all but the first may be copies.
    """
    rng, data, accepted = random.Random(11), tmp_path / "data", set()
    ffmpegs: set[int] = set()
    for number in range(20):
        with running_daemon(data) as daemon:
            site.files[f"/t{number}.zip"] = site.files["/tape.zip"]
            ask = site.ask(f"t{number}", reuse=number % 2 == 1)
            async with client.post(f"{daemon.base}/bake", json=ask) as answer:
                accepted.add((await answer.json())["jobId"])
            await anyio.sleep(rng.uniform(0, 0.6))
            ffmpegs.update(daemon.children)
            daemon.kill()
    with running_daemon(data) as daemon:
        jobs = await ended(client, daemon, 20)
        with anyio.fail_after(20):
            while rows(data, "SELECT count(*) FROM outbox WHERE state != 'delivered'") != [(0,)]:
                await anyio.sleep(0.05)
        assert daemon.stop() == 0
    assert {job["id"] for job in jobs} == accepted
    assert all(job["state"] in {"done", "failed"} for job in jobs)
    crashed = [job for job in jobs if job["state"] == "failed"]
    assert all(job["error"]["code"] == "WORKER_CRASHED" for job in crashed)  # type: ignore[index]
    told: dict[str, set[str]] = {}
    for callback in site.received:
        told.setdefault(json.loads(callback.body)["jobId"], set()).add(callback.headers["webhook-id"])
    assert set(told) == accepted
    assert all(len(ids) == 1 for ids in told.values())
    assert not any(map(is_running, ffmpegs))
    assert list((data / "work").iterdir()) == []
    assert (
        sorted(file.name for file in (data / "files" / "tapes").iterdir() if file.name.endswith(".part"))
        == []
    )
    assert rows(data, "PRAGMA integrity_check") == [("ok",)]


def slow_ffmpeg(folder: Path, seconds: float) -> str:
    """Give an ffmpeg that takes its time before each encode."""
    program = folder / "slow-ffmpeg"
    program.write_text(f'#!/bin/sh\ncase "$*" in *-progress*) sleep {seconds};; esac\nexec ffmpeg "$@"\n')
    program.chmod(0o755)
    return str(program)


async def test_stopped_with_two_running_and_five_waiting(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """SIGTERM hands back what does not end in time; after the restart all end, and no crash is counted."""
    data = tmp_path / "data"
    settings = {"OVEN_FFMPEG": slow_ffmpeg(tmp_path, 30), "OVEN_DRAIN_S": "1"}
    with running_daemon(data, **settings) as daemon:
        for number in range(7):
            site.files[f"/t{number}.zip"] = site.files["/tape.zip"]
            async with client.post(f"{daemon.base}/bake", json=site.ask(f"t{number}")) as answer:
                assert answer.status == 202
        with anyio.fail_after(20):
            while rows(data, "SELECT count(*) FROM jobs WHERE state = 'running'") != [(2,)]:
                await anyio.sleep(0.05)
        began = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - began < 45
    assert rows(data, "SELECT DISTINCT state, attempt, crashes FROM jobs") == [("queued", 0, 0)]
    with running_daemon(data) as daemon:
        jobs = await ended(client, daemon, 7)
        await site.wait_for(7)
    assert {(job["state"], job["attempt"]) for job in jobs} == {("done", 1)}
    assert rows(data, "SELECT sum(crashes) FROM jobs") == [(0,)]


async def test_a_draining_daemon_takes_nothing(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """It answers 503 with Retry-After while it lets what runs end."""
    data = tmp_path / "data"
    with running_daemon(data, OVEN_FFMPEG=slow_ffmpeg(tmp_path, 1.5)) as daemon:
        async with client.post(f"{daemon.base}/bake", json=site.ask()) as answer:
            assert answer.status == 202
        with anyio.fail_after(20):
            while not daemon.children:
                await anyio.sleep(0.02)
        daemon.process.terminate()
        await anyio.sleep(0.3)
        async with client.post(f"{daemon.base}/bake", json=site.ask("other")) as answer:
            assert answer.status == 503
            assert (await answer.json())["code"] == "SHUTTING_DOWN"
            assert int(answer.headers["Retry-After"]) > 0
        assert daemon.process.wait(30) == 0
    assert rows(data, "SELECT state, attempt FROM jobs") == [("done", 1)]


@pytest.mark.parametrize(
    "change", [{"callbackSecret": "whsec_"}, {"callbackSecret": "whsec_é"}, {"zipUrl": "/gone.zip"}]
)
async def test_a_callback_that_cannot_be_signed(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession, change: dict[str, str]
) -> None:
    """Is signed by the bytes of its secret; the daemon lives, whatever callers give it."""
    change = {name: site.base + value if value[0] == "/" else value for name, value in change.items()}
    with running_daemon(tmp_path / "data") as daemon:
        async with client.post(f"{daemon.base}/bake", json=site.ask("odd", **change)) as answer:
            assert answer.status == 202
        await site.wait_for(1)
        assert daemon.stop() == 0


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".com", "xn--a"])
async def test_hosts_that_are_none(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession, host: str
) -> None:
    """Are refused at once."""
    with running_daemon(tmp_path / "data") as daemon:
        for field in ("zipUrl", "callbackUrl"):
            body = site.ask("odd", **{field: f"https://{host}/x"})
            async with client.post(f"{daemon.base}/bake", json=body) as answer:
                said = await answer.json(content_type=None)
            assert (answer.status, said["code"], said["errors"][0]["pointer"]) == (
                400,
                "URL_INVALID",
                f"/{field}",
            )
        assert daemon.stop() == 0


async def test_stopped_as_soon_as_asked(tmp_path: Path, site: Site, client: aiohttp.ClientSession) -> None:
    """However early the SIGTERM comes, nothing is counted as a crash, and every job ends well."""
    data = tmp_path / "data"
    for number in range(8):
        site.files[f"/t{number}.zip"] = site.files["/tape.zip"]
        with running_daemon(data, OVEN_DRAIN_S="0") as daemon:
            async with client.post(f"{daemon.base}/bake", json=site.ask(f"t{number}")) as answer:
                assert answer.status == 202
            await anyio.sleep(number / 1000)
            assert daemon.stop() == 0
        assert rows(data, "SELECT count(*) FROM jobs WHERE state = 'running' OR crashes > 0") == [(0,)]
    with running_daemon(data) as daemon:
        jobs = await ended(client, daemon, 8)
    assert {job["state"] for job in jobs} == {"done"}


async def test_unfinished_requests_do_not_hold_up_the_stop(tmp_path: Path) -> None:
    """Nor half a head, nor half a body."""
    with running_daemon(tmp_path / "data") as daemon:
        port = int(daemon.base.rsplit(":", 1)[1])
        heads = (b"POST /bake HT", b"POST /bake HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{")
        streams = [await anyio.connect_tcp("127.0.0.1", port) for _ in heads]
        for stream, head in zip(streams, heads, strict=True):
            await stream.send(head)
        async with aiohttp.ClientSession() as session, session.get(f"{daemon.base}/status") as answer:
            assert answer.status == 200
        began = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - began < 15
        for stream in streams:
            await stream.aclose()


async def test_a_log_whose_reader_has_gone(tmp_path: Path, site: Site, client: aiohttp.ClientSession) -> None:
    """Ends neither the daemon nor a job."""
    port = str(free_port())
    environment = {
        "PATH": os.environ["PATH"],
        "OVEN_DATA_DIR": str(tmp_path / "data"),
        "OVEN_EGRESS_ALLOW": "127.0.0.1",
        "PORT": port,
    }
    async with await anyio.open_process([*OVEN, "serve"], env=environment, stdout=None) as process:
        assert process.stderr is not None
        said = b""
        while b"listening on" not in said:
            said += await process.stderr.receive()
        await process.stderr.aclose()
        async with client.post(f"http://127.0.0.1:{port}/bake", json=site.ask()) as answer:
            assert answer.status == 202
        await site.wait_for(1)
        process.terminate()
        assert await process.wait() == 0


async def test_a_cancelled_job_publishes_nothing(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """Whenever the cancellation comes: either it is refused and the job is done, or there is no video.

    Every third may be a copy.
    """
    data = tmp_path / "data"
    with running_daemon(data) as daemon:
        for number in range(12):
            name = f"t{number}"
            site.files[f"/{name}.zip"] = site.files["/tape.zip"]
            ask = site.ask(name, reuse=number % 3 == 2)
            async with client.post(f"{daemon.base}/bake", json=ask) as answer:
                job = f"{daemon.base}/v1/jobs/{(await answer.json())['jobId']}"
            phase = ""
            while phase not in {"verify", "publish"}:
                async with client.get(job) as answer:
                    said = await answer.json()
                phase = "publish" if said["finishedAt"] else said["phase"]
            await anyio.sleep(number / 1000)
            async with client.delete(job) as answer:
                status = answer.status
            await site.wait_for(number + 1)
            async with client.get(f"{daemon.base}/files/tapes/{name}.mp4") as answer:
                assert (status, answer.status) in {(200, 404), (409, 200)}, number


async def test_the_same_twenty_times_at_once(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """One job, twenty equal answers, one callback; also where signed URLs differ in their queries."""
    answers: set[str] = set()
    with running_daemon(tmp_path / "data") as daemon:

        async def send(number: int) -> None:
            ask = site.ask(zipUrl=f"{site.base}/tape.zip?signature={number}")
            async with client.post(f"{daemon.base}/bake", json=ask) as answer:
                assert answer.status == 202
                answers.add((await answer.json())["jobId"])

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(send, number)
        assert len(await ended(client, daemon, 1)) == 1
        await site.wait_for(1)
        await anyio.sleep(0.2)
    assert len(answers) == 1
    assert len(site.received) == 1


async def test_a_full_queue(tmp_path: Path, site: Site, client: aiohttp.ClientSession) -> None:
    """Beyond its limit 503 with Retry-After; everything that was accepted ends."""
    statuses: list[int] = []
    settings = {"OVEN_QUEUE_LIMIT": "3", "OVEN_FFMPEG": slow_ffmpeg(tmp_path, 0.5)}
    with running_daemon(tmp_path / "data", **settings) as daemon:
        for number in range(12):
            site.files[f"/t{number}.zip"] = site.files["/tape.zip"]
            ask = site.ask(f"t{number}", reuse=False)
            async with client.post(f"{daemon.base}/bake", json=ask) as answer:
                statuses.append(answer.status)
                if answer.status == 503:
                    assert (await answer.json())["code"] == "QUEUE_FULL"
                    assert "Retry-After" in answer.headers
        accepted = statuses.count(202)
        assert accepted >= 3
        assert statuses.count(503) == 12 - accepted > 0
        jobs = await ended(client, daemon, accepted)
        await site.wait_for(accepted)
    assert {job["state"] for job in jobs} == {"done"}


async def test_cancel_while_running_and_waiting(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """Ended at once, told as an error, ffmpeg gone, its files too; a retry opens the next run."""
    data = tmp_path / "data"
    settings = {"OVEN_FFMPEG": slow_ffmpeg(tmp_path, 30), "OVEN_CONCURRENCY": "1"}
    site.files["/second.zip"] = site.files["/tape.zip"]
    with running_daemon(data, **settings) as daemon:
        ids = []
        for name in ("tape", "second"):
            async with client.post(f"{daemon.base}/bake", json=site.ask(name)) as answer:
                ids.append((await answer.json())["jobId"])
        with anyio.fail_after(20):
            while not any("slow-ffmpeg" in _command(pid) for pid in daemon.children):
                await anyio.sleep(0.02)
        children = daemon.children
        for job_id in reversed(ids):
            async with client.delete(f"{daemon.base}/v1/jobs/{job_id}") as answer:
                assert (await answer.json())["state"] == "cancelled"
            async with client.delete(f"{daemon.base}/v1/jobs/{job_id}") as answer:
                assert (answer.status, (await answer.json())["code"]) == (409, "JOB_CONFLICT")
        await site.wait_for(2)
        with anyio.fail_after(5):
            while any(map(is_running, children)) or list((data / "work").iterdir()):
                await anyio.sleep(0.02)
        assert daemon.stop() == 0
    assert {json.loads(callback.body)["errorCode"] for callback in site.received} == {"CANCELLED"}
    with running_daemon(data) as daemon:
        async with client.post(f"{daemon.base}/v1/jobs/{ids[0]}/retry") as answer:
            assert (answer.status, (await answer.json())["run"]) == (202, 2)
        await site.wait_for(3)
        again = json.loads(site.received[2].body)
        assert (again["jobId"], again["status"]) == (ids[0], "complete")
        assert site.received[2].headers["webhook-id"].endswith("_2")
        async with client.post(f"{daemon.base}/v1/jobs/{ids[0]}/callback/replay") as answer:
            assert await answer.json() == {"replayed": 1}
        await site.wait_for(4)
        assert site.received[3].body == site.received[2].body
        assert site.received[3].headers["webhook-id"] == site.received[2].headers["webhook-id"]


async def test_a_passing_failure_is_tried_again(
    tmp_path: Path, site: Site, client: aiohttp.ClientSession
) -> None:
    """A source that is not there yet is no failure; after five seconds it is."""
    tape = site.files.pop("/tape.zip")
    with running_daemon(tmp_path / "data") as daemon:
        ask = site.ask(zipUrl="http://127.0.0.1:9/tape.zip")
        async with client.post(f"{daemon.base}/bake", json=ask) as answer:
            job_id = (await answer.json())["jobId"]
        with anyio.fail_after(10):
            while True:
                async with client.get(f"{daemon.base}/v1/jobs/{job_id}") as answer:
                    job = await answer.json()
                if job["state"] == "retrying":
                    break
                await anyio.sleep(0.05)
        assert (job["attempt"], job["error"]["code"]) == (1, "DOWNLOAD_FAILED")
        assert job["error"]["retryable"]
        assert not site.received
        assert tape


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_two_daemons_on_one_folder(tmp_path: Path) -> None:
    """The second says in a sentence why it does not start."""
    with (
        running_daemon(tmp_path / "data"),
        pytest.raises(RuntimeError, match="DATA_DIR_LOCKED"),
        running_daemon(tmp_path / "data"),
    ):
        pass
