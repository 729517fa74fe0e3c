"""What becomes of a source's moving pictures."""

from fractions import Fraction
from typing import NamedTuple

from oven.media.colours import DEEP_BITS, USUAL_BITS, bits_of
from oven.media.copying import holding_pictures, picture_cause, picture_hindrance
from oven.media.cutting import USUAL_RATE, Span
from oven.media.edit import CopiedSound, CopiedVideo, EncodedSound, EncodedVideo, Rate, TargetSize
from oven.media.formats import DEEP_CODECS, LEAST_SIDES, VIDEO_FITS, default_preset, default_video, either
from oven.media.framing import Bounds, settle_frame
from oven.media.geometry import Size
from oven.media.operations import CutMode, Format, VideoCodec
from oven.media.rates import Film, even_rate, mean_rate, settle_rate
from oven.media.source import Source
from oven.media.wish import Said, Wish

DOLBY_VISION = "dolby_vision"
# How high dynamic ranges are called.
RANGES = {"pq": "PQ", "hdr10": "HDR10", "hlg": "HLG", DOLBY_VISION: "Dolby Vision"}


class Pictures(NamedTuple):
    """The film's pictures, their size as displayed, why they are so, and what the caller might miss."""

    video: CopiedVideo | EncodedVideo
    size: Size
    reasons: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def settle_pictures(
    source: Source,
    wish: Wish,
    format: Format,  # noqa: A002
    span: Span,
    sound: CopiedSound | EncodedSound | None,
    *,
    max_pixels: int,
) -> Pictures:
    """Tell what becomes of the pictures: copied where nothing has to be encoded.

    Raises:
        OptionError: they cannot be copied, or not be encoded in this way.

    """
    further = source.video_tracks - 1
    left_out = (
        (f"{further} further {'track' if further == 1 else 'tracks'} of pictures: left out",)
        if further > 0
        else ()
    )
    is_exact = span.cut is not None and span.cut.mode is CutMode.EXACT
    cause = picture_cause(source, wish, format, is_exact=is_exact)
    if cause is None:
        copied = f"the pictures are copied: they are {source.codec} already, which {format} holds"
        return Pictures(CopiedVideo(codec=source.codec), source.shown_size, (copied,), left_out)
    if wish.codec and wish.codec.value is VideoCodec.COPY:
        right = either([*holding_pictures(source)])
        would = f"format {right} would" if right else "encode them"
        raise wish.codec.refused(f"cannot be copy: {cause.value}; {would}")
    if wish.trim and span.cut and span.cut.mode is CutMode.KEYFRAMES:
        raise wish.trim.at("mode").refused(
            f"must be exact, for the pictures have to be encoded: {cause.value}"
        )
    codec = _codec(source, wish, format, cause)
    bounds = Bounds(LEAST_SIDES[codec], max_pixels)
    framing = settle_frame(source, wish.resolution, bounds, blamed=cause.operation)
    rate = even_rate(source, format, is_exact=is_exact)
    film = Film(format, span.duration_s, frames_of(span.duration_s, rate or source.rate), sound)
    video = EncodedVideo(
        codec=codec,
        preset=wish.preset.value if wish.preset else default_preset(framing.size.pixels),
        rate=settle_rate(wish.rate, codec, source, film),
        scaled=framing.scaled,
        size=framing.size,
        depth=DEEP_BITS if source.hdr else USUAL_BITS,
        constant_rate=rate,
        mean_rate=mean_rate(source) if rate is None else None,
        light=source.light if codec is VideoCodec.H265 else None,
    )
    warnings = (*left_out, *_warnings(source, video), *_target_warnings(source, video.rate))
    return Pictures(video, framing.size, (f"the pictures are encoded: {cause.value}",), warnings)


def frames_of(duration_s: float, rate: float | Fraction | None) -> int:
    """Give how many frames that is, about; 1 at least."""
    return max(1, round(duration_s * float(rate or USUAL_RATE)))


def _codec(source: Source, wish: Wish, format: Format, cause: Said[str]) -> VideoCodec:  # noqa: A002
    """Give the codec to encode with: one that carries the source's range."""
    codec = wish.codec.value if wish.codec else default_video(format, is_hdr=bool(source.hdr))
    if source.hdr is None:
        return codec
    if source.hdr == DOLBY_VISION:
        raise cause.refused(f"cannot be, for the source is Dolby Vision, which is only copied: {cause.value}")
    if codec not in DEEP_CODECS:
        blamed = wish.codec or wish.format or cause
        range_ = f"the source's high dynamic range ({RANGES.get(source.hdr, source.hdr)})"
        carrying = [each for each in VIDEO_FITS[format] if each in DEEP_CODECS]
        right = either([*carrying, *([] if picture_hindrance(source, format) else [VideoCodec.COPY])])
        if blamed is wish.codec:
            raise blamed.refused(
                f"cannot be {codec}, which does not carry {range_}; {right or 'h265 in mp4'} does"
            )
        raise blamed.refused(f"cannot be {format}, whose {codec} does not carry {range_}; mp4 or mkv does")
    return codec


def _warnings(source: Source, video: EncodedVideo) -> list[str]:
    warnings = []
    if source.hdr is None and bits_of(source.pixel_format) > USUAL_BITS:
        warnings.append(f"the source has {bits_of(source.pixel_format)} bits a sample, the film {USUAL_BITS}")
    if source.hdr == "hdr10" and video.light is None:
        said = (
            "HDR10's static metadata is not carried"
            if source.light is None
            else f"{video.codec} does not carry HDR10's static metadata"
        )
        warnings.append(f"{said}: players see PQ")
    return warnings


def _target_warnings(source: Source, rate: Rate) -> list[str]:
    if isinstance(rate, TargetSize) and source.size_bytes and rate.target_bytes > source.size_bytes:
        return [
            f"the target, {rate.target_bytes:,} bytes, is larger than the source, {source.size_bytes:,} bytes"
        ]
    return []
