"""What operations wish for together."""

import pytest

from oven.media.encode import Bitrate, Crf
from oven.media.operations import (
    Compress,
    Format,
    OptionError,
    Preset,
    Resize,
    SoundCodec,
    Transcode,
    VideoCodec,
)
from oven.media.wish import Resolution, Said, Target, wish_of
from tests.plans import operations_of


def test_who_said_what() -> None:
    """Each thing is known with its operation, and its option by the name that callers know."""
    wish = wish_of(
        operations_of(
            "trim start=1 + transcode codec=h265 bitrate=900k resolution=480p preset=slow audioBitrate=96k"
            " + watermark + convert format=mkv videoCodec=h265 audioCodec=mp3"
        )
    )
    assert wish.codec == Said(VideoCodec.H265, 1, "codec")
    assert wish.rate == Said(Bitrate(900_000), 1, "bitrate")
    assert wish.resolution == Said(Resolution(None, 480, Resize.FIT), 1, "resolution")
    assert wish.preset == Said(Preset.SLOW, 1, "preset")
    assert wish.sound_bitrate_bps == Said(96_000, 1, "audioBitrate")
    assert wish.format == Said(Format.MKV, 3, "format")
    assert wish.sound == Said(SoundCodec.MP3, 3, "audioCodec")
    assert wish.trim
    assert (wish.trim.operation, wish.marks[0].operation, wish.film) == (0, 2, 0)


@pytest.mark.parametrize(
    ("text", "film"),
    [
        ("trim start=1", 0),
        ("watermark", 0),
        ("thumbnail timestamps=1", None),
        ("thumbnail timestamps=1 + trim start=1 + watermark", 1),
        ("thumbnail timestamps=1 + compress crf=30", 1),
    ],
)
def test_who_makes_a_film(text: str, film: int | None) -> None:
    """The first of all that is no thumbnail."""
    assert wish_of(operations_of(text)).film == film


def test_sizes_of_files() -> None:
    """A target is one way to say how many bits."""
    assert wish_of([Compress(target_bytes=9)]).rate == Said(Target(9), 0, "targetSize")


def test_a_number_beside_another() -> None:
    """The later of two that say how many bits is refused, and names the first."""
    with pytest.raises(OptionError) as caught:
        wish_of([Transcode(crf=20), Compress(crf=30)])
    assert caught.value.args == (1, "crf", "cannot be; operation 0 says a crf already")
    assert wish_of([Transcode(crf=20)]).rate == Said(Crf(20), 0, "crf")
