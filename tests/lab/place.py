"""All who take part in a server's life."""

import json
from dataclasses import dataclass
from typing import Any

import anyio

from tests.lab.guest import Guest
from tests.lab.network import Network
from tests.lab.operator import Deployed, Operator
from tests.lab.report import Report
from tests.lab.visitor import Visitor
from tests.site import Site

SECRET, ADMIN = "a secret of the lab, for callbacks", "a token of the lab, for its admin"
UNITS = ("oven.service", "caddy.service", "oven-firewall.service", "oven-backup.timer")
# What provisioning writes: nothing of it may change where nothing has to.
KEPT = ("/etc", "/opt/oven", "/usr/local/bin", "/usr/bin")
JOB_S = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """All who take part."""

    guest: Guest
    network: Network
    operator: Operator
    site: Site
    report: Report

    def settings(self, **changes: str) -> dict[str, str]:
        """Give what stands in the vault's `.env`: the lab's site is private, and has to be allowed."""
        return {
            "CALLBACK_SECRET": f"'{SECRET}'   # of the site, too",
            "OVEN_ADMIN_TOKEN": f"'{ADMIN}'",
            "OVEN_EGRESS_ALLOW": self.network.host,
            "PORT": "3000",
            "NODE_ENV": "production",
            "TEMP_DIR": "/tmp  # where working files go",  # noqa: S108 - as sites have it
            **changes,
        }

    @property
    def main_pid(self) -> int:
        return int(self.guest.shows("oven", "MainPID"))

    def snapshot(self) -> dict[str, str]:
        """List all files that provisioning may write, with their times, and who runs since when."""
        words = f"{' '.join(KEPT)} -xdev -not -type d -not -name *.pyc -not -name *.lock".split()
        listed = self.guest.run("find", *words, "-printf", "%p\t%T@\t%m\t%l\n")
        found = dict(line.split("\t", 1) for line in listed.splitlines())
        return found | {unit: self.guest.shows(unit, "InvocationID") for unit in UNITS}

    def unchanged_since(self, before: dict[str, str]) -> None:
        """See that all is as it was when a snapshot was taken."""
        now = self.snapshot()
        changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        assert not changed, changed

    async def deploy(self, *words: str, status: int = 0, said: str = "") -> Deployed:
        """Run deploy.fish, which has to end with a status."""
        done = await self.operator.deploy(*words, said=said)
        assert done.status == status, done.said
        assert SECRET not in done.said, "a secret was printed"
        assert ADMIN not in done.said, "a secret was printed"
        return done

    async def bake(self, visitor: Visitor, name: str) -> dict[str, Any]:
        """Post a tape, wait for its callback, and give that."""
        status, taken = await visitor.ask("POST", "/bake", json=self.site.ask("tape", **self.asked(name)))
        assert status == 202, taken
        return await self.told(taken["jobId"])

    def asked(self, name: str) -> dict[str, Any]:
        # Always the same tape, which is to be made each time.
        return {"slug": name, "mongoId": name, "callbackSecret": SECRET, "reuse": False}

    async def told(self, job: str) -> dict[str, Any]:
        """Wait for the callback of a job."""
        with anyio.fail_after(JOB_S):
            while True:
                arrived = self.site.arrived
                for received in self.site.received:
                    told: dict[str, Any] = json.loads(received.body)
                    if told["jobId"] == job:
                        return told
                await arrived.wait()
