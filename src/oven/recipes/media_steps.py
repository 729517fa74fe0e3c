"""The steps that look at pictures, films and sound, or make some."""

from dataclasses import dataclass

from oven.domain.errors import Code
from oven.recipes.step import BaseStep, Link


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectFrames(BaseStep):
    """Prove every frame, given as (reference, name, file) → {"size": [width, height], "transparent"}.

    Each is decoded to its last pixel and then stands under `file`, as a plain PNG without extras.
    Frames of more than `max_pixels` or of different sizes are refused, and rewritten ones of more than
    `max_bytes` in all.
    """

    frames: tuple[tuple[str, str, str], ...]
    max_pixels: int
    max_bytes: int

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(reference for reference, _, _ in self.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(BaseStep):
    """Ask ffprobe → its JSON, with an MP4's top-level boxes; `broken` is the code of an unreadable file.

    Where `sound_s` is given, only the first stream of sound is looked at, and so many seconds of it are
    decoded.
    """

    source: str
    label: str
    demuxer: str
    broken: str
    sound_s: float | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeSource(BaseStep):
    """Find out what a stranger's file of video or sound is → {"container", "streams", "format", …}.

    Its kind is told from its first bytes, never from its name; see `media.source` for the result.
    """

    source: str

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePicture(BaseStep):
    """Find out what a stranger's picture is, by decoding it → {"format", "width", "height", "frames", …}.

    Width and height are in pixels, as displayed; pictures of more than `max_pixels` are refused.
    `thumbnail` is the file for a JPEG of it, `width` pixels wide at most.
    """

    source: str
    max_pixels: int
    thumbnail: str
    width: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stills(BaseStep):
    """Take pictures of a video, from one decode → {"files": {file: size in bytes}}, of those there are.

    `arguments` are ffmpeg's, run over the linked source; `outputs` the files that they may make.
    """

    source: Link
    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    timeout_s: float
    memory_bytes: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPicture(BaseStep):
    """Make a stranger's picture one that ffmpeg may see → {"width", "height"}.

    A PNG of 8 bits, RGBA, upright, in sRGB, with nothing but pixels; no side is longer than `max_side`.
    `label` is how to name it, such as "the watermark of operation 2".
    """

    source: str
    output: str
    label: str
    max_pixels: int
    max_side: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindKeyFrame(BaseStep):
    """Find the last key frame at or before an instant, or the first there is → {"seconds"}.

    Both instants count from the source's begin; `stream` is ffprobe's index.
    """

    source: str
    demuxer: str
    stream: int
    at_s: float

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decode(BaseStep):
    """Decode what was made, to its end → {"frames"}: of its pictures, of key frames alone if so wanted.

    What cannot be decoded without a complaint is OUTPUT_INVALID; `frames` is what 100 % means.
    """

    source: str
    demuxer: str
    keys_only: bool
    frames: int
    timeout_s: float
    stall_s: float
    memory_bytes: int
    threads: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(BaseStep):
    """Read every packet of what was made → {"sizeBytes", "streams": [{…}]}; see `media.export_check`.

    Each stream has ffprobe's members, and {"packets", "bytes", "startS", "endS"} as counted: from the first
    packet's begin to the last one's end as they are shown, in seconds.  Unreadable is OUTPUT_INVALID.
    """

    source: str
    demuxer: str
    timeout_s: float

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encode(BaseStep):
    """Run ffmpeg over linked sources → {"sizeBytes", "seconds"}; `frames` is what 100 % means.

    `extras` are further files that may be made by the way; with them comes {"extras": {file: size in bytes}}.
    `broken` is the code of a source that cannot be decoded.
    An output of more than `max_bytes` is not ended, and does not stay: then "outgrown" is true.
    """

    links: tuple[Link, ...]
    arguments: tuple[str, ...]
    output: str
    frames: int
    timeout_s: float
    stall_s: float
    memory_bytes: int
    threads: int
    extras: tuple[str, ...] = ()
    broken: str = Code.ENCODE_FAILED
    max_bytes: int | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(link.source for link in self.links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnail(BaseStep):
    """Fit one picture into a box, contained, over black, as JPEG → {"sizeBytes"}."""

    source: str
    output: str
    width: int
    height: int
    quality: int

    @property
    def sources(self) -> tuple[str, ...]:
        return (self.source,)
