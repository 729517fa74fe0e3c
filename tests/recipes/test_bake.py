"""A bake is true to the tape: proved on the decoded frames and samples of finished files."""

import io
import itertools
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oven.domain.job import JobState
from oven.pipeline.progress import Progress
from tests.conftest import Bake
from tests.media_files import decode, decode_sound, frame_times_s, probe
from tests.tapes import (
    RATE_HZ,
    SIDE,
    flat_png,
    frame_names,
    jittered_starts_ms,
    numbered_png,
    png,
    read_numbers,
    small_entries,
    tape_entries,
    timing_of,
    wav,
)

SCALED = 3 * SIDE


def assert_schedule(video: Path, starts_ms: list[float], rate: int) -> list[int]:
    """Read the numbers in a finished video and hold them against the times of the tape."""
    numbers = read_numbers(decode(video, SCALED, SCALED))
    times = frame_times_s(video)
    assert times == pytest.approx([slot / rate for slot in range(len(numbers))], abs=1e-4)
    assert numbers == sorted(numbers)
    for slot, number in enumerate(numbers):
        if slot == 0 or numbers[slot - 1] != number:
            assert abs(times[slot] - starts_ms[number] / 1000) <= 0.5 / rate + 1e-6
    total_s = (starts_ms[-1] + 16.67) / 1000
    assert abs(len(numbers) / rate - total_s) <= 1 / rate + 1e-6
    return numbers


@pytest.mark.parametrize(("fps", "rate"), [(30, 30), (60, 60), (120, 60)])
async def test_jittered_frames_stand_at_their_times(bake: Bake, video: Path, fps: int, rate: int) -> None:
    """Every shown frame starts within half a slot of its time, none out of order, the total within one."""
    starts = jittered_starts_ms(fps * 3, fps)
    outcome = await bake(tape_entries(starts))
    numbers = assert_schedule(video, starts, rate)
    assert outcome.result is not None
    assert outcome.result["frames"] == len(numbers)
    assert outcome.result["rate"] == str(rate)
    assert outcome.result["droppedFrames"] == len(starts) - len(set(numbers))
    assert outcome.result["repeatedFrames"] == len(numbers) - len(set(numbers))


async def test_timestamps_rule_over_clamped_durations(bake: Bake, video: Path) -> None:
    """At 120 fps no duration is under 10 ms: only the timestamps keep the tape from running 20 % slow."""
    starts = [index * 1000 / 120 for index in range(240)]
    rows = timing_of(starts, frame_names(240))
    assert min(row["duration"] for row in rows) == 10.0
    await bake(tape_entries(starts))
    assert len(assert_schedule(video, starts, 60)) in {120, 121}


async def test_a_frame_that_stays_is_repeated(bake: Bake, video: Path) -> None:
    """A picture that stands for a second fills its slots, and the last one its own."""
    starts = [0.0, 1000.0, 1033.3]
    outcome = await bake(tape_entries(starts), rate=Fraction(30))
    assert read_numbers(decode(video, SCALED, SCALED)) == [0] * 30 + [1, 2]
    assert outcome.result is not None
    assert outcome.result["repeatedFrames"] == 29


async def test_neighbours_that_are_one(bake: Bake, video: Path) -> None:
    """Half of all frames are the one before, also the last: each has its time, and none is lost."""
    starts = [index * 1000 / 30 for index in range(60)]
    entries = tape_entries(starts)
    for index in range(1, 60, 2):
        entries[frame_names(60)[index]] = entries[frame_names(60)[index - 1]]
    outcome = await bake(entries)
    numbers = read_numbers(decode(video, SCALED, SCALED))
    assert numbers == [index // 2 * 2 for index in range(60)]
    assert outcome.result is not None
    told = {
        name: outcome.result[name] for name in ("frames", "sourceFrames", "droppedFrames", "repeatedFrames")
    }
    assert told == {"frames": 60, "sourceFrames": 60, "droppedFrames": 0, "repeatedFrames": 0}
    assert outcome.result["identicalFrames"] == 30
    assert outcome.result["warnings"] == []


async def test_a_picture_may_be_shown_twice(bake: Bake, video: Path) -> None:
    """A timing.json that names the same file again shows it again."""
    entries = small_entries(3)
    names = frame_names(3)
    rows = timing_of([0, 40, 80, 120], [names[0], names[2], names[0], names[1]])
    entries["timing.json"] = json.dumps(rows).encode()
    await bake(entries, rate=Fraction(25))
    assert read_numbers(decode(video, SCALED, SCALED)) == [0, 2, 0, 1]


async def test_sound_is_as_long_as_the_picture(bake: Bake, video: Path) -> None:
    """Sound that is longer than the picture, as the recorder pads it, is cut to it."""
    starts = jittered_starts_ms(60, 60)
    outcome = await bake(tape_entries(starts, sound=wav(1.5)))
    assert outcome.result is not None
    assert outcome.result["avOffsetMs"] == {"start": pytest.approx(0, abs=1), "end": pytest.approx(0, abs=1)}
    samples = len(decode_sound(video))
    assert samples / RATE_HZ == pytest.approx(outcome.result["duration"], abs=0.022)


async def test_short_sound_is_padded(bake: Bake, video: Path) -> None:
    """Sound that ends early is followed by silence; the picture is never cut."""
    outcome = await bake(tape_entries([index * 1000 / 30 for index in range(60)], sound=wav(0.2)))
    assert outcome.result is not None
    assert outcome.result["frames"] == 60
    streams = {stream["codec_type"]: stream for stream in probe(video)["streams"]}
    assert float(streams["audio"]["duration"]) == pytest.approx(2.0, abs=0.001)


async def test_flashes_and_clicks_stay_together(bake: Bake, video: Path) -> None:
    """Of eight seconds of flashes and clicks, found in the film, first and last part by ≤ 20 ms."""
    starts = jittered_starts_ms(480, 60)
    bright = [start % 1000 < 100 for start in starts]
    entries = tape_entries(starts)
    for name, is_bright in zip(frame_names(480), bright, strict=True):
        entries[name] = flat_png((255, 255, 255, 255) if is_bright else (0, 0, 0, 255), width=16, height=16)
    at_s = np.arange(int(starts[-1] / 1000 * RATE_HZ)) / RATE_HZ
    tone = np.where(at_s % 1 < 0.1, 24_000 * np.sin(2 * math.pi * 1000 * at_s), 0).astype(np.int16)
    # Longer than the picture, as recorders pad it.
    entries["soundtrack.wav"] = wav(0, samples=np.concatenate([tone, np.zeros(4096, np.int16)]))
    await bake(entries)
    light = decode(video, 48, 48).mean(axis=(1, 2)) > 127
    loud = np.abs(decode_sound(video).astype(int)) > 4000
    flashes_s = [slot / 60 for slot in range(1, len(light)) if light[slot] and not light[slot - 1]]
    window = int(0.05 * RATE_HZ)
    clicks_s = [
        sample / RATE_HZ
        for sample in np.flatnonzero(loud)
        if not loud[max(0, sample - window) : sample].any() and sample > window
    ]
    # The tape's own: a flash waits for the first frame after its click.
    waits_s = [starts[index] / 1000 % 1 for index in range(1, 480) if bright[index] and not bright[index - 1]]
    assert len(flashes_s) == len(clicks_s) == len(waits_s) >= 7
    apart_s = [flash - click - wait for flash, click, wait in zip(flashes_s, clicks_s, waits_s, strict=True)]
    assert max(map(abs, apart_s)) <= 0.020
    assert max(apart_s) - min(apart_s) <= 0.020


@pytest.mark.parametrize(
    "color",
    [(255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 40), (17, 99, 180)],
)
async def test_colors_survive(bake: Bake, video: Path, color: tuple[int, int, int]) -> None:
    """A flat patch of a known colour decodes back within ±2 through BT.709."""
    outcome = await bake({"frame-0.png": flat_png((*color, 255)), "frame-1.png": flat_png((*color, 255))})
    middle = decode(video, SCALED, SCALED, pixel_format="rgb24")[0, SCALED // 2, SCALED // 2].astype(int)
    assert middle == pytest.approx(color, abs=2)
    assert outcome.result is not None
    assert set(outcome.result["color"].values()) == {"bt709", "tv"}


async def test_a_chart_of_colors_survives(bake: Bake, video: Path) -> None:
    """Of 64 patches side by side the middle of each decodes back within ±2, where quality is asked for."""
    levels = (0, 85, 170, 255)
    colors = np.array(list(itertools.product(levels, levels, levels)), dtype=np.uint8).reshape(8, 8, 3)
    chart = np.kron(colors, np.ones((16, 16, 1), dtype=np.uint8))
    await bake({f"frame-{index}.png": _png(chart) for index in range(3)}, quality=100)
    middles = decode(video, 384, 384, pixel_format="rgb24")[:, 24::48, 24::48].astype(int)
    assert np.abs(middles - colors.astype(int)).max() <= 2


async def test_alpha_lies_over_black(bake: Bake, video: Path) -> None:
    """Half-transparent white is gray, and a clear pixel black, whatever colour it hides."""
    await bake({"frame-0.png": flat_png((255, 255, 255, 128)), "frame-1.png": flat_png((255, 0, 0, 0))})
    frames = decode(video, SCALED, SCALED, pixel_format="rgb24")[:, 90, 90].astype(int)
    assert frames[0] == pytest.approx((128, 128, 128), abs=3)
    assert frames[-1] == pytest.approx((0, 0, 0), abs=2)


async def test_pixels_stay_square(bake: Bake, video: Path) -> None:
    """Neighbouring pixels of the source become sharp 3 × 3 squares, not a blur."""
    checks = np.indices((SIDE, SIDE)).sum(axis=0) % 2 * 255
    buffer = {"frame-0.png": _png(checks.astype(np.uint8))}
    await bake(buffer)
    frame = decode(video, SCALED, SCALED)[0].astype(int)
    expected = np.kron(checks, np.ones((3, 3), dtype=int))
    assert np.abs(frame - expected).mean() < 6


async def test_odd_sizes_repeat_their_edge(bake: Bake, video: Path) -> None:
    """33 × 31 pixels become 99 × 93, then 100 × 94 by one more column and row of the same."""
    left = Image.new("RGB", (33, 31), "black")
    left.paste("white", (32, 0, 33, 31))
    entries = {"frame-0.png": _png(np.asarray(left))}
    outcome = await bake(entries)
    assert outcome.result is not None
    assert outcome.result["resolution"] == [100, 94]
    assert outcome.result["sourceResolution"] == [33, 31]
    frame = decode(video, 100, 94)[0].astype(int)
    assert frame[:, 97:].min() > 230
    assert frame[:, :94].max() < 25
    assert abs(frame[93] - frame[92]).max() <= 6


async def test_one_pixel_is_enough(bake: Bake) -> None:
    """The smallest tape there can be: one frame of one pixel."""
    outcome = await bake({"frame-0.png": flat_png((10, 200, 30, 255), width=1, height=1)})
    assert outcome.result is not None
    assert outcome.result["resolution"] == [4, 4]
    assert outcome.result["frames"] == 1


async def test_the_thumbnail_is_the_middle_frame(bake: Bake, thumbnail: Path) -> None:
    """512 × 512, contained on black, nearest neighbour, the middle frame."""
    entries = {
        f"frame-{index}.png": flat_png(color, width=64, height=32)
        for index, color in enumerate([(0, 0, 0, 255), (250, 0, 0, 255), (0, 0, 0, 255)])
    }
    await bake(entries)
    with Image.open(thumbnail) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (512, 512)
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert pixels[256, 256] == pytest.approx((250, 0, 0), abs=6)
    assert pixels[60].max() < 20
    assert pixels[440].max() < 20


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, [192, 192]),
        ({"scale": 1}, [64, 64]),
        ({"size": (320, 160)}, [320, 160]),
        ({"metadata": {"scaledSize": [128, 256]}}, [128, 256]),
        ({"metadata": {"scale": 2}}, [128, 128]),
        ({"metadata": {"scaledSize": [128, 256]}, "scale": 1}, [64, 64]),
    ],
)
async def test_sizes(bake: Bake, video: Path, options: dict[str, object], size: list[int]) -> None:
    """The picture is as large as was asked for: by size, by scale, by metadata, else three times."""
    outcome = await bake(small_entries(2), **options)
    assert outcome.result is not None
    assert outcome.result["resolution"] == size
    stream = probe(video)["streams"][0]
    assert [stream["width"], stream["height"]] == size
    assert read_numbers(decode(video, size[0], size[1])) == [0, 1]


async def test_the_file_is_what_players_want(bake: Bake, video: Path) -> None:
    """H.264 High, yuv420p, square pixels, AAC stereo, the index first."""
    outcome = await bake(small_entries(6, sound=True))
    streams = {stream["codec_type"]: stream for stream in probe(video)["streams"]}
    assert streams["video"]["codec_name"] == "h264"
    assert streams["video"]["profile"] == "High"
    assert streams["video"]["pix_fmt"] == "yuv420p"
    assert streams["video"]["sample_aspect_ratio"] == "1:1"
    assert streams["audio"]["codec_name"] == "aac"
    assert streams["audio"]["channels"] == 2
    data = video.read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    assert outcome.state is JobState.DONE
    assert {artifact.name for artifact in outcome.artifacts} == {"video", "thumbnail"}


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
async def test_every_kind_of_png(bake: Bake, video: Path, mode: str) -> None:
    """Gray, palette, one bit, sixteen bits, with and without alpha: all become the same picture."""
    if mode == "I;16":
        with Image.open(io.BytesIO(numbered_png(5, mode="L"))) as gray:
            frame = _png(np.asarray(gray).astype(np.uint16) * 257)
    else:
        frame = numbered_png(5, mode=mode)
    await bake({"frame-0.png": frame})
    assert read_numbers(decode(video, SCALED, SCALED)) == [5]


async def test_progress_never_falls(bake: Bake) -> None:
    """Progress rises through all phases to 1, in their order."""
    seen: list[tuple[float, str]] = []

    def watch(progress: Progress) -> None:
        seen.append((progress.fraction, progress.phase))

    await bake(small_entries(6, sound=True), watch=watch)
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    phases = list(dict.fromkeys(phase for _, phase in seen))
    assert phases == ["fetch", "unpack", "inspect", "encode", "verify", "publish"]


async def test_a_result_over_the_blob_limit_gets_one_smaller_pass(bake: Bake, video: Path) -> None:
    """Noise does not fit the limit at the usual quality; a second pass makes it fit."""
    rng = np.random.default_rng(5)
    entries = {
        f"frame-{index}.png": _png(rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8))
        for index in range(240)
    }
    first = await bake(entries)
    assert first.result is not None
    limit = int(first.result["size"] * 0.6)
    second = await bake(entries, overrides={"blob_limit_bytes": limit})
    assert second.result is not None
    assert second.result["encoder"]["passes"] == 2
    assert second.result["size"] == video.stat().st_size <= limit
    assert second.result["warnings"] == []


async def test_a_limit_that_cannot_be_met_is_a_warning(bake: Bake) -> None:
    """One corrective pass, then the smaller result with a warning, never a failure."""
    outcome = await bake(small_entries(), overrides={"blob_limit_bytes": 100})
    assert outcome.result is not None
    assert [warning["code"] for warning in outcome.result["warnings"]] == ["OVER_BLOB_LIMIT"]


async def test_a_long_fast_tape(bake: Bake, video: Path) -> None:
    """30 s at 120 fps: 3600 frames become 1800, each at its time."""
    starts = jittered_starts_ms(3600, 120)
    outcome = await bake(tape_entries(starts, sound=wav(30), width=16, height=16), scale=1)
    assert outcome.result is not None
    numbers = read_numbers(decode(video, 16, 16))
    assert numbers == sorted(numbers)
    late_ms = [
        abs(slot * 1000 / 60 - starts[number])
        for slot, number in enumerate(numbers)
        if slot == 0 or numbers[slot - 1] != number
    ]
    assert max(late_ms) <= 1000 / 120 + 1e-3


def _png(pixels: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> bytes:
    return png(Image.fromarray(pixels))
