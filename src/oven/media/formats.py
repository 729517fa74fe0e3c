"""What fits where: codecs and containers, the ranges of their numbers, what is taken where nobody says."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from oven.media.operations import Format, Preset, QualityWord, SoundCodec, VideoCodec

# What is encoded into which container: what players of each expect there.
VIDEO_FITS: Mapping[Format, tuple[VideoCodec, ...]] = MappingProxyType(
    {
        Format.MP4: (VideoCodec.H264, VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1),
        Format.MOV: (VideoCodec.H264, VideoCodec.H265),
        Format.MKV: (VideoCodec.H264, VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1),
        Format.WEBM: (VideoCodec.VP9, VideoCodec.AV1),
        Format.AVI: (VideoCodec.H264,),
    }
)
SOUND_FITS: Mapping[Format, tuple[SoundCodec, ...]] = MappingProxyType(
    {
        Format.MP4: (SoundCodec.AAC, SoundCodec.MP3, SoundCodec.OPUS),
        Format.MOV: (SoundCodec.AAC, SoundCodec.MP3),
        Format.MKV: (SoundCodec.AAC, SoundCodec.MP3, SoundCodec.OPUS, SoundCodec.FLAC),
        Format.WEBM: (SoundCodec.OPUS,),
        Format.AVI: (SoundCodec.MP3,),
    }
)
# What is copied into which container, in ffprobe's names: more than is encoded.  Pictures of H.264 are not
# copied into AVI, which has no place for their order.
VIDEO_HELD: Mapping[Format, frozenset[str]] = MappingProxyType(
    {
        Format.MP4: frozenset({"h264", "hevc", "vp9", "av1", "mpeg4"}),
        Format.MOV: frozenset({"h264", "hevc", "mpeg4", "mjpeg", "prores", "dnxhd", "dvvideo"}),
        Format.MKV: frozenset(
            {
                *(
                    "h264",
                    "hevc",
                    "vp8",
                    "vp9",
                    "av1",
                    "mpeg4",
                    "mpeg2video",
                    "mpeg1video",
                    "mjpeg",
                    "prores",
                ),
                *("theora", "ffv1", "dnxhd", "dvvideo"),
            }
        ),
        Format.WEBM: frozenset({"vp8", "vp9", "av1"}),
        Format.AVI: frozenset({"mpeg4", "mjpeg", "msmpeg4v3", "dvvideo"}),
    }
)
SOUND_HELD: Mapping[Format, frozenset[str]] = MappingProxyType(
    {
        Format.MP4: frozenset({"aac", "mp3", "opus", "ac3", "eac3", "alac"}),
        Format.MOV: frozenset({"aac", "mp3", "ac3", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le"}),
        Format.MKV: frozenset(
            {
                *("aac", "mp3", "mp2", "opus", "vorbis", "flac", "alac", "ac3", "eac3", "dts", "truehd"),
                *("pcm_s16le", "pcm_s24le"),
            }
        ),
        Format.WEBM: frozenset({"opus", "vorbis"}),
        Format.AVI: frozenset({"mp3", "mp2", "ac3", "pcm_s16le"}),
    }
)
# Each picture stands for itself, so it needs no time but its own.
INTRA_CODECS = frozenset({"mjpeg", "prores", "dnxhd", "dvvideo", "ffv1"})
# What mp4 holds, and few players look for in one.
SELDOM_IN_MP4 = frozenset({"vp9", "av1", "opus"})
# Containers that say how pictures are turned, and which of them are shown.
TURNING = frozenset({Format.MP4, Format.MOV})
# What becomes of a source where nobody names a format; what is missing here becomes MP4.
OWN_FORMATS = MappingProxyType({each.value: each for each in Format})
# ffprobe's names of what we encode.
VIDEO_NAMES = MappingProxyType(
    {"h264": VideoCodec.H264, "hevc": VideoCodec.H265, "vp9": VideoCodec.VP9, "av1": VideoCodec.AV1}
)
SOUND_NAMES = MappingProxyType(
    {codec.value: codec for codec in SoundCodec if codec not in {SoundCodec.COPY, SoundCodec.NONE}}
)
# What carries ten bits a sample, and the colours of a high dynamic range.
DEEP_CODECS = frozenset({VideoCodec.H265, VideoCodec.VP9, VideoCodec.AV1})


class Qualities(NamedTuple):
    """The scale of a codec's constant quality, 0 to `worst`; lower is better."""

    worst: int
    usual: int
    words: Mapping[QualityWord, int]
    is_whole: bool


def _words(low: int, medium: int, high: int) -> Mapping[QualityWord, int]:
    return MappingProxyType({QualityWord.LOW: low, QualityWord.MEDIUM: medium, QualityWord.HIGH: high})


# The usual ones are the encoders' own, or look about the same; "high" is just these, "medium" takes about
# half of the bits, "low" about a third.
QUALITIES: Mapping[VideoCodec, Qualities] = MappingProxyType(
    {
        VideoCodec.H264: Qualities(worst=51, usual=23, words=_words(32, 28, 23), is_whole=False),
        VideoCodec.H265: Qualities(worst=51, usual=28, words=_words(36, 32, 28), is_whole=False),
        VideoCodec.VP9: Qualities(worst=63, usual=32, words=_words(46, 40, 32), is_whole=True),
        VideoCodec.AV1: Qualities(worst=63, usual=35, words=_words(50, 43, 35), is_whole=True),
    }
)
MIN_BITRATE_BPS, MAX_BITRATE_BPS = 10_000, 200_000_000
# No codec makes pictures with a smaller side; SVT-AV1 none below 64.
LEAST_SIDES = MappingProxyType(
    {VideoCodec.H264: 16, VideoCodec.H265: 16, VideoCodec.VP9: 16, VideoCodec.AV1: 64}
)


class Loudness(NamedTuple):
    """Bits a second of a codec of sound: least and most of all, most and usual of a channel."""

    least_bps: int
    most_bps: int
    most_a_channel_bps: int
    usual_a_channel_bps: int


# Usual is what is hard to tell from the source: of AAC what ffmpeg takes itself, and what tapes are given;
# MP3 needs a quarter more for the same, Opus a quarter less.  Most is what the encoders take.
SOUND_BITRATES: Mapping[SoundCodec, Loudness] = MappingProxyType(
    {
        SoundCodec.AAC: Loudness(16_000, 512_000, 256_000, 64_000),
        SoundCodec.MP3: Loudness(32_000, 320_000, 320_000, 80_000),
        SoundCodec.OPUS: Loudness(6_000, 510_000, 256_000, 48_000),
    }
)
OPUS_RATE_HZ = 48_000
MAX_CHANNELS = 2
# x264 at "medium" wants 2 GB for a picture of ten megapixels, at "veryfast" less than half of that.
LARGE_PIXELS = 1920 * 1088


class Overhead(NamedTuple):
    """What a container adds, in bytes: to a file, and to each packet of pictures and of sound."""

    file: int
    video_packet: int
    sound_packet: int


OVERHEADS: Mapping[Format, Overhead] = MappingProxyType(
    {
        Format.MP4: Overhead(2_000, 16, 8),
        Format.MOV: Overhead(2_000, 16, 8),
        Format.MKV: Overhead(2_000, 10, 8),
        Format.WEBM: Overhead(2_000, 10, 8),
        Format.AVI: Overhead(6_000, 24, 24),
    }
)
SOUND_PACKETS_A_SECOND = 50


def default_video(format: Format, *, is_hdr: bool) -> VideoCodec:  # noqa: A002
    """Give the codec that pictures are encoded with where nobody names one: what most players take."""
    if format is Format.WEBM:
        return VideoCodec.VP9
    return VideoCodec.H265 if is_hdr and VideoCodec.H265 in VIDEO_FITS[format] else VideoCodec.H264


def default_sound(format: Format) -> SoundCodec:  # noqa: A002
    """Give the codec that sound is encoded with where nobody names one."""
    return SOUND_FITS[format][0]


def default_preset(pixels: int) -> Preset:
    """Give how much work goes into an encode of pictures of so many pixels where nobody says."""
    return Preset.MEDIUM if pixels <= LARGE_PIXELS else Preset.VERYFAST


def formats_for(video: VideoCodec | None, sound: SoundCodec | None) -> list[Format]:
    """List the containers that these are encoded into; None, copy and none fit all."""
    return [
        each
        for each in Format
        if video in {None, VideoCodec.COPY, *VIDEO_FITS[each]}
        and sound in {None, SoundCodec.COPY, SoundCodec.NONE, *SOUND_FITS[each]}
    ]


def either(names: Sequence[str]) -> str:
    """Join names by commas and "or".

    >>> either(["mp4", "mov", "mkv"])
    'mp4, mov or mkv'
    """
    return " or ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
