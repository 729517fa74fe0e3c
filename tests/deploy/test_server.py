"""What provisioning decides and writes, without a machine: in scratch folders, by its own functions."""

import ipaddress
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oven.settings import names
from tests.tools import tool

PROJECT = Path(__file__).parents[2]
SCRIPT = PROJECT / "ops" / "server.sh"
# All its functions, with scratch folders in place of the machine.
FUNCTIONS = 'set -euo pipefail; for part in ops/server/*.sh; do . "$part"; done; '


def bash(root: Path, program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program that calls the script's functions; ROOT stands in place of /."""
    return subprocess.run(
        [tool("bash"), "-c", FUNCTIONS + program],
        env={"PATH": os.environ["PATH"], "ROOT": str(root), "SCRATCH": str(root), **variables},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def said(root: Path, program: str, **variables: str) -> str:
    """Run it, which succeeds → its output."""
    done = bash(root, program, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(root: Path, *arguments: str | Path, ssh: str = "") -> str:
    """Run the script itself with arguments that are wrong → what it complains of."""
    done = subprocess.run(
        [SCRIPT, *arguments],
        env={"PATH": os.environ["PATH"], "ROOT": str(root), "SSH_CONNECTION": ssh},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert list(root.rglob("*")) == []
    return done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with one release, that of this checkout, and a file of settings."""
    release = tmp_path / "opt" / "oven" / "releases" / "aaaa"
    release.mkdir(parents=True)
    for name in ("oven.service", "Caddyfile"):
        shutil.copy(PROJECT / name, release)
    shutil.copytree(PROJECT / "ops", release / "ops")
    shutil.copytree(release, release.with_name("bbbb"))
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "resolv.conf").write_text(
        "search lan\nnameserver 10.0.0.53 # ours\nnameserver 2001:db8::53\n"
    )
    (tmp_path / "given.env").write_text("CALLBACK_SECRET='of the vault' # kept\n")
    return tmp_path


COMPOSE = """
DOMAIN=oven.example.com SSH_FROM=203.0.113.0/24,2001:db8::/32 TREE=$ROOT/tree
rm -rf "$TREE"; compose "$RELEASE" "$ROOT/given.env"; differences >"$ROOT/list"; cat "$ROOT/list"; """
PUT = COMPOSE + 'put "$ROOT/list" "$TREE"; '


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Each by its name and value, before anything is looked at or written."""
    complaints = refused(
        *(tmp_path, "--domain", "Nope", "--ssh-from", "10.0.0.1,300.1.1.1 fe80::1/129"),
        *("--env", tmp_path / "absent.env", "--colour"),
    )
    for wrong in ("--domain Nope", "300.1.1.1", "fe80::1/129", "absent.env", "--colour is nothing"):
        assert wrong in complaints
    assert "--ssh-from 10.0.0.1 is" not in complaints


def test_dots_of_the_example_are_no_secrets(tmp_path: Path) -> None:
    """A line of ops/env.example that was not filled in is a mistake, by its name."""
    lines = (PROJECT / "ops/env.example").read_text().splitlines()
    open_ones = {line.removesuffix("=...") for line in lines if line.endswith("=...")}
    complaints = refused(tmp_path, "--domain=oven.example.com", "--env", PROJECT / "ops/env.example")
    assert set(re.findall(r"(\w+) is still the example's", complaints)) == open_ones
    assert "CALLBACK_SECRET" in open_ones


def test_help_is_no_mistake(tmp_path: Path) -> None:
    """Asked for, the usage is told, and the exit status is 0."""
    done = subprocess.run(
        [SCRIPT, "--help"],
        env={"PATH": os.environ["PATH"], "ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "usage: ./setup.sh server" in done.stderr


def test_what_was_never_given_is_asked_for(tmp_path: Path) -> None:
    """The domain and the settings, on a machine that remembers none."""
    complaints = refused(tmp_path)
    assert "--domain is missing" in complaints
    assert "--env is missing" in complaints


def test_a_value_is_not_taken_from_the_next_option(tmp_path: Path) -> None:
    """The last option without its value is a mistake; --name=value is as good as two words."""
    assert "--env needs a value" in refused(tmp_path, "--domain=oven.example.com", "--env")
    assert "--domain .oven is no host name" in refused(tmp_path, "--domain=.oven")


def test_rollback_takes_nothing_else(tmp_path: Path) -> None:
    """It goes back with the settings of now, and needs a release to go back to."""
    complaints = refused(tmp_path, "--rollback", "--domain", "oven.example.com")
    assert "--rollback takes nothing else" in complaints
    assert "there is no release to go back to" in complaints


@pytest.mark.parametrize("session", ["198.51.100.9", "2001:db8::9", "fe80::1%eth0"])
def test_nobody_locks_themselves_out(tmp_path: Path, session: str) -> None:
    """The address of the ssh session that runs it must be among those that may come in."""
    complaints = refused(tmp_path, "--ssh-from", "203.0.113.0/24", ssh=f"{session} 50000 10.0.0.1 22")
    assert (
        f"would lock out this very session, which comes from {session.split('%', maxsplit=1)[0]}"
        in complaints
    )


@pytest.mark.parametrize("session", ["203.0.113.9", "::ffff:203.0.113.9"])
def test_who_is_among_them_may_go_on(tmp_path: Path, session: str) -> None:
    """Of that no complaint is made."""
    complaints = refused(tmp_path, "--ssh-from", "203.0.113.0/24", ssh=f"{session} 50000 10.0.0.1 22")
    assert "lock out" not in complaints


def test_networks_hold_the_addresses_that_they_hold() -> None:
    """Both families, every length of a prefix, as Python's own ipaddress has it."""
    chance = random.Random(5)
    cases: list[tuple[str, str]] = []
    for bits, kind in ((32, ipaddress.IPv4Address), (128, ipaddress.IPv6Address)):
        for length in range(bits + 1):
            address = chance.getrandbits(bits)
            flipped = address ^ (1 << chance.randrange(bits))
            network = ipaddress.ip_network((address, length), strict=False)
            cases += [(str(kind(one)), str(network)) for one in (address, flipped)]
    program = 'while read -r address network; do is_within "$address" "$network" && echo yes || echo no; done'
    done = subprocess.run(
        [tool("bash"), "-c", f". ops/server/addresses.sh; {program}"],
        input="".join(f"{address} {network}\n" for address, network in cases),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    told = [
        "yes" if ipaddress.ip_address(address) in ipaddress.ip_network(network) else "no"
        for address, network in cases
    ]
    assert done.stdout.split() == told


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *(("10.0.0.0/8", True), ("10.0.0.1", True), ("::", True), ("::1/128", True), ("1::8", True)),
        *(("::ffff:1.2.3.4", True), ("1:2:3:4:5:6:7:8", True), ("0.0.0.0/0", True), ("::/0", True)),
        *(("10.0.0", False), ("10.0.0.256", False), ("010.0.0.1", False), ("10.0.0.1/33", False)),
        *(("1:2:3:4:5:6:7", False), ("1::2::3", False), (":::", False), ("1:2:3:4:5:6:7::8", False)),
        *(("::/129", False), ("12345::", False), ("", False), ("/8", False), ("10.0.0.1/", False)),
        *(("10.0.0.1; drop", False), ("::1:", False), (":1::2", False), ("host.example", False)),
    ],
)
def test_what_is_no_network_is_refused(tmp_path: Path, text: str, *, is_one: bool) -> None:
    """It goes into the firewall's file as it is."""
    assert (bash(tmp_path, 'is_network "$TEXT"', TEXT=text).returncode == 0) is is_one


@pytest.mark.parametrize(
    "sources",
    ["any", "203.0.113.7", "2001:db8::/32", "203.0.113.0/24,203.0.113.7,2001:db8::1,0.0.0.0/0,::/0"],
)
def test_the_firewall_is_taken(tmp_path: Path, sources: str) -> None:
    """By nft itself, whichever families are given."""
    rules = tmp_path / "rules"
    rules.write_text(said(tmp_path, f"render_firewall '{sources}' <ops/firewall.nft"))
    assert "@SSH_FROM" not in rules.read_text()
    # In a network of its own, where even looking needs rights that are there.
    alone = [tool("unshare"), "-n" if os.geteuid() == 0 else "-rn", "nft", "-c", "-f", rules]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_release_is_named_by_its_content(tmp_path: Path) -> None:
    """Neither by the times and modes of its files, nor by what is not shipped."""
    (tmp_path / "here").mkdir()
    shipped = said(tmp_path, 'printf "%s\\n" "${SHIPPED[@]}"').split()
    for name in shipped:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copyfile
        copy(PROJECT / name, tmp_path / "here" / name)
    look = 'cd "$ROOT/here"; release_id'
    first = said(tmp_path, look)
    assert len(first.strip()) == 12
    (tmp_path / "here" / "tests").mkdir()
    (tmp_path / "here" / "src" / "oven" / "__pycache__").mkdir(exist_ok=True)
    (tmp_path / "here" / "src" / "oven" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (tmp_path / "here" / "README.md").touch()
    (tmp_path / "here" / "README.md").chmod(0o600)
    assert said(tmp_path, look) == first
    with (tmp_path / "here" / "src" / "oven" / "app.py").open("a") as module:
        module.write("\n")
    assert said(tmp_path, look) != first


def test_files_are_put_once(machine: Path) -> None:
    """With their modes; the second time there is nothing that differs."""
    (machine / "usr" / "local" / "bin").mkdir(parents=True)
    assert "/opt/oven/current" in said(machine, PUT, RELEASE="aaaa").split()
    modes = {
        "etc/oven/oven.env": 0o600,
        "etc/oven/server.env": 0o644,
        "etc/systemd/system/oven.service": 0o644,
        "usr/local/bin/oven": 0o755,
    }
    assert {name: (machine / name).stat().st_mode & 0o777 for name in modes} == modes
    assert (machine / "etc/oven/oven.env").read_text() == "CALLBACK_SECRET='of the vault' # kept\n"
    assert (machine / "opt/oven/current").readlink() == Path("releases/aaaa")
    assert said(machine, COMPOSE, RELEASE="aaaa") == ""


def test_a_mode_that_was_changed_is_mended(machine: Path) -> None:
    """A secret that others may read is a difference."""
    said(machine, PUT, RELEASE="aaaa")
    (machine / "etc/oven/oven.env").chmod(0o644)
    assert said(machine, PUT, RELEASE="aaaa") == "/etc/oven/oven.env\n"
    assert (machine / "etc/oven/oven.env").stat().st_mode & 0o777 == 0o600


def test_settings_without_effect_are_told(machine: Path) -> None:
    """Those that the unit overrules and an operator may count on, by their names alone."""
    (machine / "given.env").write_text(
        "export OVEN_DATA_DIR=/srv/x\nOVEN_SOCKET = y\n#OVEN_LOG_DIR=z\nPORT=1\n"
    )
    told = bash(machine, 'tell_overruled "$ROOT/given.env"').stderr.splitlines()
    assert [line.split()[2] for line in told] == ["OVEN_DATA_DIR", "OVEN_SOCKET"]
    assert "/srv/x" not in "".join(told)


def test_what_was_told_is_remembered(machine: Path) -> None:
    """For the next run, that is told nothing."""
    said(machine, PUT, RELEASE="aaaa")
    assert (
        said(machine, 'echo "$(remembered DOMAIN) $(remembered SSH_FROM)"')
        == "oven.example.com 203.0.113.0/24,2001:db8::/32\n"
    )


def test_the_service_learns_its_name_and_its_name_servers(machine: Path) -> None:
    """All other private addresses stay closed to it."""
    said(machine, PUT, RELEASE="aaaa")
    conf = (machine / "etc/systemd/system/oven.service.d/machine.conf").read_text()
    assert "Environment=OVEN_PUBLIC_URL=https://oven.example.com\n" in conf
    assert "IPAddressAllow=10.0.0.53 2001:db8::53\n" in conf


def test_the_service_may_reach_what_its_settings_allow(machine: Path) -> None:
    """Addresses and networks, and no host by its name, which may lead elsewhere tomorrow."""
    (machine / "opt/oven/releases/aaaa/.venv").symlink_to(sys.prefix)
    (machine / "given.env").write_text("OVEN_EGRESS_ALLOW=10.9.8.7,files.lan,192.168.0.0/16 # ours\n")
    said(machine, PUT, RELEASE="aaaa")
    written = (machine / "etc/systemd/system/oven.service.d/machine.conf").read_text()
    assert "IPAddressAllow=10.0.0.53 10.9.8.7/32 192.168.0.0/16 2001:db8::53\n" in written


def test_the_release_before_is_known(machine: Path) -> None:
    """After an upgrade, after the way back, and after the way back from that."""
    found = []
    for release in ("aaaa", "bbbb", "aaaa", "bbbb"):
        said(machine, PUT, RELEASE=release)
        found.append(said(machine, "echo $(release_of current) $(release_of previous)").strip())
    assert found == ["aaaa", "bbbb aaaa", "aaaa bbbb", "bbbb aaaa"]


def test_a_trial_that_fails_leaves_what_stood_before(machine: Path) -> None:
    """Files, links and modes as they were; what was not there is gone again."""
    said(machine, PUT, RELEASE="aaaa")
    (machine / "etc/systemd/system/oven-backup.timer").unlink()
    files = [path for path in machine.joinpath("etc").rglob("*") if path.is_file()]
    before = {path: (path.read_text(), path.stat().st_mode, path.stat().st_mtime_ns) for path in files}
    (machine / "given.env").write_text("CALLBACK_SECRET=another\n")
    (machine / "opt/oven/releases/bbbb/Caddyfile").write_text("another\n")
    said(
        machine,
        COMPOSE + 'keep "$ROOT/list" "$ROOT/old"; put "$ROOT/list" "$TREE"; put "$ROOT/list" "$ROOT/old"',
        RELEASE="bbbb",
    )
    files = [path for path in machine.joinpath("etc").rglob("*") if path.is_file()]
    assert {
        path: (path.read_text(), path.stat().st_mode, path.stat().st_mtime_ns) for path in files
    } == before
    assert (machine / "opt/oven/current").readlink() == Path("releases/aaaa")
    assert not (machine / "opt/oven/previous").is_symlink()


def test_a_full_disk_takes_nothing_away(machine: Path) -> None:
    """What cannot be put back stays as it is, not half of it, and so does the trial, for the next run."""
    said(machine, PUT, RELEASE="aaaa")
    trial = 'mkdir -p "$TRIAL/old"; echo /etc/caddy/Caddyfile | tee "$TRIAL/list" >"$ROOT/list"; '
    said(machine, trial + 'keep "$ROOT/list" "$TRIAL/old"')
    caddyfile = machine / "etc/caddy/Caddyfile"
    caddyfile.write_text("on trial\n")
    # A file may not grow beyond 1 KiB, which cp meets as it meets a full disk.
    full = 'systemctl() { :; }; ulimit -f 1; trap "" XFSZ; undo_trial'
    done = bash(machine, full)
    assert "File too large" in done.stderr
    assert "make room on the disk" in done.stderr
    assert done.returncode == 1
    assert caddyfile.read_text() == "on trial\n"
    assert [path.name for path in caddyfile.parent.iterdir()] == ["Caddyfile"]
    said(machine, "systemctl() { :; }; undo_trial")
    assert caddyfile.read_bytes() == (PROJECT / "Caddyfile").read_bytes()
    assert not (machine / "opt/oven/trial").exists()


@pytest.mark.parametrize(
    ("text", "is_refused"), [("other.example {\n}\n", True), ("unix/{$OVEN_SOCKET}\n", False)]
)
def test_a_caddyfile_of_somebody_else_is_not_replaced(tmp_path: Path, text: str, *, is_refused: bool) -> None:
    """On a machine that is no Oven server yet; one that a first run left behind is Oven's."""
    file = tmp_path / "etc/caddy/Caddyfile"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    look = 'check_caddyfile; printf "%s\n" "${MISTAKES[@]}"'
    assert (f"{file} is somebody's own" in said(tmp_path, look)) is is_refused


def test_a_database_that_was_migrated_comes_back(tmp_path: Path) -> None:
    """From the copy that the trial's migration made, not from an older one, and only once."""
    data, trial = tmp_path / "var/lib/oven", tmp_path / "opt/oven/trial"
    data.mkdir(parents=True)
    trial.mkdir(parents=True)
    (data / "oven.db.before-0001").write_text("old")
    os.utime(data / "oven.db.before-0001", (0, 0))
    made = 'touch "$TRIAL/begun"; sleep 0.05; echo before >"$ROOT/var/lib/oven/oven.db.before-0002"; '
    (data / "oven.db").write_text("migrated")
    (data / "oven.db-wal").write_text("migrated")
    assert "putting back the database" in bash(tmp_path, made + "restore_database").stderr
    assert (data / "oven.db").read_text() == "before\n"
    assert sorted(path.name for path in data.iterdir()) == ["oven.db", "oven.db.before-0001"]
    (data / "oven.db").write_text("since")
    said(tmp_path, 'echo x >"$ROOT/var/lib/oven/oven.db.before-0002"; restore_database')
    assert (data / "oven.db").read_text() == "since"


def test_a_database_that_was_not_migrated_stays(tmp_path: Path) -> None:
    """A copy of an earlier migration is none of this trial's."""
    data, trial = tmp_path / "var/lib/oven", tmp_path / "opt/oven/trial"
    data.mkdir(parents=True)
    trial.mkdir(parents=True)
    (data / "oven.db").write_text("as it is")
    (data / "oven.db.before-0001").write_text("old")
    said(tmp_path, 'sleep 0.05; touch "$TRIAL/begun"; restore_database')
    assert (data / "oven.db").read_text() == "as it is"


def test_a_candidate_is_checked_in_the_service_s_own_sandbox(machine: Path) -> None:
    """The unit of the check says what oven.service says, but for what makes that a service."""
    (machine / "etc/systemd/system/oven.service.d").mkdir(parents=True)
    (machine / "etc/systemd/system/oven.service.d/own.conf").write_text(
        "[Service]\nIPAddressAllow=10.9.0.0/16\n"
    )
    unit = said(machine, COMPOSE + 'echo ---; check_unit "$RELEASE"', RELEASE="aaaa").split("---\n")[1]
    lines = unit.splitlines()
    service = (PROJECT / "oven.service").read_text().splitlines()
    sandbox = (
        "Protect",
        "Private",
        "Restrict",
        "SystemCall",
        "IPAddress",
        "Memory",
        "User=",
        "NoExec",
        "State",
    )
    # Its own runtime folder goes when the check ends.
    kept = [re.sub(r"/run/oven\b", "/run/oven-check", line) for line in service if line.startswith(sandbox)]
    assert len(kept) > 20
    assert set(kept) <= set(lines)
    assert "IPAddressAllow=10.9.0.0/16" in lines
    assert not re.search(r"/run/oven(?!-check)", unit)
    starts = [
        line
        for line in lines
        if line.startswith(("ExecStart", "Type", "LoadCredential", "RuntimeDirectory="))
    ]
    assert starts == [
        "Type=oneshot",
        f"ExecStart={machine}/opt/oven/releases/aaaa/.venv/bin/oven check --live",
        f"LoadCredential=oven.env:{machine}/tree/etc/oven/oven.env",
        "RuntimeDirectory=oven-check",
    ]
    assert not [
        line for line in lines if line.startswith(("Restart=", "WatchdogSec", "WantedBy", "[Install]"))
    ]


def test_the_example_of_settings_names_settings() -> None:
    """Each that it names is one, or one of older installations that is taken."""
    lines = (PROJECT / "ops" / "env.example").read_text().splitlines()
    given = [line.lstrip("#").split("=")[0] for line in lines if "=" in line and not line.startswith("# ")]
    assert len(given) > 10
    assert set(given) <= {*names(), "NODE_ENV"}


def test_the_scripts_are_sound() -> None:
    """By shellcheck; the `oven` of a server has no ending that setup.sh would find it by."""
    done = subprocess.run(
        [tool("shellcheck"), PROJECT / "ops" / "oven"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
