"""deploy.fish, whole: on loopback, with the real curl, jq, ssh and git."""

import os
import re
import signal
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import run as run_command

import anyio
import asyncssh
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from tests.deploy.digitalocean import fingerprint
from tests.deploy.failing import Fault, answers, cut, lost, objects, page, refuses
from tests.deploy.world import (
    CLOUDFLARE_TOKEN,
    DO_TOKEN,
    DOMAIN,
    DROPLET,
    EDGE,
    NAME,
    ROOT,
    SECRETS,
    SERVICE,
    Run,
    World,
    world,
)
from tests.tools import tool

PARTS = [ROOT / "deploy.fish", *sorted((ROOT / "ops/deploy").glob("*.fish"))]
ANY = {"0.0.0.0/0", "::/0"}
KEYS, DROPLETS, FIREWALLS = "/v2/account/keys", "/v2/droplets", "/v2/firewalls"
ONE_KEY, ONE_DROPLET, RECORDS = f"{KEYS}/.*", f"{DROPLETS}/.*", ".*/dns_records"
ONE_RECORD = f"{RECORDS}/.*"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    """A world where nothing was deployed yet."""
    async with world(tmp_path) as made:
        yield made


@dataclass(frozen=True, slots=True)
class Twice:
    """A world after two deployments, with what each said and changed."""

    world: World
    first: Run
    first_changes: list[tuple[str, str]]
    second: Run
    second_changes: list[tuple[str, str]]


@pytest.fixture(scope="module")
async def twice(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Twice]:
    async with world(tmp_path_factory.mktemp("twice")) as made:
        (made.repository / "README.md").write_text("What is not committed.\n")
        first = await made.run()
        first_changes = made.changes
        made.forget()
        second = await made.run()
        yield Twice(made, first, first_changes, second, made.changes)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_part_is_fish(part: Path) -> None:
    """And is written as fish_indent writes it."""
    run_command([tool("fish"), "--no-execute", part], check=True)
    run_command([tool("fish_indent"), "--check", part], check=True)


async def test_first_run_makes_everything(twice: Twice) -> None:
    """One key, one droplet, one firewall, one record, with one request each; and says so."""
    there = twice.world
    assert twice.first.status == 0, twice.first.said
    kinds = [(method, path.split("/")[-1]) for method, path in twice.first_changes[:4]]
    assert kinds == [("POST", "keys"), ("POST", "droplets"), ("POST", "firewalls"), ("POST", "dns_records")]
    (key,) = there.digitalocean.keys
    assert key["fingerprint"] == fingerprint((there.folder / "home/.ssh/oven-deploy-key.pub").read_text())
    assert f"Oven is healthy at https://{DOMAIN} ({DROPLET})" in twice.first.out
    assert f"OVEN_URL=https://{DOMAIN}" in twice.first.out
    for thing in (
        "SSH key: made",
        "droplet: created",
        "firewall: created",
        "machine: set up",
        "DNS: created",
    ):
        assert thing in twice.first.out


async def test_droplet_is_what_was_asked_for(twice: Twice) -> None:
    """With the key, monitoring and a tag."""
    droplet = next(one for one in twice.world.digitalocean.droplets if one["name"] == NAME)
    assert droplet["asked_for"] == {
        "name": NAME,
        "size": "s-2vcpu-2gb",
        "image": "ubuntu-24-04-x64",
        "region": "sfo3",
        "ssh_keys": [twice.world.digitalocean.keys[0]["id"]],
        "monitoring": True,
        "tags": ["oven"],
    }


async def test_firewall_lets_in_what_it_should(twice: Twice) -> None:
    """Port 22 for those who are named, the web for all, nothing else; out goes all."""
    (firewall,) = twice.world.digitalocean.firewalls
    inward = {
        (rule["protocol"], rule["ports"]): set(rule["sources"]["addresses"])
        for rule in firewall["inbound_rules"]
    }
    assert inward == {
        ("tcp", "22"): {"203.0.113.7", "2001:db8::/32"},
        ("tcp", "80"): ANY,
        ("tcp", "443"): ANY,
        ("udp", "443"): ANY,
    }
    outward = {
        rule["protocol"]: set(rule["destinations"]["addresses"]) for rule in firewall["outbound_rules"]
    }
    assert outward == {"icmp": ANY, "tcp": ANY, "udp": ANY}
    assert firewall["droplet_ids"] == [twice.world.digitalocean.droplets[-1]["id"]]


async def test_record_is_proxied_last(twice: Twice) -> None:
    """It leads to the droplet itself until health is green there; other records stay."""
    there = twice.world
    assert [one["proxied"] for one in there.cloudflare.written] == [False, True]
    assert there.cloudflare.at(DOMAIN) == [("TXT", "kept", False), ("A", DROPLET, True)]
    assert there.cloudflare.at("aesthetic.example") == [("A", "203.0.113.9", False)]
    assert there.health_seen is not None
    assert [address for address, _ in there.health_seen] == [DROPLET, EDGE, EDGE]


async def test_machine_gets_what_is_committed_and_the_settings(twice: Twice) -> None:
    """Code for root alone; settings as they are, in a file for root alone that does not stay."""
    opt = twice.world.opt
    runs = (opt / "runs").read_text().splitlines()
    assert len(runs) == 2
    for run in runs:
        assert re.fullmatch(
            rf"server --domain {DOMAIN} --env /opt/oven/incoming\.\S+\.env"
            r" --ssh-from 203.0.113.7,2001:db8::/32",
            run,
        )
    assert (opt / "modes").read_text().split() == ["600", "700", "755", "644", "0022"]
    assert (opt / "taken.env").read_text() == SERVICE
    assert (opt / "oven/incoming/README.md").read_text() == "What is committed.\n"
    assert {path.name for path in (opt / "oven").glob("incoming*")} == {"incoming"}
    assert (opt / "systemctl").read_text() == "restart caddy\n"


async def test_uncommitted_changes_are_told(twice: Twice) -> None:
    """They are not shipped."""
    assert "uncommitted changes; they are not shipped" in twice.first.err


async def test_setup_speaks_to_the_operator(twice: Twice) -> None:
    """Its output passes through as it is."""
    assert "setup: \x1b[1mthis is what setup says\x1b[0m\n" in twice.first.out


async def test_second_run_changes_nothing(twice: Twice) -> None:
    """Not one POST, PUT, PATCH or DELETE; and says that nothing was changed."""
    assert twice.second.status == 0, twice.second.said
    assert twice.second_changes == []
    for thing in ("SSH key", "droplet", "firewall", "DNS"):
        assert f"{thing}: unchanged" in twice.second.out
    assert "created" not in twice.second.out


async def test_pages_are_followed(twice: Twice) -> None:
    """The droplet stands on the second page of the list."""
    assert twice.world.digitalocean.asked.count("GET", DROPLETS) == 2


async def test_no_secret_is_seen(twice: Twice) -> None:
    """On no command line, in no environment, in no output, in no file that stays."""
    there = twice.world
    places = there.command_lines + twice.first.said + twice.second.said + "".join(there.machine.commands)
    assert "ssh-keygen" in places
    for secret in (DO_TOKEN, CLOUDFLARE_TOKEN, *SECRETS.values()):
        assert secret not in places
    assert list((there.folder / "tmp").iterdir()) == []
    assert {path.name for path in there.vault.iterdir()} == {".env", "deploy.env", "known_hosts"}
    assert stat.S_IMODE((there.folder / "home/.ssh/oven-deploy-key").stat().st_mode) == 0o600


# Each chain is a row of failures: method, path, what happens, how often, what is said. A run meets one, says
# so and ends; the next goes on and meets the next.
Failure = tuple[str, str, Fault, int, str]
LOOKING: list[Failure] = [
    (
        "GET",
        DROPLETS,
        refuses(401, "unauthorized", "Unable to authenticate you"),
        1,
        "digitalocean answered 401: unauthorized: Unable to authenticate you\ndeploy:   DO_TOKEN is wrong",
    ),
    ("GET", DROPLETS, page, 1, "answered 200, but it is not what this API says: <html>Sign in to the"),
    ("GET", DROPLETS, answers(200, {"droplets": None}), 1, "the answer has no list of droplets"),
    (
        "GET",
        FIREWALLS,
        answers(500, {}),
        5,
        "the firewall: digitalocean answered 500: it is not what this API says: {} (tried 5",
    ),
    (
        "GET",
        FIREWALLS,
        refuses(404, "not_found", "no such route"),
        1,
        "404: not_found: no such route; is DO_API",
    ),
    ("GET", RECORDS, objects(403, 10000, "Authentication error"), 1, "403: Authentication error (10000)"),
    ("GET", RECORDS, objects(200, 7003, "Could not route"), 1, "answered 200, but Could not route (7003)"),
    ("GET", RECORDS, cut, 5, "cloudflare was not reached, or broke off: curl: (52)"),
]
MAKING: list[Failure] = [
    ("POST", KEYS, refuses(422, "unprocessable_entity", "key is invalid"), 1, "adding the SSH key: digital"),
    ("GET", ONE_KEY, answers(503, {}), 5, "looking for the SSH key: digitalocean answered 503"),
    ("POST", KEYS, answers(500, {}), 1, "SSH key: it is not there; run this again"),
    (
        "POST",
        DROPLETS,
        refuses(422, "unprocessable_entity", "You specified an invalid size for Droplet creation."),
        1,
        "creating the droplet: digitalocean answered 422: unprocessable_entity: You specified",
    ),
    ("POST", DROPLETS, cut, 1, "droplet: it is not there; run this again, which looks for it first"),
    ("POST", DROPLETS, refuses(429, "too_many_requests", "slow"), 5, "429: too_many_requests: slow (tried 5"),
    ("GET", ONE_DROPLET, refuses(404, "not_found", "gone"), 1, "it is gone again: DigitalOcean could not"),
    ("GET", ONE_DROPLET, page, 1, "DigitalOcean does not answer rightly"),
]
GUARDING: list[Failure] = [
    ("POST", FIREWALLS, refuses(403, "forbidden", "read-only"), 1, "DO_TOKEN may not do this; give it the"),
    ("POST", FIREWALLS, page, 1, "firewall: it is not there; run this again"),
]
ENDING: list[Failure] = [
    ("POST", RECORDS, objects(400, 9005, "Content is no address"), 1, "400: Content is no address (9005)"),
    ("POST", RECORDS, objects(200, 1004, "DNS Validation Error"), 1, "but DNS Validation Error (1004)"),
    ("PATCH", ONE_RECORD, answers(500, {}), 5, f"updating the A record of {DOMAIN}: cloudflare answered 500"),
    ("PATCH", ONE_RECORD, objects(404, 81044, "Record does not exist."), 1, "went away meanwhile"),
]


@pytest.mark.parametrize(
    "chain", [LOOKING, MAKING, GUARDING, ENDING], ids=["looking", "making", "guarding", "ending"]
)
async def test_every_failure_is_told_and_the_next_run_goes_on(here: World, chain: list[Failure]) -> None:
    """With its reason and a status that is not 0; at last there is one of each."""
    for method, path, fault, times, reason in chain:
        api = here.cloudflare if RECORDS in path else here.digitalocean
        api.asked.fail(method, path, fault, times)
        here.forget()
        run = await here.run()
        assert run.status == 1, run.said
        assert reason in run.err
        assert "\x1b" not in run.err
        assert api.asked.faults == []
        if chain is LOOKING:
            assert here.changes == []
    run = await here.run()
    assert run.status == 0, run.said
    assert_one_of_each(here)
    seen = run.said + here.command_lines
    assert DO_TOKEN not in seen
    assert CLOUDFLARE_TOKEN not in seen


def assert_one_of_each(there: World) -> None:
    assert len(there.digitalocean.keys) == 1
    assert [one["name"] for one in there.digitalocean.droplets].count(NAME) == 1
    assert len(there.digitalocean.firewalls) == 1
    assert there.cloudflare.at(DOMAIN) == [("TXT", "kept", False), ("A", DROPLET, True)]


async def test_what_the_world_does_not_see_is_told(here: World) -> None:
    """Setup that fails, a resolver that is broken, health that is not green: each has its reason."""
    (here.opt / "fails").touch()
    run = await here.run()
    assert run.status == 1
    assert "the settings are refused: PORT" in run.err
    assert "machine: it failed there (exit status 1)" in run.err
    assert here.cloudflare.asked.changes == []
    here.write(WAIT_S="1")
    here.resolver.is_broken = True
    run = await here.run()
    assert run.status == 1
    assert f"a resolver has to see {DOMAIN}: not so after 1 s; RESOLVER answered 500" in run.err
    here.resolver.is_broken, here.is_well = False, False
    run = await here.run()
    assert run.status == 1
    assert (
        'has to say that it is healthy: not so after 1 s; it answered 503: {"status": "unhealthy"' in run.err
    )
    assert "journalctl -u oven -u caddy" in run.err
    assert here.cloudflare.written == [
        {"type": "A", "name": DOMAIN, "content": DROPLET, "ttl": 1, "proxied": False}
    ]
    here.write()
    here.is_well = True
    run = await here.run()
    assert run.status == 0, run.said
    assert_one_of_each(here)


async def test_lost_answers_double_nothing(here: World) -> None:
    """Each POST is carried out and its answer lost; the run looks, finds, and goes on."""
    for api, path in (
        (here.digitalocean, KEYS),
        (here.digitalocean, DROPLETS),
        (here.digitalocean, FIREWALLS),
        (here.cloudflare, RECORDS),
    ):
        api.asked.fail("POST", path, lost)
    run = await here.run()
    assert run.status == 0, run.said
    assert run.out.count("looking whether it was made all the same") == 4
    assert here.digitalocean.asked.count("POST", DROPLETS) == 1
    assert_one_of_each(here)


async def test_busy_apis_are_asked_again(here: World) -> None:
    """After 429, as long as they say, and what may be repeated after 5xx and a cut, too."""
    busy = refuses(429, "too_many_requests", "API rate limit exceeded", **{"Retry-After": "1"})
    here.digitalocean.asked.fail("POST", DROPLETS, busy)
    here.digitalocean.asked.fail("GET", FIREWALLS, answers(502, {}), 2)
    here.digitalocean.asked.fail("GET", ONE_DROPLET, cut)
    here.cloudflare.asked.fail("PATCH", ONE_RECORD, cut, 2)
    here.resolver.late = 2
    began = anyio.current_time()
    run = await here.run()
    assert anyio.current_time() - began >= 1
    assert run.status == 0, run.said
    assert here.digitalocean.asked.count("POST", DROPLETS) == 2
    assert_one_of_each(here)


async def test_a_page_elsewhere_does_not_get_the_token(here: World) -> None:
    """Links lead on only where the API itself is."""
    seen: list[web.Request] = []

    async def stranger(request: web.Request, handler: Handler) -> web.StreamResponse:
        seen.append(request)
        return await handler(request)

    here.cloudflare.asked.fail("GET", "/v2/droplets", stranger)
    following = here.cloudflare.base.replace("/client/v4", "/v2/droplets?page=2")
    body = {"droplets": [], "links": {"pages": {"next": following}}}
    here.digitalocean.asked.fail("GET", DROPLETS, answers(200, body))
    run = await here.run()
    assert run.status == 1
    assert "points to another host for its next page" in run.err
    assert seen == []


async def test_dry_run_only_looks(here: World) -> None:
    """It says what would be done, before and after; APIs, machine, vault and home stay as they are."""
    run = await here.run("--dry-run")
    assert run.status == 0, run.said
    for said in (
        "SSH key: make",
        f"droplet: create {NAME}",
        f"firewall: create {NAME}: 22 from 203.0.113.7 2001:db8::/32",
        f"DNS: create {DOMAIN}",
        "DNS: let Cloudflare stand before it",
    ):
        assert f"would, for {said}" in run.out
    assert here.changes == []
    assert here.machine.commands == []
    assert {path.name for path in here.vault.iterdir()} == {".env", "deploy.env"}
    assert list((here.folder / "home").rglob("*key*")) == []
    assert (await here.run()).status == 0
    here.forget()
    here.digitalocean.firewalls[0]["inbound_rules"].pop()
    run = await here.run("--dry-run")
    assert run.status == 0, run.said
    assert f"droplet: leave {NAME}" in run.out
    assert f"firewall: update {NAME}" in run.out
    assert "DNS: let" not in run.out
    assert here.changes == []
    assert here.machine.commands == []


async def test_rollback_runs_on_the_machine(here: World) -> None:
    """The current release's own script does it, and health is waited for; where nothing is, it says so."""
    run = await here.run("--rollback")
    assert run.status == 1
    assert f"there is no droplet {NAME}; deploy it first" in run.err
    assert (await here.run()).status == 0
    here.forget()
    (here.opt / "healthy").unlink()
    run = await here.run("--rollback")
    assert run.status == 0, run.said
    assert (here.opt / "runs").read_text().splitlines()[-1] == "server --rollback"
    assert "/opt/oven/current/setup.sh server --rollback" in here.machine.commands[-1]
    assert here.changes == []
    assert "healthy with the previous release" in run.out


async def test_destroy_asks_first(here: World) -> None:
    """Without the droplet's name nothing goes; with it what was made goes, and all else stays."""
    assert (await here.run()).status == 0
    here.forget()
    for typed in ("", "yes\n", f"{NAME}x\n"):
        run = await here.run("--destroy", typed=typed)
        assert run.status == 1
        assert "nothing was changed" in run.err
        assert here.changes == []
    assert f"the droplet {NAME} (id " in run.out
    assert "its database" in run.out
    here.digitalocean.asked.fail("DELETE", ONE_DROPLET, refuses(403, "forbidden", "no"))
    assert (await here.run("--destroy", typed=f"{NAME}\n")).status == 1
    run = await here.run("--destroy", typed=f"{NAME}\n")
    assert run.status == 0, run.said
    assert [one["name"] for one in here.digitalocean.droplets] == ["other-0", "other-1", "other-2"]
    assert here.digitalocean.firewalls == []
    assert here.cloudflare.at(DOMAIN) == [("TXT", "kept", False)]
    assert len(here.digitalocean.keys) == 1
    here.forget()
    run = await here.run("--destroy")
    assert run.status == 0
    assert "nothing is there to destroy" in run.out
    assert here.changes == []


async def test_destroy_leaves_a_record_that_leads_elsewhere(here: World) -> None:
    """The name may have moved on; a droplet that is off goes all the same."""
    here.digitalocean.add_droplet(NAME, "off")
    here.cloudflare.add("A", DOMAIN, "203.0.113.80")
    run = await here.run("--destroy", typed=f"{NAME}\n")
    assert run.status == 0, run.said
    assert "which is not this droplet's address: it stays" in run.err
    assert ("A", "203.0.113.80", False) in here.cloudflare.at(DOMAIN)
    assert NAME not in [one["name"] for one in here.digitalocean.droplets]


REFUSED = {
    "two droplets": "2 are named oven-aesthetic-computer",
    "off": "is 'off'; turn it on in DigitalOcean's panel",
    "AAAA": "has a record AAAA (2001:db8::1)",
    "CNAME": "has a record CNAME (elsewhere.example)",
    "two records": "has 2 A records (203.0.113.1 203.0.113.2)",
    "public half": "oven-deploy-key.pub is there without",
    "no key": "cannot be read as a key",
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_not_clear_is_refused(here: World, case: str) -> None:
    """Before anything is changed, with what to do."""
    key = here.folder / "home/.ssh/oven-deploy-key"
    key.parent.mkdir()
    match case:
        case "two droplets":
            here.digitalocean.add_droplet(NAME)
            here.digitalocean.add_droplet(NAME)
        case "off":
            here.digitalocean.add_droplet(NAME, "off")
        case "AAAA":
            here.cloudflare.add("AAAA", DOMAIN, "2001:db8::1")
        case "CNAME":
            here.cloudflare.add("CNAME", DOMAIN, "elsewhere.example")
        case "two records":
            here.cloudflare.add("A", DOMAIN, "203.0.113.1")
            here.cloudflare.add("A", DOMAIN, "203.0.113.2")
        case "public half":
            key.with_suffix(".pub").write_text("ssh-ed25519 AAAA\n")
        case _:
            key.write_text("nonsense\n")
    run = await here.run()
    assert run.status == 1
    assert REFUSED[case] in run.err
    assert here.changes == []


async def test_what_differs_is_put_right_or_told(here: World) -> None:
    """A firewall is updated and keeps its others, a record is moved by its id; a size is only told."""
    droplet = here.digitalocean.add_droplet(NAME, size_slug="s-1vcpu-1gb")
    key = here.folder / "key"
    run_command([tool("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = key.with_suffix(".pub").read_text()
    here.digitalocean.keys.append({"id": 1, "fingerprint": fingerprint(public), "public_key": public})
    key.with_suffix(".pub").unlink()
    rule = {"protocol": "tcp", "ports": "22", "sources": {"addresses": sorted(ANY)}}
    here.digitalocean.firewalls += [
        {"id": "a", "name": "another", "inbound_rules": [], "outbound_rules": [], "droplet_ids": []},
        {
            "id": "b",
            "name": NAME,
            "inbound_rules": [rule],
            "outbound_rules": [],
            "droplet_ids": [7],
            "tags": ["t"],
        },
        {"id": "c", "name": "third", "inbound_rules": [], "outbound_rules": [], "droplet_ids": []},
    ]
    record = here.cloudflare.add("A", DOMAIN, "203.0.113.80", proxied=True, comment="kept")
    here.write(SSH_KEY=str(key))
    run = await here.run()
    assert run.status == 0, run.said
    assert "the droplet's is s-1vcpu-1gb, DROPLET_SIZE is s-2vcpu-2gb" in run.err
    assert [path.split("/")[-1] for _, path in here.changes] == ["b", record["id"], record["id"]]
    firewall = here.digitalocean.firewalls[1]
    assert firewall["droplet_ids"] == [7, droplet["id"]]
    assert firewall["tags"] == ["t"]
    assert len(firewall["inbound_rules"]) == 4
    assert [one["proxied"] for one in here.cloudflare.written] == [False, True]
    assert record["comment"] == "kept"
    assert "DNS: updated: oven.aesthetic.example is 127.0.0.2 (was 203.0.113.80)" in run.out
    here.forget()
    here.write(SSH_KEY=str(key), CLOUDFLARE_PROXIED="false")
    run = await here.run()
    assert run.status == 0, run.said
    assert here.changes == [("PATCH", here.cloudflare.asked.changes[0][1])]
    assert here.cloudflare.at(DOMAIN)[-1] == ("A", DROPLET, False)


async def test_a_changed_host_key_is_refused(here: World) -> None:
    """With the reason and the way out; nothing is sent."""
    assert (await here.run()).status == 0
    await here.machine.stop()
    here.machine.host_key = asyncssh.generate_private_key("ssh-ed25519")
    await here.machine.start()
    here.forget()
    run = await here.run()
    assert run.status == 1
    assert "its host key is not the one of before" in run.err
    assert "ssh-keygen -R droplet-" in run.err
    assert here.machine.commands == []


async def test_a_key_that_is_not_taken_is_told(here: World) -> None:
    """The droplet was made with another one."""
    here.machine.authorized = list
    run = await here.run()
    assert run.status == 1
    assert "it does not take the key" in run.err
    assert "Permission denied" in run.err


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda end: end.name)
async def test_one_run_at_a_time(here: World, end: signal.Signals) -> None:
    """A second one is refused and sends nothing; where the first is stopped or killed, the next ends it."""
    asked, go_on = anyio.Event(), anyio.Event()

    async def held(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        asked.set()
        await go_on.wait()
        return answer

    here.digitalocean.asked.fail("POST", DROPLETS, held)
    first = await here.start()
    with anyio.fail_after(60):
        await asked.wait()
    here.forget()
    second = await here.run()
    assert second.status == 1
    assert f"another run is under way (process {first.pid} on " in second.err
    assert here.digitalocean.asked.seen == []
    first.send_signal(end)
    go_on.set()
    with anyio.fail_after(60):
        _, err = await first.communicate()
    assert first.returncode == (-signal.SIGKILL if end == signal.SIGKILL else -signal.SIGTERM)
    if end != signal.SIGKILL:
        assert "stopped; what was done is kept" in err.decode()
        assert list((here.folder / "tmp").iterdir()) == []
        assert not (here.vault / ".deploy.lock").is_symlink()
    run = await here.run()
    assert run.status == 0, run.said
    assert_one_of_each(here)
    assert not (here.vault / ".deploy.lock").is_symlink()


async def test_all_mistakes_are_told_at_once(here: World) -> None:
    """Each by its name, with what would be right, before anything is asked; no token among them."""
    here.write(
        DO_TOKEN="two words-5c1e",
        DROPLET_NAME="under_score",
        DROPLET_IMAGE="fedora-40-x64",
        DROPLET_REGION="...",
        DROPLET_REGON="sfo3",
        CLOUDFLARE_API_TOKEN="",
        CLOUDFLARE_ZONE_ID="dop_v1_5c1e",
        DOMAIN="https://oven.example.com/",
        SSH_FROM="203.0.113.7/33, home, 2001:db8::/32, 10.0.0.256",
        SSH_KEY="key",
        DO_API="http://api.example.com",
        CALLBACK_SECRETS="x",
    )
    (here.vault / ".env").write_text(
        'AT_BLOBS_SPACES_KEY=a\nART_SPACES_KEY=... # from the panel\nOVEN_ADMIN_TOKEN="half-5c1e\n'
        "NODE_ENV=# production\nnothing-5c1e\n"
    )
    run = await here.run()
    assert run.status == 1
    for said in (
        "deploy.env: DROPLET_REGON means nothing; is it DROPLET_REGION?",
        "deploy.env: CALLBACK_SECRETS means nothing; is it meant for .env?",
        "deploy.env: DO_TOKEN is DigitalOcean's API token",
        "deploy.env: DROPLET_NAME is a host's name, such as oven-aesthetic-computer; not 'under_score'",
        "deploy.env: DROPLET_IMAGE is ubuntu-24-04-x64 or debian-12-x64; not 'fedora-40-x64'",
        "deploy.env: DROPLET_REGION is still the example's '...'",
        "deploy.env: CLOUDFLARE_API_TOKEN is missing",
        "deploy.env: CLOUDFLARE_ZONE_ID is 32 hex digits",
        "deploy.env: DOMAIN is a name in small letters",
        "or 2001:db8::/32; not '203.0.113.7/33'",
        "not 'home'",
        "not '10.0.0.256'",
        "deploy.env: SSH_KEY is a path",
        "deploy.env: DO_API is an https address",
        ".env: CALLBACK_SECRET is missing",
        ".env: AT_BLOBS_SPACES_BUCKET and AT_BLOBS_SPACES_SECRET missing",
        ".env: ART_SPACES_KEY is still the example's '...'",
        "OVEN_ADMIN_TOKEN on line 3 of",
        ".env: NODE_ENV has a comment where its value should stand",
        "line 5 of",
    ):
        assert said in run.err
    assert "5c1e" not in run.said
    assert "not '2001:db8::/32'" not in run.err
    assert here.digitalocean.asked.seen == here.cloudflare.asked.seen == []


async def test_files_that_are_missing_are_told(here: World) -> None:
    """Both at once."""
    (here.vault / ".env").unlink()
    (here.vault / "deploy.env").unlink()
    run = await here.run()
    assert run.status == 1
    assert f"{here.vault}/.env is missing" in run.err
    assert f"{here.vault}/deploy.env is missing" in run.err


async def test_what_is_doubtful_is_told(here: World) -> None:
    """A small droplet, a vault that others read, ssh for everybody, no bucket: the run goes on."""
    here.write(DROPLET_SIZE="s-1vcpu-1gb", SSH_FROM="0.0.0.0/0 ::/0")
    (here.vault / ".env").write_text("CALLBACK_SECRET=c\n")
    (here.vault / ".env").chmod(0o644)
    run = await here.run("--dry-run")
    assert run.status == 0, run.said
    assert "DROPLET_SIZE=s-1vcpu-1gb is small" in run.err
    assert f"{here.vault}/.env can be read by others" in run.err
    assert "deploy.env can be read" not in run.err
    assert "SSH_FROM lets everybody try port 22" in run.err
    assert "AT_BLOBS_SPACES_* are not set" in run.err


async def test_the_example_names_everything(here: World) -> None:
    """Each setting with its default; filled in, it is taken, and until then what is left open is told."""
    example = (ROOT / "ops/deploy.env.example").read_text()
    script = (ROOT / "ops/deploy/settings.fish").read_text()
    known = dict(re.findall(r"\b([A-Z_]+)=(\S*)", script[: script.index("function")]))
    said = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert said.keys() == known.keys()
    assert {name: known[name] for name in known if known[name]} == {
        name: said[name] for name in known if known[name]
    }
    (here.vault / "deploy.env").write_text(example)
    run = await here.run()
    assert run.status == 1
    open_ones = set(re.findall(r"deploy\.env: ([A-Z_]+) is still the example's", run.err))
    assert open_ones == {"DO_TOKEN", "CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ZONE_ID", "SSH_FROM"}


async def test_missing_programs_are_named(here: World) -> None:
    """All of them, with where to get them."""
    for program in ("curl", "jq", "ssh-keygen"):
        (here.folder / "bin" / program).unlink()
    for program in ("fish", "env", "git", "ssh"):
        (here.folder / "bin" / program).unlink(missing_ok=True)
        (here.folder / "bin" / program).symlink_to(tool(program))
    env = {"PATH": str(here.folder / "bin"), "HOME": os.environ.get("HOME", "/")}
    script = here.repository / "deploy.fish"
    run = run_command([script], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "curl is missing; install it: apt install curl, or brew install curl" in run.stderr
    assert "jq is missing" in run.stderr
    assert (
        "ssh-keygen is missing; install it: apt install openssh-client, or brew install openssh" in run.stderr
    )
    assert "git is missing" not in run.stderr


async def test_usage(here: World) -> None:
    """--help tells it; what is not known, or not known together, is 2, as is a vault that is not there."""
    run = await here.run("--help")
    assert run.status == 0
    assert "usage: ./deploy.fish [--vault DIR] [--dry-run | --rollback | --destroy]" in run.out
    for wrong in (["--force"], ["now"], ["--dry-run", "--destroy"], ["--vault", "/nowhere"]):
        assert (await here.run(*wrong)).status == 2
    assert here.digitalocean.asked.seen == []
