"""Whether a finished file is what was meant; nothing is published before."""

from dataclasses import dataclass
from fractions import Fraction

from oven.domain.errors import Code, FaultError
from oven.media.facts import Facts
from oven.media.geometry import Size

COLOUR = ("bt709", "bt709", "bt709", "tv")
# Sound and picture may part by this much before people notice.
MAX_AV_OFFSET_S = 0.020


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an encode was told to make."""

    size: Size
    frames: int
    rate: Fraction
    has_sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """How much later the sound is than the picture, in seconds, where they start and where they end."""

    start_s: float
    end_s: float


def check_mp4(facts: Facts, expected: Expected) -> None:
    """Compare a finished MP4 with what was meant.

    Raises:
        FaultError: OUTPUT_INVALID, naming all that differs.

    """
    wrong = _differences(facts, expected)
    if wrong:
        raise FaultError(Code.OUTPUT_INVALID, f"the finished file is not what was meant: {'; '.join(wrong)}")


def av_offset(facts: Facts) -> Offset | None:
    """Measure sound against picture; None without sound."""
    if not facts.video or not facts.sound:
        return None
    video, sound = facts.video[0], facts.sound[0]
    start_s = sound.start_s - video.start_s
    return Offset(start_s=start_s, end_s=start_s + sound.duration_s - video.duration_s)


def _differences(facts: Facts, expected: Expected) -> list[str]:
    if len(facts.video) != 1 or len(facts.sound) != int(expected.has_sound):
        found = f"{len(facts.video)} video and {len(facts.sound)} audio streams"
        return [f"it has {found}, not 1 and {int(expected.has_sound)}"]
    video = facts.video[0]
    duration_s = float(expected.frames / expected.rate)
    frame_s = float(1 / expected.rate)
    checks: list[tuple[bool, str]] = [
        (video.codec == "h264", f"the video is {video.codec}, not h264"),
        (video.pixel_format == "yuv420p", f"its pixels are {video.pixel_format}, not yuv420p"),
        (video.colour == COLOUR, f"its colour is tagged {'/'.join(video.colour)}, not {'/'.join(COLOUR)}"),
        (video.size == expected.size, f"it is {video.size}, not {expected.size}"),
        (video.packets == expected.frames, f"it has {video.packets} frames, not {expected.frames}"),
        (
            max(abs(facts.duration_s - duration_s), abs(video.duration_s - duration_s)) <= frame_s,
            f"it lasts {facts.duration_s:.3f} s, not {duration_s:.3f} s",
        ),
        (facts.is_faststart, "its index (moov) does not come before its data (mdat)"),
    ]
    if facts.sound:
        checks.append((facts.sound[0].codec == "aac", f"the sound is {facts.sound[0].codec}, not aac"))
    offset = av_offset(facts)
    if offset is not None:
        apart_s = max(abs(offset.start_s), abs(offset.end_s))
        checks.append((apart_s <= MAX_AV_OFFSET_S, f"sound and picture are {apart_s * 1000:.0f} ms apart"))
    return [complaint for is_right, complaint in checks if not is_right]
