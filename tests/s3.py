"""A real S3 server on loopback, in memory: Ceph's monitor, one OSD and its RADOS gateway."""

import os
import shutil
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from oven.adapters.storage.s3 import S3Account
from tests.ports import free_port

ACCESS_KEY, SECRET_KEY = "AKTESTOVEN", "a secret key of the tests' own"
READY_S = 60
MEMORY_BYTES = 1 << 31


@dataclass(frozen=True)
class S3Server:
    """Where it is; its one user may do everything."""

    endpoint: str

    def account(self, *, secret_key: str = SECRET_KEY) -> S3Account:
        return S3Account(
            endpoint=self.endpoint, region="us-east-1", access_key=ACCESS_KEY, secret_key=secret_key
        )


@contextmanager
def running_s3(folder: Path) -> Iterator[S3Server]:
    """Start the server in an empty folder, and stop it at the end; its parts die with us, too."""
    ports = [free_port() for _ in range(3)]
    config = folder / "ceph.conf"
    config.write_text(_config(folder, *ports))
    for name in ("mon", "osd", "gateway"):
        (folder / name).mkdir()
    environment = {"PATH": os.environ["PATH"], "CEPH_CONF": str(config), "LANG": "C.UTF-8"}

    def run(*command: object) -> str:
        words = ["timeout", "30", *map(str, command)]
        done = subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    with ExitStack() as stack:

        def start(*command: object) -> None:
            words = ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command), "-f"]
            log = stack.enter_context((folder / f"{command[0]}.out").open("w"))
            process = subprocess.Popen(words, env=environment, cwd=folder, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)

        keyring, identity = folder / "keyring", str(uuid.uuid4())
        everything = ("--cap", "mon", "allow *", "--cap", "osd", "allow *")
        run(
            "ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"
        )
        for name in ("client.admin", "client.rgw.a"):
            run("ceph-authtool", keyring, "--gen-key", "-n", name, *everything)
        addresses = f"[v2:127.0.0.1:{ports[1]},v1:127.0.0.1:{ports[2]}]"
        run("monmaptool", "--create", "--fsid", _fsid(config), "--addv", "a", addresses, folder / "monmap")
        run("ceph-mon", "--mkfs", "-i", "a", "--monmap", folder / "monmap", "--keyring", keyring)
        start("ceph-mon", "-i", "a")
        run("ceph", "osd", "new", identity)
        with keyring.open("a") as opened:
            opened.write(
                run("ceph", "auth", "get-or-create", "osd.0", "mon", "allow profile osd", "osd", "allow *")
            )
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", identity)
        run("ceph", "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=h0")
        start("ceph-osd", "-i", "0")
        keys = ("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)
        run("radosgw-admin", "user", "create", "--uid=t", "--display-name=t", *keys)
        start("radosgw", "-n", "client.rgw.a")
        server = S3Server(endpoint=f"http://127.0.0.1:{ports[0]}")
        _wait_for(server.endpoint, folder / "radosgw.out")
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def _wait_for(endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while True:
        try:
            with urllib.request.urlopen(endpoint, timeout=1):  # noqa: S310 - our own
                return
        except (URLError, OSError):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


def _fsid(config: Path) -> str:
    return config.read_text().split("fsid = ", 1)[1].split()[0]


def _config(folder: Path, gateway_port: int, v2_port: int, v1_port: int) -> str:
    settings = {
        "global": {
            "fsid": str(uuid.uuid4()),
            "mon host": f"[v2:127.0.0.1:{v2_port}/0,v1:127.0.0.1:{v1_port}/0]",
            "mon initial members": "a",
            "public addr": "127.0.0.1",
            "cluster addr": "127.0.0.1",
            "osd pool default size": "1",
            "osd pool default min size": "1",
            "osd pool default pg num": "1",
            "osd pool default pgp num": "1",
            "osd pool default pg autoscale mode": "off",
            "mon allow pool size one": "true",
            "auth allow insecure global id reclaim": "false",
            "osd crush chooseleaf type": "0",
            "osd objectstore": "memstore",
            "memstore device bytes": str(MEMORY_BYTES),
            "mon data avail crit": "1",
            "mon data avail warn": "1",
            # One monitor has nobody to wait for.
            "paxos propose interval": "0.05",
            "paxos min wait": "0.01",
            "mon data": f"{folder}/mon",
            "osd data": f"{folder}/osd",
            "run dir": str(folder),
            "admin socket": "",
            "pid file": "",
            "log file": f"{folder}/$name.log",
            "mon cluster log file": f"{folder}/cluster.log",
            "crash dir": str(folder),
            "keyring": f"{folder}/keyring",
        },
        "client": {
            "rgw data": f"{folder}/gateway",
            "rgw frontends": f"beast endpoint=127.0.0.1:{gateway_port}",
            "rgw dns name": "localhost",
        },
    }
    return "".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
        for section, values in settings.items()
    )
