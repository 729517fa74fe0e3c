"""The units of systemd, by systemd's own tools."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.tools import tool

ROOT = Path(__file__).parents[2]
# What runs as Oven's own user.
SERVICES = ("oven.service", "ops/oven-backup.service")
UNITS = (*SERVICES, "ops/oven-backup.timer", "ops/oven-firewall.service")
# What the units start stands on servers alone.
INSTALLED = re.compile("/opt/oven/current/.venv/bin/oven|/usr/sbin/nft")
# 0 is locked in, 10 is open to all.
MOST_EXPOSED = 1.5
MIB = 1 << 20


def settings_of(text: str) -> dict[str, list[str]]:
    """Give each key of a unit with its values, in their order."""
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


def as_here(folder: Path) -> dict[str, Path]:
    """Write the units so that what they start is there, side by side, for they name one another."""
    written = {}
    for unit in UNITS:
        written[unit] = folder / Path(unit).name
        written[unit].write_text(INSTALLED.sub("/bin/true", (ROOT / unit).read_text()))
    return written


def verify(*units: Path) -> str:
    """Give what systemd finds wrong; its exit status is 0 for keys that it does not know."""
    command = [tool("systemd-analyze"), "verify", "--recursive-errors=yes", *map(str, units)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    return done.stderr or ("" if done.returncode == 0 else f"exit status {done.returncode}")


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_to_say(unit: str, tmp_path: Path) -> None:
    """Each unit is understood to its last key."""
    assert verify(as_here(tmp_path)[unit]) == ""


@pytest.mark.parametrize("unit", UNITS)
def test_a_misspelt_key_is_seen(unit: str, tmp_path: Path) -> None:
    """What is checked above can fail."""
    written = as_here(tmp_path)[unit]
    written.write_text(written.read_text().replace("]\n", "]\nRestrartSec=1\n"))
    assert "RestrartSec" in verify(written)


@pytest.mark.parametrize("unit", SERVICES)
def test_the_services_are_locked_in(unit: str, tmp_path: Path) -> None:
    """By the score of systemd itself."""
    command = [
        tool("systemd-analyze"),
        "security",
        "--offline=true",
        "--no-pager",
        str(as_here(tmp_path)[unit]),
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=50).stdout
    score = re.search(r"Overall exposure level for \S+: ([0-9.]+) ", said)
    assert score, said
    assert float(score[1]) <= MOST_EXPOSED, "\n".join(line for line in said.splitlines() if "✗" in line)


def test_an_open_service_is_seen(tmp_path: Path) -> None:
    """The score tells of what is left out."""
    unit = tmp_path / "open.service"
    unit.write_text("[Service]\nExecStart=/bin/true\n")
    command = [tool("systemd-analyze"), "security", "--offline=true", "--no-pager", str(unit)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=50).stdout
    assert "exposure level for open.service: 9." in said


def test_limits_follow_the_machine() -> None:
    """They are shares of it; and none slows the service down before it is reached."""
    said = settings_of((ROOT / "oven.service").read_text())
    for key in ("MemoryMax", "MemorySwapMax", "TasksMax"):
        assert re.fullmatch(r"\d+%", said[key][0]), key
    assert "MemoryHigh" not in said


def test_a_small_machine_has_room_beside_the_service() -> None:
    """Of 2 GB, 1,967 MiB of which Linux sees, 1,400 MiB are there for Oven, and 350 for all else."""
    share = int(settings_of((ROOT / "oven.service").read_text())["MemoryMax"][0].removesuffix("%"))
    seen = 1_967 * MIB
    assert 1_400 * MIB <= seen * share // 100 <= seen - 350 * MIB


def test_there_is_time_to_drain() -> None:
    """Jobs get 35 s to end, callbacks 10 s to be told, before everything is killed."""
    said = settings_of((ROOT / "oven.service").read_text())
    assert int(said["TimeoutStopSec"][0]) > 35 + 10


def test_names_of_clients_stay_on_this_machine() -> None:
    """Loopback, private networks and the cloud's metadata are out of reach, but for the name server."""
    said = settings_of((ROOT / "oven.service").read_text())
    denied = set(" ".join(said["IPAddressDeny"]).split())
    private = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"}
    assert {"localhost", "link-local", "multicast", *private} <= denied
    assert said["IPAddressAllow"] == ["127.0.0.53"]


def test_nothing_that_was_written_can_be_run() -> None:
    """Each folder that a service may write to is mounted by itself, so each is named."""
    daemon, backup = (settings_of((ROOT / unit).read_text()) for unit in SERVICES)
    temporary = {"/", "/tmp", "/var/tmp", "/dev/shm"}  # noqa: S108 - the units' own
    folders = {"/var/lib/oven", "/var/cache/oven", "/var/log/oven", "/run/oven"}
    assert set(daemon["NoExecPaths"][0].split()) == temporary | folders
    assert set(backup["NoExecPaths"][0].split()) == temporary | set(backup["ReadWritePaths"][0].split())


def test_no_proxy_makes_its_connections() -> None:
    """Whatever the machine's environment says, in either case."""
    gone = set(" ".join(settings_of((ROOT / "oven.service").read_text())["UnsetEnvironment"]).split())
    names = {f"{kind}_proxy" for kind in ("http", "https", "all", "ftp", "no")}
    assert {*names, *map(str.upper, names)} <= gone


def test_the_backup_reads_what_the_daemon_writes() -> None:
    """Both name one data directory, and the same settings; the backup may write beside it."""
    daemon, backup = (settings_of((ROOT / unit).read_text()) for unit in SERVICES)
    for key in ("LoadCredential", "User", "Group", "UMask"):
        assert daemon[key] == backup[key]
    assert "OVEN_DATA_DIR=/var/lib/oven" in daemon["Environment"][0]
    assert "OVEN_DATA_DIR=/var/lib/oven" in backup["Environment"][0]
    assert set(backup["ReadWritePaths"][0].split()) == {"/var/backups/oven", "/var/lib/oven"}


def test_caddy_may_reach_the_socket() -> None:
    """Its drop-in puts it in Oven's group, whose directory the socket stands in, and gives it its name."""
    daemon = settings_of((ROOT / "oven.service").read_text())
    caddy = settings_of((ROOT / "ops/caddy.conf").read_text())
    assert caddy["SupplementaryGroups"] == daemon["Group"]
    assert daemon["RuntimeDirectoryMode"] == ["0750"]
    assert caddy["EnvironmentFile"] == ["/etc/oven/server.env"]


def test_caddy_drop_in_is_understood(tmp_path: Path) -> None:
    """On top of a service like the one that its package brings."""
    unit = tmp_path / "caddy.service"
    unit.write_text("[Service]\nType=notify\nExecStart=/bin/true\n")
    folder = tmp_path / "caddy.service.d"
    folder.mkdir()
    (folder / "oven.conf").write_text((ROOT / "ops/caddy.conf").read_text())
    assert verify(unit) == ""
    (folder / "oven.conf").write_text("[Service]\nRuntimeDirectry=caddy\n")
    assert "RuntimeDirectry" in verify(unit)
