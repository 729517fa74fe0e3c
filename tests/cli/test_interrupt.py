"""Running until a signal says stop."""

import os
import signal

import anyio
import anyio.lowlevel
import pytest

from oven.cli.interrupt import InterruptedBySignalError, heeding_ctrl_c, run_until_signal
from oven.domain.errors import BadInputError, Code


def test_work_that_ends() -> None:
    """Its result is given."""

    async def work() -> int:
        await anyio.lowlevel.checkpoint()
        return 7

    assert run_until_signal(work) == 7


def test_work_that_fails() -> None:
    """Its error is raised as itself, in no group."""

    async def work() -> int:
        raise BadInputError(Code.NO_FRAMES, "none")

    with pytest.raises(BadInputError, match="none"):
        run_until_signal(work)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal(number: signal.Signals) -> None:
    """The work is cancelled, cleans up, and the signal is told."""
    cleaned: list[bool] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await anyio.sleep(30)
        finally:
            cleaned.append(True)

    with pytest.raises(InterruptedBySignalError) as caught:
        run_until_signal(work)
    assert (caught.value.number, caught.value.code) == (number, Code.CANCELLED)
    assert cleaned == [True]


def test_ctrl_c_where_it_is_heeded() -> None:
    """Raises KeyboardInterrupt; after that it is what it was."""
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        with pytest.raises(KeyboardInterrupt), heeding_ctrl_c():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGINT, before)
