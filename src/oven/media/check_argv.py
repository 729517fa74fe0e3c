"""What ffmpeg and ffprobe are asked of a film that was made, without the programs' own names."""

from oven.media.argv import QUIET, reading

PACKET_MEMBERS = "stream_index,pts_time,dts_time,duration_time,size"
STREAM_MEMBERS = (
    "index,codec_type,codec_name,profile,pix_fmt,width,height,sample_aspect_ratio,color_space,color_primaries,"
    "color_transfer,color_range,start_time,duration,r_frame_rate,sample_rate,channels"
)

# Among so many there is a key frame: rarely is one more than ten seconds away.
FIRST_PACKETS = 1_000


def decode(file: str, demuxer: str, *, keys_only: bool, threads: int) -> tuple[str, ...]:
    """Decode the pictures and the sound of a file to nowhere, and complain of whatever is wrong with them.

    Of pictures the key frames alone, if so wanted: where the demuxer knows them, nothing else is decoded, and
    those are decoded, too, that stand before the film's begin and are not shown.
    """
    # What smooths the edges of blocks cannot fail, and takes a fifth of the time.
    quick = ("-skip_loop_filter:v", "all")
    keys = ("-skip_frame:v", "nokey", "-discard:v", "nokey") if keys_only else ()
    return (
        *("-nostdin", *QUIET, "-progress", "pipe:1", "-stats_period", "0.5"),
        *("-err_detect", "explode", "-threads", str(threads), *quick, *keys),
        *(("-ignore_editlist", "1") if keys_only and demuxer == "mov" else ()),
        *(*reading(demuxer), "-i", f"file:{file}", "-map", "0:v?", "-map", "0:a?"),
        # Pictures are numbered: AVI has no times for those in another order, and that is no damage.
        *("-fps_mode", "passthrough", "-bsf:v", "setts=ts=N", "-f", "null", "-"),
    )


def streams(file: str, demuxer: str) -> tuple[str, ...]:
    """Ask for the streams of a file, as JSON."""
    entries = (
        f"stream={STREAM_MEMBERS}:stream_tags=:stream_disposition=attached_pic,timed_thumbnails"
        ":stream_side_data=side_data_type,rotation:format=start_time:format_tags="
        ":program=:program_stream=:program_tags="
    )
    return (*QUIET, *reading(demuxer), *("-show_entries", entries), *("-of", "json=c=1", f"file:{file}"))


def packets(file: str, demuxer: str) -> tuple[str, ...]:
    """Ask for all packets of a file, a line each: stream, pts, dts, duration, size."""
    return (
        *(*QUIET, *reading(demuxer)),
        *("-show_entries", f"packet={PACKET_MEMBERS}:packet_side_data="),
        *("-of", "csv=p=0", f"file:{file}"),
    )


def key_packets(
    file: str, demuxer: str, stream: int, *, from_s: float | None, to_s: float
) -> tuple[str, ...]:
    """Ask for the packets of a stream up to an instant of the file's own clock, a line each: pts, dts, flags.

    They begin where the demuxer lands that is told `from_s`: at the key frame before, where it knows; they
    begin with the file where nothing is told.
    """
    begin = "" if from_s is None else f"{from_s:.6f}"
    return _packets_within(file, demuxer, stream, f"{begin}%{to_s:.6f}")


def first_packets(file: str, demuxer: str, stream: int) -> tuple[str, ...]:
    """Ask for the first packets of a stream, a line each: pts, dts, flags."""
    return _packets_within(file, demuxer, stream, f"%+#{FIRST_PACKETS}")


def _packets_within(file: str, demuxer: str, stream: int, interval: str) -> tuple[str, ...]:
    return (
        *(*QUIET, *reading(demuxer), "-select_streams", str(stream), "-read_intervals", interval),
        *("-show_entries", "packet=pts_time,dts_time,flags:packet_side_data="),
        *("-of", "csv=p=0", f"file:{file}"),
    )
