"""An edit: all that is decided of an export before ffmpeg is asked, as data."""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from oven.media.canvas import Canvas
from oven.media.encode import Bitrate, Crf
from oven.media.geometry import Size
from oven.media.operations import CutMode, Format, Position, Preset, SoundCodec, StillFormat, VideoCodec


class Cut(NamedTuple):
    """What is kept, in seconds since the source's begin."""

    start_s: float
    end_s: float
    mode: CutMode


class TargetSize(NamedTuple):
    """A file of so many bytes, sound and all, reached by this bitrate of the pictures at first."""

    target_bytes: int
    bits_per_second: int


class CappedCrf(NamedTuple):
    """The same quality throughout, but no more bits than a buffer of this size takes at this rate."""

    value: float
    peak_bps: int
    buffer_bits: int


Rate = Crf | CappedCrf | Bitrate | TargetSize


class Colors(NamedTuple):
    """What samples of pictures mean, in ffmpeg's names; "unknown" where nobody says; `range` tv or pc."""

    space: str = "unknown"
    primaries: str = "unknown"
    transfer: str = "unknown"
    range: str = "tv"


UNKNOWN_COLORS = Colors()


class Light(NamedTuple):
    """HDR10's static metadata, as x265 writes it; empty where the source has only the other.

    `mastering` (SMPTE ST 2086) is "G(x,y)B(x,y)R(x,y)WP(x,y)L(most,least)", chromaticities in 1/50000,
    luminances in 1/10000 cd/m²; `content` (CTA-861.3) is "most,average" in cd/m².
    """

    mastering: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedVideo:
    """Pictures that stay as they are."""

    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedVideo:
    """Pictures that are encoded anew.

    Args:
        codec: never copy.
        preset: how much work goes into it.
        rate: how many bits.
        scaled: the size that the picture, upright, is scaled to, in square pixels; None where it stays.
        size: of the result, even on both sides; what of `scaled` (or of the picture) lies outside is cut off.
        depth: bits a sample, 8 or 10; chroma is halved both ways.
        constant_rate: frames a second where frames have to follow one another evenly, else None.
        mean_rate: frames a second on average where they do not follow one another evenly, else None.
        light: of HDR10 in a codec that carries it.
        canvas: what pictures of any shape are brought onto, as large as `size`, in place of `scaled`.
        is_held: whether the last picture stands to the end, where sound goes on a little longer.
        own: x264's own words beside the preset's, such as "subme=2".

    """

    codec: VideoCodec
    preset: Preset
    rate: Rate
    scaled: Size | None
    size: Size
    depth: int
    constant_rate: Fraction | None = None
    mean_rate: Fraction | None = None
    light: Light | None = None
    canvas: Canvas | None = None
    is_held: bool = False
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedSound:
    """The first track of sound that can be decoded, as it is; `index` is ffprobe's."""

    index: int
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedSound:
    """The first track of sound that can be decoded, encoded anew; `index` is ffprobe's.

    `is_late` where it may begin after the source does.  Where it `lasts_s`, that is how long: silence follows
    what ends before; without an index there is nothing else.
    """

    index: int | None
    codec: SoundCodec
    bitrate_bps: int | None
    rate_hz: int
    channels: int
    is_late: bool = True
    lasts_s: float | None = None


class Mark(NamedTuple):
    """A watermark; `scale` is its width as a share of the film's, None for its own."""

    position: Position
    opacity: float
    scale: float | None
    margin_px: int


class Still(NamedTuple):
    """A picture of the result at `at_s` of it; `size` bounds it, None for the result's own."""

    file: str
    at_s: float
    size: Size | None
    format: StillFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """All that is to be made in one pass.

    Args:
        format: the film's container; None where only pictures are taken.
        video_index: ffprobe's index of the source's pictures.
        demuxer: of the source.
        cut: what is kept; None for all.
        duration_s: how long the result is to be.
        frames: how many frames that are, about; what 100 % of an encode means.
        colors: what the source's samples mean, or are taken to mean; the result is tagged so, its range tv.
        upright: the size of the source's pictures as displayed, in square pixels.
        video: the film's pictures; None where only stills are taken.
        sound: None where there is none.
        marks: the watermarks, in order; laid over scaled pictures.
        stills: the pictures that are taken, of the film as it is encoded.
        reasons: why what is encoded or copied is so, a sentence each.
        warnings: what the caller might miss, a sentence each.

    """

    format: Format | None
    video_index: int
    demuxer: str
    cut: Cut | None
    duration_s: float
    frames: int
    upright: Size
    colors: Colors
    video: CopiedVideo | EncodedVideo | None
    sound: CopiedSound | EncodedSound | None
    marks: tuple[Mark, ...] = ()
    stills: tuple[Still, ...] = ()
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
