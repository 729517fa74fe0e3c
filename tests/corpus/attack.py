"""All bad inputs, sent to one daemon; what it said, and what it cost."""

import http.client
import json
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio

from tests.corpus import archives, exports, pictures, requests, scenes, shorts, sounds, sources, timings
from tests.corpus.case import BadRequest, BadSource, BadTape
from tests.corpus.watch import Cost, canary, measured
from tests.daemons import Daemon, running_daemon
from tests.tapes import small_entries
from tests.zips import archive, entries_of

SLOTS = 4
SETTINGS = {
    "OVEN_CONCURRENCY": str(SLOTS),
    "OVEN_QUEUE_LIMIT": "2000",
    "OVEN_MAX_FRAMES": str(archives.MAX_FRAMES),
    "OVEN_MAX_ZIP_BYTES": str(archives.MAX_ZIP_BYTES),
    "OVEN_MAX_UNPACKED_BYTES": str(archives.MAX_UNPACKED_BYTES),
    # Of hosts that never end; a trickle is given up after ten.
    "OVEN_FETCH_TIMEOUT_S": "15",
    # Machines that test are busy with more than this.
    "OVEN_ENCODE_STALL_S": "60",
    "OVEN_EGRESS_ALLOW": sources.HOST,
    "CALLBACK_SECRET": requests.SECRET,
    "OVEN_ADMIN_TOKEN": requests.ADMIN,
    "OVEN_JWT_SECRET": requests.PROVIDER,
    "MP4_SERVICE_TOKEN": requests.SERVICE,
}
FINAL = {"done", "failed", "cancelled"}
# An address of the machine is no caller's business; nor are its paths.
ADDRESS = re.compile(r"127\.0\.0\.\d")
LONGEST_S = 170.0


@dataclass(slots=True)
class Report:
    """What came of an attack; `wrong` names every answer that was not the one that is due."""

    wrong: list[str] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    cost: Cost = field(default_factory=Cost)
    # The daemon's memory before, in bytes.
    at_rest: int = 0
    # (Seconds, case), of requests and of jobs from their start to their end.
    slowest_request: tuple[float, str] = (0.0, "")
    slowest_job: tuple[float, str] = (0.0, "")
    seconds: float = 0.0

    def expect(self, name: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.wrong.append(f"{name}: {found}, not {wanted}")


async def attack(folder: Path) -> Report:
    """Send every bad input, and a good tape before and after."""
    report, began = Report(), time.monotonic()
    data, secret = folder / "data", folder / "secret.ts"
    async with canary(secret, sources.FORBIDDEN) as bird, sources.hostile_host(folder) as host:
        with running_daemon(data, **SETTINGS) as daemon:
            attacker = _Attacker(daemon=daemon, host=host, report=report, data=data)
            await attacker.bake_well("before")
            report.at_rest = _peak(daemon)
            descriptors = attacker.descriptors
            with measured(daemon.process.pid, data / "work") as cost:
                report.cost = cost
                await anyio.to_thread.run_sync(
                    attacker.send, [*requests.cases(), *exports.cases(), *scenes.cases(), *shorts.cases()]
                )
                tapes = [*archives.cases(), *pictures.cases(secret), *timings.cases(), *sounds.cases(secret)]
                await attacker.submit(tapes, list(sources.cases(host.tls_port, host.port)))
            cost.daemon = max(cost.daemon, _peak(daemon))
            await attacker.bake_well("after")
            health = await anyio.to_thread.run_sync(attacker.ask, "GET", "/health")
            report.expect("health", health, (200, {"status": "healthy", "checks": health[1].get("checks")}))
            report.expect("left in the work folder", [file.name for file in (data / "work").iterdir()], [])
            report.expect("children left", daemon.children, [])
            if attacker.descriptors > descriptors + 2:
                report.wrong.append(f"descriptors: {descriptors} became {attacker.descriptors}")
            report.expect("exit status", daemon.stop(), 0)
    report.wrong += bird.sung
    with closing(sqlite3.connect(data / "oven.db")) as connection:
        report.expect("database", connection.execute("PRAGMA integrity_check").fetchone(), ("ok",))
    stored = sorted(file.name for file in (data / "files").rglob("*") if file.is_file())
    report.expect("files stored", stored, ["after-thumb.jpg", "after.mp4", "before-thumb.jpg", "before.mp4"])
    log = (folder / "data.log").read_text()
    report.expect("crashes in the log", [line for line in log.splitlines() if "crashed" in line], [])
    report.seconds = time.monotonic() - began
    return report


def _peak(daemon: Daemon) -> int:
    """Give the most memory that the daemon itself has had, in bytes."""
    said = Path(f"/proc/{daemon.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", said)
    return 1024 * int(found[1]) if found else 0


@dataclass(slots=True)
class _Attacker:
    daemon: Daemon
    host: sources.HostileHost
    report: Report
    data: Path

    @property
    def descriptors(self) -> int:
        """Count what the daemon has open, but for the database, whose readers come when they are needed."""
        held = [str(file.resolve()) for file in Path(f"/proc/{self.daemon.process.pid}/fd").iterdir()]
        return sum("oven.db" not in name for name in held)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Send a request as it is: no library may make it better."""
        place = urlsplit(self.daemon.base)
        with closing(http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)) as connection:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            try:
                said = json.loads(answer.read())
            except ValueError:
                said = {}
        return answer.status, said if isinstance(said, dict) else {}

    def send(self, cases: Sequence[BadRequest]) -> None:
        """Send requests that are refused at once, one after the other."""
        for case in cases:
            began = time.monotonic()
            status, said = self.ask(case.method, case.path, case.body, dict(case.headers))
            took = time.monotonic() - began
            self._judge(
                case.name, case.code, says=case.says, code=said.get("code"), message=str(said.get("error"))
            )
            self.report.expect(case.name, status, case.status)
            self.report.slowest_request = max(self.report.slowest_request, (took, case.name))

    async def submit(self, tapes: Sequence[BadTape], hosts: Sequence[BadSource]) -> None:
        """Submit jobs that fail, all at once; wait until all have, and each has been called back."""
        due: dict[str, BadTape | BadSource] = {}
        # What takes longest goes first.
        cases: list[BadTape | BadSource] = [*reversed(hosts), *tapes]
        for number, case in enumerate(cases):
            if isinstance(case, BadTape):
                url = f"{self.host.base}/case-{number}.zip"
                self.host.files[f"/case-{number}.zip"] = case.data
            else:
                url = case.url or f"{self.host.base}{case.path}"
            status, said = await self._bake(f"case-{number}", url)
            self.report.expect(case.name, status, 202)
            due[str(said.get("jobId"))] = case
        with anyio.move_on_after(LONGEST_S):
            while due:
                for job in await self._jobs():
                    await self._look_at(job, due)
                await anyio.sleep(0.2)
        self.report.wrong += [f"{case.name}: has not ended" for case in due.values()]
        with anyio.move_on_after(10):
            while len(self.host.called_back) < len(tapes) + len(hosts) + 1:
                await anyio.sleep(0.05)
        self.report.expect("callbacks", len(self.host.called_back), len(tapes) + len(hosts) + 1)

    async def bake_well(self, name: str) -> None:
        """Bake a tape that is right."""
        self.host.files["/good.zip"] = archive(entries_of(small_entries(4, sound=True)))
        await self._bake(name, f"{self.host.base}/good.zip")
        with anyio.move_on_after(30):
            while f"/{name}" not in self.host.called_back:
                await anyio.sleep(0.02)
        said = [json.loads(body)["status"] for body in self.host.called_back.get(f"/{name}", [])]
        self.report.expect(f"a good tape {name}", said, ["complete"])

    async def _bake(self, name: str, url: str) -> tuple[int, dict[str, Any]]:
        asked = requests.GOOD | {"slug": name, "zipUrl": url, "callbackUrl": f"{self.host.base}/{name}"}
        body = json.dumps(asked).encode()
        return await anyio.to_thread.run_sync(self.ask, "POST", "/bake", body)

    async def _jobs(self) -> list[dict[str, Any]]:
        """Give all jobs that have ended, or wait for their next try."""
        found: list[dict[str, Any]] = []
        for states in ("state=retrying", "state=failed&state=done&state=cancelled"):
            cursor: str | None = ""
            while cursor is not None:
                path = f"/v1/jobs?limit=200&{states}&cursor={cursor}"
                _, page = await anyio.to_thread.run_sync(self.ask, "GET", path, b"", requests.AS_ADMIN)
                found += page["jobs"]
                cursor = page["nextCursor"]
        return found

    async def _look_at(self, job: dict[str, Any], due: dict[str, BadTape | BadSource]) -> None:
        case = due.pop(job["id"], None)
        if case is None:
            return
        error = job["error"] or {}
        says = case.says if isinstance(case, BadTape) else ""
        self._judge(
            case.name, case.code, says=says, code=error.get("code"), message=str(error.get("message"))
        )
        is_retried = isinstance(case, BadSource) and case.is_retried
        self.report.expect(f"{case.name}: state", job["state"], "retrying" if is_retried else "failed")
        self.report.expect(f"{case.name}: attempt", job["attempt"], 1)
        if is_retried:
            await anyio.to_thread.run_sync(
                self.ask, "DELETE", f"/v1/jobs/{job['id']}", b"", requests.AS_ADMIN
            )
        elif isinstance(case, BadTape):
            took = _instant(job["finishedAt"]) - _instant(job["startedAt"])
            self.report.slowest_job = max(self.report.slowest_job, (took, case.name))

    def _judge(self, name: str, wanted: str, *, says: str, code: object, message: str) -> None:
        self.report.codes[wanted] += 1
        self.report.expect(name, code, wanted)
        if says not in message:
            self.report.wrong.append(f"{name}: says {message!r}, not {says!r}")
        if ADDRESS.search(message) or str(self.data) in message or not message.isprintable():
            self.report.wrong.append(f"{name}: tells {message!r}")


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
