"""`oven import`, against a running daemon."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

from tests.calls import call
from tests.client.conftest import VIDEO
from tests.commands import OVEN, run
from tests.daemons import running_daemon
from tests.origins import fine, hanging, page, running_origin, status


async def test_import(environment: dict[str, str], tmp_path: Path, clip: bytes) -> None:
    """Waits, and prints the asset, in words or as JSON; or at once; or says why there is none."""
    async with running_origin(clip) as origin:
        origin.ways = {"/gone.mp4": [status(404)], "/page.mp4": [page], VIDEO: [fine]}
        with running_daemon(tmp_path / "data") as daemon:
            env = environment | {"PORT": daemon.base.rsplit(":", 1)[1]}

            async def oven(path: str, *options: str) -> tuple[int, str, str]:
                done = await call(run, "import", f"{origin.base}{path}", *options, env=env, cwd=tmp_path)
                return done.returncode, done.stdout, done.stderr

            code, said, _ = await oven(
                VIDEO, "--name", "n.mp4", "--user", "alice", "--tag", "a", "--tag", "b"
            )
            rows = dict(line.split(maxsplit=1) for line in said.splitlines())
            assert (code, rows["name"], rows["status"]) == (0, "n.mp4", "READY")
            assert (rows["size"], rows["duration"]) == (f"{len(clip):,} bytes", "1 s")
            code, said, _ = await oven(VIDEO, "--type", "video", "--folder", "f", "--json")
            asset = json.loads(said)
            assert asset["folder_id"] == "f"
            assert (code, asset["status"], asset["size"]) == (0, "READY", len(clip))
            assert asset["id"] != rows["id"]
            code, said, _ = await oven(VIDEO, "--no-wait", "--json")
            assert (code, json.loads(said)["status"] in {"PENDING_UPLOAD", "UPLOADING", "READY"}) == (0, True)
            code, said, why = await oven("/gone.mp4")
            assert (code, said) == (1, "")
            assert "[DOWNLOAD_REJECTED]" in why
            code, said, _ = await oven("/gone.mp4", "--json")
            assert (code, json.loads(said)["error"]["code"]) == (1, "DOWNLOAD_REJECTED")
            code, _, why = await oven(VIDEO, "--user", "a/b")
            assert (code, "user_id must be" in why, "[FIELD_INVALID]" in why) == (1, True, True)


async def test_ctrl_c(environment: dict[str, str], tmp_path: Path, clip: bytes) -> None:
    """Leaves the import running, and says how to look at it; until then a terminal shows how far it is."""
    async with running_origin(clip) as origin:
        origin.ways[VIDEO] = [hanging]
        with running_daemon(tmp_path / "data") as daemon:
            env = environment | {"PORT": daemon.base.rsplit(":", 1)[1], "TERM": "xterm"}
            ours, theirs = pty.openpty()
            command = [*OVEN, "import", origin.base + VIDEO]
            with subprocess.Popen(  # noqa: ASYNC220 - it is read as a terminal is
                command, env=env, stderr=theirs, stdout=subprocess.PIPE
            ) as process:
                os.close(theirs)
                await origin.asked(VIDEO)
                shown = b""
                while b"fetch" not in shown:
                    shown += await call(os.read, ours, 4_096)
                process.send_signal(signal.SIGINT)
                assert await call(process.wait, 10) == 130
                assert process.stdout is not None
                assert process.stdout.read() == b""
            said = os.read(ours, 65_536).decode()
            os.close(ours)
            assert "the import goes on: oven jobs show " in said
            job_id = said.rsplit("show ", 1)[1].strip()
            shown_job = await call(run, "jobs", "show", job_id, "--json", env=env, cwd=tmp_path)
            assert json.loads(shown_job.stdout)["state"] == "running"
            # Nobody waits for the rest.
            daemon.kill()


async def test_nobody_there(environment: dict[str, str], tmp_path: Path) -> None:
    """Said at once, in a sentence."""
    done = await call(
        run, "import", "https://example.com/v.mp4", env=environment | {"PORT": "9"}, cwd=tmp_path
    )
    assert (done.returncode, "[DAEMON_UNREACHABLE]" in done.stderr) == (1, True)
