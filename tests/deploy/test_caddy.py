"""The real Caddyfile, run by the real Caddy before the real daemon."""

import gzip
import io
import json
import re
import socket
import sqlite3
import ssl
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web
from yarl import URL

from tests.daemons import Daemon, running_daemon
from tests.deploy.conftest import ADMIN_TOKEN, SECRETS
from tests.deploy.front import CADDYFILE, DOMAIN, Place, new_place, running_caddy, visiting
from tests.imports import MIB, clip, padded
from tests.origins import hanging, running_origin
from tests.routes import written_routes
from tests.serving import end
from tests.tapes import small_entries, write_zip
from tests.tools import tool

# So many post at once while the daemon is started anew.
SENDERS = 8
PROBLEM = "application/problem+json"
# What is for this machine alone.
KEPT_BACK = {
    ("get", "/metrics"),
    ("get", "/v1/keys"),
    ("post", "/v1/keys"),
    ("delete", "/v1/keys/{id}"),
}
# Ways to write what is kept back, and what else a proxy might be talked into.
FORBIDDEN = (
    "/metrics",
    "/metrics/",
    "/Metrics",
    "//metrics",
    "/./metrics",
    "/%6detrics",
    "/health/../metrics",
    "/health/%2e%2e/metrics",
    "/files/..%2fmetrics",
    "/v1/keys",
    "/v1/keys/1",
    "/v1/KEYS",
    "/v1//keys",
    "/v1/%6beys",
    "/v1/x/../keys",
    "/v1/jobs/..%2fkeys",
    "/v1/%2e/keys",
    "/statusses",
    "/config",
    "/.env",
    "/wsx",
    "/bake/x",
)


def heard(place: Place) -> list[tuple[str, str]]:
    """Give what the daemon was asked, by method and path."""
    lines = (place.folder / "data.log").read_text().splitlines()
    said = [json.loads(line) for line in lines if '"request_answered"' in line]
    return [(line["method"], line["path"]) for line in said]


async def problem_of(answer: aiohttp.ClientResponse) -> dict[str, Any]:
    """Give an answer's problem, in the form that Oven itself gives it."""
    assert answer.content_type == PROBLEM, await answer.text()
    problem: dict[str, Any] = json.loads(await answer.text())
    assert problem["status"] == answer.status
    assert problem["type"] == "/errors/" + problem["code"].lower().replace("_", "-")
    assert problem["title"] == problem["code"].replace("_", " ").capitalize()
    assert problem["instance"] == f"urn:uuid:{answer.headers['X-Request-Id']}"
    assert problem["error"] == problem["detail"]
    return problem


def test_it_is_valid_and_formatted(place: Place) -> None:
    """By Caddy's own word; and the admin API is no port."""
    done = place.caddy("validate")
    assert done.returncode == 0, done.stderr
    formatted = subprocess.run([tool("caddy"), "fmt", CADDYFILE], capture_output=True, check=True, timeout=50)
    assert formatted.stdout.decode() == CADDYFILE.read_text()
    config = json.loads(place.caddy("adapt").stdout)
    assert config["admin"]["listen"] == f"unix/{place.folder}/admin.sock"


def test_on_a_server_it_stands_where_the_units_are() -> None:
    """Without variables it is the socket of the unit, and the ports of the web."""
    environment = {"DOMAIN": "oven.example", "PATH": "/usr/bin", "HOME": "/nonexistent"}
    command = [tool("caddy"), "adapt", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=50)
    config = json.loads(done.stdout)
    listening = {name: server["listen"] for name, server in config["apps"]["http"]["servers"].items()}
    assert sorted(listening.values()) == [["127.0.0.1:9180"], [":443"]]
    assert config["admin"]["listen"] == "unix//run/caddy/admin.sock"
    assert '"dial": "unix//run/oven/oven.sock"' in json.dumps(config)
    assert '"filename": "/var/log/caddy/access.log"' in json.dumps(config)


async def test_https_is_proved(place: Place, visitor: aiohttp.ClientSession) -> None:
    """Who trusts the authority is answered; who does not sees that it is nobody they know."""
    async with visitor.get("/health") as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "healthy")
    stranger = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", place.https_port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        stranger.wrap_socket(plain, server_hostname=DOMAIN)


async def test_http_leads_to_https(place: Place, front: Daemon) -> None:
    """For good, to the same path, on the port that the web knows; nothing is answered on the way."""
    del front
    async with aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{place.http_port}/status?x=1"
        async with client.get(url, headers={"Host": DOMAIN}, allow_redirects=False) as answer:
            assert answer.status == 308
            assert answer.headers["Location"] == f"https://{DOMAIN}/status?x=1"
            assert await answer.read() == b""


def curl(place: Place, path: str, *options: str, stdin: bytes = b"") -> bytes:
    """Ask by HTTP/2, where an answer may come before its request has ended → what curl printed."""
    command = [tool("curl"), "--silent", "--show-error", "--http2", "--cacert", str(place.root)]
    command += ["--resolve", f"{DOMAIN}:{place.https_port}:127.0.0.1", *options, f"{place.base}{path}"]
    # It may complain that not all was taken, once it has the answer.
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=50).stdout


def test_http_2_is_spoken(place: Place, front: Daemon) -> None:
    """To clients that can."""
    del front
    said = curl(place, "/health/live", "--output", "/dev/null", "--write-out", "%{http_version} %{http_code}")
    assert said == b"2 200"


async def test_a_websocket_is_told_at_once(place: Place, visitor: aiohttp.ClientSession) -> None:
    """Of what is, while it stays open."""
    async with visitor.ws_connect("/ws", origin=place.base) as ws:
        first = await ws.receive_json(timeout=30)
        assert "serverStartTime" in first
        assert not ws.closed
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.ws_connect("/ws", origin="https://elsewhere.example")
    assert refused.value.status == 403


@asynccontextmanager
async def hanging_bake(client: aiohttp.ClientSession, folder: Path) -> AsyncIterator[str]:
    """Let a job hang on its source → its id; cancel it at the end."""
    async with running_origin(write_zip(folder / "tape.zip", small_entries()).read_bytes()) as origin:
        origin.ways["/hangs.zip"] = [hanging]
        async with client.post("/bake", json=bake_of(f"{origin.base}/hangs.zip")) as answer:
            assert answer.status == 202, await answer.text()
            job: str = (await answer.json())["jobId"]
        try:
            yield job
        finally:
            async with client.delete(f"/v1/jobs/{job}"):
                pass


def bake_of(url: str, mongo: str = "") -> dict[str, str]:
    unique = mongo or uuid.uuid4().hex
    return {
        "mongoId": unique,
        "slug": unique,
        "code": unique[:4],
        "zipUrl": url,
        "callbackUrl": "http://127.0.0.1:9/callback",
        "callbackSecret": SECRETS["CALLBACK_SECRET"],
    }


async def test_events_arrive_as_they_happen(admin: aiohttp.ClientSession, tmp_path: Path) -> None:
    """The first while the job hangs, the last when it is cancelled; nothing holds or packs them."""
    async with hanging_bake(admin, tmp_path) as job:
        headers = {"Accept-Encoding": "gzip, zstd"}
        async with admin.get(f"/v1/jobs/{job}/events", headers=headers) as answer:
            assert answer.content_type == "text/event-stream"
            assert "Content-Encoding" not in answer.headers
            first = await answer.content.readuntil(b"\n\n")
            assert job.encode() in first
            async with admin.delete(f"/v1/jobs/{job}") as cancelled:
                assert cancelled.status in {200, 202}
            assert b"cancelled" in await answer.content.read()


@pytest.mark.usefixtures("front")
@pytest.mark.parametrize("how", [("--data-binary", "@-"), ("--request", "POST", "--upload-file", "-")])
def test_bodies_have_limits(place: Place, how: tuple[str, ...]) -> None:
    """300 KiB are too much for a tape's request; Oven says so, whether the size was announced or not."""
    said = curl(place, "/bake", *how, "--header", "Content-Type: application/json", stdin=bytes(300 * 1024))
    problem = json.loads(said)
    assert (problem["status"], problem["code"]) == (413, "BODY_TOO_LARGE")
    assert "262,144" in problem["detail"]


@pytest.mark.usefixtures("front")
@pytest.mark.parametrize("how", [("--data-binary", "@-"), ("--request", "POST", "--upload-file", "-")])
def test_a_webhook_may_be_larger(place: Place, how: tuple[str, ...]) -> None:
    """3 MiB of Replicate's reach Oven, which reads them all to find that they are not Replicate's."""
    signed = {
        "webhook-id": "msg_1",
        "webhook-timestamp": f"{time.time():.0f}",
        "webhook-signature": "v1,AAAA",
    }
    headers = [word for name, value in signed.items() for word in ("--header", f"{name}: {value}")]
    said = curl(place, "/api/v1/replicate/webhook", *how, *headers, stdin=bytes(3 * MIB))
    assert json.loads(said)["code"] == "AUTH_INVALID"


async def test_a_huge_body_never_reaches_oven(place: Place, visitor: aiohttp.ClientSession) -> None:
    """It is refused by what it announces, before it is sent."""
    path = f"/v1/jobs/{uuid.uuid4().hex}/retry"
    headers = {"Content-Length": "50000000000"}
    async with visitor.post(path, headers=headers, expect100=True, data=b"") as answer:
        assert answer.status == 413
        assert "anything" in (await problem_of(answer))["detail"]
    assert ("POST", path) not in heard(place)


async def test_a_film_is_sent_in_parts_and_watched(
    place: Place, admin: aiohttp.ClientSession, visitor: aiohttp.ClientSession, tmp_path: Path
) -> None:
    """20 MiB through Caddy: each part whole, and then any range of it, but for no token."""
    film = padded(clip(tmp_path), 20 * MIB)
    async with admin.post("/api/v1/media", json={"type": "video", "size": len(film)}) as answer:
        assert answer.status == 201, await answer.text()
        asset = await answer.json()
    size = asset["upload"]["part_size"]
    for part in asset["upload"]["parts"]:
        assert part["url"].startswith(place.base)
        start = (part["number"] - 1) * size
        url = part["url"].removeprefix(place.base)
        async with visitor.put(URL(url, encoded=True), data=io.BytesIO(film[start : start + size])) as answer:
            assert answer.status == 200, await answer.text()
    async with admin.post(f"/api/v1/media/{asset['id']}/complete", json={}) as answer:
        assert answer.status == 202, await answer.text()
    with anyio.fail_after(45):
        while asset["status"] != "READY":
            await anyio.sleep(0.1)
            async with admin.get(f"/api/v1/media/{asset['id']}") as answer:
                asset = await answer.json()
            assert asset["status"] != "FAILED", asset
    link = URL(asset["url"].removeprefix(place.base), encoded=True)
    async with visitor.get(link, headers={"Range": "bytes=1000-20970000"}) as answer:
        assert answer.status == 206
        assert await answer.read() == film[1000:20970001]


@pytest.mark.parametrize("path", FORBIDDEN)
async def test_what_is_not_public_is_not_there(place: Place, front: Daemon, path: str) -> None:
    """As little as anything else that is not, even for the admin; the daemon never hears of it."""
    del front
    before = Counter(heard(place))
    status, body = await raw(place, "GET", path, f"Authorization: Bearer {ADMIN_TOKEN}")
    assert status == 404
    assert json.loads(body)["code"] == "NOT_FOUND"
    # Of what an earlier test has left a line may be written now.
    new = {asked for _, asked in Counter(heard(place)) - before}
    assert path not in new
    assert not [asked for asked in new if re.search("metrics|keys", asked, re.IGNORECASE)]


async def raw(place: Place, method: str, path: str, *headers: str) -> tuple[int, bytes]:
    """Ask as no library would → the answer's status and body."""
    context = ssl.create_default_context(cafile=str(place.root))

    def ask() -> bytes:
        with (
            socket.create_connection(("127.0.0.1", place.https_port), timeout=50) as plain,
            context.wrap_socket(plain, server_hostname=DOMAIN) as connection,
        ):
            lines = [f"{method} {path} HTTP/1.1", f"Host: {DOMAIN}:{place.https_port}", "Connection: close"]
            connection.sendall("\r\n".join([*lines, *headers, "", ""]).encode())
            received = b""
            while chunk := connection.recv(65_536):
                received += chunk
            return received

    head, _, body = (await anyio.to_thread.run_sync(ask)).partition(b"\r\n\r\n")
    return int(head.split()[1]), body


async def test_every_route_is_public_or_kept_back(place: Place, visitor: aiohttp.ClientSession) -> None:
    """A new route of Oven fails here until it is decided."""
    passed = set()
    for method, path in sorted(written_routes()):
        mark = str(uuid.uuid4())
        asked = re.sub(r"\{[^}]*\}", mark, path)
        before = Counter(heard(place))
        async with visitor.request(method, asked) as answer:
            await answer.read()
        # Caddy has no 200 of its own; of /health/live no line is written.
        if answer.status == 200 or (Counter(heard(place)) - before)[method.upper(), asked]:
            passed.add((method, path))
    assert written_routes() - passed == KEPT_BACK


async def test_who_comes_through_caddy_is_not_on_loopback(
    place: Place, visitor: aiohttp.ClientSession
) -> None:
    """Though both are on this machine: the admin's routes are closed to who has no token."""
    async with visitor.get("/v1/jobs") as answer:
        assert (await problem_of(answer))["code"] == "AUTH_REQUIRED"
    hop = "Connection: close, X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, Via"
    assert (await raw(place, "GET", "/v1/jobs", hop))[0] == 401


async def test_metrics_are_for_this_machine_and_a_token(place: Place, front: Daemon) -> None:
    """On a port of loopback, that alone; and nobody is the admin by being there."""
    del front
    base = f"http://127.0.0.1:{place.metrics_port}"
    async with aiohttp.ClientSession(base) as client:
        async with client.get("/metrics") as answer:
            assert answer.status == 401
        async with client.get("/metrics", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}) as answer:
            assert answer.status == 200
            assert "video_processing_queue_size" in await answer.text()
        for path in ("/v1/jobs", "/health", "/v1/keys"):
            async with client.get(path, headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}) as answer:
                assert answer.status == 404
        async with client.get("/metrics", headers={"Host": "elsewhere.example"}) as answer:
            assert await answer.read() == b""


async def test_answers_are_hardened_and_still_public(visitor: aiohttp.ClientSession) -> None:
    """HTTPS from now on, nothing guessed, nothing framed; other sites may read what is public."""
    for path in ("/status", "/docs", "/nothing", "/metrics"):
        async with visitor.get(path) as answer:
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert not {"Server", "Via", "Cross-Origin-Resource-Policy"} & set(answer.headers)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            if path == "/docs":
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_texts_are_packed(place: Place, front: Daemon) -> None:
    """Once, for who asks for it."""
    del front
    async with visiting(place, auto_decompress=False) as client:
        for packing in ("gzip", "zstd"):
            async with client.get("/openapi.json", headers={"Accept-Encoding": packing}) as answer:
                assert answer.headers["Content-Encoding"] == packing
                packed = await answer.read()
                assert len(packed) < 100_000
        async with client.get("/openapi.json", headers={"Accept-Encoding": "gzip"}) as answer:
            assert json.loads(gzip.decompress(await answer.read()))["openapi"].startswith("3.1")
        async with client.get("/openapi.json", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers


async def test_who_only_begins_is_let_go(place: Place, front: Daemon) -> None:
    """A request whose head does not end gets 10 s."""
    del front
    context = ssl.create_default_context(cafile=str(place.root))

    def dawdle() -> bytes:
        with (
            socket.create_connection(("127.0.0.1", place.https_port), timeout=45) as plain,
            context.wrap_socket(plain, server_hostname=DOMAIN) as connection,
        ):
            connection.sendall(f"GET /health HTTP/1.1\r\nHost: {DOMAIN}\r\nX-Slow: ".encode())
            return connection.recv(4096)

    assert b"200" not in await anyio.to_thread.run_sync(dawdle)


async def test_logs_hold_no_secrets(place: Place, visitor: aiohttp.ClientSession) -> None:
    """Neither the access log nor the journal: no header, no query, no link that was answered."""
    canary = f"canary-{uuid.uuid4().hex}"
    headers = {
        "Authorization": f"Bearer {canary}",
        "Cookie": f"session={canary}",
        "Referer": f"https://elsewhere.example/?token={canary}",
        "Webhook-Signature": f"v1,{canary}",
        "X-Api-Key": canary,
    }
    mark = uuid.uuid4().hex
    for path in (f"/files/{mark}", f"/nothing/{mark}", f"/v1/jobs/{mark}"):
        async with visitor.get(f"{path}?signature={canary}&x={canary}", headers=headers) as answer:
            assert answer.status in {401, 404}
    with anyio.fail_after(20):
        while len(mine := [line for line in place.logged() if mark in line["request"]["uri"]]) < 3:
            await anyio.sleep(0.05)
    assert {line["request"]["uri"].partition("?")[2] for line in mine} == {"…"}
    assert {line["status"] for line in mine} == {401, 404}
    assert {line["request"]["remote_ip"] for line in mine} == {"127.0.0.1"}
    assert canary not in place.access_log.read_text()
    assert canary not in place.journal.read_text()


def test_it_is_reloaded_through_its_socket(place: Place, front: Daemon) -> None:
    """As `systemctl reload caddy` does."""
    del front
    done = place.caddy("reload", "--force")
    assert done.returncode == 0, done.stderr


@asynccontextmanager
async def answering(place: Place, app: web.Application) -> AsyncIterator[None]:
    """Let something else than Oven answer behind Caddy."""
    runner = web.AppRunner(app)
    await runner.setup()
    await web.UnixSite(runner, str(place.socket)).start()
    try:
        yield
    finally:
        await end(runner)


async def test_oven_always_hears_of_the_client(tmp_path: Path) -> None:
    """Of its address as Caddy saw it, whatever the client says, or asks to be left out."""
    place, seen = new_place(tmp_path), []

    async def take(request: web.Request) -> web.Response:
        if request.path != "/health/live":
            seen.append(dict(request.headers))
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    async with answering(place, app):
        with running_caddy(place):
            await raw(place, "GET", "/status")
            await raw(place, "GET", "/status", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: elsewhere")
            hop = "Connection: close, X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto"
            await raw(place, "GET", "/status", hop)
    assert len(seen) == 3
    for headers in seen:
        assert headers["X-Forwarded-For"] == "127.0.0.1"
        assert headers["X-Forwarded-Proto"] == "https"
        assert headers["X-Forwarded-Host"] == f"{DOMAIN}:{place.https_port}"


@pytest.mark.parametrize(("method", "size"), [("GET", 0), ("POST", 1_000), ("PUT", 20 * MIB), ("DELETE", 0)])
async def test_requests_wait_for_a_start(tmp_path: Path, method: str, size: int) -> None:
    """With all that they bring, and are sent once; they were there before anybody could take them."""
    place, taken = new_place(tmp_path), []

    async def take(request: web.Request) -> web.Response:
        length = sum([len(chunk) async for chunk in request.content.iter_any()])
        if request.path != "/health/live":
            taken.append((request.method, length))
        return web.Response(text="taken")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    with running_caddy(place):
        async with visiting(place) as client, anyio.create_task_group() as group:

            async def ask() -> None:
                body = io.BytesIO(bytes(size)) if size else None
                async with client.request(method, "/files/a", data=body) as answer:
                    assert (answer.status, await answer.text()) == (200, "taken")
                group.cancel_scope.cancel()

            group.start_soon(ask)
            await anyio.sleep(1)
            async with answering(place, app):
                await anyio.sleep(45)
    assert taken == [(method, size)]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_is_sent_twice(tmp_path: Path, method: str) -> None:
    """What was taken and not answered may have been done: its client is told, and decides."""
    place, taken = new_place(tmp_path), []

    async def break_off(request: web.Request) -> web.Response:
        if request.path != "/health/live":
            taken.append(request.method)
            assert request.transport is not None
            request.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", break_off)
    async with answering(place, app):
        with running_caddy(place):
            async with visiting(place) as client, client.request(method, "/api/exports") as answer:
                assert answer.status == 503
                assert (await problem_of(answer))["code"] == "DAEMON_UNREACHABLE"
    assert taken == [method]


async def test_downloads_leave_room_for_all_else(tmp_path: Path) -> None:
    """Who never reads holds a download for ever: the next one waits, and everything else is answered."""
    place, begun, over = replace(new_place(tmp_path), downloads=2), [], anyio.Event()

    async def take(request: web.Request) -> web.StreamResponse:
        if not request.path.startswith("/files/"):
            return web.Response(text="taken")
        begun.append(request.path)
        answer = web.StreamResponse()
        await answer.prepare(request)
        await answer.write(b"all" if len(begun) > place.downloads else b"a first byte")
        if len(begun) <= place.downloads:
            await over.wait()
        return answer

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    async with answering(place, app), AsyncExitStack() as stack:
        stack.enter_context(running_caddy(place))
        client = await stack.enter_async_context(visiting(place))
        stalled = [await stack.enter_async_context(client.get(f"/files/{n}")) for n in range(2)]
        with pytest.raises(TimeoutError):
            await client.get("/files/next", timeout=aiohttp.ClientTimeout(total=1))
        for ask in (client.get, client.post):
            async with ask("/status") as answer:
                assert await answer.text() == "taken"
        assert sorted(begun) == ["/files/0", "/files/1"]
        stalled[0].close()
        async with client.get("/files/last") as answer:
            assert await answer.text() == "all"
        over.set()


def test_no_request_takes_for_ever(place: Place) -> None:
    """A client that stops in the middle of a body is let go, also where Oven has given it up long before."""
    config = json.loads(place.caddy("adapt").stdout)
    limits = [
        server["read_timeout"]
        for server in config["apps"]["http"]["servers"].values()
        if not server["listen"][0].startswith("127.")
    ]
    assert limits == [3_600_000_000_000]


async def test_a_door_without_its_secret_is_closed(tmp_path: Path) -> None:
    """To who comes through Caddy: it is open on loopback alone."""
    place = new_place(tmp_path)
    settings = {"OVEN_SOCKET": str(place.socket), "OVEN_PUBLIC_URL": place.base}
    with running_daemon(tmp_path / "data", **settings), running_caddy(place):
        async with visiting(place) as client:
            for path in ("/bake", "/convert"):
                async with client.post(path, json=bake_of("https://elsewhere.example/t.zip")) as answer:
                    assert (answer.status, (await problem_of(answer))["code"]) == (503, "DOOR_CLOSED")
            async with client.get("/v1/jobs") as answer:
                assert answer.status in {401, 503}


async def test_without_oven_callers_are_told_when_to_come_back(tmp_path: Path) -> None:
    """After the time that a new start may take: a problem like any other, not a bare 502."""
    place = new_place(tmp_path)
    with running_caddy(place):
        async with visiting(place) as client, client.get("/status") as answer:
            assert answer.status == 503
            problem = await problem_of(answer)
            assert (problem["code"], problem["retryable"]) == ("DAEMON_UNREACHABLE", True)
            assert answer.headers["Retry-After"] == "5"
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


@dataclass(slots=True)
class Site:
    """Posts tapes, one after the other, each until it is accepted."""

    client: aiohttp.ClientSession
    accepted: list[str] = field(default_factory=list)
    is_over: bool = False

    async def post(self) -> None:
        while not self.is_over:
            bake = bake_of("https://127.0.0.1/tape.zip")
            while not await self._is_taken(bake):
                await anyio.sleep(0.05)
            self.accepted.append(bake["mongoId"])

    async def _is_taken(self, bake: dict[str, str]) -> bool:
        async with self.client.post("/bake", json=bake) as answer:
            if answer.status != 202:
                # It is told that it was not taken, and when to send it again.
                assert (answer.status, (await problem_of(answer))["retryable"]) == (503, True)
                assert int(answer.headers["Retry-After"]) > 0
            return answer.status == 202

    async def more(self) -> None:
        """Wait until so many more have been accepted that some came while all was well."""
        enough = len(self.accepted) + 50
        with anyio.fail_after(30):
            while len(self.accepted) < enough:
                await anyio.sleep(0.01)


async def test_a_restart_under_fire_loses_nothing(tmp_path: Path) -> None:
    """Every tape that is sent while the daemon is stopped and started is accepted, and once."""
    place = new_place(tmp_path)
    settings = {"OVEN_SOCKET": str(place.socket), "OVEN_PUBLIC_URL": place.base, **SECRETS}
    settings |= {"OVEN_DRAIN_S": "0.1", "OVEN_QUEUE_LIMIT": "10000"}
    with running_caddy(place):
        async with AsyncExitStack() as stack:
            site = Site(await stack.enter_async_context(visiting(place)))
            daemon = stack.enter_context(running_daemon(tmp_path / "data", **settings))
            async with anyio.create_task_group() as group:
                for _ in range(SENDERS):
                    group.start_soon(site.post)
                for _ in range(2):
                    await site.more()
                    await anyio.to_thread.run_sync(daemon.stop)
                    daemon = stack.enter_context(running_daemon(tmp_path / "data", **settings))
                await site.more()
                site.is_over = True
    with closing(sqlite3.connect(tmp_path / "data/oven.db")) as database:
        rows = database.execute("SELECT json_extract(request, '$.echo.mongoId') FROM jobs").fetchall()
    assert Counter(mongo for (mongo,) in rows) == Counter(site.accepted)
