"""What a scene becomes: an upright film of at most three minutes, as every phone plays it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from oven.domain.asset import AssetType
from oven.domain.errors import BadInputError, Code
from oven.media.canvas import Canvas
from oven.media.colours import assumed_colors
from oven.media.cutting import Span, seconds_text, settle_cut
from oven.media.edit import CappedCrf, Edit, EncodedSound, EncodedVideo
from oven.media.formats import MAX_CHANNELS, OVERHEADS, SOUND_PACKETS_A_SECOND
from oven.media.geometry import Size
from oven.media.operations import CutMode, Format, Moment, OptionError, Preset, SoundCodec, Trim, VideoCodec
from oven.media.pictures import RANGES, frames_of
from oven.media.rates import GAPPY_RATE, SAME_RATE, even_rate
from oven.media.source import Source, check_source
from oven.media.strategies import STRATEGIES, StrategyName
from oven.media.strategies.strategy import Placing
from oven.media.wish import Said

__all__ = [
    "MAX_SHORT_S",
    "SHORT_SIZE",
    "Quality",
    "StrategyName",
    "canvas_of",
    "plan_short",
    "short_cap_bytes",
    "smaller_short",
]

SHORT_SIZE = Size(1080, 1920)
MAX_SHORT_S = 180.0
# Phones and the places where shorts are shown take no more frames a second.
MOST_RATE = 60
SOUND_RATE_HZ = 44_100
STEREO = 2
# Caps are for a minute, and for all that is shorter; what is longer may have as much more.
CAP_S = 60.0
# x264 was seen to keep within its buffer to the byte, noise and all; the rest of a cap is for what is not.
CAP_MARGIN = 0.98
# A longer buffer lets a short outburst have what it needs, but what of it is left at the end is lost.  A
# scene may open with one all but full (x264's vbv-init), which comes on top of its rate.
BUFFER_S, FILLED = 4.0, 0.9
# What level 4.2 takes, with room to spare: a scene of a few seconds might have more by its cap.
MOST_PEAK_BPS, MOST_BUFFER_BITS = 50_000_000, 75_000_000
# Of a second try: what was made passed its cap, so it is told so much less again, with a tighter buffer.
AGAIN_MARGIN, AGAIN_BUFFER_S = 0.9, 1.0
ROUNDING_S = 1e-6


class Quality(StrEnum):
    """How good a short looks."""

    HIGH = "high"
    MEDIUM = "medium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way to encode a short.

    Args:
        preset: x264's.
        crf: x264's, of pictures over all of the canvas; lower is better.
        own: what x264 is told beside the preset.
        sound_bps: of AAC.
        cap_bytes: of a file of a minute.

    """

    preset: Preset
    crf: float
    own: tuple[str, ...]
    sound_bps: int
    cap_bytes: int

    def cap_of(self, duration_s: float) -> float:
        """Give how many bytes a file of so many seconds may have."""
        return self.cap_bytes * max(1.0, duration_s / CAP_S)


# x264's "superfast" with what it leaves out and is worth most: macroblock trees, which find what stays, and a
# lookahead for them.  Measured, with what it saves and loses: `docs/benchmarks.md`.
OWN = ("mbtree=1", "rc-lookahead=20", "aq-strength=0.7")
# A picture that all of is seen is smaller, and finer for it: so much more is not seen, and saves a tenth.
CONTAINED_CRF = 0.75
PROFILES: Mapping[Quality, Profile] = MappingProxyType(
    {
        Quality.HIGH: Profile(
            preset=Preset.SUPERFAST, crf=17.5, own=OWN, sound_bps=192_000, cap_bytes=60_000_000
        ),
        Quality.MEDIUM: Profile(
            preset=Preset.SUPERFAST, crf=22, own=OWN, sound_bps=128_000, cap_bytes=30_000_000
        ),
    }
)


def plan_short(
    source: Source, *, start_s: float, end_s: float, strategy: StrategyName, quality: Quality
) -> Edit:
    """Decide what is made of a scene.

    Args:
        source: where it comes from.
        start_s: where it begins, in seconds since the source's begin.
        end_s: where it ends; what lies a little beyond the end of the source is its end.
        strategy: how pictures of another shape come to stand upright.
        quality: how good they look.

    Raises:
        BadInputError: FIELD_INVALID of a scene that there is not in the source, or that is too short or too
            long; MEDIA_… of a source of which nothing upright can be made.

    """
    check_source(source, AssetType.VIDEO)
    if source.hdr:
        raise BadInputError(
            Code.MEDIA_UNSUPPORTED,
            f"the source has a high dynamic range ({RANGES.get(source.hdr, source.hdr)}); a short has none",
            hint="Convert it to the usual range (BT.709) first.",
        )
    rate = _rate(source)
    # Where frames follow evenly, what was shown before a scene is its first frame, however few there are.
    span = _span(replace(source, rate=float(rate)) if rate else source, start_s, end_s)
    profile = PROFILES[quality]
    frames = frames_of(span.duration_s, rate or source.rate)
    return Edit(
        format=Format.MP4,
        video_index=source.video_index or 0,
        demuxer=source.demuxer,
        cut=span.cut,
        duration_s=span.duration_s,
        frames=frames,
        upright=source.shown_size,
        colors=assumed_colors(source),
        video=EncodedVideo(
            codec=VideoCodec.H264,
            preset=profile.preset,
            rate=_capped(profile, _crf(profile, strategy), span.duration_s, frames),
            scaled=None,
            size=SHORT_SIZE,
            depth=8,
            constant_rate=rate,
            canvas=canvas_of(source, strategy),
            is_held=True,
            own=profile.own,
        ),
        sound=_sound(source, profile, span.duration_s),
    )


def canvas_of(source: Source, strategy: StrategyName, size: Size = SHORT_SIZE) -> Canvas:
    """Give what pictures of a source are brought onto; smaller ones of the same shape show the same."""
    coded = source.size
    upright = Size(coded.height, coded.width) if source.rotation in {90, 270} else coded
    return Canvas(STRATEGIES[strategy], upright, source.shown_size, size)


def short_cap_bytes(quality: Quality, duration_s: float) -> int:
    """Give how large the file of a short may be: the same for all up to a minute, in proportion above.

    >>> short_cap_bytes(Quality.HIGH, 12), short_cap_bytes(Quality.MEDIUM, 90)
    (60000000, 45000000)
    """
    return round(PROFILES[quality].cap_of(duration_s))


def smaller_short(edit: Edit, *, size_bytes: int, cap_bytes: int) -> Edit:
    """Plan a short once more whose file has become larger than it may be.

    Args:
        edit: of `plan_short`.
        size_bytes: of the file that came of it.
        cap_bytes: how large it may be.

    """
    if not isinstance(edit.video, EncodedVideo) or not isinstance(edit.video.rate, CappedCrf):
        raise TypeError("this is no short")
    peak_bps = round(edit.video.rate.peak_bps * min(1.0, cap_bytes / size_bytes) * AGAIN_MARGIN)
    rate = edit.video.rate._replace(peak_bps=peak_bps, buffer_bits=round(peak_bps * AGAIN_BUFFER_S))
    return replace(edit, video=replace(edit.video, rate=rate))


def _span(source: Source, start_s: float, end_s: float) -> Span:
    """Tell what is kept.

    Raises:
        BadInputError: FIELD_INVALID.

    """
    trim = Trim(start=Moment(start_s), end=Moment(end_s), mode=CutMode.EXACT)
    try:
        span = settle_cut(source, Said(trim, 0, ""), None)
    except OptionError as error:
        raise BadInputError(Code.FIELD_INVALID, f"{error.option}_s {error.rule}") from error
    if span.duration_s > MAX_SHORT_S + ROUNDING_S:
        raise BadInputError(
            Code.FIELD_INVALID,
            f"end_s must be at most {MAX_SHORT_S:g} s after start_s, not {seconds_text(span.duration_s)}",
        )
    return span


def _rate(source: Source) -> Fraction | None:
    """Give the rate of frames that have to follow one another evenly; None where they keep their times."""
    if (source.rate or 0) > MOST_RATE * (1 + SAME_RATE):
        return Fraction(MOST_RATE)
    rate = even_rate(source, Format.MP4, is_exact=True)
    # Where frames are few, one begins between two instants of its own rate: sound would come before it.
    return rate and rate * math.ceil(GAPPY_RATE / rate)


def _sound(source: Source, profile: Profile, duration_s: float) -> EncodedSound:
    """Take the source's sound; silence where it has none, for many who take shorts want a track of it."""
    track = source.sound if source.sound and source.sound.is_decodable else None
    return EncodedSound(
        index=track.index if track else None,
        codec=SoundCodec.AAC,
        bitrate_bps=profile.sound_bps,
        rate_hz=SOUND_RATE_HZ,
        channels=min(MAX_CHANNELS, track.channels) if track else STEREO,
        is_late=track.is_late if track else False,
        lasts_s=duration_s,
    )


def _crf(profile: Profile, strategy: StrategyName) -> float:
    is_contained = STRATEGIES[strategy].placing is Placing.CONTAIN
    return profile.crf + (CONTAINED_CRF if is_contained else 0.0)


def _capped(profile: Profile, crf: float, duration_s: float, frames: int) -> CappedCrf:
    """Give a rate at which a film cannot pass its cap, with its sound and its container."""
    overhead = OVERHEADS[Format.MP4]
    other_bytes: float = overhead.file + frames * overhead.video_packet
    other_bytes += duration_s * (profile.sound_bps / 8 + SOUND_PACKETS_A_SECOND * overhead.sound_packet)
    bits = (profile.cap_of(duration_s) * CAP_MARGIN - other_bytes) * 8
    peak_bps = round(min(MOST_PEAK_BPS, bits / (duration_s + FILLED * BUFFER_S)))
    return CappedCrf(crf, peak_bps, min(MOST_BUFFER_BITS, round(peak_bps * BUFFER_S)))
