"""What an export does to a source, decided before ffmpeg is asked: from operations to an edit."""

from collections.abc import Sequence
from dataclasses import replace

from oven.media.colours import assumed_colors
from oven.media.conflicts import check_operations, checked_wish
from oven.media.copying import choose_format, container_reasons
from oven.media.cutting import Span, frame_s, settle_cut
from oven.media.edit import CopiedSound, CopiedVideo, Edit, EncodedSound, EncodedVideo, Mark
from oven.media.formats import SELDOM_IN_MP4
from oven.media.geometry import Size
from oven.media.moments import settle_stills
from oven.media.operations import CutMode, Format, Operation, OptionError, Watermark
from oven.media.pictures import frames_of, settle_pictures
from oven.media.soundtrack import settle_sound
from oven.media.source import Source
from oven.media.wish import Said, Wish

__all__ = ["check_operations", "plan_edit"]


def plan_edit(
    source: Source, operations: Sequence[Operation], *, max_pixels: int, key_frame_s: float | None = None
) -> Edit:
    """Decide what is made of a source.

    Args:
        source: the film.
        operations: what is asked for, one at least; their order says nothing.
        max_pixels: of a picture that is made.
        key_frame_s: where the key frame at or before the start of a cut by key frames is, in seconds since
            the source's begin; None as long as nobody knows.

    Raises:
        OptionError: something cannot be: of itself, beside another operation, or with this source.

    """
    wish = checked_wish(operations)
    if source.video_index is None:
        raise OptionError(0, "", "works on videos; this asset is a sound")
    span = settle_cut(source, wish.trim, key_frame_s)
    if source.hdr and wish.marks:
        raise wish.marks[0].refused("cannot be laid over a high dynamic range, which the source has")
    edit = _stills_alone(source, span) if wish.film is None else _film(source, wish, span, max_pixels)
    video = edit.video
    size = video.size if isinstance(video, EncodedVideo) else source.shown_size
    paced_s = 1 / video.constant_rate if isinstance(video, EncodedVideo) and video.constant_rate else None
    stills = settle_stills(
        wish.stills,
        duration_s=edit.duration_s,
        frame_s=float(paced_s or frame_s(source)),
        size=size,
        max_pixels=max_pixels,
    )
    toned = ("colours of thumbnails are pale: a high dynamic range is not tone-mapped",)
    return replace(
        edit,
        marks=tuple(_mark(said, size) for said in wish.marks),
        stills=stills,
        warnings=edit.warnings + (toned if source.hdr and stills else ()),
    )


def _film(source: Source, wish: Wish, span: Span, max_pixels: int) -> Edit:
    format = choose_format(source, wish)  # noqa: A001
    is_exact = span.cut is not None and span.cut.mode is CutMode.EXACT
    track = settle_sound(source, wish, format, is_exact=is_exact)
    pictures = settle_pictures(source, wish, format, span, track.sound, max_pixels=max_pixels)
    video = pictures.video
    rate = video.constant_rate if isinstance(video, EncodedVideo) else None
    return Edit(
        format=format,
        video_index=source.video_index or 0,
        demuxer=source.demuxer,
        cut=span.cut,
        duration_s=span.duration_s,
        frames=frames_of(span.duration_s, rate or source.rate),
        upright=source.shown_size,
        colors=assumed_colors(source),
        video=video,
        sound=track.sound,
        reasons=container_reasons(source, wish, format) + pictures.reasons + track.reasons,
        warnings=span.warnings
        + pictures.warnings
        + track.warnings
        + _seldom_played(format, video, track.sound),
    )


def _seldom_played(
    format: Format,  # noqa: A002
    video: CopiedVideo | EncodedVideo,
    sound: CopiedSound | EncodedSound | None,
) -> tuple[str, ...]:
    """Warn of an MP4 that was copied together from codecs which few players look for in one."""
    copied = [each.codec for each in (video, sound) if isinstance(each, CopiedVideo | CopiedSound)]
    odd = [codec for codec in copied if codec in SELDOM_IN_MP4]
    if format is not Format.MP4 or not odd:
        return ()
    return (
        f"not every player takes {' and '.join(odd)} in mp4; videoCodec h264 and audioCodec aac would do",
    )


def _stills_alone(source: Source, span: Span) -> Edit:
    """Make no film."""
    return Edit(
        format=None,
        video_index=source.video_index or 0,
        demuxer=source.demuxer,
        cut=span.cut,
        duration_s=span.duration_s,
        frames=frames_of(span.duration_s, source.rate),
        upright=source.shown_size,
        colors=assumed_colors(source),
        video=None,
        sound=None,
        reasons=("there is no film: only thumbnails are asked for",),
    )


def _mark(said: Said[Watermark], size: Size) -> Mark:
    asked = said.value
    if not 0 < asked.opacity <= 1:
        raise said.at("opacity").refused("must be above 0, and at most 1")
    if asked.scale is not None and not 0 < asked.scale <= 1:
        raise said.at("scale").refused("must be above 0, and at most 1")
    if not 0 <= asked.margin_px < min(size) / 2:
        raise said.at("margin").refused(
            f"must be 0 or more, and less than half of the shorter side of {size}"
        )
    return Mark(asked.position, asked.opacity, asked.scale, asked.margin_px)
