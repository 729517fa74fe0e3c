"""Command lines for ffmpeg and ffprobe, without the program's own name.

Every file in them is one that Oven named, relative to the folder in which the program runs.
"""

from fractions import Fraction
from typing import NamedTuple

from oven.media.encode import Bitrate, Crf, Profile, Qp, Quality
from oven.media.geometry import Upscale

QUIET = ("-hide_banner", "-v", "error")
# What an encode read, made and took goes to the job's log.
TALKING = ("-hide_banner", "-v", "info", "-nostats")
# No picture has more pixels, no block more bytes, whatever a file says of itself.
MAX_PIXELS = 268_435_456
MAX_BLOCK_BYTES = 1 << 30
# The numbered pictures of an encode, and its sound, as the step lays them out.
PICTURES = "in/%06d.png"
SOUND = "in/sound.bin"
# What is asked of ffprobe.
STREAM_MEMBERS = (
    "codec_type,codec_name,profile,width,height,pix_fmt,nb_read_packets,nb_read_frames,start_time,duration,"
    "color_space,color_primaries,color_transfer,color_range,sample_rate,channels,channel_layout"
)
# AAC in MP4, as every browser plays it.
SOUND_RATES_HZ = (48_000, 44_100)
SOUND_BITRATE_BPS = 128_000
# Whoever jumps into a video waits for what lies between a key frame and there.
KEY_FRAME_S = 10


class Sound(NamedTuple):
    """What is known of the sound to encode: ffmpeg's name of its container, its sample rate, its start.

    `is_odd_pair` where it has two channels that do not call themselves left and right.
    """

    demuxer: str
    rate_hz: int
    start_s: float = 0.0
    is_odd_pair: bool = False


def picture_file(number: int) -> str:
    """Name the file of the `number`-th picture, as `PICTURES` counts them."""
    return PICTURES % number


def encode_tape(
    *,
    upscale: Upscale,
    rate: Fraction,
    frames: int,
    transparent: bool,
    sound: Sound | None,
    profile: Profile,
    quality: Quality,
    threads: int,
    output: str,
) -> tuple[str, ...]:
    """Encode numbered pictures, and sound if there is any, to an MP4 of exactly `frames` frames.

    Each picture's file time (`st_mtime`, ns) is its place on the output's clock, by image2's
    `ts_from_file`, so a picture is decoded and scaled once however long it stays.
    The last picture stands there twice: at its own time, and where the output ends.

    Args:
        upscale: from the pictures' size to the output's.
        rate: output frames a second.
        frames: output frames.
        transparent: whether any picture has pixels that are not opaque; they are laid over black.
        sound: the sound, if there is any.
        profile: how libx264 is driven.
        quality: in place of the profile's own.
        threads: at most so many for decoding, filtering and encoding each.
        output: the MP4.

    """
    pictures_in = (
        # One graph for all: kinds of PNG may differ, but a new graph would begin a new clock.
        *("-threads", "1", "-reinit_filter", "0", *reading("image2")),
        *("-pattern_type", "sequence", "-start_number", "0", "-ts_from_file", "ns", "-c:v", "png"),
        # Without "file:" before it: image2 asks the file system for the time of just this name.
        *("-i", PICTURES),
    )
    graph = f"[0:v:0]{_picture_filters(upscale, rate, frames, transparent=transparent)}[v]"
    sound_in: tuple[str, ...] = ()
    if sound is not None:
        sound_in = (*_offset(sound), *reading(sound.demuxer), "-i", f"file:{SOUND}")
        graph += f";[1:a:0]{_sound_filters(sound, frames / rate)}[a]"
    return (
        # How much of the sound can be decoded was seen before; what cannot is silent.
        *("-nostdin", *TALKING, "-y", "-max_error_rate", "1", "-progress", "pipe:1", "-stats_period", "0.5"),
        *pictures_in,
        *sound_in,
        *("-filter_complex_threads", str(threads), "-filter_complex", graph, "-map", "[v]"),
        *(("-map", "[a]") if sound else ()),
        *("-map_metadata", "-1", "-sn", "-dn", "-fps_mode", "passthrough"),
        *("-c:v", "libx264", "-preset", profile.preset, "-profile:v", "high", *_quality(quality)),
        *("-g", str(round(KEY_FRAME_S * rate))),
        *("-x264-params", profile.params(threads), "-threads", str(threads)),
        *(("-c:a", "aac", "-b:a", str(SOUND_BITRATE_BPS), "-ac", "2") if sound else ()),
        *("-movflags", "+faststart", "-f", "mp4", f"file:{output}"),
    )


def probe(file: str, *, demuxer: str, sound_s: float | None) -> tuple[str, ...]:
    """Ask ffprobe for the facts of a file, as JSON; counting packets reads the whole of it.

    Args:
        file: its name.
        demuxer: ffmpeg's name of its format.
        sound_s: look at the first stream of sound alone, and decode so many seconds of it.

    """
    decoded = (
        ()
        if sound_s is None
        else ("-select_streams", "a:0", "-read_intervals", f"%+{sound_s:g}", "-count_frames")
    )
    return (
        *QUIET,
        *reading(demuxer),
        *decoded,
        "-count_packets",
        # Just these: tags are a stranger's, and may be megabytes.
        *("-show_entries", f"stream={STREAM_MEMBERS}:stream_tags=:format=duration,size:format_tags="),
        *("-of", "json", f"file:{file}"),
    )


def trial(encoder: str) -> tuple[str, ...]:
    """Encode a tenth of a second of nothing, to nowhere."""
    is_sound = encoder == "aac"
    source = "anullsrc=r=48000:cl=stereo" if is_sound else "color=black:s=64x64:r=25"
    stream = ("-c:a", encoder) if is_sound else ("-pix_fmt", "yuv420p", "-c:v", encoder)
    return ("-nostdin", *QUIET, "-f", "lavfi", "-i", source, "-t", "0.1", *stream, "-f", "null", "-")


def sound_rate(source_hz: int) -> int:
    """Give the sample rate to encode at: the source's own where players take it."""
    return source_hz if source_hz in SOUND_RATES_HZ else SOUND_RATES_HZ[0]


def _offset(sound: Sound) -> tuple[str, ...]:
    """Put sound back to its own start, which ffmpeg moves to 0.

    Not for MP3, whose start is the encoder's delay and is cut off anyway.
    """
    if sound.demuxer == "mp3" or not sound.start_s:
        return ()
    return "-itsoffset", f"{sound.start_s:.6f}"


def reading(demuxer: str) -> tuple[str, ...]:
    """Force the demuxer of the input that follows, and open nothing but this one file."""
    bounds = ("-max_pixels", str(MAX_PIXELS), "-max_alloc", str(MAX_BLOCK_BYTES))
    return (*bounds, "-protocol_whitelist", "file", "-format_whitelist", demuxer, "-f", demuxer)


def _quality(quality: Quality) -> tuple[str, ...]:
    match quality:
        case Crf(value):
            return "-crf", f"{value:g}"
        case Qp(value):
            return "-qp", str(value)
        case Bitrate(bps):
            return "-b:v", str(bps), "-maxrate", str(bps), "-bufsize", str(bps // 2)


def _picture_filters(upscale: Upscale, rate: Fraction, frames: int, *, transparent: bool) -> str:
    """Convert colour at source size, then scale, then lay onto the output's clock.

    The conversion to BT.709 is made on few pixels and exactly; the scaling only repeats its samples.
    Where squares have even sides each sample of chroma lies in one of them, and is its colour.  Else some lie
    on an edge, and are the mean of what they cover: left to itself the scaler would take one side's colour.
    """
    scaled, output = upscale.scaled, upscale.output
    over_black = ("format=gbrap", "premultiply=inplace=1", "format=gbrp") if transparent else ()
    sides = ((scaled.width, upscale.source.width), (scaled.height, upscale.source.height))
    is_halved = output == scaled and all(side % (2 * source) == 0 for side, source in sides)
    even = (
        f"pad={output.width}:{output.height}",
        f"fillborders=right={output.width - scaled.width}:bottom={output.height - scaled.height}:mode=smear",
    )
    return ",".join(
        (
            *over_black,
            "scale=in_range=pc:out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int+full_chroma_inp",
            "format=yuv444p",
            f"scale={scaled.width}:{scaled.height}:flags=neighbor",
            *(
                ()
                if is_halved
                else ("format=yuv444p", *(even if output != scaled else ()), "scale=flags=area")
            ),
            "format=yuv420p",
            "setsar=1",
            f"fps={rate}:round=near",
            f"trim=end_frame={frames}",
            # The encoder's own options for these are no longer heeded by ffmpeg 7 and later.
            "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv",
        )
    )


def _sound_filters(sound: Sound, duration_s: Fraction) -> str:
    """Start with the picture, then pad with silence or cut to its length, exact to a sample."""
    rate_hz = sound_rate(sound.rate_hz)
    samples = round(duration_s * rate_hz)
    # The resampler mixes no pairs but of front speakers: whatever they are called, they are left and right.
    pair = "channelmap=0|1:stereo," if sound.is_odd_pair else ""
    return f"{pair}aresample={rate_hz}:async=1:first_pts=0,apad,atrim=end_sample={samples}"
