"""What becomes of sound."""

from dataclasses import replace

import pytest

from oven.media.conflicts import checked_wish
from oven.media.edit import CopiedSound, EncodedSound
from oven.media.operations import Format, SoundCodec
from oven.media.soundtrack import settle_sound
from tests.plans import AAC, FILM, operations_of


@pytest.mark.parametrize(
    ("rate_hz", "codec", "expected_hz"),
    [(44_100, "mp3", 44_100), (22_050, "mp3", 48_000), (96_000, "flac", 48_000), (44_100, "opus", 48_000)],
)
def test_sample_rates(rate_hz: int, codec: str, expected_hz: int) -> None:
    """The source's own where players take it; Opus knows but one."""
    source = replace(FILM, sound=replace(AAC, sample_rate_hz=rate_hz))
    wish = checked_wish(operations_of(f"convert audioCodec={codec}"))
    sound = settle_sound(source, wish, Format.MKV, is_exact=False).sound
    assert isinstance(sound, EncodedSound)
    assert sound.rate_hz == expected_hz


def test_the_track() -> None:
    """Copied or encoded, it is the source's, by ffprobe's number."""
    source = replace(FILM, sound=replace(AAC, index=7))
    wish = checked_wish(operations_of("convert"))
    assert settle_sound(source, wish, Format.MP4, is_exact=False).sound == CopiedSound(index=7, codec="aac")
    assert settle_sound(source, wish, Format.WEBM, is_exact=False).sound == EncodedSound(
        index=7, codec=SoundCodec.OPUS, bitrate_bps=96_000, rate_hz=48_000, channels=2
    )
