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
from oven.media.facts import LEAST_DECODED
from oven.media.geometry import MAX_SIDE, Size
from oven.media.pace import are_all, is_even, is_variable, number, rate_of, same_rate, usable_rate
from oven.media.streams import hdr_of, main_stream, pictures, sounds

NO_CODECS = {"", "none", "unknown"}
# What every ffmpeg decodes: of these, what cannot be decoded is broken.
USUAL_CODECS = {
    *("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "prores", "flv1"),
    *("theora", "h263", "dvvideo", "msmpeg4v3", "aac", "mp3", "opus", "vorbis", "flac", "ac3", "eac3"),
}
MAX_CHANNELS = 64
MAX_SAMPLE_RATE_HZ = 768_000
# As JSON's readers take whole numbers.
MAX_WHOLE = 1 << 53
# What estimates a length by the rate of the first packets.
GUESSING_DEMUXERS = {"aac", "mp3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundTrack:
    """A track of sound; `index` is ffprobe's, `bitrate` is in bits/s, None where nobody knows."""

    index: int
    codec: str
    sample_rate_hz: int
    channels: int
    bitrate: int | None

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
    tracks = [_sound(stream) for stream in sounds(streams)]
    duration_s = _duration_s(probe, main)
    rate = _rate(probe, video, duration_s)
    return Source(
        container=str(probe["container"]),
        demuxer=str(probe["demuxer"]),
        size_bytes=int(probe["sizeBytes"]),
        video_index=int(video["index"]) if video else None,
        video_tracks=len(pictures(streams)),
        audio_tracks=len(tracks),
        codec=str(main.get("codec_name", "")),
        size=Size(_whole(video.get("width")) or 0, _whole(video.get("height")) or 0),
        pixel_aspect=_aspect(video.get("sample_aspect_ratio")),
        rotation=_rotation(video),
        pixel_format=str(video.get("pix_fmt", "")),
        hdr=hdr_of(video),
        rate=rate,
        is_variable_rate=bool(video)
        and is_variable(probe["packets"], said=rate, ticks=usable_rate(video.get("r_frame_rate"))),
        duration_s=duration_s,
        bitrate=_bitrate(probe, main, duration_s),
        sound=next((track for track in tracks if track.is_decodable), tracks[0] if tracks else None),
        decoded=number(probe.get("decoded")),
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
        raise _undecodable(source)
    if has_pictures:
        _check_pictures(source)
    elif source.sound is None or not source.sound.is_decodable or _is_noise(source):
        raise _undecodable(source)


def file_metadata(source: Source, type: AssetType) -> dict[str, Any]:  # noqa: A002
    """Give what is told of a checked source: plain JSON, every number finite, null where nobody knows."""
    sound = source.sound
    facts: dict[str, Any] = {
        "duration": source.duration_s or None,
        "codec": source.codec,
        "bitrate": source.bitrate,
        "format": source.container,
        "audio_tracks": source.audio_tracks,
        "audio_codec": sound.codec if sound else None,
        "audio_channels": sound.channels if sound else None,
        "audio_sample_rate": sound.sample_rate_hz if sound else None,
        "audio_bitrate": sound.bitrate if sound else None,
    }
    if type is not AssetType.VIDEO:
        return facts
    shown = source.shown_size
    return facts | {
        "width": shown.width,
        "height": shown.height,
        "frame_rate": source.rate,
        "variable_frame_rate": source.is_variable_rate,
        "rotation": source.rotation,
        "pixel_aspect_ratio": f"{source.pixel_aspect.numerator}:{source.pixel_aspect.denominator}",
        "coded_width": source.size.width,
        "coded_height": source.size.height,
        "pixel_format": source.pixel_format,
        "hdr": source.hdr,
        "video_tracks": source.video_tracks,
    }


def wants_measure(probe: Mapping[str, Any]) -> bool:
    """Tell whether nothing but all its packets tells how long a file is."""
    said = (probe["format"], main_stream(probe["streams"]) or {})
    return probe["demuxer"] in GUESSING_DEMUXERS or not any(number(one.get("duration")) for one in said)


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
        raise _undecodable(source)


def _is_noise(source: Source) -> bool:
    return source.decoded is not None and source.decoded < LEAST_DECODED


def _undecodable(source: Source) -> BadInputError:
    what = "sound" if source.video_index is None else "pictures"
    if source.codec in USUAL_CODECS:
        return BadInputError(
            Code.MEDIA_INVALID, f"the {what} ({source.codec}) cannot be decoded", hint="Make it again."
        )
    codec = "an unknown codec" if source.codec in NO_CODECS else f"a codec that is not taken, {source.codec}"
    return BadInputError(
        Code.MEDIA_UNSUPPORTED,
        f"the {what} are of {codec}" if source.video_index is not None else f"the {what} is of {codec}",
        hint="Encode it as H.264 and AAC, for instance.",
    )


def _sound(stream: Mapping[str, Any]) -> SoundTrack:
    return SoundTrack(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name", "")),
        sample_rate_hz=_whole(stream.get("sample_rate")) or 0,
        channels=_whole(stream.get("channels")) or 0,
        bitrate=_whole(stream.get("bit_rate")),
    )


def _duration_s(probe: Mapping[str, Any], main: Mapping[str, Any]) -> float:
    measured = (probe["measured"] or {}).get("seconds")
    said = (measured, probe["format"].get("duration"), main.get("duration"))
    return next((seconds for one in said if (seconds := number(one)) is not None and seconds > 0), 0.0)


def _rate(probe: Mapping[str, Any], video: Mapping[str, Any], duration_s: float) -> float | None:
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


def _bitrate(probe: Mapping[str, Any], main: Mapping[str, Any], duration_s: float) -> int | None:
    said = _whole(main.get("bit_rate")) or _whole(probe["format"].get("bit_rate"))
    return said or (_whole(probe["sizeBytes"] * 8 / duration_s) if duration_s else None)


def _rotation(video: Mapping[str, Any]) -> int:
    """Read the display matrix's turn, which ffprobe counts the other way round."""
    turns = (number(datum.get("rotation")) for datum in video.get("side_data_list") or ())
    return next((-round(turn) % 360 for turn in turns if turn is not None), 0)


def _aspect(value: object) -> Fraction:
    """Read a ratio such as "4:3"; 1 where there is none."""
    try:
        return Fraction(str(value).replace(":", "/")) or Fraction(1)
    except (ValueError, ZeroDivisionError):
        return Fraction(1)


def _whole(value: object) -> int | None:
    read = number(value)
    return round(read) if read is not None and 0 < read < MAX_WHOLE else None
