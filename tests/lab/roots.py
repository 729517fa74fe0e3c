"""File systems of fresh machines, as their distributions make them."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# What images of servers have, and no more.
PACKAGES = "systemd,systemd-sysv,dbus,ca-certificates,openssh-server,iproute2,procps"
AUTHORITIES = Path("etc/ssl/certs/ca-certificates.crt")
RESOLVER = Path("etc/resolv.conf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A release: what debootstrap is told of it, and what it needs to have updates."""

    suite: str
    shown: str
    words: tuple[str, ...] = ()
    script: tuple[str, ...] = ()
    updates: str = ""


DISTRIBUTIONS = {
    "bookworm": Distribution(suite="bookworm", shown="Debian 12"),
    "noble": Distribution(
        suite="noble",
        shown="Ubuntu 24.04",
        words=("--components=main,universe", "--keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg"),
        # One script serves all of Ubuntu's releases; older debootstraps do not know the newest by name.
        script=("", "/usr/share/debootstrap/scripts/jammy"),
        updates="noble-updates",
    ),
}


def make_root(distribution: Distribution, folder: Path, kept: Path) -> Path:
    """Give a fresh root in a folder: bootstrapped once into `kept`, and copied from there.

    It trusts whom this machine trusts, and asks whom it asks for names.
    """
    base = kept / distribution.suite
    if not base.exists():
        making = kept / f"{distribution.suite}.making"
        shutil.rmtree(making, ignore_errors=True)
        _bootstrap(distribution, making)
        making.rename(base)
    root = folder / distribution.suite
    words = ["cp", "-a", "--reflink=auto", str(base), str(root)]
    subprocess.run(words, check=True)
    for file in (AUTHORITIES, RESOLVER):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).unlink(missing_ok=True)
        shutil.copyfile(Path("/") / file, root / file)
    # Which images of servers have, and debootstrap does not write.
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost ip6-localhost\n")
    return root


def _bootstrap(distribution: Distribution, root: Path) -> None:
    words = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", *distribution.words]
    with root.with_suffix(".log").open("w") as log:
        subprocess.run(
            [*words, distribution.suite, str(root), *distribution.script],
            check=True,
            stdout=log,
            stderr=log,
        )
    if distribution.updates:
        sources = root / "etc/apt/sources.list"
        line = sources.read_text().splitlines()[0]
        sources.write_text(f"{line}\n{line.replace(distribution.suite, distribution.updates)}\n")
