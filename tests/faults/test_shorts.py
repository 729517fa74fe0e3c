"""Shorts by a moved clock and through kills: files have their day, days their quota, and each ends once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from tests.clock import Clock, standing_clock
from tests.commands import OVEN
from tests.daemons import Daemon, running_daemon
from tests.imports import Host, clip, running_host
from tests.shorts import EXPORTS, cast, directing

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ADMIN = {"Authorization": "Bearer the admin's"}


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    """Gives a film of a second."""
    async with running_host(film_mp4=clip(tmp_path)) as host:
        yield host


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Stands an hour before midnight, UTC."""
    clock = standing_clock(tmp_path)
    clock.put(clock.now_ms() // DAY_MS * DAY_MS + 23 * HOUR_MS)
    return clock


@asynccontextmanager
async def started(data: Path, clock: Clock | None = None, **settings: str) -> AsyncIterator[Daemon]:
    settings["OVEN_ADMIN_TOKEN"] = "the admin's"
    with running_daemon(data, oven=clock.oven if clock else OVEN, **settings) as daemon:
        yield daemon


def files(data: Path) -> list[str]:
    """List what is kept of shorts."""
    return [file.name for file in data.glob("private/*/exports/**/*.mp4")]


async def test_a_file_has_its_day(tmp_path: Path, host: Host, clock: Clock) -> None:
    """After it the file is gone, and that is told for a month; before, not even a restart takes it."""
    data = tmp_path / "data"
    async with started(data, clock) as daemon, cast(daemon, "dora", f"{host.base}/film.mp4", **ADMIN) as dora:
        short = await dora.ask.made(await dora.ask.scene(dora.video))
        export_id, headers = short["export_id"], dora.ask.headers
        assert short["status"] == "completed"
    made_ms = clock.now_ms()
    clock.put(made_ms + DAY_MS - 1_000)
    async with started(data, clock) as daemon, directing(daemon, **headers) as ask:
        assert files(data) == [f"{export_id}.mp4"]
        link = (await ask.told(export_id))["download_url"]
        async with ask.client.get(link) as answer:
            assert answer.status == 200
        clock.put(made_ms + DAY_MS)
        # The clock tells, before anything is swept.
        told = await ask.told(export_id)
        assert (told["expired"], told["download_url"]) == (True, None)
        async with ask.client.get(link) as answer:
            assert answer.status in {403, 404}
    async with started(data, clock) as daemon, directing(daemon, **headers) as ask:
        with anyio.fail_after(20):
            while files(data):
                await anyio.sleep(0.02)
        told = await ask.told(export_id)
        assert (told["status"], told["expired"], told["expires_at"]) == (
            *("completed", True),
            short["expires_at"],
        )
        assert told["file_size_bytes"] == short["file_size_bytes"]
    clock.put(made_ms + 31 * DAY_MS)
    async with started(data, clock) as daemon, directing(daemon, **headers) as ask:
        with anyio.fail_after(20):
            while (await ask.ask("GET", f"{EXPORTS}/{export_id}"))[0] != 404:
                await anyio.sleep(0.02)


async def test_a_day_has_its_quota(tmp_path: Path, host: Host, clock: Clock) -> None:
    """It ends at midnight, UTC, when another begins; who comes too early is told how many seconds."""
    async with (
        started(tmp_path / "data", clock, OVEN_SHORTS_PER_DAY="1") as daemon,
        cast(daemon, "dan", f"{host.base}/film.mp4", **ADMIN) as dan,
    ):
        scene = await dan.ask.scene(dan.video)
        assert (await dan.ask.made(scene))["status"] == "completed"
        url = f"{daemon.base}/v1/scenes/{scene}/export-short"
        async with dan.ask.client.post(url, headers=dan.ask.headers, json={}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")
        _, told = await dan.ask.ask("GET", f"{EXPORTS}/quota")
        midnight_ms = clock.now_ms() + HOUR_MS
        assert (told["quota"]["remaining"], told["quota"]["resets_at"][10:]) == (0, "T00:00:00.000Z")
        clock.put(midnight_ms - 1)
        assert (await dan.ask.order(scene))[0] == 429
        clock.put(midnight_ms)
        status, accepted = await dan.ask.order(scene)
        assert (status, accepted["quota"]["remaining"]) == (202, 0)
        await dan.ask.ended(accepted["export_id"])


async def test_what_fails_by_our_fault_costs_nothing(tmp_path: Path, host: Host) -> None:
    """What takes too long here is ours; it is not tried again."""
    async with (
        started(tmp_path / "data", OVEN_SHORT_TIMEOUT_S="0.01") as daemon,
        cast(daemon, "dina", f"{host.base}/film.mp4", **ADMIN) as dina,
    ):
        short = await dina.ask.made(await dina.ask.scene(dina.video))
        assert (short["status"], short["error_code"]) == ("failed", "ENCODE_TIMEOUT")
        _, told = await dina.ask.ask("GET", f"{EXPORTS}/quota")
        assert told["quota"]["remaining"] == 10
        _, job = await dina.ask.ask("GET", f"/v1/jobs/{short['export_id']}")
        assert job["error"]["attempt"] == 1


async def test_killed_in_the_middle(tmp_path: Path, host: Host) -> None:
    """The next daemon makes it, once, and it counts once."""
    data = tmp_path / "data"
    async with started(data) as daemon, cast(daemon, "dirk", f"{host.base}/film.mp4", **ADMIN) as dirk:
        scene, headers = await dirk.ask.scene(dirk.video, 0.0, 1.0), dirk.ask.headers
        _, accepted = await dirk.ask.order(scene, aspect_ratio_strategy="blur")
        with anyio.fail_after(30):
            while (await dirk.ask.told(accepted["export_id"]))["phase"] != "encode":
                await anyio.sleep(0.005)
        daemon.kill()
    async with started(data) as daemon, directing(daemon, **headers) as ask:
        short = await ask.ended(accepted["export_id"])
        assert short["status"] == "completed"
        assert files(data) == [f"{short['export_id']}.mp4"]
        _, told = await ask.ask("GET", f"{EXPORTS}/quota")
        assert told["quota"]["used"] == 1
        daemon.stop()
    assert not list((data / "work").iterdir())
