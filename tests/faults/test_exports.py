"""Exports that are cancelled, killed, stopped and late: each ends once, and leaves nothing but its result."""

from pathlib import Path
from typing import Any

import pytest

from tests.chaos.cancels import cancel_at_moments
from tests.chaos.kills import kill_at_moments
from tests.chaos.moments import PLACES
from tests.chaos.scene import attempts_of, scene, stop
from tests.faults.test_imports import keys, settings, store, uploads
from tests.s3 import S3Server

__all__ = ["store"]

CANCELS, KILLS = 12, 6


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
        seen = await kill_at_moments(place, count=KILLS, seed=7, places=PLACES[-KILLS:])
    assert (seen.steps.total(), seen.completed) == (KILLS, KILLS + 1)
    assert seen.reused > 0


@pytest.mark.timeout(120)
async def test_in_a_bucket(s3: S3Server, store: Any, tmp_path: Path) -> None:
    """As on this machine; nor is an upload left half done."""

    async def exports() -> set[str]:
        return {key for key in await keys(store) if key.startswith("exports/")}

    async with scene(tmp_path, exports, is_marked=False, **settings(s3)) as place:
        cancelled = await cancel_at_moments(place, count=1, seed=7, places=["encode"])
        killed = await kill_at_moments(place, count=1, seed=7, places=["publish-video"])
    assert (cancelled.steps.total(), killed.completed) == (1, 1)
    assert await uploads(store) == []


async def test_stopped_and_started(tmp_path: Path) -> None:
    """It is handed back, and goes on where it was; of all that its caller sees only the wait."""
    async with scene(tmp_path, is_marked=False, OVEN_DRAIN_S="0") as place:
        async with place.daemon() as ask:
            export_id = await place.order(ask)
            while (await ask.ask("GET", f"/v1/jobs/{export_id}"))[1]["phase"] != "verify":
                pass
            await stop(ask)
        async with place.daemon() as ask:
            export = await ask.ended(export_id)
            first, second = await attempts_of(ask, export_id)
            await stop(ask)
    assert (export["status"], first["endedAs"], second["endedAs"]) == ("completed", "handed back", "done")
    outcomes = {step["name"]: step["outcome"] for step in second["steps"]}
    assert (outcomes["take"], outcomes["probe"], outcomes["encode"]) == ("reused", "reused", "reused")


async def test_late(tmp_path: Path) -> None:
    """One that takes longer than it may is stopped, and not tried again: it would take as long once more."""
    soon = scene(tmp_path, is_marked=False, VIDEO_PROCESSING_TIMEOUT="1")
    async with soon as place, place.daemon() as ask:
        export = await ask.ended(await place.order(ask))
        await stop(ask)
        assert (place.rests(), await place.keys()) == ([], set())
    error = export["error"]
    assert (export["status"], error["code"], error["stage"]) == ("failed", "ENCODE_TIMEOUT", "encode")
    assert (error["retryable"], error["attempt"]) == (False, 1)
