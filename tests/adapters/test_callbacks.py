"""Callbacks: sent until they are taken, by the clock of the test."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiohttp import web
from anyio.abc import SocketAttribute, SocketStream
from standardwebhooks.webhooks import Webhook

from oven.adapters.callbacks import Callbacks, with_secret
from oven.adapters.database.engine import Database, open_database
from oven.adapters.database.jobs import JobTable
from oven.adapters.database.outbox import OutboxTable
from oven.adapters.egress import Egress, EgressPolicy
from oven.adapters.sealing import open_sealer
from oven.adapters.webhooks import Sender
from oven.domain.errors import Code, TransientError
from oven.domain.job import Callback, JobState, NewJob
from oven.domain.signing import signing_key
from oven.pipeline.messages import Message, MessageState
from oven.recipes.plan import Outcome
from tests.serving import end
from tests.site import Received, Site, running_site

NOW_MS = 1_790_000_000_000
SECRET = "whsec_" + base64.b64encode(bytes(range(24))).decode()
TOLD = Outcome(state=JobState.DONE, callback={"mongoId": "m", "secret": None, "status": "complete"})


@dataclass
class Post:
    """A running delivery with a clock of its own, and the site it goes to."""

    database: Database
    site: Site
    callbacks: Callbacks
    now_ms: int = NOW_MS

    async def send(
        self, path: str = "/done", *, job_id: str = "j1", url: str = "", secret: str = SECRET
    ) -> None:
        jobs = JobTable(database=self.database)
        sealed = self.callbacks.sender.sealer.seal(secret)
        new = NewJob(
            id=job_id,
            kind="bake",
            owner="",
            identity=job_id,
            output_key="",
            request={},
            callback=Callback(url=url or self.site.base + path, sealed_secret=sealed),
        )
        await jobs.submit(new, now_ms=NOW_MS, queue_limit=9)
        await jobs.end(job_id, TOLD, now_ms=self.now_ms)
        self.callbacks.wake()

    async def message(self, tries: int) -> Message:
        """Wait until so many tries are written down."""
        with anyio.fail_after(10):
            while True:
                (message,) = await self.callbacks.outbox.of_jobs(["j1"])
                if message.tries >= tries:
                    return message
                await anyio.sleep(0.01)

    async def later(self, seconds: float, tries: int) -> Message:
        """Move the clock, then wait for the next try."""
        self.now_ms += round(seconds * 1000)
        self.callbacks.wake()
        return await self.message(tries)


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with (
        open_database(tmp_path) as database,
        running_site() as site,
        anyio.create_task_group() as group,
    ):
        clock: list[Post] = []
        callbacks = Callbacks(
            outbox=OutboxTable(database=database),
            sender=Sender(
                egress=Egress(policy=EgressPolicy(networks=(ip_network("127.0.0.0/8"),))),
                sealer=open_sealer(tmp_path),
                hosts=frozenset(),
                token="",
                now_ms=lambda: clock[0].now_ms,
            ),
            now_ms=lambda: clock[0].now_ms,
            chance=lambda: 0,
        )
        clock.append(Post(database=database, site=site, callbacks=callbacks))
        group.start_soon(callbacks.run)
        yield clock[0]
        group.cancel_scope.cancel()


def verify(received: Received) -> None:
    """Check a signature by the library, but for its clock, which is not the test's."""
    timestamp = received.headers["webhook-timestamp"]
    signed = Webhook(signing_key(SECRET))

    at = datetime.fromtimestamp(int(timestamp), UTC)
    expected = signed.sign(received.headers["webhook-id"], at, received.body.decode())
    assert expected == received.headers["webhook-signature"]


async def test_taken_at_once(post: Post) -> None:
    """Once; the secret is in its place, the signature by it."""
    await post.send("/done?x=1")
    message = await post.message(1)
    assert message.state is MessageState.DELIVERED
    (received,) = post.site.received
    verify(received)
    assert received.path == "/done?x=1"
    assert json.loads(received.body) == {
        "mongoId": "m",
        "secret": SECRET,
        "status": "complete",
        "jobId": "j1",
    }
    assert received.headers["Content-Type"] == "application/json"


class LateOutbox(OutboxTable):
    """An outbox whose second answer is only given once the first message has been taken."""

    async def due(self, *, now_ms: int, limit: int, offset: int = 0) -> list[Message]:
        found = await OutboxTable.due(self, now_ms=now_ms, limit=limit, offset=offset)
        if found and READS:
            with anyio.fail_after(10):
                while (await self.of_jobs(["j1"]))[0].state is not MessageState.DELIVERED:
                    await anyio.sleep(0.01)
        if found:
            READS.append(found[0].id)
        return found


class FailingOutbox(OutboxTable):
    """An outbox that cannot write twice, as when the database is locked."""

    async def tried(self, message: Message, **values: Any) -> None:
        if len(READS) < 2:
            READS.append(message.id)
            raise TransientError(Code.STORE_UNAVAILABLE, "locked")
        await OutboxTable.tried(self, message, **values)


async def test_a_store_that_does_not_answer(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delivery waits for it, goes on, and is not sent again meanwhile."""
    monkeypatch.setattr("oven.pipeline.persist.PAUSE_S", 0.05)
    READS.clear()
    post.callbacks.outbox = FailingOutbox(database=post.database)
    await post.send()
    assert (await post.message(1)).state is MessageState.DELIVERED
    assert len(READS) == 2
    assert len(post.site.received) == 1


READS: list[str] = []


async def test_a_read_that_is_overtaken(post: Post) -> None:
    """What was due when the table was read, and has been taken since, is not sent again."""
    READS.clear()
    post.callbacks.outbox = LateOutbox(database=post.database)
    hold = anyio.Event()
    post.site.hold = hold
    await post.send()
    with anyio.fail_after(10):
        while not post.site.received:
            await anyio.sleep(0.01)
        # Now the table is read again, and answers after the first has been taken.
        post.callbacks.wake()
        await anyio.sleep(0.05)
        hold.set()
        while len(READS) < 2:
            await anyio.sleep(0.01)
    await anyio.sleep(0.1)
    assert len(post.site.received) == 1


async def test_500_500_200(post: Post) -> None:
    """The same bytes under the same id, freshly signed, after 5 s and 5 min."""
    post.site.answers = [lambda: web.Response(status=500)] * 2
    await post.send()
    assert (await post.message(1)).next_ms == NOW_MS + 5_000
    second = await post.later(5, 2)
    assert (second.state, second.next_ms) == (MessageState.PENDING, NOW_MS + 305_000)
    assert (await post.later(300, 3)).state is MessageState.DELIVERED
    first, *others = post.site.received
    for other in others:
        verify(other)
        assert other.body == first.body
        assert other.headers["webhook-id"] == first.headers["webhook-id"]
        assert other.headers["webhook-timestamp"] != first.headers["webhook-timestamp"]
    tried = await post.callbacks.outbox.deliveries("j1")
    assert [delivery.status for delivery in tried] == [500, 500, 200]


async def test_gone(post: Post) -> None:
    """410 stops it."""
    post.site.answers = [lambda: web.Response(status=410)]
    await post.send()
    assert (await post.message(1)).state is MessageState.GONE


async def test_redirects_are_not_followed(post: Post) -> None:
    """A redirect is no success."""
    post.site.answers = [lambda: web.Response(status=302, headers={"Location": post.site.base + "/there"})]
    await post.send()
    assert (await post.message(1)).state is MessageState.PENDING
    assert [received.path for received in post.site.received] == ["/done"]


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        ("60", 60),
        ("60.5", 60.5),
        (format_datetime(datetime.fromtimestamp(NOW_MS / 1000 + 90, UTC), usegmt=True), 90),
        ("1", 5),
        ("-9", 5),
        ("nan", 5),
        ("1e999", 5),
        ("٣", 5),
        ("soon", 5),
        ("Mon, 99 Foo 2026 25:00:00 GMT", 5),
        ("9" * 99, 86_400),
    ],
)
async def test_retry_after_is_heeded(post: Post, asked: str, wait_s: float) -> None:
    """Where it asks for longer, in seconds or as a date; for a day at most."""
    post.site.answers = [lambda: web.Response(status=429, headers={"Retry-After": asked})]
    await post.send()
    assert (await post.message(1)).next_ms == NOW_MS + wait_s * 1000


async def test_a_receiver_that_hangs(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is given up, and tried again."""
    monkeypatch.setattr("oven.adapters.callbacks.TIMEOUT_S", 0.2)
    hold = anyio.Event()

    async def hang(_: web.Request) -> web.Response:
        await hold.wait()
        return web.Response()

    app = web.Application()
    app.router.add_post("/done", hang)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    post.site.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    await post.send()
    assert (await post.message(1)).state is MessageState.PENDING
    hold.set()
    await end(runner)


@pytest.mark.parametrize("rest", ["Content-Length: 100\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"])
async def test_a_status_is_enough(post: Post, rest: str) -> None:
    """Whatever becomes of the body after a 200, the message was taken."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")

    async def answer(stream: SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(f"HTTP/1.1 200 OK\r\n{rest}".encode())

    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, answer)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - no Django
        post.site.base = f"http://127.0.0.1:{port}"
        await post.send()
        assert (await post.message(1)).state is MessageState.DELIVERED
        group.cancel_scope.cancel()


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://[:]/x", SECRET),
        ("https://[::1::]/x", SECRET),
        ("https://a..b/x", SECRET),
        ("https://xn--a/x", SECRET),
        ("", "whsec_"),
        ("", "whsec_é"),
        ("", "\x00"),
    ],
)
async def test_a_message_that_cannot_be_sent(post: Post, url: str, secret: str) -> None:
    """Is a failed try at most; the others go out."""
    await post.send(job_id="bad", url=url, secret=secret)
    await post.send()
    assert (await post.message(1)).state is MessageState.DELIVERED


async def test_a_crash_of_one_message(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even what nobody foresaw is a failed try."""

    def crash(*_: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr("oven.adapters.callbacks.with_secret", crash)
    await post.send()
    message = await post.message(1)
    assert (message.state, message.next_ms) == (MessageState.PENDING, NOW_MS + 5_000)
    (tried,) = await post.callbacks.outbox.deliveries("j1")
    assert tried.error == "the callback cannot be sent: RuntimeError"


async def test_one_host_does_not_hold_up_the_others(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many of its messages hang, and are due before the others."""
    monkeypatch.setattr("oven.adapters.callbacks.LOOKED_AT", 4)
    async with running_site() as hanging:
        hanging.hold = anyio.Event()
        for number in range(20):
            await post.send(job_id=f"h{number}", url=f"{hanging.base}/done")
        await hanging.wait_for(2)
        await post.send()
        assert (await post.message(1)).state is MessageState.DELIVERED
        assert len(hanging.received) == 2
        hanging.hold.set()


async def test_a_replay_during_the_last_try(post: Post) -> None:
    """Is not lost: what the try comes to is that try's alone."""
    await post.send()
    message = await post.message(1)
    table = post.callbacks.outbox
    late = replace(message, tries=9)
    await table.replay("j1", 1, now_ms=NOW_MS + 99_999)
    parked = MessageState.PARKED
    await table.tried(late, status=500, error="", took_ms=1, now_ms=NOW_MS, state=parked, next_ms=NOW_MS)
    (message,) = await table.of_jobs(["j1"])
    assert (message.state, message.tries) == (MessageState.PENDING, 0)


async def test_nobody_there(post: Post) -> None:
    """Ten tries in three days, then parked, and a replay sends it again."""
    port = post.site.base
    post.site.base = "http://127.0.0.1:9"
    await post.send()
    message = await post.message(1)
    for tries in range(2, 11):
        message = await post.later((message.next_ms - post.now_ms) / 1000, tries)
    assert message.state is MessageState.PARKED
    assert post.now_ms - NOW_MS < 3 * 86_400_000
    assert await post.callbacks.outbox.replay("j1", 1, now_ms=post.now_ms) == 1
    assert port
    post.callbacks.wake()
    assert (await post.message(1)).state is MessageState.PENDING


async def test_a_receiver_that_may_not_be_reached(post: Post) -> None:
    """A blocked address is no success and no crash; others are still told."""
    post.site.base = "https://10.0.0.1"
    await post.send()
    assert (await post.message(1)).state is MessageState.PENDING


def test_the_secrets_place() -> None:
    """Filled where there is one, always the same way."""
    assert with_secret(b'{"a":1,"secret":null,"b":2}', "s") == b'{"a":1,"secret":"s","b":2}'
    assert with_secret(b'{"a":1}', "s") == b'{"a":1}'
