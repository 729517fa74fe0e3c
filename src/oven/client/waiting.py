"""Waiting for the end of a job, through whatever happens to its Oven."""

import time
from collections.abc import Callable
from typing import cast

from oven.client.answers import ENDED, Job
from oven.client.errors import OvenError, WaitTimeoutError
from oven.client.transport import SHORTEST_TRY_S, Transport, pause_s

# Between two looks at a job; the first ones follow sooner.
LONGEST_LOOK_S = 2.0
# A daemon that has been gone for longer is not being restarted.
GONE_S = 120.0


def until_ended(
    transport: Transport, path: str, *, timeout_s: float, tell: Callable[[Job], None] | None
) -> Job:
    """Look at a job again and again, until it has ended → the job.

    Args:
        transport: whom to ask.
        path: of the job.
        timeout_s: of all the waiting.
        tell: is told the job at once and whenever it has moved.

    Raises:
        WaitTimeoutError: it has not ended.
        OvenError: it cannot be looked at.
        UnreachableError: nobody has answered for two minutes.

    """
    now = time.monotonic()
    deadline, gone_at, looks, told = now + timeout_s, now + GONE_S, 0, None
    while True:
        looks += 1
        pause = min(pause_s(looks), LONGEST_LOOK_S)
        left = max(deadline - time.monotonic(), SHORTEST_TRY_S)
        try:
            job = cast("Job", transport.once("GET", path, timeout_s=left))
        except OvenError as error:
            if not error.retryable or time.monotonic() > gone_at:
                raise
            pause = max(pause, error.retry_after_s)
        else:
            gone_at = time.monotonic() + GONE_S
            moved = (job["state"], job["run"], job["attempt"], job["phase"], job["progress"])
            if tell is not None and moved != told:
                told = moved
                tell(job)
            if job["state"] in ENDED:
                return job
        left = deadline - time.monotonic()
        if left <= 0:
            raise WaitTimeoutError(
                "WAIT_TIMEOUT",
                f"the job has not ended after {timeout_s:g} s; it goes on",
                retryable=True,
            )
        time.sleep(min(pause, left))
