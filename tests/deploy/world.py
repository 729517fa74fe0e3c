"""All that a deployment meets, on loopback: the operator's machine, both APIs, a resolver, a droplet."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from aiohttp import web

from tests.deploy.cloudflare import ZONE, Cloudflare
from tests.deploy.digitalocean import DigitalOcean
from tests.deploy.machine import SETUP, Machine
from tests.deploy.resolver import Resolver
from tests.serving import end, serving
from tests.tools import tool

ROOT = Path(__file__).parents[2]
NAME, DOMAIN = "oven-aesthetic-computer", "oven.aesthetic.example"
# Both are loopback: the droplet, and Cloudflare's edge before it.
DROPLET, EDGE = "127.0.0.2", "127.0.0.3"
DO_TOKEN, CLOUDFLARE_TOKEN = "dop_v1_4f3cbe2d9a70", "cf-token-77aa1c9e"
SECRETS = {
    "ART_SPACES_KEY": "art-key-81c2",
    "ART_SPACES_SECRET": "art-secret-93bf",
    "AT_BLOBS_SPACES_KEY": "blobs-key-2f7d",
    "AT_BLOBS_SPACES_SECRET": "blobs-secret-e5a0",
    "CALLBACK_SECRET": "callback-secret-b64c",
}
SERVICE = f"""# As the vault has it.
ART_SPACES_KEY={SECRETS["ART_SPACES_KEY"]}
export ART_SPACES_SECRET='{SECRETS["ART_SPACES_SECRET"]}'
ART_SPACES_BUCKET=art-aesthetic-computer
AT_BLOBS_SPACES_KEY="{SECRETS["AT_BLOBS_SPACES_KEY"]}" # quoted
AT_BLOBS_SPACES_SECRET={SECRETS["AT_BLOBS_SPACES_SECRET"]}
AT_BLOBS_SPACES_BUCKET=at-blobs-aesthetic-computer
CALLBACK_SECRET={SECRETS["CALLBACK_SECRET"]} # Shared secret for webhook authentication

PORT=3000
NODE_ENV=production
TEMP_DIR=/tmp  # Where to store working files during processing
"""
# Programs whose command lines and environments are noted before they run.
WATCHED = ("curl", "jq", "ssh", "ssh-keygen", "git")


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(slots=True)
class World:
    """One operator's machine, with its servers."""

    folder: Path
    digitalocean: DigitalOcean
    cloudflare: Cloudflare
    resolver: Resolver
    machine: Machine
    settings: dict[str, str]
    # Whether /health says so once the machine is set up, and what was asked, as (address, host).
    is_well: bool = True
    health_seen: list[tuple[str, str]] | None = None

    @property
    def vault(self) -> Path:
        return self.folder / "vault"

    @property
    def repository(self) -> Path:
        return self.folder / "oven"

    @property
    def opt(self) -> Path:
        return self.machine.opt

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Give what was changed, or tried to be, at both APIs."""
        return self.digitalocean.asked.changes + self.cloudflare.asked.changes

    def forget(self) -> None:
        """Begin to note anew what is asked."""
        self.digitalocean.asked.seen.clear()
        self.cloudflare.asked.seen.clear()
        self.machine.commands.clear()

    def write(self, **settings: str) -> None:
        """Write the vault's deploy.env, some of its values changed."""
        values = self.settings | settings
        text = "".join(f"{name}={value}\n" for name, value in values.items())
        (self.vault / "deploy.env").write_text(text)
        (self.vault / "deploy.env").chmod(0o600)

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(str(self.repository / "deploy.fish"), "--vault", str(self.vault), *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
            env={
                "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.folder / "home"),
                "TMPDIR": str(self.folder / "tmp"),
                "LANG": "C.UTF-8",
                # What somebody may have exported, and what goes to no program.
                "DO_TOKEN": DO_TOKEN,
                "scratch": str(self.repository),
            },
        )

    async def run(self, *arguments: str, typed: str = "") -> Run:
        """Run the script to its end."""
        process = await self.start(*arguments)
        with anyio.fail_after(100):
            out, err = await process.communicate(typed.encode())
        assert process.returncode is not None
        return Run(process.returncode, out.decode(), err.decode())

    @property
    def command_lines(self) -> str:
        """Give the command lines and environments of all programs that were run."""
        return (self.folder / "command-lines").read_text()

    async def health(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        assert self.health_seen is not None
        self.health_seen.append((request.transport.get_extra_info("sockname")[0], request.host))
        is_green = self.is_well and (self.opt / "healthy").exists()
        body: dict[str, Any] = {"status": "healthy" if is_green else "unhealthy", "checks": {}}
        return web.json_response(body, status=200 if is_green else 503)


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Put all of it into a folder that is there."""
    for name in ("vault", "home", "tmp", "opt", "bin"):
        (folder / name).mkdir()
    digitalocean = DigitalOcean(DO_TOKEN, DROPLET)
    for other in range(3):
        digitalocean.add_droplet(f"other-{other}")
    cloudflare = Cloudflare(CLOUDFLARE_TOKEN)
    cloudflare.add("TXT", DOMAIN, "kept")
    cloudflare.add("A", "aesthetic.example", "203.0.113.9")
    resolver = Resolver(cloudflare, EDGE)
    machine = Machine(folder / "opt", lambda: [key["public_key"] for key in digitalocean.keys])
    made = World(folder, digitalocean, cloudflare, resolver, machine, {}, health_seen=[])
    async with AsyncExitStack() as stack:
        digitalocean.base = (
            f"http://127.0.0.1:{await stack.enter_async_context(serving(digitalocean.app()))}/v2"
        )
        port = await stack.enter_async_context(serving(cloudflare.app()))
        cloudflare.base = f"http://127.0.0.1:{port}/client/v4"
        answers = await stack.enter_async_context(serving(resolver.app()))
        health = await stack.enter_async_context(_everywhere(made))
        await machine.start()
        stack.push_async_callback(machine.stop)
        made.settings = {
            "DO_TOKEN": DO_TOKEN,
            "DROPLET_NAME": NAME,
            "DROPLET_SIZE": "s-2vcpu-2gb",
            "DROPLET_IMAGE": "ubuntu-24-04-x64",
            "DROPLET_REGION": "sfo3 # same as the buckets",
            "CLOUDFLARE_EMAIL": "...",
            "CLOUDFLARE_API_TOKEN": f'"{CLOUDFLARE_TOKEN}"',
            "CLOUDFLARE_ZONE_ID": ZONE,
            "DOMAIN": DOMAIN,
            "SSH_FROM": "203.0.113.7, 2001:db8::/32",
            "DO_API": digitalocean.base,
            "CLOUDFLARE_API": cloudflare.base,
            "RESOLVER": f"http://127.0.0.1:{answers}/dns-query",
            "SSH_TARGET": f"root@127.0.0.1:{machine.port}",
            "HEALTH_URL": f"http://{DOMAIN}:{health}/health",
            "POLL_S": "0.05",
            "WAIT_S": "90",
        }
        made.write()
        (made.vault / ".env").write_text(SERVICE)
        (made.vault / ".env").chmod(0o600)
        _watch(folder)
        _commit(made.repository)
        yield made


@asynccontextmanager
async def _everywhere(made: World) -> AsyncIterator[int]:
    """Answer /health on one port of the droplet's address and the edge's."""
    app = web.Application()
    app.router.add_get("/health", made.health)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, DROPLET, 0).start()
        port = int(runner.addresses[0][1])
        await web.TCPSite(runner, EDGE, port).start()
        yield port
    finally:
        await end(runner)


def _watch(folder: Path) -> None:
    """Put programs before the real ones that note how they were called."""
    for name in WATCHED:
        wrapper = folder / "bin" / name
        wrapper.write_text(
            f"#!/bin/sh\n{{ echo {name} \"$@\"; env; }} >>'{folder}/command-lines'\n"
            f"exec '{tool(name)}' \"$@\"\n"
        )
        wrapper.chmod(0o755)


def _commit(repository: Path) -> None:
    """Make a repository that has the script, and a machine's own script that is small."""
    (repository / "ops").mkdir(parents=True)
    shutil.copy(ROOT / "deploy.fish", repository)
    shutil.copytree(ROOT / "ops/deploy", repository / "ops/deploy")
    (repository / "setup.sh").write_text(SETUP)
    (repository / "setup.sh").chmod(0o755)
    (repository / "README.md").write_text("What is committed.\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "All"]):
        subprocess.run(
            [tool("git"), "-c", "user.name=Oven", "-c", "user.email=oven@example.com", *command],
            cwd=repository,
            check=True,
        )
