"""`oven jobs`, against a running daemon."""

import json
from pathlib import Path

import aiohttp

from tests.commands import run
from tests.daemons import running_daemon
from tests.site import running_site
from tests.tapes import small_entries, write_zip


async def test_list_show_cancel_retry_replay(environment: dict[str, str], tmp_path: Path) -> None:
    """What the door does, from the shell."""
    async with running_site() as site:
        site.files["/tape.zip"] = write_zip(tmp_path / "t.zip", small_entries()).read_bytes()
        with running_daemon(tmp_path / "data") as daemon:
            env = environment | {"PORT": daemon.base.rsplit(":", 1)[1]}

            def oven(*arguments: str) -> tuple[int, str, str]:
                done = run("jobs", *arguments, env=env, cwd=tmp_path)
                return done.returncode, done.stdout, done.stderr

            assert oven("list") == (0, "", "")
            async with (
                aiohttp.ClientSession() as client,
                client.post(f"{daemon.base}/bake", json=site.ask()) as answer,
            ):
                job_id = (await answer.json())["jobId"]
            await site.wait_for(1)
            status, listed, _ = oven("list")
            assert (status, listed.split()[:3]) == (0, [job_id, "done", "bake"])
            status, shown, _ = oven("show", job_id)
            assert status == 0
            assert "progress     100%" in shown
            assert "callback     delivered, tried 1 time\n" in shown
            assert oven("list", "--callback", "parked")[1] == ""
            assert "/files/tapes/tape.mp4" in shown
            assert json.loads(oven("show", job_id, "--json")[1])["state"] == "done"
            status, _, said = oven("cancel", job_id)
            assert (status, said) == (1, "oven: the job is done already [JOB_CONFLICT]\n")
            assert oven("replay", job_id)[1] == "the callback is sent again, now\n"
            await site.wait_for(2)
            assert "run          2" in oven("retry", job_id)[1]
            await site.wait_for(3)
            assert "[NOT_FOUND]" in oven("show", "nobody")[2]
            assert (
                json.loads(oven("list", "--state", "cooking", "--json")[1])["error"]["code"]
                == "FIELD_INVALID"
            )
