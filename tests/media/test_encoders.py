"""How encoders are driven: the words, and what real encoders make of them."""

import shlex

import pytest

from oven.media.edit import Colors, EncodedSound, EncodedVideo, Rate, TargetSize
from oven.media.encode import Crf
from oven.media.encoders import Take, sound_words, video_words
from oven.media.geometry import Size
from oven.media.operations import Format, Preset, SoundCodec, VideoCodec

H264, H265, VP9, AV1 = VideoCodec.H264, VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1
BT709 = Colors("bt709", "bt709", "bt709")
KEYS = "-g 600 -force_key_frames 'expr:gte(t,n_forced*10)'"
TAGS = "-colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv"
SIZED = TargetSize(1_000_000, 800_000)
FITTING = [
    *((Format.MP4, codec) for codec in (H264, H265, VP9, AV1)),
    *((Format.MOV, codec) for codec in (H264, H265)),
    *((Format.MKV, codec) for codec in (H264, H265, VP9, AV1)),
    *((Format.WEBM, codec) for codec in (VP9, AV1)),
    (Format.AVI, H264),
]


def words(
    codec: VideoCodec,
    rate: Rate = Crf(23),
    *,
    format: Format = Format.MP4,  # noqa: A002
    preset: Preset = Preset.MEDIUM,
    depth: int = 8,
    threads: int = 2,
    take: Take = Take.ONLY,
    colors: Colors = BT709,
) -> tuple[str, ...]:
    size = Size(64, 64)
    video = EncodedVideo(
        codec=codec, preset=preset, rate=rate, scaled=None, size=size, depth=depth, colors=colors
    )
    return video_words(video, format=format, threads=threads, take=take)


@pytest.mark.parametrize(
    ("codec", "line"),
    [
        (
            H264,
            f"-c:v libx264 -pix_fmt yuv420p -preset medium -profile:v high {KEYS} -crf 23 -threads 2 {TAGS}",
        ),
        (
            H265,
            f"-c:v libx265 -pix_fmt yuv420p -preset medium -profile:v main {KEYS} -forced-idr 1 -crf 23 "
            f"-x265-params log-level=error:pools=2:frame-threads=1:open-gop=0 -tag:v hvc1 {TAGS}",
        ),
        (
            VP9,
            f"-c:v libvpx-vp9 -pix_fmt yuv420p -deadline good -cpu-used 2 -profile:v 0 {KEYS} -crf 23 -b:v 0 "
            f"-row-mt 1 -tile-columns 1 -threads 2 {TAGS}",
        ),
        (AV1, f"-c:v libsvtav1 -pix_fmt yuv420p -preset 7 -crf 23 -svtav1-params lp=2 {TAGS}"),
    ],
)
def test_a_quality(codec: VideoCodec, line: str) -> None:
    """The whole of the words, once for each codec."""
    assert shlex.join(words(codec)) == line


def test_words_are_for_what_is_encoded() -> None:
    """A copy is none of their business."""
    with pytest.raises(ValueError, match="copy"):
        words(VideoCodec.COPY)
    with pytest.raises(ValueError, match="none"):
        sound_words(
            EncodedSound(index=1, codec=SoundCodec.NONE, bitrate_bps=None, rate_hz=48_000, channels=2)
        )
