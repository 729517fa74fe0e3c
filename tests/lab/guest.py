"""A machine that has really booted: systemd in a container, with a network and a firewall of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.lab.network import Network

BOOT_S = 60
STOP_S = 90
RUN_S = 300
# Of what a command said that failed, so many characters are shown.
SHOWN = 2_000
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
# Powers a container off, in order (systemd-nspawn(1)).
POWER_OFF = signal.SIGRTMIN + 4
# A hierarchy of version 2, so that units' bounds of addresses hold; programs for it have to be loaded.
UNIFIED = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
# Goes into each folder of control groups that is named before the --, and then becomes what stands behind it.
JOIN = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'
OPTIONS = (
    *("--quiet", "--register=no", "--keep-unit", "--boot", "--console=pipe", "--resolv-conf=off"),
    "--capability=CAP_NET_ADMIN,CAP_BPF,CAP_PERFMON,CAP_IPC_LOCK",
    "--system-call-filter=bpf",
)


@dataclass(slots=True, kw_only=True)
class Guest:
    """A container that runs; `root` is its file system."""

    root: Path
    network: Network
    groups: list[Path]
    process: subprocess.Popen[bytes] | None = None

    @property
    def leader(self) -> int:
        """The process that is the first one inside.

        Raises:
            ProcessLookupError: it has gone, or is not there yet.

        """
        assert self.process is not None
        try:
            listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
            return int(listed.split()[0])
        except (FileNotFoundError, IndexError) as error:
            raise ProcessLookupError from error

    def run(self, *words: str, text: str | None = None) -> str:
        """Run a command inside, as root → what it said on stdout.

        Raises:
            AssertionError: it failed.

        """
        done = self.attempt(*words, text=text)
        assert done.returncode == 0, (words, done.returncode, done.stdout[-SHOWN:], done.stderr[-SHOWN:])
        return done.stdout.strip()

    def attempt(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command inside, whatever comes of it."""
        inside = ["nsenter", f"--target={self.leader}", "-m", "-u", "-i", "-n", "-p", "-C", "--", *words]
        return subprocess.run(
            inside, env=ENVIRONMENT, input=text, capture_output=True, text=True, check=False, timeout=RUN_S
        )

    def shows(self, unit: str, name: str) -> str:
        """Read a property of a unit."""
        return self.run("systemctl", "show", unit, f"--property={name}", "--value")

    def start(self) -> None:
        """Boot, and wait until all that is started at boot has been."""
        with self.root.with_suffix(".boot.log").open("a") as log:
            self.process = subprocess.Popen(
                [
                    *("sh", "-c", JOIN, "sh", *map(str, self.groups), "--"),
                    *("setpriv", "--pdeathsig", "KILL", "--", "systemd-nspawn", *OPTIONS),
                    f"--network-namespace-path=/run/netns/{self.network.namespace}",
                    f"--directory={self.root}",
                ],
                env={**os.environ, **UNIFIED},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + BOOT_S
        while time.monotonic() < end:
            try:
                state = self.attempt("systemctl", "is-system-running", "--wait").stdout.strip()
            except ProcessLookupError:
                state = ""
            if state in {"running", "degraded"}:
                return
            time.sleep(0.2)
        raise AssertionError("the guest did not boot")

    def stop(self) -> None:
        """Power it off, as one does a machine that still listens; by force where it does not."""
        assert self.process is not None
        try:
            os.kill(self.leader, POWER_OFF)
            self.process.wait(STOP_S)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


@contextmanager
def _groups(name: str) -> Iterator[list[Path]]:
    """Make control groups of its own for a guest: else its services' groups would be those of another's."""
    folders = []
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options.split(",")):
            folders.append(Path(place, name))
    for folder in folders:
        folder.mkdir(exist_ok=True)
    try:
        yield folders
    finally:
        for folder in folders:
            for inner, *_ in os.walk(folder, topdown=False):
                # Files in it are the kernel's. What still ends in it keeps it: it is empty, then.
                with suppress(OSError):
                    Path(inner).rmdir()


@contextmanager
def booted(root: Path, network: Network) -> Iterator[Guest]:
    """Boot a root file system in a network; it is powered off at the end."""
    with _groups(network.namespace) as groups:
        guest = Guest(root=root, network=network, groups=groups)
        guest.start()
        try:
            yield guest
        finally:
            guest.stop()
