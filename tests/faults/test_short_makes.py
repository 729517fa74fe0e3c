"""Shorts of films of every make, by the real tools: of one size, whole, and nothing in them has moved.

Each film shows four quarters, and turns white in its midst at the moment when a sound begins.
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import cycle, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from oven.adapters.boxes import top_level_boxes
from oven.adapters.ffmpeg import Ffmpeg
from oven.adapters.sandbox import Sandbox
from oven.media.edit import Edit
from oven.media.edit_argv import first_pass
from oven.media.edit_check import Film, check_film, film_of, source_offset_s
from oven.media.geometry import Size
from oven.media.memory import export_memory_bytes
from oven.media.short import SHORT_SIZE, Quality, StrategyName, plan_short
from oven.media.source import read_source
from tests.reels import AAC, X264, Reel, Seen, seen

FLAC = (*X264, "-c:a", "flac")
MP2 = (*X264, "-g", "8", "-c:a", "mp2")
VP9 = (
    *("-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-deadline", "realtime", "-cpu-used", "8"),
    *("-crf", "8", "-b:v", "0", "-c:a", "libopus"),
)
LATER = "aevalsrc=sin(2*PI*1000*t)/2:s=48000:d=0.16"
GAPS = r"select=lt(t\,0.1)+gte(t\,0.319)*(not(mod(n\,3))+eq(n\,16))"
FULL = "scale=in_color_matrix=smpte170m:out_color_matrix=smpte170m:out_range=pc,format=yuvj420p"
OPEN = ("-bf", "3", "-x264-params", "open-gop=1:keyint=6:min-keyint=6:scenecut=0")


def turned(degrees: int, **changes: Any) -> Reel:
    """Turn a film by what its container says, which counts the other way round."""
    copied = ("-i", "@", "-c", "copy", "-metadata:s:v", f"rotate={360 - degrees}")
    return Reel(copied=copied, turned=degrees, **changes)


REELS: Mapping[str, Reel] = {
    "wide.mp4": Reel(matrix="bt709"),
    "old.mkv": Reel(size=Size(96, 72), rate=Fraction(30000, 1001), event_s=0.333667, words=FLAC),
    "square.webm": Reel(size=Size(96, 96), rate=Fraction(50), words=VP9, scene=(0.28, 0.36)),
    "own.mov": Reel(
        size=Size(54, 96),
        rate=Fraction(60),
        event_s=1 / 3,
        scene=(0.3, 0.36),
        words=(*X264, "-c:a", "pcm_s16le", "-ar", "11025"),
        sound=LATER,
        sound_words=("-itsoffset", "0.333333"),
    ),
    "tall.mp4": Reel(size=Size(54, 120), rate=Fraction(24000, 1001), event_s=8 * 1001 / 24000),
    "cinema.ts": Reel(size=Size(126, 54), words=(*MP2, "-output_ts_offset", "100")),
    "quarter.mp4": turned(90),
    "half.mp4": turned(180, matrix="bt709", sound=None, words=X264),
    "three.mov": turned(270, size=Size(96, 72), pixel_aspect=Fraction(4, 3)),
    "wider.mp4": Reel(size=Size(96, 72), pixel_aspect=Fraction(4, 3), sound="aevalsrc={beep}:s=48000:d=0.36"),
    "pal.mkv": Reel(size=Size(90, 72), pixel_aspect=Fraction(16, 11), words=(*FLAC, "-flags", "+ilme+ildct")),
    "odd.mp4": Reel(size=Size(641, 481), words=(*X264, "-pix_fmt", "yuv444p", *AAC)),
    "small.mp4": Reel(size=Size(63, 47), words=(*X264, "-pix_fmt", "yuv444p", *AAC, "-ar", "8000")),
    "tiny.mkv": Reel(size=Size(16, 16), words=("-c:v", "ffv1", "-pix_fmt", "yuv444p", "-c:a", "flac")),
    "deep.mp4": Reel(
        words=(*X264, "-pix_fmt", "yuv420p10le", *AAC),
        sound="aevalsrc={beep}|{beep}|{beep}|0|0|0:s=48000:d={lasts}:c=5.1",
    ),
    "full.mp4": Reel(filters=FULL, words=(*X264, "-pix_fmt", "yuvj420p", "-color_range", "pc", *AAC)),
    "rgb.avi": Reel(
        is_tagged=False,
        filters="scale=in_color_matrix=smpte170m,format=bgr24",
        words=("-c:v", "rawvideo", "-pix_fmt", "bgr24", "-c:a", "pcm_s16le"),
    ),
    "gaps.mkv": Reel(rate=Fraction(50), filters=GAPS, words=("-fps_mode", "vfr", *FLAC)),
    "swift.mp4": Reel(rate=Fraction(120), event_s=0.325, scene=(0.3, 0.36)),
    "slow.mp4": Reel(rate=Fraction(6), lasts_s=0.7, event_s=1 / 3, scene=(0.25, 0.45)),
    "early.mp4": Reel(
        picture_words=("-itsoffset", "0.16"),
        sound="aevalsrc=gte(t\\,0.32)*sin(2*PI*1000*t)/2:d=0.6",
        event_s=0.16,
        moved_s=0.16,
        scene=(0.2, 0.4),
    ),
    "longer.mp4": Reel(sound="aevalsrc={beep}:s=48000:d=0.8", scene=(0.28, 0.6)),
    "edits.mp4": Reel(
        is_tagged=False, copied=("-ss", "0.16", "-i", "@", "-c", "copy"), moved_s=-0.16, scene=(0.08, 0.2)
    ),
    # Its first packet of sound is followed by a gap of 59 ms.
    "parts.mp4": Reel(
        words=(*X264, "-g", "5", "-movflags", "frag_keyframe+empty_moov", *AAC),
        event_s=0.12,
        moved_s=0.08,
        scene=(0.0, 0.28),
    ),
    "open.mp4": Reel(words=(*X264, *OPEN, *AAC), scene=(0.28, 0.48)),
    "whole.mp4": Reel(event_s=0.08, lasts_s=0.16, scene=(0.0, 0.16)),
}
WAYS = [*product(StrategyName, Quality)]
# Each film in one of the ways: each way has four films at least.
SHORTS = sorted((name, *way) for name, way in zip(REELS, cycle(WAYS), strict=False))
RIGHT = {
    "codec_name": "h264",
    "profile": "High",
    "pix_fmt": "yuv420p",
    "width": 1080,
    "height": 1920,
    "sample_aspect_ratio": "1:1",
    "color_range": "tv",
}


class Short(NamedTuple):
    """A short: its plan, and what was found of it."""

    edit: Edit
    film: Film
    file: Path


class Studio(NamedTuple):
    """Makes shorts, and films, each of these once."""

    folder: Path
    ffmpeg: Ffmpeg

    async def short(self, name: str, strategy: StrategyName, quality: Quality, work: Path) -> Short:
        """Make a short as the recipe does, within its memory; prove it as the recipe does."""
        source, reel = self.folder / name, REELS[name]
        if not source.exists():
            reel.make(source)
        (work / "in").mkdir()
        (work / "in" / "source").hardlink_to(source)
        probe = await self.ffmpeg.probe_source(work / "in" / "source")
        start_s, end_s = reel.scene
        edit = plan_short(
            read_source(probe), start_s=start_s, end_s=end_s, strategy=strategy, quality=quality
        )
        bounds: dict[str, Any] = {
            "frames": edit.frames,
            "timeout_s": 60.0,
            "stall_s": 60.0,
            "threads": 2,
            "memory_bytes": export_memory_bytes(edit, threads=2),
        }
        run = first_pass(edit, threads=2)
        await self.ffmpeg.encode(run.arguments, work, **bounds, report=lambda *_: None, say=lambda _: None)
        file = work / run.output
        film = film_of(edit, await self.ffmpeg.measure(file, demuxer="mov", timeout_s=60))
        decoded = await self.ffmpeg.decode(
            file, demuxer="mov", keys_only=False, **bounds, report=lambda _: None
        )
        check_film(edit, film, decoded, offset_s=source_offset_s(edit, probe))
        assert decoded["frames"] == film.video["packets"]
        return Short(edit, film, file)


@pytest.fixture(scope="module")
async def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """All that makes shorts here."""
    ffmpeg = await Ffmpeg.find("ffmpeg", "ffprobe", Sandbox())
    return Studio(tmp_path_factory.mktemp("reels"), ffmpeg)


@pytest.mark.parametrize(("name", "strategy", "quality"), SHORTS)
async def test_a_short(
    studio: Studio, tmp_path: Path, name: str, strategy: StrategyName, quality: Quality
) -> None:
    """It is what phones play, as long as the scene; all in it stands, is seen and is heard where it was."""
    reel = REELS[name]
    edit, film, file = await studio.short(name, strategy, quality, tmp_path)
    assert film.sound is not None
    video, sound = film.video, film.sound
    assert {member: video[member] for member in RIGHT} == RIGHT
    space = "bt709" if reel.matrix == "bt709" else "smpte170m"
    assert (video["color_space"], video["color_primaries"], video["color_transfer"]) == (space,) * 3
    assert (sound["codec_name"], sound["sample_rate"]) == ("aac", "44100")
    boxes = top_level_boxes(file)
    assert boxes.index("moov") < boxes.index("mdat")
    lasts_s, frame_s = reel.scene[1] - reel.scene[0], edit.duration_s / edit.frames
    assert (video["startS"], sound["startS"]) == pytest.approx((0, 0), abs=0.001)
    assert (video["endS"], sound["endS"]) == pytest.approx((lasts_s, lasts_s), abs=frame_s + 0.001)
    played = seen(file, SHORT_SIZE)
    event_s = reel.event_s + reel.moved_s - reel.scene[0]
    assert played.white_s == pytest.approx(event_s, abs=0.02)
    assert played.loud_s == (pytest.approx(event_s, abs=0.02) if reel.sound else None)
    check_frame(played, reel, strategy, space)


def check_frame(played: Seen, reel: Reel, strategy: StrategyName, space: str) -> None:
    """Look for the quarters where they have to be, in their colours, and for what stands around them."""
    width, height = reel.shown
    fits = (SHORT_SIZE.width / width, SHORT_SIZE.height / height)
    scale = max(fits) if strategy is StrategyName.CENTER_CROP else min(fits)
    across, down = min(SHORT_SIZE.width, width * scale), min(SHORT_SIZE.height, height * scale)
    x, y = (SHORT_SIZE.width / 2 + side * across / 4 for side in (-1, 1)), (-down / 4, down / 4)
    points = [(right, SHORT_SIZE.height / 2 + below) for below, right in product(y, [*x])]
    for point, colour in zip(points, reel.quarters, strict=True):
        assert played.colour(*point, space) == pytest.approx(colour, abs=3)
    left, top = points[0]
    right, below = ((side * scale + whole / 2) for side, whole in zip(reel.middle, SHORT_SIZE, strict=True))
    # From the middle of one quarter to that of the next one its edge is the only one.
    assert edges(played.luma[int(top), int(left) : int(points[1][0])]) == pytest.approx(
        [right - int(left)], abs=2.5 + scale / 20
    )
    assert edges(played.luma[int(top) : int(points[2][1]), int(left)]) == pytest.approx(
        [below - int(top)], abs=2.5 + scale / 20
    )
    around = {StrategyName.LETTERBOX: (16, 16), StrategyName.BLUR: (25, 140)}.get(strategy)
    if around is None:
        return
    if across < SHORT_SIZE.width - 8:
        begin = int((SHORT_SIZE.width - across) / 2)
        assert around[0] <= played.luma[int(top), begin - 6] <= around[1]
        assert played.luma[int(top), begin + 6] == pytest.approx(played.luma[int(top), int(left)], abs=4)
    if down < SHORT_SIZE.height - 8:
        begin = int((SHORT_SIZE.height - down) / 2)
        assert around[0] <= played.luma[begin - 6, int(left)] <= around[1]
        assert played.luma[begin + 6, int(left)] == pytest.approx(played.luma[int(top), int(left)], abs=4)


def edges(line: NDArray[np.int16]) -> list[float]:
    """Tell where a line of samples goes from its first tone to its last one, to a part of a sample."""
    above = line.astype(float) - (float(line[0]) + float(line[-1])) / 2
    at = np.flatnonzero((above[:-1] < 0) != (above[1:] < 0))
    return [float(i + 0.5 + above[i] / (above[i] - above[i + 1])) for i in at]
