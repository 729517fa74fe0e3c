"""Callbacks: every message of the outbox is posted until it is taken."""

import base64
import binascii
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
import anyio
import orjson
import structlog
from standardwebhooks.webhooks import Webhook

from oven.adapters.egress import Egress
from oven.adapters.sealing import Sealer
from oven.domain.delivery import GONE, next_delay_s
from oven.domain.errors import OvenError
from oven.pipeline.persist import persist
from oven.pipeline.stores import Message, MessageState, Outbox

TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 5.0
# Of an answer no more is read.
ANSWER_BYTES = 4_096
AT_ONCE = 8
IDLE_S = 30.0
# How long answers are still waited for when the daemon stops.
DRAIN_S = 3.0
SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, no secret
log = structlog.get_logger("oven.callbacks")
SUCCESS = range(200, 300)


@dataclass(slots=True, kw_only=True)
class Callbacks:
    """Delivers due messages, several at once, the same bytes each time, freshly signed."""

    outbox: Outbox
    egress: Egress
    sealer: Sealer
    callback_hosts: frozenset[str]
    now_ms: Callable[[], int]
    chance: Callable[[], float]
    under_way: set[str] = field(default_factory=set)
    is_draining: bool = False
    _wake: anyio.Event = field(default_factory=anyio.Event)

    def wake(self) -> None:
        """Look at the outbox now."""
        self._wake.set()

    async def drain(self) -> None:
        """Begin nothing new; let what is under way be answered and written down."""
        self.is_draining = True
        with anyio.move_on_after(DRAIN_S):
            while self.under_way:  # noqa: ASYNC110 - deliveries end for many reasons
                await anyio.sleep(0.02)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with anyio.create_task_group() as group:
            while True:
                # What ends while the table is read may still be due by what was read: seen again next time.
                busy = set(self.under_way)
                try:
                    due = await self.outbox.due(now_ms=self.now_ms(), limit=2 * AT_ONCE)
                    next_ms = await self.outbox.next_due_ms()
                except OvenError:
                    due, next_ms = [], None
                for message in [] if self.is_draining else due:
                    if message.id not in busy and len(self.under_way) < AT_ONCE:
                        self.under_way.add(message.id)
                        group.start_soon(self._deliver, message)
                wait_s = IDLE_S if next_ms is None else (next_ms - self.now_ms()) / 1000
                with anyio.move_on_after(min(wait_s, IDLE_S) if wait_s > 0 else 1.0):
                    await self._wake.wait()
                self._wake = anyio.Event()

    async def _deliver(self, message: Message) -> None:
        began = time.monotonic()
        status, error, retry_after_s = await self._post(message)
        next_ms = self.now_ms()
        if status in SUCCESS:
            state = MessageState.DELIVERED
        elif status == GONE:
            state = MessageState.GONE
        else:
            delay_s = next_delay_s(message.tries + 1, chance=self.chance(), retry_after_s=retry_after_s)
            state = MessageState.PARKED if delay_s is None else MessageState.PENDING
            next_ms += round(1000 * (delay_s or 0))
        took_ms = round(1000 * (time.monotonic() - began))
        write = log.info if state is MessageState.DELIVERED else log.warning
        write(
            "callback_tried",
            message=message.id,
            job=message.job_id,
            status=status,
            error=error,
            state=state,
            ms=took_ms,
        )
        try:
            # Until it is written down nothing is sent again.
            await persist(
                lambda: self.outbox.tried(
                    message.id,
                    status=status,
                    error=error,
                    took_ms=took_ms,
                    now_ms=self.now_ms(),
                    state=state,
                    next_ms=next_ms,
                )
            )
        finally:
            self.under_way.discard(message.id)
            self.wake()

    async def _post(self, message: Message) -> tuple[int | None, str, float]:
        """Send a message once → status, error and what Retry-After asked for, in seconds."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
        try:
            secret = self.sealer.open(message.sealed_secret) if message.sealed_secret else ""
            url = self.egress.check(message.url, "callbackUrl", only=self.callback_hosts)
            body = with_secret(message.body, secret)
            headers = {"Content-Type": "application/json", **self._signature(message.id, body, secret)}
            async with self.egress.request(
                "POST", url, limits=timeout, headers=headers, body=body
            ) as response:
                await response.content.read(ANSWER_BYTES)
                asked = response.headers.get("Retry-After", "")
                return response.status, "", float(asked) if asked.isdecimal() else 0.0
        except OvenError as error:
            return None, error.message, 0.0

    def _signature(self, message_id: str, body: bytes, secret: str) -> dict[str, str]:
        if not secret:
            return {}
        at = datetime.fromtimestamp(self.now_ms() // 1000, UTC)
        signature = Webhook(signing_key(secret)).sign(message_id, at, body.decode())
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signature,
        }


def signing_key(secret: str) -> bytes:
    """Give the key of a secret: the decoded rest of whsec_…, else its own bytes (Standard Webhooks)."""
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def with_secret(body: bytes, secret: str) -> bytes:
    """Put the secret where the stored body leaves its place free; always the same way."""
    members = orjson.loads(body)
    if "secret" in members:
        members["secret"] = secret
    return orjson.dumps(members)
