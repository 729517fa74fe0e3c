"""Running until a signal says stop."""

import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio

from oven.domain.errors import Code, OvenError, TransientError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

T = TypeVar("T")


class InterruptedBySignalError(TransientError):
    """A signal said stop; nothing is left running."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(Code.CANCELLED, f"stopped by {number.name}")
        self.number = number


@contextmanager
def heeding_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, where it would else just end the command."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def run_until_signal(work: Callable[[], Awaitable[T]]) -> T:
    """Run asynchronous work to its end, or until a signal says stop.

    Raises:
        InterruptedBySignalError: a signal came first.
        OvenError: as the work does.

    """
    return anyio.run(_supervise, work)


async def _supervise(work: Callable[[], Awaitable[T]]) -> T:
    results: list[T] = []
    failure: OvenError | None = None
    with anyio.open_signal_receiver(*SIGNALS) as signals:
        async with anyio.create_task_group() as group:

            async def listen() -> None:
                nonlocal failure
                async for number in signals:
                    failure = InterruptedBySignalError(signal.Signals(number))
                    group.cancel_scope.cancel()

            group.start_soon(listen)
            try:
                results.append(await work())
            except OvenError as error:
                failure = error
            group.cancel_scope.cancel()
    # Raised outside of the group, which would wrap it.
    if results:
        return results[0]
    if failure is None:
        raise RuntimeError("work ended without a result, an error or a signal")
    raise failure
