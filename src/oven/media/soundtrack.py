"""What becomes of a source's sound."""

from typing import NamedTuple

from oven.media.argv import sound_rate
from oven.media.copying import holding_sound, sound_cause
from oven.media.edit import CopiedSound, EncodedSound
from oven.media.formats import (
    MAX_CHANNELS,
    OPUS_RATE_HZ,
    SOUND_BITRATES,
    default_sound,
    either,
)
from oven.media.operations import Format, SoundCodec
from oven.media.source import SoundTrack, Source
from oven.media.wish import Said, Wish


class Soundtrack(NamedTuple):
    """The sound of the film, why it is so, and what the caller might miss."""

    sound: CopiedSound | EncodedSound | None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def settle_sound(source: Source, wish: Wish, format: Format, *, is_exact: bool) -> Soundtrack:  # noqa: A002
    """Tell what becomes of the sound: the first track of it that can be decoded.

    Args:
        source: where it comes from.
        wish: what was asked for.
        format: the film's container.
        is_exact: whether the film is cut at the very frame.

    Raises:
        OptionError: it cannot be copied, or not have such a bitrate.

    """
    track = source.sound
    if wish.sound and wish.sound.value is SoundCodec.NONE:
        return Soundtrack(None, (f"there is no sound: operation {wish.sound.operation} leaves it out",))
    if track is None or not track.is_decodable:
        return _without(source, wish)
    further = source.audio_tracks - 1
    warnings: tuple[str, ...] = (
        (f"{further} further {'track' if further == 1 else 'tracks'} of sound: left out",)
        if further > 0
        else ()
    )
    cause = sound_cause(source, wish, format, is_exact=is_exact)
    if cause is None:
        copied = f"the sound is copied: it is {track.codec} already, which {format} holds"
        return Soundtrack(CopiedSound(index=track.index, codec=track.codec), (copied,), warnings)
    if wish.sound and wish.sound.value is SoundCodec.COPY:
        right = either([*holding_sound(source)]) or "no format"
        raise wish.sound.refused(f"cannot be copy: {cause.value}; {right} would")
    if track.channels > MAX_CHANNELS:
        warnings += (f"the sound's {track.channels} channels are mixed down to {MAX_CHANNELS}",)
    codec = wish.sound.value if wish.sound else default_sound(format)
    encoded = _encoded(track, codec, wish.sound_bitrate_bps)
    return Soundtrack(encoded, (f"the sound is encoded: {cause.value}",), warnings)


def _without(source: Source, wish: Wish) -> Soundtrack:
    if source.sound:
        return Soundtrack(None, (), ("the source's sound cannot be decoded, and is left out",))
    asked = wish.sound or wish.sound_bitrate_bps
    reasons = ("there is no sound: the source has none",)
    return Soundtrack(None, reasons, (f"{asked.option} says nothing: there is no sound",) if asked else ())


def _encoded(track: SoundTrack, codec: SoundCodec, bitrate: Said[int] | None) -> EncodedSound:
    channels = min(MAX_CHANNELS, track.channels)
    bitrate_bps = None
    if codec in SOUND_BITRATES:
        bounds = SOUND_BITRATES[codec]
        most_bps = min(bounds.most_bps, bounds.most_a_channel_bps * channels)
        if bitrate and not bounds.least_bps <= bitrate.value <= most_bps:
            many = "one channel" if channels == 1 else f"{channels} channels"
            raise bitrate.refused(
                f"must be {bounds.least_bps // 1000}k to {most_bps // 1000}k for {codec} of {many}"
            )
        bitrate_bps = bitrate.value if bitrate else bounds.usual_a_channel_bps * channels
    elif bitrate:
        raise bitrate.refused(f"cannot be for {codec}, which keeps all there is")
    return EncodedSound(
        index=track.index,
        codec=codec,
        bitrate_bps=bitrate_bps,
        rate_hz=OPUS_RATE_HZ if codec is SoundCodec.OPUS else sound_rate(track.sample_rate_hz),
        channels=channels,
        is_late=track.is_late,
    )
