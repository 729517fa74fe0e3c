"""What ffmpeg and ffprobe are asked of a film that was made, without the programs' own names."""

from oven.media.argv import QUIET, reading

PACKET_MEMBERS = "stream_index,pts_time,dts_time,duration_time,size"
STREAM_MEMBERS = (
    "index,codec_type,codec_name,profile,pix_fmt,width,height,sample_aspect_ratio,color_space,color_primaries,"
    "color_transfer,color_range,start_time,duration,r_frame_rate,sample_rate,channels"
)


def decode(file: str, demuxer: str, *, keys_only: bool, threads: int) -> tuple[str, ...]:
    """Decode the pictures and the sound of a file to nowhere, and complain of whatever is wrong with them."""
    return (
        *("-nostdin", *QUIET, "-progress", "pipe:1", "-stats_period", "0.5"),
        *("-err_detect", "explode", "-threads", str(threads)),
        *(("-skip_frame:v", "nokey") if keys_only else ()),
        *(*reading(demuxer), "-i", f"file:{file}"),
        *("-map", "0:v?", "-map", "0:a?", "-fps_mode", "passthrough", "-f", "null", "-"),
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


def key_packets(file: str, demuxer: str, stream: int, *, from_s: float, to_s: float) -> tuple[str, ...]:
    """Ask for the packets of a stream between two instants of the file's own clock, a line each: pts, flags.

    They begin where the demuxer lands: at the key frame before, where it knows.
    """
    return (
        *(*QUIET, *reading(demuxer), "-select_streams", str(stream)),
        *("-read_intervals", f"{from_s:.6f}%{to_s:.6f}"),
        *("-show_entries", "packet=pts_time,flags:packet_side_data="),
        *("-of", "csv=p=0", f"file:{file}"),
    )
