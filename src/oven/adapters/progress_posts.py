"""Progress that callers asked to be posted: the latest of each job, at most once a second."""

import math
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import orjson
import structlog

from oven.adapters.turns import Turns
from oven.adapters.webhooks import SUCCESS, Sender, host_of
from oven.domain.delivery import GONE
from oven.domain.errors import OvenError
from oven.domain.job import WAITING, Callback, JobRecord
from oven.pipeline.board import Board
from oven.pipeline.post import progress_json

# Between two posts of a job.
EVERY_S = 1.0
# Between a change, of whichever job, and a look at the own one.
LOOK_S = 0.2
TIMEOUT_S = 5.0
AT_ONCE, AT_ONCE_A_HOST = 20, 4
# An end that was not taken is sent again after these; it is the callback that promises.
AGAIN_S = (1.0, 2.0, 4.0)
# So long after its end a job is let go at the latest: ends that nobody takes must not pile up.
LAST_S = 30.0
# How long ends are still told when the daemon stops.
DRAIN_S = 3.0
log = structlog.get_logger("oven.progress")


@dataclass(slots=True)
class _Feed:
    """What one job's receiver was told: the state that was taken, or given up, and what is being sent."""

    heard: JobRecord
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    told: tuple[Any, ...] = ()
    sending: tuple[Any, ...] = ()
    message: tuple[str, bytes] = ("", b"")
    tries: int = 0
    not_before_s: float = -math.inf
    is_gone: bool = False
    has_complained: bool = False

    @property
    def is_over(self) -> bool:
        """Whether there is no more to tell, as far as was heard: another run may have begun."""
        return self.is_gone or (self.heard.state.is_final and self.told[:1] == (self.heard.seq,))


@dataclass(slots=True, kw_only=True)
class ProgressPosts:
    """Watches the board for each job whose caller wants to be told.

    Nothing is queued: what is sent is the job as it is when its turn has come.  `now_ms` is the time that is
    told, `clock_s` and `sleep` the one that is waited for.
    """

    board: Board
    sender: Sender
    now_ms: Callable[[], int]
    clock_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    turns: Turns = field(default_factory=lambda: Turns(AT_ONCE, AT_ONCE_A_HOST))
    _feeds: dict[str, _Feed] = field(default_factory=dict)
    _new: list[_Feed] = field(default_factory=list)
    # Active jobs whose receivers want no more of this run.
    _gone: dict[str, int] = field(default_factory=dict)
    _wake: anyio.Event = field(default_factory=anyio.Event)

    def hear(self, record: JobRecord) -> None:
        """Take note of a job that has changed."""
        if not record.progress_url:
            return
        if self._gone.get(record.id) == record.run:
            if record.state.is_final:
                del self._gone[record.id]
            return
        self._gone.pop(record.id, None)
        feed = self._feeds.get(record.id)
        if feed is None:
            feed = self._feeds[record.id] = _Feed(record)
            self._new.append(feed)
            self._wake.set()
        feed.heard = record
        if not record.state.is_final:
            feed.scope.deadline = math.inf
        elif feed.scope.deadline == math.inf:
            feed.scope.deadline = anyio.current_time() + LAST_S

    async def run(self) -> None:
        """Post until cancelled."""
        async with anyio.create_task_group() as group:
            while True:
                while self._new:
                    group.start_soon(self._follow, self._new.pop())
                await self._wake.wait()
                self._wake = anyio.Event()

    async def drain(self) -> None:
        """Let ends be told; what was handed back goes on another time."""
        with anyio.move_on_after(DRAIN_S):
            # Posts end for many reasons.
            while any(feed.heard.state not in WAITING for feed in self._feeds.values()):  # noqa: ASYNC110
                await anyio.sleep(0.02)

    async def _follow(self, feed: _Feed) -> None:
        """Tell one job until it has ended, or its receiver wants no more."""
        try:
            with feed.scope:
                while not feed.is_over:
                    beat = self.board.pulse.next
                    if self.board.shown(feed.heard).news == feed.told:
                        await beat.wait()
                        await self.sleep(LOOK_S)
                        continue
                    await self.sleep(max(0.0, feed.not_before_s - self.clock_s()))
                    async with self.turns.at(host_of(feed.heard.progress_url)):
                        # While it waited more has happened.
                        await self._tell(feed, self.board.shown(feed.heard))
        finally:
            del self._feeds[feed.heard.id]

    async def _tell(self, feed: _Feed, record: JobRecord) -> None:
        """Post how a job stands; its end again, a few times, where it was not taken."""
        essence = record.news
        if essence != feed.sending:
            body = orjson.dumps(progress_json(record, self.now_ms()))
            feed.message = f"prg_{record.id}_{secrets.token_hex(8)}", body
            feed.sending, feed.tries = essence, 0
        feed.not_before_s = self.clock_s() + EVERY_S
        status, error = await self._post(record, *feed.message)
        if status not in SUCCESS and not feed.has_complained:
            feed.has_complained = True
            log.warning("progress_not_posted", job=record.id, status=status, error=error)
        if status == GONE:
            feed.is_gone = True
            if not feed.heard.state.is_final:
                self._gone[record.id] = record.run
        elif status in SUCCESS or not record.state.is_final or feed.tries == len(AGAIN_S):
            feed.told = essence
        else:
            feed.not_before_s = self.clock_s() + AGAIN_S[feed.tries]
            feed.tries += 1

    async def _post(self, record: JobRecord, message_id: str, body: bytes) -> tuple[int, str]:
        """Send a message once → the status, 0 where there was no answer, and why there was none."""
        signed = record.callback or Callback(url="")
        to = Callback(url=record.progress_url, sealed_secret=signed.sealed_secret, is_bearer=signed.is_bearer)
        try:
            answer = await self.sender.post(
                message_id, to, lambda _: body, name="progressUrl", timeout_s=TIMEOUT_S
            )
        except OvenError as error:
            return 0, error.message
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one job's posts, the others go out
            return 0, f"the post cannot be sent: {type(error).__name__}"
        return answer.status, ""
