"""How attempts end; hand-backs and replaced attempts stand with the engine."""

from dataclasses import replace

import anyio
from structlog.testing import capture_logs

from oven.domain.errors import BadInputError, Code, TransientError
from oven.domain.job import JobState
from oven.domain.retry import RetryRule
from oven.recipes.plan import Outcome
from tests.engines.test_embedded import Oven, oven

__all__ = ["oven"]


async def test_passing_failures_are_tried_again(oven: Oven) -> None:
    """After 5, 10 and 20 s; the fourth failure is the end."""
    oven.site.failures["a"] = [TransientError(Code.DOWNLOAD_FAILED, f"no {n}") for n in range(9)]
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        for attempt, delay_ms in ((1, 5_000), (2, 10_000), (3, 20_000)):
            record = await oven.until("a", JobState.RETRYING)
            while record.attempt < attempt:
                await anyio.sleep(0.01)
                record = await oven.until("a", JobState.RETRYING)
            assert record.available_ms == oven.now_ms + delay_ms
            oven.now_ms += delay_ms
            oven.engine.wake()
        record = await oven.until("a", JobState.FAILED)
        group.cancel_scope.cancel()
    assert record.attempt == 4
    assert record.error is not None
    assert (record.error["code"], record.error["message"]) == ("DOWNLOAD_FAILED", "no 3")


async def test_bad_input_is_not(oven: Oven) -> None:
    """Failed at once."""
    oven.site.failures["a"] = [BadInputError(Code.NO_FRAMES, "none")]
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        record = await oven.until("a", JobState.FAILED)
        group.cancel_scope.cancel()
    assert record.attempt == 1


async def test_each_kind_has_its_rule(oven: Oven) -> None:
    """One that is to be tried only once is."""
    oven.engine.endings = replace(oven.engine.endings, rules={"take": RetryRule(delays_s=())})
    oven.site.failures["a"] = [TransientError(Code.DOWNLOAD_FAILED, "no")]
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        record = await oven.until("a", JobState.FAILED)
        group.cancel_scope.cancel()
    assert record.attempt == 1


async def test_what_is_final_for_a_kind(oven: Oven) -> None:
    """Ends its job, and is told to be no failure that passes."""
    rules = {"take": RetryRule(final={Code.ENCODE_TIMEOUT: "Ask for less."})}
    oven.engine.endings = replace(oven.engine.endings, rules=rules)
    oven.site.failures["a"] = [TransientError(Code.ENCODE_TIMEOUT, "it took long")]
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        record = await oven.until("a", JobState.FAILED)
        group.cancel_scope.cancel()
    assert record.attempt == 1
    assert record.error is not None
    assert (record.error["retryable"], record.error["hint"]) == (False, "Ask for less.")


async def test_a_line_in_the_log(oven: Oven) -> None:
    """Says how an attempt ended that did not end its job."""
    oven.site.failures["a"] = [TransientError(Code.DOWNLOAD_FAILED, "no", detail="why")]
    with capture_logs() as lines:
        async with anyio.create_task_group() as group:
            group.start_soon(oven.engine.run)
            await oven.submit("a")
            await oven.until("a", JobState.RETRYING)
            with anyio.fail_after(5):
                while oven.engine.running:
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()
    (line,) = [line for line in lines if line["event"] == "attempt_ended"]
    assert (line["job"], line["ended"], line["code"], line["detail"], line["phase"]) == (
        "a",
        "retrying",
        "DOWNLOAD_FAILED",
        "why",
        "p",
    )


async def test_an_attempt_that_lost_its_job(oven: Oven) -> None:
    """Leaves the job as it ended otherwise, and takes its folder away."""
    oven.site.held["a"] = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(oven.engine.run)
        await oven.submit("a")
        await oven.until("a", JobState.RUNNING)
        await oven.engine.jobs.end("a", Outcome(state=JobState.CANCELLED), now_ms=oven.now_ms)
        oven.engine.interrupt("a")
        with anyio.fail_after(5):
            while oven.engine.running:
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    record = await oven.until("a", JobState.CANCELLED)
    assert record.attempt == 1
    assert list((oven.folder / "work").iterdir()) == []
