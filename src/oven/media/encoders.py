"""How ffmpeg is told to drive each encoder: from what is wanted of a film to words of its command line."""

from enum import Enum, auto
from fractions import Fraction
from types import MappingProxyType

from oven.media.edit import CappedCrf, EncodedSound, EncodedVideo, Rate, TargetSize
from oven.media.encode import Bitrate, Crf
from oven.media.operations import Format, Preset, SoundCodec, VideoCodec

# ffmpeg's names.
VIDEO_ENCODERS = MappingProxyType(
    {
        VideoCodec.H264: "libx264",
        VideoCodec.H265: "libx265",
        VideoCodec.VP9: "libvpx-vp9",
        VideoCodec.AV1: "libsvtav1",
    }
)
SOUND_ENCODERS = MappingProxyType(
    {
        SoundCodec.AAC: "aac",
        SoundCodec.MP3: "libmp3lame",
        SoundCodec.OPUS: "libopus",
        SoundCodec.FLAC: "flac",
    }
)
# A key frame at least every ten seconds: players seek to one, a cut without encoding begins at one, and a
# broken picture heals at one; more often would only cost bits.  In seconds, as rates may vary; the longest
# distance in frames only keeps the encoders' own, shorter ones away (x264's 250 are 4 s at 60 a second).
KEYS = ("-g", "600", "-force_key_frames", "expr:gte(t,n_forced*10)")
# A bitrate is kept over two seconds, and passed by half in none: what players and networks buffer.
PEAK, BUFFER_S = 1.5, 2
# libvpx: x264's words as (deadline, speed).
VP9_SPEEDS = MappingProxyType(
    {
        Preset.ULTRAFAST: ("realtime", 8),
        Preset.SUPERFAST: ("realtime", 7),
        Preset.VERYFAST: ("realtime", 6),
        Preset.FASTER: ("good", 5),
        Preset.FAST: ("good", 4),
        Preset.MEDIUM: ("good", 2),
        Preset.SLOW: ("good", 1),
    }
)
AV1_PRESETS = MappingProxyType(
    {
        Preset.ULTRAFAST: 12,
        Preset.SUPERFAST: 11,
        Preset.VERYFAST: 10,
        Preset.FASTER: 9,
        Preset.FAST: 8,
        Preset.MEDIUM: 7,
        Preset.SLOW: 6,
    }
)
# What brings SVT-AV1 nearer to a bitrate, in percent.
AV1_KEEPING = ("undershoot-pct=10", "overshoot-pct=10", "recode-loop=3")
# libvpx splits no picture further than this, as log2 of columns.
MOST_TILE_COLUMNS = 6
# Frames a second that every encoder takes.
LEAST_RATE, MOST_RATE = 1, 240
STATS = "video.stats"
# Where x264 does not look how far a block is of use to later frames, there is nothing to write of it.
WITHOUT_TREES = {Preset.ULTRAFAST, Preset.SUPERFAST}
# x265: frames at once, by the least number of threads; its own choice, which counts the machine's.
FRAME_THREADS = ((8, 3), (4, 2), (1, 1))


class Take(Enum):
    """Which of the passes towards a size: the only one, the first (a film, too), the corrective one."""

    ONLY = auto()
    FIRST = auto()
    SECOND = auto()


def video_words(video: EncodedVideo, *, format: Format, threads: int, take: Take) -> tuple[str, ...]:  # noqa: A002
    """Tell how pictures are encoded, from `-c:v` on; they come in the size, the depth and the colours wanted.

    Args:
        video: what is wanted of them.
        format: the container they go to.
        threads: at most so many in the encoder, about.
        take: of the passes towards a target size; of no meaning for other rates.

    Raises:
        ValueError: nothing is to be encoded.

    """
    match video.codec:
        case VideoCodec.H264:
            words = _h264(video, format, threads, take)
        case VideoCodec.H265:
            words = _h265(video, format, threads, take)
        case VideoCodec.VP9:
            words = _vp9(video, threads)
        case VideoCodec.AV1:
            words = _av1(video, threads)
        case VideoCodec.COPY:
            raise ValueError(video.codec)
    pixels = "yuv420p10le" if _is_deep(video) else "yuv420p"
    return ("-c:v", VIDEO_ENCODERS[video.codec], "-pix_fmt", pixels, *words)


def sound_words(sound: EncodedSound) -> tuple[str, ...]:
    """Tell how sound is encoded, from `-c:a` on.

    Raises:
        ValueError: nothing is to be encoded.

    """
    encoder = SOUND_ENCODERS.get(sound.codec)
    if encoder is None:
        raise ValueError(sound.codec)
    return (
        *("-c:a", encoder),
        *(("-b:a", str(sound.bitrate_bps)) if sound.bitrate_bps else ()),
        *("-ar", str(sound.rate_hz), "-ac", str(sound.channels)),
        # To ffmpeg before 6.0 FLAC in MP4 is an experiment; that it is played was seen.
        *(("-strict", "experimental") if sound.codec is SoundCodec.FLAC else ()),
    )


def stats_files(video: EncodedVideo) -> tuple[str, ...]:
    """Name what a first pass leaves beside its film, and the second reads in the folder `in`."""
    match video.codec:
        case VideoCodec.H264:
            return (STATS,) if video.preset in WITHOUT_TREES else (STATS, f"{STATS}.mbtree")
        case VideoCodec.H265:
            return STATS, f"{STATS}.cutree"
        case VideoCodec.VP9 | VideoCodec.AV1 | VideoCodec.COPY:
            return ()


def _h264(video: EncodedVideo, format: Format, threads: int, take: Take) -> tuple[str, ...]:  # noqa: A002
    # Left alone, x264 missed a size by up to 15 % in one pass and 5 % in two (`docs/benchmarks.md`).
    sized = ("ratetol=0.1", *_passes(video.rate, take)) if _is_sized(video.rate) else ()
    own = (*video.own, *sized)
    return (
        *("-preset", video.preset.value, "-profile:v", "high10" if _is_deep(video) else "high"),
        *KEYS,
        # AVI has one clock for decoding and showing: pictures must come in the order they are shown.
        *(("-bf", "0") if format is Format.AVI else ()),
        *_rate(video.rate),
        # A first pass is a film that may well be kept.
        *(("-fastfirstpass", "0") if sized else ()),
        *(("-x264-params", ":".join(own)) if own else ()),
        # Somebody waits for a short: one more picture at once, so that no processor waits for the last one.
        *("-threads", str(threads + (video.canvas is not None))),
    )


def _h265(video: EncodedVideo, format: Format, threads: int, take: Take) -> tuple[str, ...]:  # noqa: A002
    mean = _mean_rate(video)
    own = (
        # Its words are no log of ours.
        "log-level=error",
        # It counts the machine's processors, not ours.
        *(f"pools={threads}", f"frame-threads={_frame_threads(threads)}"),
        # Whoever begins at a key frame sees every picture after it.
        "open-gop=0",
        *((f"fps={mean}",) if mean else ()),
        *_passes(video.rate, take),
        *(("slow-firstpass=1",) if _is_sized(video.rate) and take is Take.FIRST else ()),
        *_light(video),
    )
    return (
        *("-preset", video.preset.value, "-profile:v", "main10" if _is_deep(video) else "main"),
        *(*KEYS, "-forced-idr", "1"),
        *(("-bf", "0") if format is Format.AVI else ()),
        *_rate(video.rate),
        *("-x265-params", ":".join(own)),
        # Apple's players know it by no other name.
        *(("-tag:v", "hvc1") if format in {Format.MP4, Format.MOV} else ()),
    )


def _light(video: EncodedVideo) -> tuple[str, ...]:
    """Carry HDR10's static metadata: ffmpeg 5.1 does not hand it on by itself."""
    if video.light is None:
        return ()
    mastering, content = video.light
    return (
        "hdr10=1",
        *((f"master-display={mastering}",) if mastering else ()),
        *((f"max-cll={content}",) if content else ()),
    )


def _vp9(video: EncodedVideo, threads: int) -> tuple[str, ...]:
    deadline, speed = VP9_SPEEDS[video.preset]
    columns = min(MOST_TILE_COLUMNS, (threads - 1).bit_length())
    return (
        *("-deadline", deadline, "-cpu-used", str(speed), "-profile:v", "2" if _is_deep(video) else "0"),
        *KEYS,
        *_vp9_rate(video.rate),
        *("-row-mt", "1", "-tile-columns", str(columns), "-threads", str(threads)),
    )


def _vp9_rate(rate: Rate) -> tuple[str, ...]:
    match rate:
        # Without a bitrate of 0 a CRF is but a bound of the quality at some bitrate.
        case Crf(value):
            return "-crf", str(round(value)), "-b:v", "0"
        case CappedCrf(value, peak_bps, buffer_bits):
            capped = ("-maxrate", str(peak_bps), "-bufsize", str(buffer_bits))
            return "-crf", str(round(value)), "-b:v", str(peak_bps), *capped
        # Where it may vary its rate, libvpx in one pass stayed 19 to 50 % below, and 4 to 15 % when asked for
        # more; held to it over two seconds, it missed by 4 % and 1 %.
        case Bitrate(bps) | TargetSize(_, bps):
            peak = ("-minrate", str(bps), "-maxrate", str(bps), "-bufsize", str(bps * BUFFER_S))
            return "-b:v", str(bps), *peak


def _av1(video: EncodedVideo, threads: int) -> tuple[str, ...]:
    mean = _mean_rate(video)
    own = (
        f"lp={threads}",
        *((f"fps-num={mean.numerator}", f"fps-denom={mean.denominator}") if mean else ()),
        *(() if isinstance(video.rate, Crf) else AV1_KEEPING),
    )
    # It heeds no forced key frames, and takes its own every 5 to 8 s; nor does it take a peak.
    match video.rate:
        case Crf(value) | CappedCrf(value):
            rate = ("-crf", str(round(value)))
        case Bitrate(bps) | TargetSize(_, bps):
            rate = ("-b:v", str(bps))
    return ("-preset", str(AV1_PRESETS[video.preset]), *rate, "-svtav1-params", ":".join(own))


def _rate(rate: Rate) -> tuple[str, ...]:
    """Tell x264 and x265 how many bits."""
    match rate:
        case Crf(value):
            return "-crf", f"{value:g}"
        case CappedCrf(value, peak_bps, buffer_bits):
            return "-crf", f"{value:g}", "-maxrate", str(peak_bps), "-bufsize", str(buffer_bits)
        case Bitrate(bps):
            return "-b:v", str(bps), "-maxrate", str(round(bps * PEAK)), "-bufsize", str(bps * BUFFER_S)
        # A buffer would cost bits where the film needs them, and the size would be missed.
        case TargetSize(_, bps):
            return "-b:v", str(bps)


def _passes(rate: Rate, take: Take) -> tuple[str, ...]:
    if not _is_sized(rate) or take is Take.ONLY:
        return ()
    return ("pass=1", f"stats={STATS}") if take is Take.FIRST else ("pass=2", f"stats=in/{STATS}")


def _mean_rate(video: EncodedVideo) -> Fraction | None:
    """Give what encoders that count frames, and look at no clock, have to be told, or they take the clock's.

    At 11.7 frames a second on a clock of 25 both gave half of the bits that they were asked for.
    """
    mean = video.mean_rate
    return mean if mean is not None and LEAST_RATE <= mean <= MOST_RATE else None


def _is_deep(video: EncodedVideo) -> bool:
    return video.depth > 8  # noqa: PLR2004


def _is_sized(rate: Rate) -> bool:
    return isinstance(rate, TargetSize)


def _frame_threads(threads: int) -> int:
    """Give how many frames are begun at once; each costs memory."""
    return next(frames for least, frames in FRAME_THREADS if threads >= least)
