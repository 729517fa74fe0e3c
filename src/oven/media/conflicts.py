"""What operations of one export cannot be asked for together, whatever the source is."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from oven.media.formats import SOUND_FITS, VIDEO_FITS, either, formats_for
from oven.media.operations import CutMode, Format, Operation, OptionError, SoundCodec, VideoCodec
from oven.media.wish import Said, Wish, wish_of


class Claim(NamedTuple):
    """What an operation does, to follow "operation 1 …", and what is said of it where it comes too late."""

    operation: int
    option: str
    does: str
    refusal: str


def check_operations(operations: Sequence[Operation]) -> None:
    """Refuse operations that no source could satisfy.

    Raises:
        OptionError: at the later of two that are at odds.

    """
    checked_wish(operations)


def checked_wish(operations: Sequence[Operation]) -> Wish:
    """Fold operations that are not at odds into one wish.

    Raises:
        OptionError: at the later of two that are at odds.

    """
    wish = wish_of(operations)
    for one, other in (*_picture_conflicts(wish), *_sound_conflicts(wish)):
        later, earlier = (one, other) if one.operation > other.operation else (other, one)
        raise OptionError(
            later.operation,
            later.option,
            f"{later.refusal}, for operation {earlier.operation} {earlier.does}",
        )
    _check_fit(wish)
    return wish


def _picture_conflicts(wish: Wish) -> Iterator[tuple[Claim, Claim]]:
    """Pair what keeps pictures as they are with what does not."""
    keeping = []
    changing = [
        Claim(said.operation, said.option, f"says a {said.option}", "cannot be")
        for said in (wish.resolution, wish.rate, wish.preset)
        if said
    ]
    changing += [
        Claim(said.operation, "", "lays a watermark over the pictures", "cannot be") for said in wish.marks
    ]
    if wish.codec and wish.codec.value is VideoCodec.COPY:
        copy = Claim(wish.codec.operation, wish.codec.option, "copies the pictures", "cannot be copy")
        keeping.append(copy)
        if wish.trim and wish.trim.value.mode is CutMode.EXACT:
            yield copy, _exact(wish.trim.operation)
    if wish.trim and wish.trim.value.mode is CutMode.KEYFRAMES:
        does = "cuts at key frames, which keeps the pictures as they are"
        keeping.append(Claim(wish.trim.operation, "mode", does, "must be exact"))
    for kept in keeping:
        for changed in changing:
            yield kept, changed


def _sound_conflicts(wish: Wish) -> Iterator[tuple[Claim, Claim]]:
    if wish.sound is None:
        return
    codec = wish.sound.value
    said = Claim(
        wish.sound.operation, wish.sound.option, f"says that the sound is {codec}", f"cannot be {codec}"
    )
    if wish.sound_bitrate_bps and codec in {SoundCodec.COPY, SoundCodec.NONE, SoundCodec.FLAC}:
        bitrate = wish.sound_bitrate_bps
        yield said, Claim(bitrate.operation, bitrate.option, f"says an {bitrate.option}", "cannot be")
    if wish.trim and wish.trim.value.mode is CutMode.EXACT and codec is SoundCodec.COPY:
        yield said, _exact(wish.trim.operation)


def _exact(index: int) -> Claim:
    return Claim(index, "mode", "cuts at the very frame, which encodes", "must be keyframes")


def _check_fit(wish: Wish) -> None:
    """Refuse codecs that the format does not take; where none is named, such as share no format."""
    for said, fits in ((wish.codec, VIDEO_FITS), (wish.sound, SOUND_FITS)):
        if wish.format and said and said.value not in {*fits[wish.format.value], "copy", "none"}:
            raise _unfit(said, wish.format, list(fits[wish.format.value]))
    if wish.codec and wish.sound and not formats_for(wish.codec.value, wish.sound.value):
        raise wish.sound.refused(f"does not fit beside {wish.codec.value} in any format")


def _unfit(
    codec: Said[VideoCodec] | Said[SoundCodec], container: Said[Format], takes: Sequence[str]
) -> OptionError:
    value = codec.value
    video, sound = (value, None) if isinstance(value, VideoCodec) else (None, value)
    if container.operation > codec.operation:
        return container.refused(
            f"cannot be {container.value}, which does not take {value}; "
            f"{either(formats_for(video, sound))} does"
        )
    return codec.refused(f"cannot be {value} in {container.value}, which takes {either(list(takes))}")
