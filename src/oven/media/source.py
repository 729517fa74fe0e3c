"""A stranger's video or sound: what a probe found, whether it is taken, what is told of it.

A probe is {"container", "demuxer", "contentType", "sizeBytes", "streams", "format", "packets", "decoded",
"measured"}: streams and format as ffprobe gives them; packets are the times of the main stream's first, in
seconds; decoded is the share of these that could be, from 0 to 1, null where nobody tried, as of pictures;
measured is {"seconds", "packets"} of all of it where it had to be read, else null.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from oven.domain.asset import AssetType
from oven.domain.errors import BadInputError, Code
from oven.media.containers import demuxer_of
from oven.media.edit import UNKNOWN_COLORS, Colors, Light
from oven.media.facts import LEAST_DECODED
from oven.media.geometry import MAX_SIDE, Size
from oven.media.pace import is_variable, number, usable_rate
from oven.media.probed import (
    aspect_of,
    bitrate_of,
    colors_of,
    duration_of,
    hides_start,
    light_of,
    pace_of,
    rotation_of,
    whole,
)
from oven.media.refusals import undecodable
from oven.media.streams import NO_CODECS, hdr_of, main_stream, pictures, sounds

MAX_CHANNELS = 64
MAX_SAMPLE_RATE_HZ = 768_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTrack:
    """A track of sound; `index` is ffprobe's, `bitrate` is in bits/s, None where nobody knows.

    `is_late` where it begins after the whole does, or nobody knows.
    """

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    bitrate: int | None
    is_late: bool = True

    @property
    def is_decodable(self) -> bool:
        return (
            self.codec not in NO_CODECS
            and 0 < self.sample_rate_hz <= MAX_SAMPLE_RATE_HZ
            and 0 < self.channels <= MAX_CHANNELS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file of video or sound.

    Args:
        container: as users are told it.
        demuxer: ffmpeg's name of it.
        size_bytes: of the file.
        video_index: ffprobe's index of the first stream of moving pictures; None where there is none.
        video_tracks: streams of moving pictures; covers are none.
        audio_tracks: streams of sound.
        codec: of the pictures; where there are none, of the sound.
        size: of the pictures, as coded.
        pixel_aspect: width of a pixel by its height.
        rotation: how far clockwise pictures are turned to be shown, in degrees from 0 to 359.
        pixel_format: ffmpeg's name.
        hdr: dolby_vision, hdr10, pq or hlg; None where the range is that of old.
        rate: frames a second on average; None where nobody knows.
        is_variable_rate: whether frames do not follow one another evenly.
        duration_s: of the whole, as players show it; 0 where nobody knows.
        bitrate: of the main stream, else of the whole, in bits/s; None where nobody knows.
        sound: the first track of sound that can be decoded, else the first.
        decoded: the share of a sound's first packets that could be decoded; None where nobody tried.
        colors: what the samples of the pictures mean.
        light: HDR10's static metadata, where the pictures have it.
        hides_start: whether pictures come first that are not shown, as in films that were cut on a phone.

    """

    container: str
    demuxer: str
    size_bytes: int
    video_index: int | None
    video_tracks: int
    audio_tracks: int
    codec: str
    size: Size
    pixel_aspect: Fraction
    rotation: int
    pixel_format: str
    hdr: str | None
    rate: float | None
    is_variable_rate: bool
    duration_s: float
    bitrate: int | None
    sound: SoundTrack | None
    decoded: float | None
    colors: Colors = UNKNOWN_COLORS
    light: Light | None = None
    hides_start: bool = False

    @property
    def shown_size(self) -> Size:
        """The size of the pictures as displayed, in square pixels."""
        size = Size(max(1, round(self.size.width * self.pixel_aspect)), self.size.height)
        return Size(size.height, size.width) if self.rotation in {90, 270} else size


def read_source(probe: Mapping[str, Any]) -> Source:
    """Read what `Encoder.probe_source` found."""
    streams = probe["streams"]
    main = main_stream(streams) or {}
    video = main if main.get("codec_type") == "video" else {}
    begin_s = number(probe["format"].get("start_time"))
    tracks = [_sound(stream, begin_s) for stream in sounds(streams)]
    duration_s = duration_of(probe, main)
    rate = pace_of(probe, video, duration_s)
    return Source(
        container=str(probe["container"]),
        demuxer=str(probe["demuxer"]),
        size_bytes=int(probe["sizeBytes"]),
        video_index=int(video["index"]) if video else None,
        video_tracks=len(pictures(streams)),
        audio_tracks=len(tracks),
        codec=str(main.get("codec_name", "")),
        size=Size(whole(video.get("width")) or 0, whole(video.get("height")) or 0),
        pixel_aspect=aspect_of(video.get("sample_aspect_ratio")),
        rotation=rotation_of(video),
        pixel_format=str(video.get("pix_fmt", "")),
        hdr=hdr_of(video),
        rate=rate,
        is_variable_rate=bool(video)
        and is_variable(probe["packets"], said=rate, ticks=usable_rate(video.get("r_frame_rate"))),
        duration_s=duration_s,
        bitrate=bitrate_of(probe, main, duration_s),
        sound=next((track for track in tracks if track.is_decodable), tracks[0] if tracks else None),
        decoded=number(probe.get("decoded")),
        colors=colors_of(video),
        light=light_of(video),
        hides_start=hides_start(probe, video),
    )


def source_of_facts(facts: Mapping[str, Any], *, size_bytes: int) -> Source:
    """Read back what `file_metadata` told of a video or sound.

    What an asset of before does not say is what most files have: pictures first, then sound.
    """
    has_pictures = "coded_width" in facts
    container = str(facts.get("format") or "mp4")
    return Source(
        container=container,
        demuxer=demuxer_of(container),
        size_bytes=size_bytes,
        video_index=int(facts.get("video_index", 0)) if has_pictures else None,
        video_tracks=int(facts.get("video_tracks", 1)) if has_pictures else 0,
        audio_tracks=int(facts.get("audio_tracks") or 0),
        codec=str(facts.get("codec") or ""),
        size=Size(int(facts.get("coded_width") or 0), int(facts.get("coded_height") or 0)),
        pixel_aspect=aspect_of(facts.get("pixel_aspect_ratio")),
        rotation=int(facts.get("rotation") or 0),
        pixel_format=str(facts.get("pixel_format") or ""),
        hdr=facts.get("hdr"),
        rate=number(facts.get("frame_rate")),
        is_variable_rate=bool(facts.get("variable_frame_rate")),
        duration_s=number(facts.get("duration")) or 0.0,
        bitrate=whole(facts.get("bitrate")),
        sound=_sound_of_facts(facts, has_pictures=has_pictures),
        decoded=None,
        colors=colors_of({**facts, "pix_fmt": facts.get("pixel_format")}),
        light=_light_of_facts(facts),
        hides_start=bool(facts.get("hidden_start")),
    )


def check_source(source: Source, type: AssetType) -> None:  # noqa: A002
    """Refuse what is of another type than was said, or cannot be seen or heard.

    Raises:
        BadInputError: MEDIA_TYPE_MISMATCH, MEDIA_UNSUPPORTED, MEDIA_INVALID.

    """
    has_pictures = source.video_index is not None
    is_type = AssetType.VIDEO if has_pictures else AssetType.AUDIO
    if type is not is_type:
        found = "moving pictures" if has_pictures else "sound, but no moving pictures"
        raise BadInputError(
            Code.MEDIA_TYPE_MISMATCH, f"the file holds {found}", hint=f"Import it as {is_type.value}."
        )
    if source.codec in NO_CODECS:
        raise undecodable(source.codec, has_pictures=source.video_index is not None)
    if has_pictures:
        _check_pictures(source)
    elif source.sound is None or not source.sound.is_decodable or _is_noise(source):
        raise undecodable(source.codec, has_pictures=source.video_index is not None)


def file_metadata(source: Source, type: AssetType) -> dict[str, Any]:  # noqa: A002
    """Give what is told of a checked source: plain JSON, every number finite, null where nobody knows."""
    sound = source.sound
    facts: dict[str, Any] = {
        "duration": source.duration_s or None,
        "codec": source.codec,
        "bitrate": source.bitrate,
        "format": source.container,
        "audio_tracks": source.audio_tracks,
        "audio_index": sound.index if sound else None,
        "audio_codec": sound.codec if sound else None,
        "audio_channels": sound.channels if sound else None,
        "audio_sample_rate": sound.sample_rate_hz if sound else None,
        "audio_bitrate": sound.bitrate if sound else None,
        "audio_late": sound.is_late if sound else None,
    }
    if type is not AssetType.VIDEO:
        return facts
    shown, light = source.shown_size, source.light or Light()
    return facts | {
        "video_index": source.video_index,
        "width": shown.width,
        "height": shown.height,
        "frame_rate": source.rate,
        "variable_frame_rate": source.is_variable_rate,
        "rotation": source.rotation,
        "pixel_aspect_ratio": f"{source.pixel_aspect.numerator}:{source.pixel_aspect.denominator}",
        "coded_width": source.size.width,
        "coded_height": source.size.height,
        "pixel_format": source.pixel_format,
        "color_space": source.colors.space,
        "color_primaries": source.colors.primaries,
        "color_transfer": source.colors.transfer,
        "color_range": source.colors.range,
        "hdr": source.hdr,
        "mastering_display": light.mastering or None,
        "content_light": light.content or None,
        "video_tracks": source.video_tracks,
        "hidden_start": source.hides_start,
    }


def _check_pictures(source: Source) -> None:
    if not source.size.pixels:
        raise BadInputError(
            Code.MEDIA_INVALID, "the pictures have no size that can be found out", hint="Make it again."
        )
    if max(*source.size, *source.shown_size) > MAX_SIDE:
        raise BadInputError(
            Code.MEDIA_UNSUPPORTED,
            f"the pictures are {source.shown_size}; at most {MAX_SIDE:,} a side are possible",
            hint="Make them smaller.",
        )
    if source.pixel_format in NO_CODECS:
        raise undecodable(source.codec, has_pictures=source.video_index is not None)


def _is_noise(source: Source) -> bool:
    return source.decoded is not None and source.decoded < LEAST_DECODED


def _sound(stream: Mapping[str, Any], begin_s: float | None) -> SoundTrack:
    start_s = number(stream.get("start_time"))
    return SoundTrack(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name", "")),
        sample_rate_hz=whole(stream.get("sample_rate")) or 0,
        channels=whole(stream.get("channels")) or 0,
        bitrate=whole(stream.get("bit_rate")),
        is_late=begin_s is None or start_s is None or start_s > begin_s,
    )


def _sound_of_facts(facts: Mapping[str, Any], *, has_pictures: bool) -> SoundTrack | None:
    if not facts.get("audio_codec"):
        return None
    index = facts.get("audio_index")
    return SoundTrack(
        index=int(has_pictures) if index is None else int(index),
        codec=str(facts["audio_codec"]),
        sample_rate_hz=whole(facts.get("audio_sample_rate")) or 0,
        channels=whole(facts.get("audio_channels")) or 0,
        bitrate=whole(facts.get("audio_bitrate")),
        is_late=facts.get("audio_late") is not False,
    )


def _light_of_facts(facts: Mapping[str, Any]) -> Light | None:
    light = Light(str(facts.get("mastering_display") or ""), str(facts.get("content_light") or ""))
    return light if light != Light() else None
