"""Exports that are cancelled, killed, stopped and late: each ends once, and leaves nothing but its result."""

from pathlib import Path
from typing import Any

import pytest

from tests.chaos.cancels import cancel_at_moments
from tests.chaos.kills import kill_at_moments
from tests.chaos.moments import Moment, reach
from tests.chaos.scene import attempts_of, scene, stop
from tests.exports import EXPORTS
from tests.faults.test_imports import keys, settings, store, uploads
from tests.s3 import S3Server

__all__ = ["store"]

CANCELS = 8
KILLED_IN = ("take", "encode", "publish-video")


@pytest.mark.timeout(120)
async def test_cancelled_at_any_moment(tmp_path: Path) -> None:
    """It is, and is told so, or it was too late; in two seconds neither file, child nor object is left."""
    async with scene(tmp_path, is_marked=False) as place:
        seen = await cancel_at_moments(place, count=CANCELS, seed=7)
    assert seen.steps.total() + seen.too_late == CANCELS
    # Some steps are over before it can be asked.
    assert len(seen.steps) > 3


@pytest.mark.timeout(180)
async def test_killed_at_any_moment(tmp_path: Path) -> None:
    """The next daemon makes each export once, with what the last one had done, and no more than it says."""
    async with scene(tmp_path, is_marked=False) as place:
        seen = await kill_at_moments(place, count=len(KILLED_IN), seed=7, places=KILLED_IN)
    assert seen.steps.total() == seen.completed == len(KILLED_IN)
    assert seen.reused > 0


@pytest.mark.timeout(120)
async def test_in_a_bucket(s3: S3Server, store: Any, tmp_path: Path) -> None:
    """As on this machine; nor is an upload left half done."""

    async def exports() -> set[str]:
        return {key for key in await keys(store) if key.startswith("renditions/")}

    async with scene(tmp_path, exports, is_marked=False, **settings(s3)) as place:
        cancelled = await cancel_at_moments(place, count=1, seed=7, places=["encode"])
        killed = await kill_at_moments(place, count=1, seed=7, places=["publish-video"])
    assert (cancelled.steps.total(), killed.completed) == (1, 1)
    assert await uploads(store) == []


async def test_late_retried_and_stopped(tmp_path: Path) -> None:
    """One that takes too long fails at once; its retry, stopped in between, goes on where it was."""
    async with scene(tmp_path, is_marked=False) as place:
        place.settings = {"VIDEO_PROCESSING_TIMEOUT": "1"}
        async with place.daemon() as ask:
            late = await ask.ended(await place.order(ask))
            await stop(ask)
        assert (place.rests(), await place.keys()) == ([], set())
        place.settings = {"OVEN_DRAIN_S": "0"}
        async with place.daemon() as ask:
            assert (await ask.ask("POST", f"{EXPORTS}/{late['id']}/retry"))[0] == 202
            await reach(Moment("measure-encode", 0), place, late["id"])
            await stop(ask)
        async with place.daemon() as ask:
            export = await ask.ended(late["id"])
            failed, stopped, done = await attempts_of(ask, late["id"])
            await stop(ask)
    error = late["error"]
    assert (late["status"], error["code"], error["stage"]) == ("failed", "ENCODE_TIMEOUT", "encode")
    # It would take as long once more.
    assert (error["retryable"], error["attempt"]) == (False, 1)
    ends = [attempt["endedAs"] for attempt in (failed, stopped, done)]
    assert (export["status"], ends) == ("completed", ["failed", "handed back", "done"])
    outcomes = {step["name"]: step["outcome"] for step in done["steps"]}
    assert {outcomes[name] for name in ("take", "probe", "encode")} == {"reused"}
