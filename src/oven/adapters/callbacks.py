"""Callbacks: every message of the outbox is posted until it is taken."""

import base64
import math
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

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
AT_ONCE_A_HOST = 2
# So much of what is due is looked at in one go, to find some for hosts that are free.
LOOKED_AT = 256
IDLE_S = 30.0
# How long answers are still waited for when the daemon stops.
DRAIN_S = 3.0
SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, no secret
log = structlog.get_logger("oven.callbacks")
SUCCESS = range(200, 300)


@dataclass(slots=True, kw_only=True)
class Callbacks:
    """Delivers due messages, several at once, the same bytes each time, freshly signed.

    `token` is the operator's own, for the messages that go with it.
    """

    outbox: Outbox
    egress: Egress
    sealer: Sealer
    callback_hosts: frozenset[str]
    token: str
    now_ms: Callable[[], int]
    chance: Callable[[], float]
    under_way: dict[str, str] = field(default_factory=dict)
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
                    chosen = [] if self.is_draining else await self._choose(busy)
                    next_ms = await self.outbox.next_due_ms()
                except OvenError:
                    chosen, next_ms = [], None
                for message in chosen:
                    self.under_way[message.id] = _host(message)
                    group.start_soon(self._deliver, message)
                wait_s = IDLE_S if next_ms is None else (next_ms - self.now_ms()) / 1000
                with anyio.move_on_after(min(wait_s, IDLE_S) if wait_s > 0 else 1.0):
                    await self._wake.wait()
                self._wake = anyio.Event()

    async def _choose(self, busy: set[str]) -> list[Message]:
        """Choose what to send now: no host that hangs may hold up the others, however much is due to it."""
        free, of_host = AT_ONCE - len(self.under_way), Counter(self.under_way.values())
        chosen: list[Message] = []
        offset = 0
        while free > len(chosen):
            due = await self.outbox.due(now_ms=self.now_ms(), limit=LOOKED_AT, offset=offset)
            for message in due:
                host = _host(message)
                if message.id not in busy and len(chosen) < free and of_host[host] < AT_ONCE_A_HOST:
                    of_host[host] += 1
                    chosen.append(message)
            if len(due) < LOOKED_AT:
                break
            offset += LOOKED_AT
        return chosen

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
                    message,
                    status=status,
                    error=error,
                    took_ms=took_ms,
                    now_ms=self.now_ms(),
                    state=state,
                    next_ms=next_ms,
                )
            )
        finally:
            self.under_way.pop(message.id, None)
            self.wake()

    async def _post(self, message: Message) -> tuple[int | None, str, float]:
        """Send a message once → status, error and what Retry-After asked for, in seconds."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
        try:
            token = self.token if message.is_bearer else ""
            url = self.egress.check(
                self.sealer.open_url(message.url),
                "callbackUrl",
                only=self.callback_hosts,
                must_be_listed=bool(token),
            )
            secret = token or (self.sealer.open(message.sealed_secret) if message.sealed_secret else "")
            body = with_secret(message.body, secret)
            headers = {"Content-Type": "application/json", **self._signature(message.id, body, secret)}
            if token:
                headers["Authorization"] = f"Bearer {token}"
            async with self.egress.request(
                "POST", url, limits=timeout, headers=headers, body=body
            ) as response:
                # The status decides; what comes after it is read for politeness alone.
                with suppress(aiohttp.ClientError, OSError):
                    await response.content.read(ANSWER_BYTES)
                return response.status, "", self._asked_s(response.headers.get("Retry-After", ""))
        except OvenError as error:
            return None, error.message, 0.0
        except Exception as error:
            # Whatever is wrong with one message, the others go out.
            log.exception("callback_crashed", message=message.id, job=message.job_id)
            return None, f"the callback cannot be sent: {type(error).__name__}", 0.0

    def _asked_s(self, retry_after: str) -> float:
        """Read Retry-After, seconds or a date (RFC 9110), as seconds from now."""
        try:
            return float(retry_after) if retry_after.isascii() and math.isfinite(float(retry_after)) else 0.0
        except ValueError:
            pass
        try:
            return parsedate_to_datetime(retry_after).timestamp() - self.now_ms() / 1000
        except (ValueError, TypeError, OverflowError):
            return 0.0

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


def _host(message: Message) -> str:
    try:
        return urlsplit(message.url).netloc.lower()
    except ValueError:
        return message.url


def signing_key(secret: str) -> bytes:
    """Give the key of a secret: the decoded rest of whsec_…, else its own bytes (Standard Webhooks)."""
    if secret.startswith(SECRET_PREFIX):
        with suppress(ValueError):
            if key := base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True):
                return key
    return secret.encode()


def with_secret(body: bytes, secret: str) -> bytes:
    """Put the secret where the stored body leaves its place free; always the same way."""
    members = orjson.loads(body)
    if "secret" in members:
        members["secret"] = secret
    return orjson.dumps(members)
