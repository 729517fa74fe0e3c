"""`oven show`: one job, all that happened to it, and what its tools said."""

import json
import re
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.commands import run
from tests.daemons import running_daemon
from tests.site import running_site
from tests.tapes import small_entries, write_zip


async def test_a_job_whose_callback_took_two_tries(environment: dict[str, str], tmp_path: Path) -> None:
    """Each step with its time, each try with its answer, and how ffmpeg was called."""
    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        site.answers = [lambda: web.Response(status=500)]
        with running_daemon(tmp_path / "data") as daemon:
            env = environment | {"PORT": daemon.base.rsplit(":", 1)[1]}
            async with (
                aiohttp.ClientSession() as client,
                client.post(f"{daemon.base}/bake", json=site.ask()) as answer,
            ):
                job_id = (await answer.json())["jobId"]
            await site.wait_for(2)
            done = run("show", job_id, env=env, cwd=tmp_path)
            assert done.returncode == 0
            said = json.loads(run("jobs", "show", job_id, "--json", env=env, cwd=tmp_path).stdout)
    assert re.search(r"^state +done$", done.stdout, re.MULTILINE)
    events = re.findall(r"^20[-0-9T:.]+Z (.*)$", done.stdout, re.MULTILINE)
    words = [re.sub(r"[0-9.]+ s", "S", event).strip() for event in events]
    assert words[:3] == ["accepted", "run 1, attempt 1 began", "fetch: take, S done"]
    assert "encode: encode, S done" in words
    assert words[-3] == "run 1, attempt 1 ended, done"
    assert words[-2:] == ["callback of run 1: 500 after S", "callback of run 1: 200 after S"]
    assert "-c:v libx264" in said["timeline"]["attempts"][0]["log"]
    assert "kb/s" in done.stdout.splitlines()[-1]
    assert str(tmp_path) not in done.stdout
