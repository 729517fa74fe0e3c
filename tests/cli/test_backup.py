"""`oven backup`, and what it is for: a restore."""

import json
import shutil
from pathlib import Path

import aiohttp
import anyio
from standardwebhooks.webhooks import Webhook

from tests.commands import run
from tests.daemons import running_daemon
from tests.site import running_site

SECRET = "a secret that the site knows"


def test_no_database(environment: dict[str, str], tmp_path: Path) -> None:
    """Status 1, and why."""
    done = run("backup", env=environment, cwd=tmp_path)
    assert done.returncode == 1
    assert "there is no database to copy" in done.stderr
    assert not (tmp_path / "oven-data").exists()
    done = run("backup", "--json", env=environment, cwd=tmp_path)
    assert json.loads(done.stdout)["error"]["code"] == "NOT_FOUND"


async def test_a_restore(environment: dict[str, str], tmp_path: Path) -> None:
    """A copy that was made under a running daemon: another one serves its jobs, and tells whom it owes it."""
    data, other = tmp_path / "data", tmp_path / "restored"
    given = environment | {"OVEN_DATA_DIR": str(data)}
    async with running_site() as site, aiohttp.ClientSession() as client:
        site.files["/tape.zip"] = b"no zip"
        site.hold = anyio.Event()
        with running_daemon(data) as daemon:
            async with client.post(f"{daemon.base}/bake", json=site.ask()) as answer:
                job_id = (await answer.json())["jobId"]
            await site.wait_for(1)
            done = run("backup", "--json", "--keep", "2", env=given, cwd=tmp_path)
            assert done.returncode == 0, done.stderr
            made = json.loads(done.stdout)
            assert (made["jobs"], made["removed"]) == (1, [])
            assert Path(made["folder"]).parent == data / "backups"
            daemon.kill()
        site.hold.set()
        site.received.clear()
        # Without a daemon, and to another folder.
        done = run("backup", "--to", "copies", env=given, cwd=tmp_path)
        assert f"{tmp_path}/copies/oven-" in done.stdout
        assert done.stdout.endswith(" bytes, 1 jobs\n")

        other.mkdir()
        for file in ("oven.db", "secret.key"):
            shutil.copy(Path(made["folder"]) / file, other)
        with running_daemon(other) as daemon:
            async with client.get(f"{daemon.base}/v1/jobs/{job_id}") as answer:
                job = await answer.json()
            (callback,) = await site.wait_for(1)
            assert daemon.stop() == 0
    assert (job["state"], job["error"]["code"]) == ("failed", "ZIP_INVALID")
    Webhook(SECRET.encode()).verify(callback.body, callback.headers)
    assert json.loads(callback.body)["secret"] == SECRET
