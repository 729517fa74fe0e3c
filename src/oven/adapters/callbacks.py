"""Callbacks: every message of the outbox is posted until it is taken."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial

import anyio
import orjson
import structlog

from oven.adapters.webhooks import SUCCESS, Sender, host_of
from oven.domain.delivery import GONE, next_delay_s
from oven.domain.errors import OvenError
from oven.domain.job import Callback
from oven.pipeline.messages import Message, MessageState, Outbox
from oven.pipeline.persist import persist

TIMEOUT_S = 15.0
AT_ONCE = 8
AT_ONCE_A_HOST = 2
# So much of what is due is looked at in one go, to find some for hosts that are free.
LOOKED_AT = 256
IDLE_S = 30.0
# How long answers are still waited for when the daemon stops.
DRAIN_S = 3.0
log = structlog.get_logger("oven.callbacks")


@dataclass(slots=True, kw_only=True)
class Callbacks:
    """Delivers due messages, several at once, the same bytes each time, freshly signed."""

    outbox: Outbox
    sender: Sender
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
                    self.under_way[message.id] = host_of(message.url)
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
                host = host_of(message.url)
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
        to = Callback(url=message.url, sealed_secret=message.sealed_secret, is_bearer=message.is_bearer)
        try:
            answer = await self.sender.post(
                message.id, to, partial(with_secret, message.body), name="callbackUrl", timeout_s=TIMEOUT_S
            )
        except OvenError as error:
            return None, error.message, 0.0
        except Exception as error:
            # Whatever is wrong with one message, the others go out.
            log.exception("callback_crashed", message=message.id, job=message.job_id)
            return None, f"the callback cannot be sent: {type(error).__name__}", 0.0
        return answer.status, "", self._asked_s(answer.retry_after)

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


def with_secret(body: bytes, secret: str) -> bytes:
    """Put the secret where the stored body leaves its place free; always the same way."""
    members = orjson.loads(body)
    if "secret" in members:
        members["secret"] = secret
    return orjson.dumps(members)
