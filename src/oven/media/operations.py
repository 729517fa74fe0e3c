"""What may be asked of an export: six operations, and the words of their options.

Each operation stands once in a request, but for watermarks and thumbnails.  Their order says nothing: a film
is cut, scaled, marked and encoded, and thumbnails show the result.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from oven.media.geometry import Size


class VideoCodec(StrEnum):
    """How pictures are encoded; `copy` leaves them as they are."""

    H264 = "h264"
    H265 = "h265"
    VP9 = "vp9"
    AV1 = "av1"
    COPY = "copy"


class SoundCodec(StrEnum):
    """How sound is encoded; `copy` leaves it as it is, `none` leaves it out."""

    AAC = "aac"
    MP3 = "mp3"
    OPUS = "opus"
    FLAC = "flac"
    COPY = "copy"
    NONE = "none"


class Format(StrEnum):
    """The container of a film."""

    MP4 = "mp4"
    MOV = "mov"
    MKV = "mkv"
    WEBM = "webm"
    AVI = "avi"


class Preset(StrEnum):
    """How much work goes into an encode: the slower, the smaller at the same quality (x264's words)."""

    ULTRAFAST = "ultrafast"
    SUPERFAST = "superfast"
    VERYFAST = "veryfast"
    FASTER = "faster"
    FAST = "fast"
    MEDIUM = "medium"
    SLOW = "slow"


class Resize(StrEnum):
    """How a picture becomes so large: inside it, over it with the rest cut off, or stretched."""

    FIT = "fit"
    FILL = "fill"
    EXACT = "exact"


class Position(StrEnum):
    """Where a watermark stands."""

    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom-right"


class QualityWord(StrEnum):
    """How good a compressed film looks."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class StillFormat(StrEnum):
    """What kind of picture a thumbnail is."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"


class CutMode(StrEnum):
    """Cut at the very frame, which encodes; or copy, from the key frame at or before the start."""

    EXACT = "exact"
    KEYFRAMES = "keyframes"


class Moment(NamedTuple):
    """An instant or a length: so many seconds ("s"), or percent of the whole ("%", 0 to 100)."""

    value: float
    unit: Literal["s", "%"] = "s"

    def seconds(self, whole_s: float) -> float:
        """Give it in seconds of something that lasts so long."""
        return self.value if self.unit == "s" else whole_s * self.value / 100


BEGIN = Moment(0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcode:
    """Encode pictures anew; `height` is that of "720p", in place of a `size`."""

    type: Literal["transcode"] = "transcode"
    codec: VideoCodec | None = None
    bitrate_bps: int | None = None
    crf: float | None = None
    size: Size | None = None
    height: int | None = None
    resize: Resize = Resize.FIT
    preset: Preset | None = None
    audio_codec: SoundCodec | None = None
    audio_bitrate_bps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Convert:
    """Change the container, and the codecs in it."""

    type: Literal["convert"] = "convert"
    format: Format | None = None
    video_codec: VideoCodec | None = None
    audio_codec: SoundCodec | None = None
    audio_bitrate_bps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compress:
    """Make smaller, by exactly one of these; the bitrate is the pictures', the size the whole file's."""

    type: Literal["compress"] = "compress"
    crf: float | None = None
    bitrate_bps: int | None = None
    quality: QualityWord | None = None
    target_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """Lay a picture over the film.

    Args:
        type: the word for it.
        position: where it stands.
        opacity: from 0 (clear, not taken) to 1.
        scale: its width as a share of the film's; None for its own size in pixels, or the film's where
            that is smaller.
        margin_px: how far it stands from the film's edges; of no meaning in the centre.

    """

    type: Literal["watermark"] = "watermark"
    position: Position = Position.BOTTOM_RIGHT
    opacity: float = 1.0
    scale: float | None = None
    margin_px: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    """Keep what lies between two instants of the source; `end` or `duration` or neither."""

    type: Literal["trim"] = "trim"
    start: Moment = BEGIN
    end: Moment | None = None
    duration: Moment | None = None
    mode: CutMode = CutMode.EXACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail:
    """Take pictures of the result at moments of it; within `size`, or as large as the result."""

    type: Literal["thumbnail"] = "thumbnail"
    timestamps: tuple[Moment, ...]
    size: Size | None = None
    format: StillFormat = StillFormat.JPEG


Operation = Transcode | Convert | Compress | Watermark | Trim | Thumbnail


class OptionError(Exception):
    """An option that cannot be.

    Args:
        index: of the operation.
        option: a JSON pointer below the operation's `options`, such as "crf" or "timestamps/1"; empty for the
            operation itself.
        rule: what is wrong and what would be right, to follow the option's name: "must be 0 to 51".

    """

    def __init__(self, index: int, option: str, rule: str) -> None:
        super().__init__(index, option, rule)
        self.index = index
        self.option = option
        self.rule = rule
