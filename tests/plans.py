"""Films and operations as tests write them, and what is planned of them in a line."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from oven.media.edit import (
    CappedCrf,
    Colors,
    CopiedSound,
    CopiedVideo,
    Edit,
    EncodedVideo,
    Light,
    Rate,
    TargetSize,
)
from oven.media.encode import Bitrate, Crf
from oven.media.geometry import Size
from oven.media.operations import (
    Compress,
    Convert,
    CutMode,
    Format,
    Moment,
    Operation,
    OptionError,
    Position,
    Preset,
    QualityWord,
    Resize,
    SoundCodec,
    StillFormat,
    Thumbnail,
    Transcode,
    Trim,
    VideoCodec,
    Watermark,
)
from oven.media.planning import plan_edit
from oven.media.source import SoundTrack, Source

MAX_PIXELS = 16_000_000
AAC = SoundTrack(index=1, codec="aac", sample_rate_hz=44_100, channels=2, bitrate=128_000)
FILM = Source(
    container="mp4",
    demuxer="mov",
    size_bytes=2_000_000,
    video_index=0,
    video_tracks=1,
    audio_tracks=1,
    codec="h264",
    size=Size(1280, 720),
    pixel_aspect=Fraction(1),
    rotation=0,
    pixel_format="yuv420p",
    hdr=None,
    rate=25.0,
    is_variable_rate=False,
    duration_s=10.0,
    bitrate=1_500_000,
    sound=AAC,
    decoded=None,
    colors=Colors("bt709", "bt709", "bt709"),
)
PQ = replace(
    FILM, codec="hevc", hdr="pq", pixel_format="yuv420p10le", colors=Colors("bt2020nc", "bt2020", "smpte2084")
)


def of(container: str, demuxer: str, codec: str, sound: str, **changes: Any) -> Source:
    """Give a film of such a make."""
    track = replace(AAC, codec=sound)
    return replace(FILM, container=container, demuxer=demuxer, codec=codec, sound=track, **changes)


# All are 1280×720 at 25 frames a second and last 10 s, but for what their names say.
SOURCES: dict[str, Source] = {
    "film": FILM,
    "mov": of("mov", "mov", "prores", "pcm_s24le", pixel_format="yuv422p10le"),
    "mkv": of("mkv", "matroska", "h264", "flac"),
    "webm": of("webm", "matroska", "vp9", "opus"),
    "vp8": of("webm", "matroska", "vp8", "vorbis"),
    "avi": of("avi", "avi", "mpeg4", "mp3"),
    "mjpeg": of("avi", "avi", "mjpeg", "pcm_s16le"),
    "motion": of("mov", "mov", "mjpeg", "pcm_s16le"),
    "broadcast": of("mpegts", "mpegts", "mpeg2video", "mp2"),
    "stream": of("flv", "flv", "h264", "aac"),
    "theora": of("ogg", "ogg", "theora", "vorbis"),
    "hevc": replace(FILM, codec="hevc"),
    "phone": replace(FILM, rotation=90, size=Size(1920, 1080)),
    "wide": replace(FILM, size=Size(720, 576), pixel_aspect=Fraction(16, 11)),
    "odd": replace(FILM, size=Size(641, 481)),
    "small": replace(FILM, size=Size(48, 32)),
    "tiny": replace(FILM, size=Size(14, 14)),
    "line": replace(FILM, size=Size(4000, 20)),
    "huge": replace(FILM, size=Size(8192, 4320)),
    "4k": replace(FILM, size=Size(3840, 2160)),
    "silent": replace(FILM, sound=None, audio_tracks=0),
    "mute": replace(FILM, sound=replace(AAC, codec="unknown", sample_rate_hz=0)),
    "mono": replace(FILM, sound=replace(AAC, channels=1, sample_rate_hz=22_050)),
    "surround": replace(FILM, sound=replace(AAC, codec="ac3", channels=6), audio_tracks=3),
    "dts": of("mkv", "matroska", "h264", "dts"),
    "angles": replace(FILM, video_tracks=2),
    "deep": replace(FILM, codec="h264", pixel_format="yuv420p10le"),
    "variable": replace(FILM, is_variable_rate=True, rate=29.5),
    "ntsc": replace(FILM, rate=29.97),
    "sparse": replace(FILM, rate=5.0),
    "hiding": replace(FILM, hides_start=True),
    "pq": PQ,
    "hdr10": replace(PQ, hdr="hdr10", light=Light("G(1,2)B(3,4)R(5,6)WP(7,8)L(9,1)", "1000,400")),
    "hlg": replace(PQ, hdr="hlg", colors=Colors("bt2020nc", "bt2020", "arib-std-b67")),
    "dolby": replace(PQ, hdr="dolby_vision"),
    "endless": replace(FILM, duration_s=0.0),
    "song": replace(FILM, video_index=None, video_tracks=0, codec="aac"),
}
KINDS: dict[str, type[Operation]] = {
    "transcode": Transcode,
    "convert": Convert,
    "compress": Compress,
    "watermark": Watermark,
    "trim": Trim,
    "thumbnail": Thumbnail,
}


def operations_of(text: str) -> tuple[Operation, ...]:
    """Read operations such as "trim start=3 end=50% + convert format=webm"."""
    return tuple(_operation(words.split()) for words in text.split(" + "))


def plan(source: str, text: str) -> str:
    """Tell in a line what is planned of a film, or why nothing is; "(key=2)" says where a key frame is."""
    text, _, key = text.partition(" (key=")
    key_frame_s = float(key.rstrip(")")) if key else None
    try:
        edit = plan_edit(SOURCES[source], operations_of(text), max_pixels=MAX_PIXELS, key_frame_s=key_frame_s)
    except OptionError as error:
        return f"refused: {error.index} {error.option or '-'} {error.rule}"
    return summary(edit)


def summary(edit: Edit) -> str:
    """Tell in a line what is planned."""
    parts = [*_film(edit), *_around(edit)]
    return "; ".join(parts)


def _film(edit: Edit) -> Sequence[str]:
    if edit.format is None:
        return ["no film"]
    video = "copy" if isinstance(edit.video, CopiedVideo) else ""
    if isinstance(edit.video, EncodedVideo):
        video = _encoded(edit.video)
    match edit.sound:
        case None:
            sound = "silent"
        case CopiedSound():
            sound = "copy"
        case encoded:
            bitrate = f" {encoded.bitrate_bps // 1000}k" if encoded.bitrate_bps else ""
            sound = f"{encoded.codec}{bitrate} {encoded.rate_hz} Hz ×{encoded.channels}"
    return [f"{edit.format}: {video} | {sound}"]


def _encoded(video: EncodedVideo) -> str:
    scaled = f" {video.scaled} cut to" if video.scaled not in {None, video.size} else ""
    return " ".join(
        (
            f"{video.codec} {_rate(video.rate)}{scaled} {video.size}",
            *([] if video.preset is Preset.MEDIUM else [str(video.preset)]),
            *(["unscaled"] if video.scaled is None else []),
            *(["10 bits"] if video.depth == 10 else []),
            *([f"at {video.constant_rate}"] if video.constant_rate else []),
            *(["with light"] if video.light else []),
        )
    )


def _rate(rate: Rate) -> str:
    match rate:
        case Crf(value):
            return f"crf {value:g}"
        case CappedCrf(value, peak_bps, buffer_bits):
            return f"crf {value:g} up to {peak_bps // 1000}k over {buffer_bits / peak_bps:g} s"
        case Bitrate(bps):
            return f"{bps // 1000}k"
        case TargetSize(size_bytes, bps):
            return f"{size_bytes} bytes at {bps // 1000}k"


def _around(edit: Edit) -> list[str]:
    around = []
    if edit.cut:
        around.append(f"{edit.cut.start_s:g} to {edit.cut.end_s:g} s, {edit.cut.mode}")
    if edit.marks:
        around.append(f"{len(edit.marks)} marks")
    for still in edit.stills:
        within = f" within {still.size}" if still.size else ""
        around.append(f"{still.file} at {still.at_s:g}{within}")
    return around


def _operation(words: Sequence[str]) -> Operation:
    options: dict[str, Any] = {}
    for word in words[1:]:
        name, _, value = word.partition("=")
        options |= _option(words[0], name, value)
    return KINDS[words[0]](**options)


def _option(kind: str, name: str, value: str) -> dict[str, Any]:
    """Read an option, by the name that callers know, into the field that stands for it."""
    if name == "resolution" and value.endswith("p"):
        return {"height": int(value[:-1])}
    if (kind, name) == ("thumbnail", "format"):
        return {name: StillFormat(value)}
    field, read = FIELDS[name]
    return {field: read(value)}


def _bits(value: str) -> int:
    return int(value.removesuffix("k")) * 1000


def _moments(value: str) -> tuple[Moment, ...]:
    return tuple(_moment(each) for each in value.split(",") if each)


def _size(value: str) -> Size:
    width, _, height = value.partition("x")
    return Size(int(width), int(height))


def _moment(value: str) -> Moment:
    return Moment(float(value[:-1]), "%") if value.endswith("%") else Moment(float(value))


FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "codec": ("codec", VideoCodec),
    "videoCodec": ("video_codec", VideoCodec),
    "audioCodec": ("audio_codec", SoundCodec),
    "format": ("format", Format),
    "bitrate": ("bitrate_bps", _bits),
    "audioBitrate": ("audio_bitrate_bps", _bits),
    "crf": ("crf", float),
    "resolution": ("size", _size),
    "resize": ("resize", Resize),
    "preset": ("preset", Preset),
    "quality": ("quality", QualityWord),
    "targetSize": ("target_bytes", int),
    "start": ("start", _moment),
    "end": ("end", _moment),
    "duration": ("duration", _moment),
    "mode": ("mode", CutMode),
    "timestamps": ("timestamps", _moments),
    "size": ("size", _size),
    "position": ("position", Position),
    "opacity": ("opacity", float),
    "scale": ("scale", float),
    "margin": ("margin_px", int),
}
