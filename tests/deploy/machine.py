"""The droplet's inside: a real ssh server whose commands run with a /opt of their own."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import asyncssh

from tests.tools import tool

# Says what it was given, and what it found; does what a release would, as far as ssh sees it.
SETUP = """#!/bin/bash
set -eu
printf '%s\\n' "$*" >>/opt/runs
printf 'setup: \\033[1mthis is what setup says\\033[0m\\n'
if [ -e /opt/fails ]; then echo 'setup: the settings are refused: PORT' >&2; rm /opt/fails; exit 1; fi
if [ "$2" = --rollback ]; then touch /opt/healthy; exit; fi
cp "$5" /opt/taken.env
stat -c '%a' "$5" /opt/oven/incoming /opt/oven/incoming/setup.sh /opt/oven/incoming/README.md >/opt/modes
umask >>/opt/modes
mkdir -p /opt/oven/releases/1
cp "$0" /opt/oven/releases/1/setup.sh
ln -sfn releases/1 /opt/oven/current
touch /opt/healthy
"""


@dataclass(slots=True)
class Machine:
    """Lets those in whose public keys `authorized` gives."""

    # Its /opt.
    opt: Path
    authorized: Callable[[], list[str]]
    port: int = 0
    commands: list[str] = field(default_factory=list)
    host_key: asyncssh.SSHKey = field(default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519"))
    listener: asyncssh.SSHAcceptor | None = None

    async def start(self) -> None:
        """Listen on loopback; also again, on the same port, with another host key."""
        machine = self

        class Server(asyncssh.SSHServer):
            def begin_auth(self, _username: str) -> bool:
                return True

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                said = key.export_public_key().decode().split()[:2]
                return username == "root" and said in [one.split()[:2] for one in machine.authorized()]

        self.listener = await asyncssh.create_server(
            Server,
            "127.0.0.1",
            self.port,
            server_host_keys=[self.host_key],
            process_factory=self.run,
            encoding=None,
            reuse_address=True,
        )
        self.port = self.listener.get_port()

    async def stop(self) -> None:
        if self.listener is not None:
            self.listener.close()
            await self.listener.wait_closed()

    async def run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        assert process.command is not None
        self.commands.append(process.command)
        tools = self.opt / "bin"
        tools.mkdir(exist_ok=True)
        (tools / "systemctl").write_text('#!/bin/sh\necho "$*" >>/opt/systemctl\n')
        (tools / "systemctl").chmod(0o755)
        child = await asyncio.create_subprocess_exec(
            *(tool("bwrap"), "--dev-bind", "/", "/", "--bind", str(self.opt), "/opt", "--die-with-parent"),
            *("--setenv", "PATH", f"/opt/bin:{os.environ['PATH']}", "bash", "-c", process.command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        async with anyio.create_task_group() as feeding:
            feeding.start_soon(_feed, process, child.stdin)
            async with anyio.create_task_group() as telling:
                telling.start_soon(_tell, child.stdout, process.stdout)
                telling.start_soon(_tell, child.stderr, process.stderr)
            code = await child.wait()
            feeding.cancel_scope.cancel()
        process.exit(code)


async def _feed(process: asyncssh.SSHServerProcess[bytes], sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, asyncssh.Error):
        while data := await process.stdin.read(1 << 16):
            sink.write(data)
            await sink.drain()
    sink.close()


async def _tell(source: asyncio.StreamReader, sink: asyncssh.SSHWriter[bytes]) -> None:
    with suppress(ConnectionError, asyncssh.Error):
        while data := await source.read(1 << 16):
            sink.write(data)
