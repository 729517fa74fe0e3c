"""A server's life, as its operator and its visitors see it: made, used, broken, upgraded, gone."""

import itertools
import json
import re
import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import anyio

from tests.lab.place import ADMIN, JOB_S, UNITS, Place
from tests.lab.visitor import Visitor

NAME = "oven.local"
ROOT = Path("var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt")
TAPE = Path(__file__).parents[2] / "examples" / "tape.zip"
SOURCE = ("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=2", "-f", "lavfi", "-i", "sine=d=2")
CODECS = {"h264": "mp4", "h265": "mp4", "vp9": "webm", "av1": "webm"}
# WatchdogSec, and twice as much for a machine that has other things to do.
WATCHDOG_S = 90


async def trust(place: Place) -> None:
    """Let the operator trust the guest's own authority, as soon as it is there."""
    made = place.guest.root / ROOT
    while not made.exists() or b"END CERTIFICATE" not in made.read_bytes():
        await anyio.sleep(0.2)
    shutil.copyfile(made, place.operator.authorities)


async def use(place: Place, visitor: Visitor) -> None:
    """Do what callers do."""
    report = place.report
    with report.fact("a bake through Caddy: 202, callback, a film that is what it should be") as fact:
        told = await place.bake(visitor, "first")
        assert told["status"] == "complete", told
        status, film = await visitor.ask("GET", told["mp4Url"])
        assert status == 200
        file = place.operator.folder / "film.mp4"
        file.write_bytes(film)
        words = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", str(file)]
        fact.note = " and ".join(subprocess.check_output(words, text=True).split())
        assert fact.note == "h264 and aac"
    with report.fact(
        "an import, an export by each codec and a short, under all that the unit forbids"
    ) as fact:
        fact.note = await _make_films(place, visitor)
    with report.fact("/metrics and /v1/keys are not there; a door is closed to who has no secret"):
        for path in ("/metrics", "/v1/keys", "/nothing"):
            status, _ = await visitor.ask("GET", path)
            assert status == 404, path
        status, _ = await visitor.ask("GET", "/v1/jobs")
        assert status == 401
        body = place.site.ask("tape", slug="x", callbackSecret="guessed")
        status, _ = await visitor.ask("POST", "/bake", json=body)
        assert status == 401
    with report.fact("`oven jobs list` on the machine, with the service's settings"):
        listed = json.loads(place.guest.run("oven", "jobs", "list", "--json"))
        assert {job["state"] for job in listed["jobs"]} == {"done"}, listed


async def _make_films(place: Place, visitor: Visitor) -> str:
    """Have every encoder run, as the admin → how long each took."""
    film = place.operator.folder / "source.mp4"
    words = ["ffmpeg", "-y", "-v", "error", *SOURCE, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*words, str(film)], check=True)
    place.site.files["/source.mp4"] = film.read_bytes()
    headers = {"Authorization": f"Bearer {ADMIN}"}

    async def ask(method: str, path: str, **options: Any) -> dict[str, Any]:
        status, said = await visitor.ask(method, path, headers=headers, **options)
        assert status < 300, (path, status, said)
        told: dict[str, Any] = said
        return told

    async def end(path: str, good: str) -> str:
        began = anyio.current_time()
        with anyio.fail_after(JOB_S):
            while (said := await ask("GET", path))["status"] != good:
                assert said["status"] not in {"failed", "FAILED"}, said
                await anyio.sleep(0.2)
        return f"{anyio.current_time() - began:.1f} s"

    body: dict[str, Any] = {"url": f"{place.site.base}/source.mp4", "name": "source.mp4"}
    asset = await ask("POST", "/api/v1/media/import-from-url", json=body)
    took = {"import": await end(f"/api/v1/media/{asset['id']}", "READY")}
    for codec, container in CODECS.items():
        convert = {"type": "convert", "options": {"format": container, "videoCodec": codec}}
        export = await ask("POST", "/api/exports", json={"videoId": asset["id"], "operations": [convert]})
        took[codec] = await end(f"/api/exports/{export['id']}", "completed")
    cut = await ask("POST", f"/v1/videos/{asset['id']}/scenes", json={"start_s": 0, "end_s": 1.5})
    body = {"aspect_ratio_strategy": "blur", "output_quality": "high"}
    short = await ask("POST", f"/v1/scenes/{cut['id']}/export-short", json=body)
    took["short"] = await end(f"/v1/exports/{short['export_id']}", "completed")
    return ", ".join(f"{name} {seconds}" for name, seconds in took.items())


def look_at_bounds(place: Place) -> None:
    """See that the fence around the service and around the machine holds."""
    report, guest, network = place.report, place.guest, place.network
    with report.fact("the service reaches what it is allowed alone; other processes are not bounded"):
        port = place.site.base.rpartition(":")[2]
        look = "exec 3<>/dev/tcp/{}/{} && echo reached"
        join = "echo $$ >/sys/fs/cgroup/system.slice/oven.service/cgroup.procs && "
        for address, is_reached in ((network.host, True), (network.stranger, False), ("127.0.0.1", False)):
            tried = guest.attempt("timeout", "3", "bash", "-c", join + look.format(address, port))
            assert ("reached" in tried.stdout) == is_reached, (address, tried)
        assert "reached" in guest.run("timeout", "3", "bash", "-c", look.format("127.0.0.1", 9180))
    with report.fact("the firewall: 22 from one address alone, 80 and 443 from all, nothing else"):
        guest.run("systemd-run", "--quiet", "--unit=other", "python3", "-m", "http.server", "8123")
        for source, ports in ((network.host, {22, 80, 443}), (network.stranger, {80, 443})):
            reached = {port for port in (22, 80, 443, 8123, 9180) if _reaches(source, network.guest, port)}
            assert reached == ports, (source, reached)
        guest.run("systemctl", "stop", "other")
    with report.fact("systemd finds nothing wrong with the units, and little exposed") as fact:
        done = guest.attempt("systemd-analyze", "verify", "--recursive-errors=yes", *UNITS)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        said = guest.run("systemd-analyze", "security", "--no-pager", "oven.service").splitlines()[-1]
        fact.note = said.removeprefix("→ ")
        assert float(re.findall(r"[0-9.]+", said)[-1]) <= 1.5, said
    with report.fact("limits follow the machine") as fact:
        names = ("MemoryMax", "MemorySwapMax", "TasksMax")
        fact.note = ", ".join(f"{name} {guest.shows('oven', name)}" for name in names)
        memory = int(guest.run("awk", "/MemTotal/ {print $2}", "/proc/meminfo")) * 1024
        assert 0.5 < int(guest.shows("oven", "MemoryMax")) / memory < 0.95, fact.note


def _reaches(source: str, guest: str, port: int) -> bool:
    try:
        socket.create_connection((guest, port), timeout=2, source_address=(source, 0)).close()
    except OSError:
        return False
    return True


async def disturb(place: Place, visitor: Visitor) -> None:
    """Kill, stop and boot anew; nothing is lost."""
    report, guest = place.report, place.guest
    with report.fact("kill -9 in a bake: started anew, the bake ends once"):
        body = place.site.ask("tape", **place.asked("killed"))
        _, taken = await visitor.ask("POST", "/bake", json=body)
        guest.run("kill", "-9", str(place.main_pid))
        told = await place.told(taken["jobId"])
        assert told["status"] == "complete", told
        ended = [json.loads(received.body)["jobId"] for received in place.site.received]
        assert ended.count(taken["jobId"]) == 1
    with report.fact("a loop that stands still is started anew by the watchdog"):
        before = place.main_pid
        guest.run("kill", "-STOP", str(before))
        with anyio.fail_after(WATCHDOG_S):
            while place.main_pid in {before, 0}:
                await anyio.sleep(1)
        assert await _is_healthy(visitor)
    with report.fact("after a boot all is there again"):
        guest.stop()
        guest.start()
        for unit in UNITS:
            assert guest.shows(unit, "ActiveState") == "active", unit
        assert await _is_healthy(visitor)
        assert (await place.bake(visitor, "booted"))["status"] == "complete"


async def _is_healthy(visitor: Visitor) -> bool:
    status, _ = await visitor.ask("GET", "/health")
    return status == 200


async def upgrade(place: Place, visitor: Visitor) -> None:
    """Bring better code, worse code, and settings that are wrong."""
    report, operator = place.report, place.operator
    version = "src/oven/__init__.py"
    with report.fact("an upgrade under fire: nobody is left without an answer, and every job ends") as fact:
        operator.change(version, '__version__ = "', '__version__ = "1.')
        fact.note = await _under_fire(place, visitor, place.deploy)
        status, said = await visitor.ask("GET", "/status")
        assert status == 200
        assert said["version"].startswith("1."), said["version"]
    running = place.guest.run("readlink", "/opt/oven/current")
    with report.fact("settings that are wrong: said, and nothing changed"):
        before = place.snapshot()
        operator.write(".env", place.settings(OVEN_CONCURRENCY="many"))
        done = await place.deploy(status=1)
        assert "OVEN_CONCURRENCY" in done.said
        place.unchanged_since(before)
    with report.fact("a store that does not answer to its key: seen before the restart"):
        operator.write(".env", place.settings(**_store(place)))
        done = await place.deploy(status=1)
        assert "AT_BLOBS_SPACES_BUCKET" in done.said, done.said
        place.unchanged_since(before)
        operator.write(".env", place.settings())
    for claim, file, old, new in WORSE:
        with report.fact(f"{claim}: back to the one before, nothing lost") as fact:
            operator.change(file, old, new)
            fact.note = await _under_fire(place, visitor, lambda: place.deploy(status=1))
            assert place.guest.run("readlink", "/opt/oven/current") == running
            assert await _is_healthy(visitor)
            operator.undo()
    with report.fact("--rollback, twice: to the release before, and back"):
        await place.deploy("--rollback")
        _, said = await visitor.ask("GET", "/status")
        assert not said["version"].startswith("1.")
        await place.deploy("--rollback")
        assert place.guest.run("readlink", "/opt/oven/current") == running


# What is wrong with a release, and the one change that makes it so.
WORSE = (
    (
        "a release that does not start",
        "src/oven/daemon.py",
        "    allow_many_files()\n",
        "    raise SystemExit(3)\n",
    ),
    (
        "a release that is not healthy",
        "src/oven/adapters/health.py",
        "                    found[name] = OK\n",
        "                    found[name] = NO_ANSWER\n",
    ),
)


def _store(place: Place) -> Mapping[str, str]:
    return {
        "AT_BLOBS_SPACES_BUCKET": "at-blobs",
        "AT_BLOBS_SPACES_KEY": "key",
        "AT_BLOBS_SPACES_SECRET": "secret",
        "AT_BLOBS_SPACES_ENDPOINT": place.site.base,
    }


async def _under_fire(place: Place, visitor: Visitor, change: Callable[[], Awaitable[object]]) -> str:
    """Post tapes and look at health while something changes; all that is taken ends → how many.

    Whoever is not served is told when to come again.
    """
    taken: list[str] = []
    looks: Counter[int] = Counter()

    async def post() -> None:
        for number in itertools.count():
            body = place.site.ask("tape", **place.asked(f"fire{len(place.site.received)}.{number}"))
            status, answer = await visitor.ask("POST", "/bake", json=body)
            looks[status] += 1
            if status == 202:
                taken.append(answer["jobId"])
            await anyio.sleep(1)

    async def look() -> None:
        while True:
            status, _ = await visitor.ask("GET", "/health/live")
            looks[status] += 1
            await anyio.sleep(0.1)

    async with anyio.create_task_group() as group:
        group.start_soon(post)
        group.start_soon(look)
        await change()
        group.cancel_scope.cancel()
    for job in taken:
        told = await place.told(job)
        assert told["status"] == "complete", told
    assert set(looks) <= {200, 202, 503}, looks
    return f"{looks[202]} tapes taken and baked, {looks[200]} looks, {looks[503]} told to come again"


def keep(place: Place) -> None:
    """Copy the database as every night, lose it, and have it back."""
    report, guest = place.report, place.guest
    with report.fact("a nightly copy, and the database back from it"):
        guest.run("systemctl", "start", "oven-backup.service")
        jobs = json.loads(guest.run("oven", "jobs", "list", "--json", "--limit", "100"))["jobs"]
        newest = guest.run("bash", "-c", "ls -d /var/backups/oven/* | tail -1")
        guest.run("systemctl", "stop", "oven")
        guest.run("bash", "-c", "rm /var/lib/oven/oven.db* /var/lib/oven/secret.key")
        guest.run("bash", "-c", f"install -o oven -g oven -m 600 {newest}/* /var/lib/oven/")
        guest.run("systemctl", "start", "oven")
        assert json.loads(guest.run("oven", "jobs", "list", "--json", "--limit", "100"))["jobs"] == jobs
