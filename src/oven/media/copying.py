"""What of a source may stay as it is, in which container."""

from collections.abc import Sequence

from oven.media.formats import (
    INTRA_CODECS,
    OWN_FORMATS,
    SOUND_HELD,
    SOUND_NAMES,
    TURNING,
    VIDEO_HELD,
    VIDEO_NAMES,
    formats_for,
)
from oven.media.operations import CutMode, Format, SoundCodec, VideoCodec
from oven.media.source import Source
from oven.media.wish import Said, Wish

AVI_DEMUXER = "avi"


def choose_format(source: Source, wish: Wish) -> Format:
    """Give the container of the film: the one wished for, else the source's own, else the first that fits."""
    if wish.format:
        return wish.format.value
    codec = wish.codec.value if wish.codec else None
    sound = wish.sound.value if wish.sound else None
    own = OWN_FORMATS.get(source.container, Format.MP4)
    fits = formats_for(codec, sound)
    order = [each for each in dict.fromkeys((own, Format.MP4, Format.MKV, *Format)) if each in fits]
    if source.hdr:
        # It has no codec for that.
        order = [each for each in order if each is not Format.AVI]
    if codec is VideoCodec.COPY or (wish.trim and wish.trim.value.mode is CutMode.KEYFRAMES):
        order = _narrowed(order, holding_pictures(source))
    if sound is SoundCodec.COPY:
        order = _narrowed(order, holding_sound(source))
    return order[0] if order else own


def container_reasons(source: Source, wish: Wish, format: Format) -> tuple[str, ...]:  # noqa: A002
    """Tell why the film is of another container than its source, where nobody has named one."""
    own = OWN_FORMATS.get(source.container, Format.MP4)
    if wish.format or format is own:
        return ()
    return (f"the film is {format}: {own} does not hold what is asked for",)


def holding_pictures(source: Source) -> list[Format]:
    """List the containers into which the source's pictures can be copied."""
    return [each for each in Format if not picture_hindrance(source, each)]


def holding_sound(source: Source) -> list[Format]:
    """List the containers into which the source's sound can be copied; all where there is none."""
    return [each for each in Format if not sound_hindrance(source, each)]


def picture_hindrance(source: Source, format: Format) -> str | None:  # noqa: A002 - one a reason
    """Tell why the source's pictures cannot be copied into a container; None where they can."""
    into_avi = format is Format.AVI
    if source.codec not in VIDEO_HELD[format]:
        is_ordered = into_avi and source.codec == VideoCodec.H264
        return f"{format} does not hold {source.codec}" + (" with frames out of order" if is_ordered else "")
    if format not in TURNING and (source.rotation or source.hides_start):
        turned = f"that they are turned, by {source.rotation}°"
        return f"{format} does not say {turned if source.rotation else 'which of them are not shown'}"
    if into_avi and source.pixel_aspect != 1:
        return "avi does not say that their pixels are not square"
    # Of MPEG-4 the last frame was seen to be lost, of others each to come a frame late.
    if into_avi and source.demuxer != AVI_DEMUXER:
        return "avi does not keep the times of frames, which the source has"
    if source.demuxer == AVI_DEMUXER and not into_avi and source.codec not in INTRA_CODECS:
        return "the source, of avi, does not say when each of them is shown"
    return None


def sound_hindrance(source: Source, format: Format) -> str | None:  # noqa: A002
    """Tell why the source's sound cannot be copied into a container; None where it can, or there is none."""
    if source.sound is None:
        return None
    if source.sound.codec not in SOUND_HELD[format]:
        return f"{format} does not hold {source.sound.codec}"
    if source.hides_start and format not in TURNING:
        return f"{format} does not say how much of it is not heard"
    return None


def picture_cause(source: Source, wish: Wish, format: Format, *, is_exact: bool) -> Said[str] | None:  # noqa: A002
    """Tell why pictures have to be encoded, and who asked for it; None where they can be copied."""
    film = wish.film or 0
    for said, does in (
        (wish.resolution, "says a resolution"),
        (wish.rate, f"says a {wish.rate.option}" if wish.rate else ""),
        (wish.preset, "says a preset"),
        (next(iter(wish.marks), None), "lays a watermark over them"),
        (wish.trim.at("mode") if wish.trim and is_exact else None, "cuts at the very frame"),
    ):
        if said:
            return Said(f"operation {said.operation} {does}", said.operation, said.option)
    codec = wish.codec
    if codec and codec.value not in {VideoCodec.COPY, VIDEO_NAMES.get(source.codec)}:
        return Said(f"operation {codec.operation} wants {codec.value}", codec.operation, codec.option)
    if hindrance := picture_hindrance(source, format):
        blamed = wish.format or wish.codec
        return Said(hindrance, *((blamed.operation, blamed.option) if blamed else (film, "")))
    return None


def sound_cause(source: Source, wish: Wish, format: Format, *, is_exact: bool) -> Said[str] | None:  # noqa: A002
    """Tell why sound has to be encoded, and who asked for it; None where it can be copied."""
    bitrate, codec = wish.sound_bitrate_bps, wish.sound
    own = SOUND_NAMES.get(source.sound.codec) if source.sound else None
    if bitrate:
        return Said(f"operation {bitrate.operation} says its bitrate", bitrate.operation, bitrate.option)
    if codec and codec.value not in {SoundCodec.COPY, own}:
        return Said(f"operation {codec.operation} wants {codec.value}", codec.operation, codec.option)
    if is_exact and wish.trim:
        return Said(f"operation {wish.trim.operation} cuts at the very frame", wish.trim.operation, "mode")
    if hindrance := sound_hindrance(source, format):
        blamed = wish.format or wish.sound
        return Said(hindrance, *((blamed.operation, blamed.option) if blamed else (wish.film or 0, "")))
    return None


def _narrowed(order: list[Format], to: Sequence[Format]) -> list[Format]:
    """Keep those of `order` that are in `to`; all where none is, for whoever refuses to say why."""
    return [each for each in order if each in to] or order
