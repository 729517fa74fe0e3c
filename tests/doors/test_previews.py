"""Previews, asked over HTTP."""

import base64
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import anyio
import pytest

from oven.adapters.workspace import PASSING_PREFIX
from oven.pipeline.previews import TIMEOUT_S
from tests.daemons import Daemon, running_daemon
from tests.doors.conftest import ADMIN, OUTSIDE
from tests.imports import Importer, importing, running_host
from tests.previews import film, is_blue, picture


@pytest.fixture(scope="module")
async def video(daemon: Daemon, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A video of paula's, five seconds long."""
    file = film(tmp_path_factory.mktemp("film") / "film.mp4", "-g", "10", "-sc_threshold", "0")
    async with running_host(film_mp4=file.read_bytes()) as host, importing(daemon, **ADMIN) as ask:
        asset = await ask.brought(f"{host.base}/film.mp4", user_id="paula")
    assert asset["status"] == "READY"
    return str(asset["id"])


@pytest.fixture
async def paula(daemon: Daemon) -> AsyncIterator[Importer]:
    async with importing(daemon, **ADMIN) as admin:
        _, key = await admin.ask("POST", "/v1/keys", json={"owner": "paula"})
    async with importing(daemon, **OUTSIDE, Authorization=f"Bearer {key['key']}") as ask:
        yield ask


async def cut(ask: Importer, video: str, start_s: float, end_s: float) -> str:
    _, scene = await ask.ask("POST", f"/v1/videos/{video}/scenes", json={"start_s": start_s, "end_s": end_s})
    return str(scene["id"])


async def test_previews(paula: Importer, video: str) -> None:
    """A picture a strategy, as data URLs, which the caller alone may keep for a minute."""
    scene = await cut(paula, video, 1.1, 3.5)
    url = f"{paula.daemon.base}/v1/scenes/{scene.upper()}/previews"
    async with paula.client.get(url, headers=paula.headers) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "private, max-age=60"
        told = await answer.json()
    assert {name: told[name] for name in ("scene_id", "at_s", "width", "height")} == {
        "scene_id": scene,
        "at_s": 2.0,
        "width": 270,
        "height": 480,
    }
    names = [each["aspect_ratio_strategy"] for each in told["previews"]]
    assert names == ["center_crop", "letterbox", "blur"]
    heads, bodies = zip(*(each["image"].split(",") for each in told["previews"]), strict=True)
    assert set(heads) == {"data:image/jpeg;base64"}
    shown = [picture(base64.b64decode(body, validate=True)) for body in bodies]
    assert {each.size for each in shown} == {(270, 480)}
    assert [is_blue(each, 30, 240) for each in shown] == [False, True, True]


async def test_scenes_of_others(paula: Importer, video: str, daemon: Daemon) -> None:
    """Are not found, nor are those that there are not."""
    scene = await cut(paula, video, 1.2, 3.5)
    async with importing(daemon, **ADMIN) as admin:
        _, key = await admin.ask("POST", "/v1/keys", json={"owner": "not paula"})
        assert (await admin.ask("GET", f"/v1/scenes/{scene}/previews"))[0] == 200
    async with importing(daemon, **OUTSIDE, Authorization=f"Bearer {key['key']}") as other:
        for wanted in (scene, str(uuid.uuid4()), "0-0"):
            status, problem = await other.ask("GET", f"/v1/scenes/{wanted}/previews")
            assert (status, problem["code"]) == (404, "NOT_FOUND")


@pytest.fixture
def slow_ffmpeg(tmp_path: Path) -> str:
    """An ffmpeg that never ends once there is a file `slow`, and tells its id by another's name."""
    program = tmp_path / "slow-ffmpeg"
    lines = (
        "#!/bin/sh",
        f"if [ -e {tmp_path}/slow ]; then touch {tmp_path}/begun-$$; exec sleep 600; fi",
        'exec ffmpeg "$@"',
    )
    program.write_text("\n".join(lines))
    program.chmod(0o755)
    return str(program)


async def begun(folder: Path) -> Path:
    """Wait until an ffmpeg has begun, and forget it → where it is told of while it lives."""
    with anyio.fail_after(20):
        while not (found := list(folder.glob("begun-*"))):
            await anyio.sleep(0.01)
    found[0].unlink()
    return Path("/proc") / found[0].name.removeprefix("begun-")


async def gone(*left: Path) -> None:
    # Well before it would be stopped for taking long.
    with anyio.fail_after(TIMEOUT_S / 2):
        while any(each.exists() for each in left):
            await anyio.sleep(0.01)


async def test_who_hangs_up_and_who_is_killed(tmp_path: Path, slow_ffmpeg: str) -> None:
    """Neither leaves an ffmpeg; the client's folder goes at once, the daemon's when the next one starts."""
    data = tmp_path / "data"
    file = film(tmp_path / "film.mp4", "-g", "10")
    with running_daemon(data, OVEN_FFMPEG=slow_ffmpeg) as daemon:
        async with running_host(film_mp4=file.read_bytes()) as host, importing(daemon) as ask:
            asset = await ask.brought(f"{host.base}/film.mp4")
            scene = await cut(ask, asset["id"], 1, 3)
            (tmp_path / "slow").touch()
            url = f"{daemon.base}/v1/scenes/{scene}/previews"
            for is_killed in (False, True):
                async with anyio.create_task_group() as group:
                    group.start_soon(ask_in_vain, ask.client, url)
                    process = await begun(tmp_path)
                    (folder,) = (data / "work").glob(f"{PASSING_PREFIX}*")
                    if is_killed:
                        daemon.kill()
                    else:
                        group.cancel_scope.cancel()
                await gone(process, *(() if is_killed else (folder,)))
    assert folder.exists()
    with running_daemon(data):
        assert not folder.exists()


async def ask_in_vain(client: aiohttp.ClientSession, url: str) -> None:
    with suppress(aiohttp.ClientError):
        async with client.get(url):
            pass
