"""Tables of what fits where hold together."""

import pytest

from oven.media.formats import (
    QUALITIES,
    SOUND_BITRATES,
    SOUND_FITS,
    SOUND_HELD,
    SOUND_NAMES,
    VIDEO_FITS,
    VIDEO_HELD,
    VIDEO_NAMES,
    default_preset,
    default_sound,
    default_video,
    either,
    formats_for,
)
from oven.media.operations import Format, Preset, QualityWord, SoundCodec, VideoCodec


@pytest.mark.parametrize("format", Format)
def test_defaults_fit(format: Format) -> None:  # noqa: A002
    """What is encoded where nobody says fits the container, of either range."""
    assert {default_video(format, is_hdr=is_hdr) for is_hdr in (False, True)} <= {*VIDEO_FITS[format]}
    assert default_sound(format) in SOUND_FITS[format]


@pytest.mark.parametrize("format", Format)
def test_what_is_encoded_is_held(format: Format) -> None:  # noqa: A002
    """What is encoded into a container can be copied into it, but for H.264 in AVI."""
    videos = {name for name, codec in VIDEO_NAMES.items() if codec in VIDEO_FITS[format]}
    sounds = {name for name, codec in SOUND_NAMES.items() if codec in SOUND_FITS[format]}
    assert videos - VIDEO_HELD[format] == ({"h264"} if format is Format.AVI else set())
    assert sounds <= SOUND_HELD[format]


@pytest.mark.parametrize("codec", QUALITIES)
def test_qualities(codec: VideoCodec) -> None:
    """Words are within the scale, and the better one has the lower number."""
    words = QUALITIES[codec].words
    high, medium, low = (words[word] for word in (QualityWord.HIGH, QualityWord.MEDIUM, QualityWord.LOW))
    assert 0 < high < medium < low < QUALITIES[codec].worst
    assert QUALITIES[codec].usual == high


@pytest.mark.parametrize("codec", SOUND_BITRATES)
def test_usual_bitrates(codec: SoundCodec) -> None:
    """They are allowed, of one channel and of two."""
    bounds = SOUND_BITRATES[codec]
    for channels in (1, 2):
        usual_bps = bounds.usual_a_channel_bps * channels
        assert bounds.least_bps <= usual_bps <= min(bounds.most_bps, bounds.most_a_channel_bps * channels)


def test_containers_for_codecs() -> None:
    """Those that take both; copies fit all."""
    assert formats_for(VideoCodec.VP9, SoundCodec.AAC) == [Format.MP4, Format.MKV]
    assert formats_for(VideoCodec.COPY, SoundCodec.NONE) == formats_for(None, None) == [*Format]


def test_presets() -> None:
    """Large pictures take less work, for memory."""
    assert default_preset(1920 * 1080) is Preset.MEDIUM
    assert default_preset(3840 * 2160) is Preset.VERYFAST


@pytest.mark.parametrize(
    ("names", "joined"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_joining(names: list[str], joined: str) -> None:
    """As sentences have it."""
    assert either(names) == joined
