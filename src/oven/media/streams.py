"""ffprobe's streams of a stranger's file: which matter, and what is kept of them."""

from collections.abc import Iterable, Mapping
from typing import Any

# Nobody looks at more; a stranger's file may have a thousand.
MAX_STREAMS = 64
MAX_SIDE_DATA = 8
# Pictures that are no film: covers, and marks on a time line.
STILL_DISPOSITIONS = ("attached_pic", "timed_thumbnails")
PQ = "smpte2084"
HLG = "arib-std-b67"
# The static metadata that HDR10 adds to PQ (SMPTE ST 2086, CTA-861.3).
MASTERING = "Mastering display metadata"
CONTENT_LIGHT = "Content light level metadata"
HDR10_SIDE_DATA = {MASTERING, CONTENT_LIGHT}
# In ffprobe's names, in x265's order; then the most and the least light.
MASTERING_POINTS = (
    *("green_x", "green_y", "blue_x", "blue_y", "red_x", "red_y"),
    *("white_point_x", "white_point_y"),
)
MASTERING_LIGHT = ("max_luminance", "min_luminance")
# What is kept of side data.
SIDE_DATA_MEMBERS = (
    *("side_data_type", "rotation", *MASTERING_POINTS, *MASTERING_LIGHT),
    *("max_content", "max_average"),
)
DOLBY_SIDE_DATA = "DOVI configuration record"
DOLBY_TAGS = {"dvh1", "dvhe", "dva1", "dvav", "dav1"}
# What demuxers put beside packets, and streams, that need a key; Apple's own have just another name.
ENCRYPTION_SIDE_DATA = {"Encryption info", "Encryption initialization data"}
ENCRYPTED_TAGS = {"encv", "enca", "drms", "drmi", "p608"}
NO_CODECS = {"", "none", "unknown"}
# What every ffmpeg decodes: of these, what cannot be decoded is broken.
USUAL_CODECS = {
    *("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg", "prores", "flv1"),
    *("theora", "h263", "dvvideo", "msmpeg4v3", "aac", "mp3", "opus", "vorbis", "flac", "ac3", "eac3"),
}


def thin_stream(stream: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of a stream what is asked for later; most kinds of side data have no members here."""
    side_data = [
        {name: datum[name] for name in SIDE_DATA_MEMBERS if name in datum}
        for datum in stream.get("side_data_list", ())[:MAX_SIDE_DATA]
    ]
    return {**stream, "side_data_list": side_data}


def pictures(streams: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the streams of moving pictures, covers left out, in the file's order."""
    return [
        stream
        for stream in streams
        if stream.get("codec_type") == "video"
        and not any((stream.get("disposition") or {}).get(name) for name in STILL_DISPOSITIONS)
    ]


def sounds(streams: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the streams of sound, in the file's order."""
    return [stream for stream in streams if stream.get("codec_type") == "audio"]


def main_stream(streams: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Give the stream that a file is about: its first of moving pictures, else its first of sound."""
    return next(iter((*pictures(streams), *sounds(streams))), None)


def is_encrypted(streams: Iterable[Mapping[str, Any]], packets: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether some of these streams or packets need a key."""
    return any(
        stream.get("codec_tag_string") in ENCRYPTED_TAGS or side_data(stream) & ENCRYPTION_SIDE_DATA
        for stream in (*streams, *packets)
    )


def hdr_of(stream: Mapping[str, Any]) -> str | None:
    """Name the high dynamic range of pictures: dolby_vision, hdr10, pq, hlg; None where they have none."""
    found = side_data(stream)
    if DOLBY_SIDE_DATA in found or stream.get("codec_tag_string") in DOLBY_TAGS:
        return "dolby_vision"
    if stream.get("color_transfer") == PQ:
        return "hdr10" if found & HDR10_SIDE_DATA else "pq"
    return "hlg" if stream.get("color_transfer") == HLG else None


def side_data(about: Mapping[str, Any]) -> set[str]:
    """Give the kinds of side data of a stream, a packet or a frame."""
    return {str(datum.get("side_data_type")) for datum in about.get("side_data_list") or ()}
