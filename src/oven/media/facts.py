"""What a probe found in a media file, in our words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oven.media.geometry import Size

# Of sound that is damaged here and there, so much must be left: one packet in three.
LEAST_DECODED = 1 / 3
# Beyond these no recorder goes, and resamplers fail.
MAX_SAMPLE_RATE_HZ = 768_000
MAX_CHANNELS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """One stream of pictures; `packets` is None where the probe did not count.

    `colour` holds ffprobe's names of matrix, primaries, transfer and range.
    """

    codec: str
    profile: str
    size: Size
    pixel_format: str
    packets: int | None
    start_s: float
    duration_s: float
    colour: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundStream:
    """One stream of sound; its start has the encoder's priming taken off, as players do.

    `packets` were read; `frames` could be decoded of them, 0 also where nobody tried.
    """

    codec: str
    packets: int | None
    frames: int
    sample_rate_hz: int
    channels: int
    layout: str
    start_s: float
    duration_s: float

    @property
    def is_decodable(self) -> bool:
        """Whether ffmpeg knows the codec and could decode it, and what the numbers say can be sound."""
        return (
            self.codec not in {"", "none", "unknown"}
            and 0 < self.sample_rate_hz <= MAX_SAMPLE_RATE_HZ
            and 0 < self.channels <= MAX_CHANNELS
            and self.frames >= LEAST_DECODED * (self.packets or 0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A whole file; `boxes` are the types of an MP4's top-level boxes in order, else empty."""

    video: tuple[VideoStream, ...]
    sound: tuple[SoundStream, ...]
    duration_s: float
    size_bytes: int
    boxes: tuple[str, ...]

    @property
    def is_faststart(self) -> bool:
        """Whether a player can begin before it has the whole file."""
        return next((box for box in self.boxes if box in {"moov", "mdat"}), None) == "moov"


def read_facts(probe: Mapping[str, Any]) -> Facts:
    """Read ffprobe's JSON (`-show_streams -show_format`), with `boxes` beside where they were read."""
    streams: Sequence[Mapping[str, Any]] = probe.get("streams") or ()
    container: Mapping[str, Any] = probe.get("format") or {}
    return Facts(
        video=tuple(_video(stream) for stream in streams if stream.get("codec_type") == "video"),
        sound=tuple(_sound(stream) for stream in streams if stream.get("codec_type") == "audio"),
        duration_s=_number(container.get("duration")),
        size_bytes=int(_number(container.get("size"))),
        boxes=tuple(probe.get("boxes", ())),
    )


def _video(stream: Mapping[str, Any]) -> VideoStream:
    return VideoStream(
        codec=str(stream.get("codec_name", "")),
        profile=str(stream.get("profile", "")),
        size=Size(int(stream.get("width", 0)), int(stream.get("height", 0))),
        pixel_format=str(stream.get("pix_fmt", "")),
        packets=_count(stream.get("nb_read_packets")),
        start_s=_number(stream.get("start_time")),
        duration_s=_number(stream.get("duration")),
        colour=(
            str(stream.get("color_space", "")),
            str(stream.get("color_primaries", "")),
            str(stream.get("color_transfer", "")),
            str(stream.get("color_range", "")),
        ),
    )


def _sound(stream: Mapping[str, Any]) -> SoundStream:
    return SoundStream(
        codec=str(stream.get("codec_name", "")),
        packets=_count(stream.get("nb_read_packets")),
        frames=_count(stream.get("nb_read_frames")) or 0,
        sample_rate_hz=int(_number(stream.get("sample_rate"))),
        channels=int(stream.get("channels", 0)),
        layout=str(stream.get("channel_layout", "")),
        start_s=_number(stream.get("start_time")),
        duration_s=_number(stream.get("duration")),
    )


def _count(value: object) -> int | None:
    """Read a count; ffprobe has no word for none but "N/A", and no member where it did not count."""
    return None if value is None else int(_number(value))


def _number(value: object) -> float:
    """Read one of ffprobe's decimal strings; 0 where it does not know."""
    try:
        return float(str(value))
    except ValueError:
        return 0.0
