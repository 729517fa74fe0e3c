"""What ffprobe is asked of a stranger's file, without the program's own name.

Tags are never asked for: they are a stranger's, and may be megabytes.
"""

from oven.media.argv import QUIET, reading
from oven.media.streams import SIDE_DATA_MEMBERS

STREAM_MEMBERS = (
    "index,codec_type,codec_name,codec_tag_string,width,height,sample_aspect_ratio,pix_fmt,color_space,"
    "color_primaries,color_transfer,color_range,r_frame_rate,avg_frame_rate,start_time,duration,bit_rate,"
    "nb_frames,sample_rate,channels"
)
PACKET_MEMBERS = "pts_time,dts_time,duration_time"
# By these the pace of frames is judged.
FIRST_PACKETS = 300


def describe(file: str, demuxer: str) -> tuple[str, ...]:
    """Ask for the streams of a file and for the whole, as JSON."""
    entries = (
        f"stream={STREAM_MEMBERS}:stream_tags=:stream_disposition=attached_pic,timed_thumbnails"
        f":stream_side_data={','.join(SIDE_DATA_MEMBERS)}:format=start_time,duration,bit_rate:format_tags="
        ":program=:program_stream=:program_tags="
    )
    return (*QUIET, *reading(demuxer), *("-show_entries", entries), *("-of", "json=c=1", f"file:{file}"))


def first_packets(file: str, demuxer: str, stream: int, *, decode: bool) -> tuple[str, ...]:
    """Ask for the first packets of a stream, as JSON: their times, and whether they are encrypted.

    Where they are to be decoded, the stream comes with them, and how many frames it gave.
    """
    entries = f"packet={PACKET_MEMBERS}:packet_side_data=side_data_type"
    if decode:
        entries += (
            ":stream=nb_read_frames:stream_tags=:stream_disposition=:stream_side_data="
            ":program=:program_stream=:program_tags="
        )
    return (
        *(*QUIET, *reading(demuxer), "-select_streams", str(stream)),
        *("-read_intervals", f"%+#{FIRST_PACKETS}"),
        *(("-count_frames",) if decode else ()),
        *("-show_entries", entries),
        *("-of", "json=c=1", f"file:{file}"),
    )


def all_packets(file: str, demuxer: str, stream: int) -> tuple[str, ...]:
    """Ask for the times of all packets of a stream, a line each: pts, dts, duration."""
    return (
        *(*QUIET, *reading(demuxer), "-select_streams", str(stream)),
        *("-show_entries", f"packet={PACKET_MEMBERS}:packet_side_data="),
        *("-of", "csv=p=0", f"file:{file}"),
    )


def first_frame(file: str, demuxer: str, stream: int) -> tuple[str, ...]:
    """Ask what stands beside the first frame of a stream, by decoding it, as JSON."""
    return (
        *(*QUIET, *reading(demuxer), "-select_streams", str(stream), "-read_intervals", "%+#1"),
        *("-show_entries", f"frame=:frame_tags=:frame_side_data={','.join(SIDE_DATA_MEMBERS)}"),
        *("-of", "json=c=1", f"file:{file}"),
    )
