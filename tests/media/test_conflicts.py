"""Operations that are at odds, whatever the source is."""

import pytest

from oven.media.conflicts import check_operations
from oven.media.operations import OptionError
from tests.plans import operations_of


@pytest.mark.parametrize(
    ("text", "index", "option"),
    [
        ("transcode codec=copy resolution=480p", 0, "resolution"),
        ("transcode codec=copy + watermark", 1, ""),
        ("watermark + transcode codec=copy", 1, "codec"),
        ("convert videoCodec=copy + compress quality=low", 1, "quality"),
        ("trim start=1 + transcode codec=copy", 1, "codec"),
        ("transcode codec=copy + trim start=1", 1, "mode"),
        ("trim mode=keyframes + transcode preset=fast", 1, "preset"),
        ("compress crf=20 + trim mode=keyframes", 1, "mode"),
        ("trim start=1 + convert audioCodec=copy", 1, "audioCodec"),
        ("convert audioCodec=none audioBitrate=96k", 0, "audioBitrate"),
        ("convert audioCodec=flac + transcode audioBitrate=96k", 1, "audioBitrate"),
        ("convert format=webm + transcode codec=h264", 1, "codec"),
        ("transcode codec=h264 + convert format=webm", 1, "format"),
        ("transcode audioCodec=aac + convert format=webm", 1, "format"),
    ],
)
def test_conflicts(text: str, index: int, option: str) -> None:
    """The later of two is refused, by its option."""
    with pytest.raises(OptionError) as caught:
        check_operations(operations_of(text))
    assert (caught.value.index, caught.value.option) == (index, option)


@pytest.mark.parametrize(
    "text",
    [
        "transcode codec=copy + thumbnail timestamps=1",
        "transcode codec=copy + trim start=1 mode=keyframes",
        "trim start=1 mode=keyframes + convert audioCodec=mp3 audioBitrate=96k",
        "convert format=mkv videoCodec=copy audioCodec=flac",
        "trim start=1 + convert audioCodec=none",
    ],
)
def test_what_goes_together(text: str) -> None:
    """Nothing is refused that some source could satisfy."""
    check_operations(operations_of(text))


def test_a_codec_of_pictures_and_one_of_sound_that_share_no_container() -> None:
    """All of ours share one: MKV takes each."""
    for video in ("h264", "h265", "vp9", "av1"):
        for sound in ("aac", "mp3", "opus", "flac"):
            check_operations(operations_of(f"convert videoCodec={video} audioCodec={sound}"))
