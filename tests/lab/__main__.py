"""`python -m tests.lab [bookworm | noble …] [--kept FOLDER]`: deploy to fresh machines that really boot."""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from tests.deploy.cloudflare import ZONE, Cloudflare
from tests.deploy.digitalocean import DigitalOcean
from tests.deploy.resolver import Resolver
from tests.lab import scenario
from tests.lab.guest import Guest, booted
from tests.lab.network import network
from tests.lab.operator import Operator
from tests.lab.place import Place
from tests.lab.report import Report
from tests.lab.roots import DISTRIBUTIONS, make_root
from tests.lab.visitor import visiting
from tests.serving import serving
from tests.site import running_site

PROGRAMS = ("debootstrap", "systemd-nspawn", "ip", "nft", "nsenter", "fish", "jq", "ssh", "ffprobe", "curl")
TOKEN = "a-token-of-the-lab"


def main() -> None:
    """Go through the whole of it, once for each distribution; exit with 1 where anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab")
    parser.add_argument("suites", nargs="*", default=[], choices=[[], *DISTRIBUTIONS], metavar="SUITE")
    parser.add_argument("--kept", type=Path, help="where fresh roots are kept for the next time")
    given = parser.parse_args()
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing or os.geteuid() != 0:
        sys.exit(f"it needs root, and these programs: {', '.join(missing or PROGRAMS)}")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        kept = given.kept or Path(folder, "kept")
        kept.mkdir(parents=True, exist_ok=True)
        for number, suite in enumerate(given.suites or DISTRIBUTIONS):
            began, report = time.monotonic(), Report()
            work = Path(folder, f"work-{suite}")
            work.mkdir()
            print(f"{DISTRIBUTIONS[suite].shown}:", flush=True)
            with network(f"ovenlab{number}", number) as net:
                root = make_root(DISTRIBUTIONS[suite], work, kept)
                with booted(root, net) as guest:
                    anyio.run(live, guest, work, report)
            shutil.rmtree(work)
            seconds = time.monotonic() - began
            print(f"{len(report.facts)} facts, {len(report.wrong)} wrong, in {seconds:.0f} s", flush=True)
            wrong += report.wrong
    sys.exit(1 if wrong else 0)


async def live(guest: Guest, work: Path, report: Report) -> None:
    """Go through a server's life."""
    net = guest.network
    operator = Operator(folder=work / "operator")
    operator.folder.mkdir()
    async with running_site(net.host) as site, _cloud(guest) as (digitalocean, cloudflare, settings):
        site.files["/tape.zip"] = scenario.TAPE.read_bytes()
        place = Place(guest=guest, network=net, operator=operator, site=site, report=report)
        operator.move_in(deploy=settings, settings=place.settings())
        with report.fact("deploy.fish makes key, droplet, firewall, server and record, and waits for health"):
            async with anyio.create_task_group() as group:
                group.start_soon(scenario.trust, place)
                await place.deploy()
            assert cloudflare.at(scenario.NAME) == [("A", net.guest, True)]
        with report.fact("deploy.fish again changes nothing: no file, no service, nothing at either API"):
            before, asked = place.snapshot(), len(digitalocean.asked.changes) + len(cloudflare.asked.changes)
            await place.deploy()
            place.unchanged_since(before)
            assert len(digitalocean.asked.changes) + len(cloudflare.asked.changes) == asked
        with report.fact("setup.sh server, by hand and without a word: nothing changed") as fact:
            fact.note = guest.run("/opt/oven/current/setup.sh", "server").splitlines()[-1]
            place.unchanged_since(before)
        async with visiting(scenario.NAME, net.guest, operator.authorities) as visitor:
            await scenario.use(place, visitor)
            scenario.look_at_bounds(place)
            await scenario.disturb(place, visitor)
            await scenario.upgrade(place, visitor)
            scenario.keep(place)
        with report.fact("deploy.fish --destroy: record, firewall and droplet are gone"):
            await place.deploy("--destroy", said="oven-lab\n")
            assert (digitalocean.droplets, digitalocean.firewalls) == ([], [])
            assert cloudflare.at(scenario.NAME) == []


@asynccontextmanager
async def _cloud(guest: Guest) -> AsyncIterator[tuple[DigitalOcean, Cloudflare, dict[str, str]]]:
    """Give both APIs, whose only droplet is the guest, and the deploy.env that leads to them."""
    digitalocean = DigitalOcean(TOKEN, guest.network.guest)
    cloudflare = Cloudflare(TOKEN)
    async with (
        serving(digitalocean.app()) as droplets,
        serving(cloudflare.app()) as records,
        serving(Resolver(cloudflare, guest.network.guest).app()) as names,
        anyio.create_task_group() as group,
    ):
        digitalocean.base = f"http://127.0.0.1:{droplets}/v2"
        group.start_soon(_admit, guest, digitalocean)
        yield (
            digitalocean,
            cloudflare,
            {
                "DO_TOKEN": TOKEN,
                "DROPLET_NAME": "oven-lab",
                "DROPLET_SIZE": "s-2vcpu-2gb",
                "DROPLET_IMAGE": "debian-12-x64",
                "DROPLET_REGION": "sfo3",
                "CLOUDFLARE_API_TOKEN": TOKEN,
                "CLOUDFLARE_ZONE_ID": ZONE,
                "DOMAIN": scenario.NAME,
                "SSH_FROM": guest.network.host,
                "DO_API": digitalocean.base,
                "CLOUDFLARE_API": f"http://127.0.0.1:{records}/client/v4",
                "RESOLVER": f"http://127.0.0.1:{names}/dns-query",
                "POLL_S": "1",
            },
        )
        group.cancel_scope.cancel()


async def _admit(guest: Guest, digitalocean: DigitalOcean) -> None:
    """Let the account's keys open the droplet, as a new one's do."""
    file = guest.root / "root/.ssh/authorized_keys"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.touch(mode=0o600)
    admitted = 0
    while True:
        if admitted < len(digitalocean.keys):
            admitted = len(digitalocean.keys)
            file.write_text("".join(f"{key['public_key']}\n" for key in digitalocean.keys))
        await anyio.sleep(0.5)


if __name__ == "__main__":
    main()
