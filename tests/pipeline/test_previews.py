"""Previews: real films, real pictures, and what is left of those who did not wait."""

import io
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from PIL import Image, ImageChops, ImageStat

from oven import app
from oven.adapters.metrics import count_children
from oven.adapters.storage.local import LocalStorage
from oven.adapters.workspace import JobFolders
from oven.domain.errors import BadInputError, Code, OvenError, TransientError
from oven.media.canvas import canvas_filters
from oven.media.colours import assumed_colors
from oven.media.preview import STRATEGIES, StrategyName
from oven.media.short import canvas_of
from oven.media.source import source_of_facts
from oven.pipeline.ports import Tools
from oven.pipeline.previews import AT_ONCE
from oven.settings import Settings
from tests.previews import (
    BUCKET,
    drawn,
    film,
    is_blue,
    picture,
    pixel,
    previews,
    redness,
    remade,
    scene,
    stored,
)


@pytest.fixture
async def tools(settings: Settings, tmp_path: Path) -> Tools:
    return await app.tools_of(
        settings, LocalStorage(buckets={BUCKET: tmp_path / "store"}, private=tmp_path / "private")
    )


async def test_three_stills(tools: Tools, tmp_path: Path) -> None:
    """Of the key frame nearest to the middle: the middle of it alone; all of it on black; all on itself."""
    asset = await stored(tools, film(tmp_path / "a.mp4", "-g", "10", "-sc_threshold", "0"))
    preview = await previews(tools, tmp_path / "work").of(scene(1.1, 3.5), asset)
    assert preview.at_s == 2
    assert list(preview.images) == list(STRATEGIES)
    for jpeg in preview.images.values():
        assert Image.open(io.BytesIO(jpeg)).format == "JPEG"
        assert picture(jpeg).size == (270, 480)
        assert redness(jpeg) == pytest.approx(20, abs=1)
    crop, box, blur = (picture(preview.images[name]) for name in StrategyName)
    # A quarter of the film is blue at its left; of its middle third nothing is.
    assert not any(is_blue(crop, x, 240) for x in (2, 135, 268))
    for contained in (box, blur):
        assert [is_blue(contained, x, 240) for x in (30, 110)] == [True, False]
    assert max(pixel(box, 135, 20)) < 8
    # Behind it stands its own middle, a little darker.
    assert 50 < pixel(blur, 135, 20)[0] < 90
    assert list((tmp_path / "work").iterdir()) == []


async def test_a_small_picture_of_a_short(tools: Tools, tmp_path: Path) -> None:
    """Each still is what the short's own canvas gives, made smaller: also of what is out of focus."""
    file = tmp_path / "a.mp4"
    drawn("testsrc2=s=640x360:r=10:d=0.1", file, "-c:v", "libx264", "-crf", "10", "-pix_fmt", "yuv420p")
    asset = await stored(tools, file)
    preview = await previews(tools, tmp_path / "work").of(scene(0, 0.1), asset)
    source = source_of_facts(asset.facts, size_bytes=asset.size_bytes)
    matrix = assumed_colors(source).space.replace("bt470bg", "smpte170m")
    for strategy, jpeg in preview.images.items():
        filters = canvas_filters(canvas_of(source, strategy), matrix=matrix)
        smaller = (
            f"scale=270:480:in_color_matrix={matrix}:out_color_matrix=smpte170m:out_range=pc,format=yuvj420p"
        )
        remade(
            file,
            tmp_path / "b.png",
            "-c:v",
            "png",
            "-vf",
            f"{filters},{smaller},format=rgb24",
            "-frames:v",
            "1",
        )
        wanted = Image.open(tmp_path / "b.png").convert("RGB")
        off = ImageStat.Stat(ImageChops.difference(wanted, picture(jpeg))).mean
        assert max(off) < 5, strategy


async def test_the_middle_itself(tools: Tools, tmp_path: Path) -> None:
    """Where the scene has no key frame; the very frame is shown that is told."""
    asset = await stored(tools, film(tmp_path / "a.mkv", "-g", "250"))
    maker = previews(tools, tmp_path / "work")
    for start_s, end_s in ((0.5, 1.5), (2.0, 4.2)):
        preview = await maker.of(scene(start_s, end_s), asset)
        assert abs(preview.at_s - (start_s + end_s) / 2) < 0.4
        assert redness(preview.images[StrategyName.CENTER_CROP]) == pytest.approx(10 * preview.at_s, abs=0.6)


@pytest.mark.parametrize("name", ["a.ts", "a.flv", "a.avi", "a.mov"])
async def test_films_of_other_kinds(tools: Tools, tmp_path: Path, name: str) -> None:
    """Whatever clock they count by."""
    asset = await stored(tools, film(tmp_path / name, "-g", "10", "-sc_threshold", "0"))
    preview = await previews(tools, tmp_path / "work").of(scene(1.1, 3.5), asset)
    assert abs(preview.at_s - 2) < 0.06
    assert redness(preview.images[StrategyName.LETTERBOX]) == pytest.approx(20, abs=1)


async def test_a_film_that_begins_before_its_clock(tools: Tools, tmp_path: Path) -> None:
    """As a broadcast does that was on the air when its clock of 26 hours began anew."""
    file = film(tmp_path / "a.ts", "-g", "10", "-sc_threshold", "0", "-output_ts_offset", "95437")
    asset = await stored(tools, file)
    preview = await previews(tools, tmp_path / "work").of(scene(1.1, 3.5), asset)
    assert abs(preview.at_s - 2) < 0.06
    assert redness(preview.images[StrategyName.LETTERBOX]) == pytest.approx(20, abs=1)


async def test_a_film_that_lies_on_its_side(tools: Tools, tmp_path: Path) -> None:
    """Is turned upright before it is placed."""
    film(tmp_path / "b.mp4", "-g", "10")
    remade(tmp_path / "b.mp4", tmp_path / "a.mp4", "-metadata:s:v", "rotate=90")
    asset = await stored(tools, tmp_path / "a.mp4")
    preview = await previews(tools, tmp_path / "work").of(scene(0, 5), asset)
    box = picture(preview.images[StrategyName.LETTERBOX])
    # The blue quarter is below now, and all of the canvas is covered.
    assert [is_blue(box, 135, y) for y in (5, 470)] == [False, True]
    assert pixel(box, 135, 5)[0] > 80


async def test_a_second_look(tools: Tools, tmp_path: Path) -> None:
    """Costs nothing, until the film is another or others have been looked at since."""
    asset = await stored(tools, film(tmp_path / "a.mp4", "-g", "10"))
    maker = previews(tools, tmp_path / "work")
    first = await maker.of(scene(1, 3), asset)
    assert await maker.of(scene(1, 3), asset) is first
    assert await maker.of(scene(1, 3), replace(asset, updated_ms=2)) is not first
    maker.kept_bytes = first.size_bytes
    await maker.of(scene(1, 2), asset)
    assert await maker.of(scene(1, 3), asset) is not first


async def test_a_film_without_pictures_there(tools: Tools, tmp_path: Path) -> None:
    """What cannot be decoded is told, and leaves nothing."""
    file = film(tmp_path / "a.mp4", "-g", "10")
    asset = await stored(tools, file)
    whole = file.read_bytes()
    begin = whole.index(b"mdat") + 4
    end = begin - 8 + int.from_bytes(whole[begin - 8 : begin - 4])
    place = tmp_path / "private" / BUCKET / asset.key
    place.write_bytes(whole[:begin] + bytes(end - begin) + whole[end:])
    with pytest.raises(BadInputError) as caught:
        await previews(tools, tmp_path / "work").of(scene(1, 3), asset)
    assert caught.value.code is Code.MEDIA_INVALID
    assert list((tmp_path / "work").iterdir()) == []


@pytest.fixture
async def slow(tools: Tools, tmp_path: Path) -> Tools:
    """Tools whose ffmpeg says that it works, and never ends."""
    program = tmp_path / "slow-ffmpeg"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/begun-$$\nexec sleep 600\n")
    program.chmod(0o755)
    encoder = tools.encoder
    return replace(tools, encoder=replace(encoder, ffmpeg=str(program)))  # type: ignore[type-var]


async def begun(folder: Path, count: int) -> list[int]:
    """Wait until so many ffmpegs have begun → their ids."""
    with anyio.fail_after(20):
        while len(found := list(folder.glob("begun-*"))) < count:
            await anyio.sleep(0.01)
    return [int(each.name.removeprefix("begun-")) for each in found]


async def test_who_does_not_wait(slow: Tools, tmp_path: Path) -> None:
    """Leaves no ffmpeg, no file, and their turn to others."""
    others = count_children()
    asset = await stored(slow, film(tmp_path / "a.mp4", "-g", "10"))
    maker = previews(slow, tmp_path / "work")
    for _ in range(2):
        before = len(list(tmp_path.glob("begun-*")))
        async with anyio.create_task_group() as group:
            for number in range(AT_ONCE):
                group.start_soon(maker.of, scene(number, 5), asset)
            ids = await begun(tmp_path, before + AT_ONCE)
            group.cancel_scope.cancel()
        assert count_children() == others
        assert not any(Path(f"/proc/{each}").exists() for each in ids)
        assert list((tmp_path / "work").iterdir()) == []


async def test_only_some_at_once(slow: Tools, tmp_path: Path) -> None:
    """Who would wait long is told to come again; so is who has waited for one that takes too long."""
    others = count_children()
    asset = await stored(slow, film(tmp_path / "a.mp4", "-g", "10"))
    maker = previews(slow, tmp_path / "work", wait_s=0.05)
    async with anyio.create_task_group() as group:
        for number in range(AT_ONCE):
            group.start_soon(maker.of, scene(number, 5), asset)
        await begun(tmp_path, AT_ONCE)
        with pytest.raises(TransientError) as busy:
            await maker.of(scene(3, 5), asset)
        group.cancel_scope.cancel()
    assert busy.value.code is Code.PREVIEWS_BUSY
    with pytest.raises(OvenError) as late:
        await previews(slow, tmp_path / "work", timeout_s=0.5).of(scene(3, 5), asset)
    assert (late.value.code, late.value.retryable) == (Code.ENCODE_TIMEOUT, True)
    assert count_children() == others
    assert list((tmp_path / "work").iterdir()) == []


def killed(root: Path) -> Path:
    """Kill a process that has a folder → that folder."""
    program = (
        "import anyio, pathlib, sys\n"
        "from oven.adapters.workspace import JobFolders\n"
        "async def main():\n"
        "    async with JobFolders(root=pathlib.Path(sys.argv[1]), is_active=None).passing() as folder:\n"
        "        print(folder, flush=True)\n"
        "        await anyio.sleep(600)\n"
        "anyio.run(main)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(root)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
    return left


async def test_a_killed_daemon(tmp_path: Path) -> None:
    """Leaves a folder, which the next one sweeps when it starts; one that is used is nobody's to sweep."""
    left = await anyio.to_thread.run_sync(killed, tmp_path)
    assert left.is_dir()

    async def is_active(_: str) -> bool:
        return False

    folders = JobFolders(root=tmp_path, is_active=is_active)
    async with folders.passing() as used:
        await folders.sweep(lambda _: None)
        assert (left.exists(), used.exists()) == (False, True)
    assert list(tmp_path.iterdir()) == []
