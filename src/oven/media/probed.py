"""What ffprobe says of a stranger's file, member by member, in our words."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from oven.media.edit import Colors, Light
from oven.media.pace import TICK_S, are_all, is_even, number, rate_of, same_rate, usable_rate
from oven.media.streams import CONTENT_LIGHT, MASTERING, MASTERING_LIGHT, MASTERING_POINTS, main_stream

# As JSON's readers take whole numbers.
MAX_WHOLE = 1 << 53
UNKNOWN = "unknown"
FULL_RANGE = "pc"
# Pixel formats of old that are of full range by their name.
FULL_RANGE_FORMATS = "yuvj"
# What estimates a length by the rate of the first packets.
GUESSING_DEMUXERS = {"aac", "mp3"}
# Of Matroska that begins later, which was cut from something longer, some say where it ends.
LATE_S = 0.5
# The units of x265's words, and of the standard.
CHROMATICITY_STEPS = 50_000
LUMINANCE_STEPS = 10_000


def duration_of(probe: Mapping[str, Any], main: Mapping[str, Any]) -> float:
    """Give how long the whole is, in seconds; 0 where nobody knows."""
    measured = (probe["measured"] or {}).get("seconds")
    said = (measured, probe["format"].get("duration"), main.get("duration"))
    return next((seconds for one in said if (seconds := number(one)) is not None and seconds > 0), 0.0)


def pace_of(probe: Mapping[str, Any], video: Mapping[str, Any], duration_s: float) -> float | None:
    """Give frames a second on average; None where nobody knows, or there are none."""
    if not video:
        return None
    if probe["measured"] and duration_s:
        return usable_rate(Fraction(probe["measured"]["packets"]) / Fraction(duration_s))
    times_s = probe["packets"]
    said, seen = usable_rate(video.get("avg_frame_rate")), rate_of(times_s)
    # Over so few frames an average is bent by what comes before the first, or after the last.
    if said and seen and are_all(times_s) and is_even(times_s) and not same_rate(said, seen):
        return seen
    return said or seen or usable_rate(video.get("r_frame_rate"))


def bitrate_of(probe: Mapping[str, Any], main: Mapping[str, Any], duration_s: float) -> int | None:
    """Give the bits a second of the main stream, else of the whole."""
    said = whole(main.get("bit_rate")) or whole(probe["format"].get("bit_rate"))
    return said or (whole(probe["sizeBytes"] * 8 / duration_s) if duration_s else None)


def hides_start(probe: Mapping[str, Any], video: Mapping[str, Any]) -> bool:
    """Tell whether pictures stand before those that are shown first, as an edit list of MP4 has it."""
    start_s = number(video.get("start_time"))
    if probe["demuxer"] != "mov" or start_s is None:
        return False
    return any(at_s < start_s - TICK_S for at_s in probe["packets"])


def wants_measure(probe: Mapping[str, Any]) -> bool:
    """Tell whether nothing but all its packets tells how long a file is."""
    said = (probe["format"], main_stream(probe["streams"]) or {})
    is_late = probe["demuxer"] == "matroska" and (number(said[0].get("start_time")) or 0) > LATE_S
    return (
        is_late
        or probe["demuxer"] in GUESSING_DEMUXERS
        or not any(number(one.get("duration")) for one in said)
    )


def rotation_of(video: Mapping[str, Any]) -> int:
    """Read the display matrix's turn, which ffprobe counts the other way round."""
    turns = (number(datum.get("rotation")) for datum in video.get("side_data_list") or ())
    return next((-round(turn) % 360 for turn in turns if turn is not None), 0)


def aspect_of(value: object) -> Fraction:
    """Read a ratio such as "4:3"; 1 where there is none."""
    try:
        return Fraction(str(value).replace(":", "/")) or Fraction(1)
    except (ValueError, ZeroDivisionError):
        return Fraction(1)


def colors_of(video: Mapping[str, Any]) -> Colors:
    """Read what samples mean; a range that is not told is limited, but for pixel formats of the other."""
    said_full = video.get("color_range") == FULL_RANGE
    is_full = said_full or str(video.get("pix_fmt", "")).startswith(FULL_RANGE_FORMATS)
    space, primaries, transfer = (
        str(video.get(f"color_{name}") or UNKNOWN) for name in ("space", "primaries", "transfer")
    )
    return Colors(space, primaries, transfer, FULL_RANGE if is_full else "tv")


def light_of(video: Mapping[str, Any]) -> Light | None:
    """Read HDR10's static metadata; None where there is none that is whole."""
    light = Light()
    for datum in video.get("side_data_list") or ():
        match datum.get("side_data_type"):
            case kind if kind == MASTERING and not light.mastering:
                light = light._replace(mastering=_mastering(datum))
            case kind if kind == CONTENT_LIGHT and not light.content:
                light = light._replace(content=_content(datum))
    return light if light != Light() else None


def whole(value: object) -> int | None:
    """Read a whole number above 0; None where it is none."""
    read = number(value)
    return (round(read) or None) if read is not None and 0 < read < MAX_WHOLE else None


def _mastering(datum: Mapping[str, Any]) -> str:
    points = [_steps(datum.get(name), CHROMATICITY_STEPS) for name in MASTERING_POINTS]
    lights = [_steps(datum.get(name), LUMINANCE_STEPS) for name in MASTERING_LIGHT]
    steps = [step for step in (*points, *lights) if step is not None]
    if len(steps) < len(points) + len(lights):
        return ""
    return "G({},{})B({},{})R({},{})WP({},{})L({},{})".format(*steps)


def _content(datum: Mapping[str, Any]) -> str:
    most, average = (number(datum.get(name)) for name in ("max_content", "max_average"))
    if most is None or average is None or not (0 <= most < MAX_WHOLE and 0 <= average < MAX_WHOLE):
        return ""
    return f"{round(most)},{round(average)}"


def _steps(value: object, steps: int) -> int | None:
    """Read a share such as "13250/50000", in so many steps."""
    try:
        share = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None
    return round(share * steps) if 0 <= share * steps < 1 << 32 else None
