"""What all operations of an export wish for together, and which of them asked for each thing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from oven.media.encode import Bitrate, Crf
from oven.media.geometry import Size
from oven.media.operations import (
    Compress,
    Convert,
    Format,
    Operation,
    OptionError,
    Preset,
    QualityWord,
    Resize,
    SoundCodec,
    Thumbnail,
    Transcode,
    Trim,
    VideoCodec,
    Watermark,
)

T = TypeVar("T")
MAX_MARKS = 4
MAX_STILLS = 20
SINGLE = (Transcode, Convert, Compress, Trim)


class Said(NamedTuple, Generic[T]):
    """A value, and the operation and the option that asked for it."""

    value: T
    operation: int
    option: str

    def refused(self, rule: str) -> OptionError:
        """Make the error that this cannot be."""
        return OptionError(self.operation, self.option, rule)

    def at(self, option: str) -> "Said[T]":
        """Give the same, of another option of its operation."""
        return self._replace(option=option)


class Target(NamedTuple):
    """A file of so many bytes."""

    size_bytes: int


class Resolution(NamedTuple):
    """How large pictures are to be: of this size, or of this height where there is none."""

    size: Size | None
    height: int | None
    resize: Resize


RateWish = Crf | Bitrate | QualityWord | Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wished for; None where nobody says."""

    format: Said[Format] | None = None
    codec: Said[VideoCodec] | None = None
    rate: Said[RateWish] | None = None
    resolution: Said[Resolution] | None = None
    preset: Said[Preset] | None = None
    sound: Said[SoundCodec] | None = None
    sound_bitrate_bps: Said[int] | None = None
    trim: Said[Trim] | None = None
    marks: tuple[Said[Watermark], ...] = ()
    stills: tuple[Said[Thumbnail], ...] = ()
    # The operation that makes a film; None where only pictures are taken.
    film: int | None = None


@dataclass(slots=True)
class _Wishes:
    """What has been said so far, in the order of operations."""

    codec: list[Said[VideoCodec]] = field(default_factory=list)
    rate: list[Said[RateWish]] = field(default_factory=list)
    resolution: list[Said[Resolution]] = field(default_factory=list)
    preset: list[Said[Preset]] = field(default_factory=list)
    format: list[Said[Format]] = field(default_factory=list)
    sound: list[Said[SoundCodec]] = field(default_factory=list)
    sound_bitrate_bps: list[Said[int]] = field(default_factory=list)
    trim: list[Said[Trim]] = field(default_factory=list)
    marks: list[Said[Watermark]] = field(default_factory=list)
    stills: list[Said[Thumbnail]] = field(default_factory=list)


def wish_of(operations: Sequence[Operation]) -> Wish:
    """Fold operations, whose order says nothing, into one wish.

    Raises:
        OptionError: there is one too many, or two say different things.

    """
    wishes = _Wishes()
    for index, operation in enumerate(operations):
        _check_single(index, operation, operations)
        _take(wishes, index, operation)
    films = [index for index, each in enumerate(operations) if not isinstance(each, Thumbnail)]
    return Wish(
        format=_only(wishes.format),
        codec=_agreed(wishes.codec),
        rate=_one_rate(wishes.rate),
        resolution=_only(wishes.resolution),
        preset=_only(wishes.preset),
        sound=_agreed(wishes.sound),
        sound_bitrate_bps=_agreed(wishes.sound_bitrate_bps),
        trim=_only(wishes.trim),
        marks=tuple(wishes.marks),
        stills=tuple(wishes.stills),
        film=next(iter(films), None),
    )


def _check_single(index: int, operation: Operation, operations: Sequence[Operation]) -> None:
    earlier = [at for at, each in enumerate(operations[:index]) if type(each) is type(operation)]
    if earlier and isinstance(operation, SINGLE):
        raise OptionError(
            index, "", f"cannot stand twice; operation {earlier[0]} is a {operation.type} already"
        )
    if isinstance(operation, Watermark) and len(earlier) >= MAX_MARKS:
        raise OptionError(index, "", f"is one too many; at most {MAX_MARKS} watermarks are possible")
    if isinstance(operation, Thumbnail):
        before = sum(len(each.timestamps) for each in operations[:index] if isinstance(each, Thumbnail))
        if before + len(operation.timestamps) > MAX_STILLS:
            raise OptionError(
                index, "timestamps", f"must name fewer moments; at most {MAX_STILLS} in all are possible"
            )


def _take(wishes: _Wishes, index: int, operation: Operation) -> None:
    match operation:
        case Transcode():
            _take_transcode(wishes, index, operation)
        case Convert():
            if operation.format:
                wishes.format.append(Said(operation.format, index, "format"))
            if operation.video_codec:
                wishes.codec.append(Said(operation.video_codec, index, "videoCodec"))
            _take_sound(wishes, index, operation)
        case Compress():
            _take_compress(wishes, index, operation)
        case Watermark():
            wishes.marks.append(Said(operation, index, ""))
        case Trim():
            wishes.trim.append(Said(operation, index, ""))
        case Thumbnail():
            wishes.stills.append(Said(operation, index, ""))


def _take_transcode(wishes: _Wishes, index: int, operation: Transcode) -> None:
    if operation.codec:
        wishes.codec.append(Said(operation.codec, index, "codec"))
    if operation.preset:
        wishes.preset.append(Said(operation.preset, index, "preset"))
    if operation.bitrate_bps is not None:
        wishes.rate.append(Said(Bitrate(operation.bitrate_bps), index, "bitrate"))
    if operation.crf is not None:
        wishes.rate.append(Said(Crf(operation.crf), index, "crf"))
    if operation.size or operation.height is not None:
        resolution = Resolution(operation.size, operation.height, operation.resize)
        wishes.resolution.append(Said(resolution, index, "resolution"))
    if operation.resize is not Resize.FIT and not operation.size:
        raise OptionError(
            index, "resize", f"cannot be {operation.resize} without a resolution such as 1280x720"
        )
    _take_sound(wishes, index, operation)


def _take_compress(wishes: _Wishes, index: int, operation: Compress) -> None:
    said: list[Said[RateWish]] = []
    if operation.crf is not None:
        said.append(Said(Crf(operation.crf), index, "crf"))
    if operation.bitrate_bps is not None:
        said.append(Said(Bitrate(operation.bitrate_bps), index, "bitrate"))
    if operation.quality:
        said.append(Said(operation.quality, index, "quality"))
    if operation.target_bytes is not None:
        said.append(Said(Target(operation.target_bytes), index, "targetSize"))
    if not said:
        raise OptionError(index, "", "must say one of crf, bitrate, quality and targetSize")
    wishes.rate.extend(said)


def _take_sound(wishes: _Wishes, index: int, operation: Transcode | Convert) -> None:
    if operation.audio_codec:
        wishes.sound.append(Said(operation.audio_codec, index, "audioCodec"))
    if operation.audio_bitrate_bps is not None:
        wishes.sound_bitrate_bps.append(Said(operation.audio_bitrate_bps, index, "audioBitrate"))


def _only(said: list[Said[T]]) -> Said[T] | None:
    return said[0] if said else None


def _agreed(said: list[Said[T]]) -> Said[T] | None:
    for later in said[1:]:
        if later.value != said[0].value:
            raise later.refused(f"must be {said[0].value}, as operation {said[0].operation} says")
    return _only(said)


def _one_rate(said: list[Said[RateWish]]) -> Said[RateWish] | None:
    for later in said[1:]:
        first = said[0]
        if first.operation == later.operation:
            raise later.refused(f"cannot stand beside {first.option}; say one of them")
        raise later.refused(f"cannot be; operation {first.operation} says a {first.option} already")
    return _only(said)
