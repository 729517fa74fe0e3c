"""What is secret stays so: all that the daemon writes, says or sends is searched for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp
import anyio
import pytest
from aiohttp import web

from oven.adapters.sealing import KEY_FILE
from oven.adapters.storage.s3 import open_s3
from tests.corpus.watch import again_and_again, family
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import OUTSIDE
from tests.s3 import ACCESS_KEY, SECRET_KEY, S3Server
from tests.site import Site, running_site
from tests.tapes import small_entries, tape_entries, write_zip

CALLBACK, ADMIN, GUESS, TOKEN, SOURCE, TARGET, LINK, FIELD, PROGRESS = (
    f"CANARY-{name}"
    for name in ("callback", "admin", "guess", "token", "source", "target", "link", "field", "progress")
)
SECRETS = [CALLBACK, ADMIN, GUESS, TOKEN, SOURCE, TARGET, LINK, FIELD, PROGRESS, SECRET_KEY]
BUCKET, ART = "at-secrets", "art-secrets"


def found_in(text: bytes) -> list[str]:
    return [secret for secret in SECRETS if secret.encode() in text]


@contextmanager
def overheard(daemon: Daemon) -> Iterator[set[bytes]]:
    """Collect the command lines and environments of the daemon's children."""
    heard: set[bytes] = set()
    own = Path(f"/proc/{daemon.process.pid}/cmdline").read_bytes()

    def listen() -> None:
        for pid in set(family(daemon.process.pid)) - {daemon.process.pid}:
            about = Path(f"/proc/{pid}")
            with suppress(OSError):
                line, around = (about / "cmdline").read_bytes(), (about / "environ").read_bytes()
                # Until it becomes its program a child is the daemon still.
                if line not in {own, b""} and (about / "cmdline").read_bytes() == line:
                    heard.update((line, around))

    with again_and_again(listen, every_s=0.01):
        yield heard


def written_in(folder: Path) -> dict[str, list[str]]:
    """Search every file of a folder, but for the one key that all else is sealed with."""
    found: dict[str, list[str]] = {}
    for file in folder.rglob("*"):
        with suppress(OSError):
            if file.is_file() and file.name != KEY_FILE and (secrets := found_in(file.read_bytes())):
                found[file.name] = secrets
    return found


async def said_by(daemon: Daemon, jobs: list[str]) -> bytes:
    """Ask all that can be asked, with the admin's token and without."""
    said = b""
    admin = {**OUTSIDE, "Authorization": f"Bearer {ADMIN}"}
    paths = ["/health", "/status", "/v1/jobs", "/nothing", f"/files/x?signature={LINK}"]
    for job in jobs:
        paths += [f"/status/{job}", f"/v1/jobs/{job}", f"/v1/jobs/{job}/timeline"]
    async with aiohttp.ClientSession() as client:
        for path in paths:
            for headers in (admin, {**OUTSIDE, "Authorization": f"Bearer {TOKEN}"}):
                async with client.get(f"{daemon.base}{path}", headers=headers) as answer:
                    said += await answer.read() + str(answer.headers).encode()
        async with client.ws_connect(f"{daemon.base}/ws") as socket:
            said += str(await socket.receive_json(timeout=9)).encode()
    return said


async def post(daemon: Daemon, body: dict[str, object]) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{daemon.base}/bake", json=body, headers=OUTSIDE) as answer,
    ):
        return answer.status, await answer.read()


@pytest.mark.timeout(120)
async def test_secrets(s3: S3Server, tmp_path: Path) -> None:
    """Of callers, of the operator, in URLs, in guesses: none is where it need not be, also after a crash."""
    async with open_s3(s3.account()) as client, running_site() as site, running_site() as watcher:
        for bucket in (BUCKET, ART):
            await client.create_bucket(Bucket=bucket)
        tape = write_zip(tmp_path / "t.zip", small_entries(sound=True)).read_bytes()
        await client.put_object(Bucket=ART, Key="private.zip", Body=tape)
        frames = [index * 1000 / 60 for index in range(200)]
        site.files |= {
            "/good.zip": tape,
            "/broken.zip": tape[:-300],
            "/long.zip": write_zip(
                tmp_path / "l.zip", tape_entries(frames, width=320, height=240)
            ).read_bytes(),
        }
        store = {"ENDPOINT": s3.endpoint, "KEY": ACCESS_KEY, "SECRET": SECRET_KEY}
        settings = {
            "CALLBACK_SECRET": CALLBACK,
            "OVEN_ADMIN_TOKEN": ADMIN,
            "AT_BLOBS_SPACES_BUCKET": BUCKET,
            "ART_SPACES_BUCKET": ART,
            **{
                f"{prefix}_SPACES_{name}": value
                for prefix in ("AT_BLOBS", "ART")
                for name, value in store.items()
            },
        }
        site.answers = [
            lambda: web.Response(status=500, text=f"{CALLBACK} was wrong"),
            lambda: web.Response(status=302, headers={"Location": f"/elsewhere?{TARGET}"}),
        ]
        watcher.answers = [lambda: web.Response(status=500, text=f"{PROGRESS} was wrong")] * 3
        data = tmp_path / "data"
        with running_daemon(data, **settings) as daemon, overheard(daemon) as heard:
            said, jobs = await _submit_all(daemon, site, watcher, s3)
            while not await _is_encoding(daemon):
                await anyio.sleep(0.01)
            written = written_in(data)
            daemon.kill()
        with running_daemon(data, **settings) as daemon, overheard(daemon) as heard_later:
            await _wait_for_all(daemon, len(jobs))
            said += await said_by(daemon, jobs)
            written |= written_in(data)
            daemon.stop()
        stored = [
            await (await client.get_object(Bucket=BUCKET, Key=each["Key"]))["Body"].read()
            for each in (await client.list_objects_v2(Bucket=BUCKET))["Contents"]
        ]
    assert len(stored) == 6
    assert found_in(said) == []
    assert written | written_in(data) == {}
    assert found_in((tmp_path / "data.log").read_bytes()) == []
    assert found_in(b"\0".join(heard | heard_later)) == []
    assert any(b"libx264" in line for line in heard | heard_later)
    assert found_in(b"".join(stored)) == []
    # A callback holds its own secret in its own place, and goes to its own address.
    for callback in site.received:
        body = json.loads(callback.body)
        assert body.pop("secret") == CALLBACK
        assert found_in(json.dumps([body, callback.headers]).encode()) == []
        assert callback.path == f"/done?t={TARGET}"
    # Progress goes to its own address, and holds no secret.
    assert {posted.path for posted in watcher.received} == {f"/progress?p={PROGRESS}"}
    for posted in watcher.received:
        assert found_in(posted.body + json.dumps(posted.headers).encode()) == []
    assert {path for path in site.fetched if "?" in path} <= {
        f"/{name}.zip?sig={SOURCE}" for name in ("good", "broken", "long", "missing")
    }


async def _submit_all(daemon: Daemon, site: Site, watcher: Site, s3: S3Server) -> tuple[bytes, list[str]]:
    """Post what is good, what fails, and what is refused → all that was answered, and the jobs."""
    port = site.base.rsplit(":", 1)[1]
    urls = {
        "good": f"{site.base}/good.zip",
        "broken": f"{site.base}/broken.zip",
        "missing": f"{site.base}/missing.zip",
        "private": f"{s3.endpoint}/{ART}/private.zip",
        "unsafe": f"https://127.0.0.1:{port}/x.zip",
        "long": f"{site.base}/long.zip",
    }
    said, jobs = b"", []
    for name, url in urls.items():
        asked = site.ask(
            name,
            zipUrl=f"{url}?sig={SOURCE}",
            callbackUrl=f"{site.base}/done?t={TARGET}",
            progressUrl=f"{watcher.base}/progress?p={PROGRESS}",
            callbackSecret=CALLBACK,
            password=FIELD,
        )
        status, body = await post(daemon, asked)
        assert status == 202
        jobs.append(json.loads(body)["jobId"])
        said += body
    for change in (
        {"callbackSecret": GUESS},
        {"slug": "../x"},
        {"zipUrl": f"https://user:{GUESS}@h.example/x?sig={SOURCE}"},
        {"zipUrl": f"ftp://h.example/x?sig={SOURCE}"},
        {"callbackUrl": f"https://10.0.0.1/x?t={TARGET}"},
        {"progressUrl": f"https://10.0.0.1/x?p={PROGRESS}"},
        {"metadata": "x"},
    ):
        status, body = await post(daemon, site.ask("refused", callbackSecret=CALLBACK) | change)
        assert status in {400, 401}
        said += body
    return said, jobs


async def _is_encoding(daemon: Daemon) -> bool:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{daemon.base}/v1/jobs?state=running") as answer,
    ):
        if answer.status != 200:
            return False
        return any(job["phase"] == "encode" for job in (await answer.json())["jobs"])


async def _wait_for_all(daemon: Daemon, count: int) -> None:
    """Wait until so many jobs have ended, or wait for their next try."""
    with anyio.fail_after(60):
        ended = 0
        while ended < count:
            async with (
                aiohttp.ClientSession() as client,
                client.get(f"{daemon.base}/v1/jobs?state=done&state=failed&state=retrying") as answer,
            ):
                ended = len((await answer.json())["jobs"])
            await anyio.sleep(0.05)
