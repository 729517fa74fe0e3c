"""The filter graph of an edit: how decoded pictures and sound become what is encoded, in ffmpeg's words.

The chains stand in the order in which they work: cut, scale, lay the marks over, then split for the stills.
"""

from collections.abc import Sequence

from oven.media.edit import Edit, EncodedSound, EncodedVideo, Mark, Still
from oven.media.geometry import Size
from oven.media.operations import Position, StillFormat

# A frame that begins a moment later than asked for is the one that is meant: times are rounded by who asks.
TOLERANCE_S = 0.001
# Where the pictures end before the sound, the last one stands for so long.
LAST_S = 5
# The first frame from the start of a cut may begin a little later: it is shown from the start, and all others
# keep their times, so the sound need not move.
FROM_START = "setpts='if(N,PTS{shift},0)'"
FIRST = "isnan(prev_selected_t)"
SCALER = "flags=bicubic+accurate_rnd+full_chroma_int"
# swscale has fewer names for matrices than frames have.
MATRICES = {"bt2020nc": "bt2020", "bt2020c": "bt2020", "smpte170m": "smpte170m", "bt470bg": "bt470"}
MATRICES |= {"bt709": "bt709", "fcc": "fcc", "smpte240m": "smpte240m"}
# Of a picture that nobody tags; JPEG's and WebP's own, too.
OLD_MATRIX = "smpte170m"
PIXEL_FORMATS = {8: "yuv420p", 10: "yuv420p10le"}
ACROSS = {
    **dict.fromkeys((Position.TOP_LEFT, Position.LEFT, Position.BOTTOM_LEFT), "{margin}"),
    **dict.fromkeys((Position.TOP, Position.CENTER, Position.BOTTOM), "(W-w)/2"),
    **dict.fromkeys((Position.TOP_RIGHT, Position.RIGHT, Position.BOTTOM_RIGHT), "W-w-{margin}"),
}
DOWN = {
    **dict.fromkeys((Position.TOP_LEFT, Position.TOP, Position.TOP_RIGHT), "{margin}"),
    **dict.fromkeys((Position.LEFT, Position.CENTER, Position.RIGHT), "(H-h)/2"),
    **dict.fromkeys((Position.BOTTOM_LEFT, Position.BOTTOM, Position.BOTTOM_RIGHT), "H-h-{margin}"),
}
# What each kind of still is made of.
STILL_PIXELS = {
    StillFormat.JPEG: f"out_range=pc:out_color_matrix={OLD_MATRIX},format=yuvj420p",
    StillFormat.PNG: "out_range=pc,format=rgb24",
    StillFormat.WEBP: f"out_range=tv:out_color_matrix={OLD_MATRIX},format=yuv420p",
}


def graph_of(edit: Edit, video: EncodedVideo | None, *, is_cut: bool, stills: Sequence[Still]) -> list[str]:
    """Write the chains of one decode; they give the film [v], its sound [a], and stills [s0], [s1] ….

    Args:
        edit: what is to be made; its marks are the inputs from 1 on.
        video: the film's pictures; None where stills alone are taken of what is decoded.
        is_cut: whether the demuxer has cut the input already, and begins it at 0.
        stills: those that are taken of these pictures.

    """
    chains = []
    if video is not None or stills:
        chains += _pictures(edit, video, is_cut=is_cut, stills=stills)
    if isinstance(edit.sound, EncodedSound):
        chains.append(_sound(edit, edit.sound, is_cut=is_cut))
    return chains


def sought_still(edit: Edit, still: Still, number: int, *, source: int, at_s: float) -> str:
    """Write the chain of a still [s`number`] from an input of its own, `at_s` after where that begins."""
    return f"[{source}:{edit.video_index}]{_taking(edit, still, at_s)}[s{number}]"


def is_later(at_s: float) -> bool:
    """Tell whether a still shows another frame than the very first."""
    return at_s > TOLERANCE_S


def seconds(value: float) -> str:
    """Write seconds as ffmpeg reads them."""
    return f"{value:.6f}"


def _picture_filters(edit: Edit, video: EncodedVideo | None) -> str:
    """Scale, cut off and convert pictures to what is encoded, or, without a film, to what is looked at."""
    matrix = _matrix(edit)
    size = (video and video.scaled) or edit.upright
    filters = [
        (
            f"scale={size.width}:{size.height}:in_color_matrix={matrix}:out_color_matrix={matrix}"
            f":out_range=tv:{SCALER}"
        )
    ]
    if video is not None and video.size != size:
        filters.append(_crop(video, size))
    filters += [f"format={PIXEL_FORMATS[video.depth if video else 8]}", "setsar=1"]
    return ",".join(filters)


def _pictures(edit: Edit, video: EncodedVideo | None, *, is_cut: bool, stills: Sequence[Still]) -> list[str]:
    begin = (
        ""
        if is_cut or edit.cut is None
        else f"trim=start={seconds(edit.cut.start_s)}:end={seconds(edit.cut.end_s)},"
    )
    shift = "" if is_cut or edit.cut is None else f"-{seconds(edit.cut.start_s)}/TB"
    first = f"[0:{edit.video_index}]{begin}{FROM_START.format(shift=shift)},{_picture_filters(edit, video)}"
    if video is not None and video.constant_rate is not None:
        first += f",fps={video.constant_rate}:start_time=0:round=near"
    chains, base = [], first
    for number, mark in enumerate(edit.marks):
        chains += [
            f"{base}[b{number}]",
            f"[{number + 1}:0]{_mark_chain(edit, video, mark)}[m{number}]",
        ]
        base = f"[b{number}][m{number}]{_overlay(mark)}"
    wanted = [*(["[v]"] if video is not None else []), *(f"[t{number}]" for number in range(len(stills)))]
    tags = f",{_tags(edit)}" if video is not None else ""
    split = f",split={len(wanted)}" if len(wanted) > 1 else ""
    chains.append(f"{base}{tags}{split}{''.join(wanted)}")
    chains += [
        f"[t{number}]{_taking(edit, still, still.at_s)}[s{number}]" for number, still in enumerate(stills)
    ]
    return chains


def _crop(video: EncodedVideo, scaled: Size) -> str:
    """Cut off evenly what lies outside; a single odd line is the last, so that nothing else moves."""
    is_odd_line = scaled.width - video.size.width <= 1 and scaled.height - video.size.height <= 1
    return f"crop={video.size.width}:{video.size.height}" + (":0:0" if is_odd_line else "")


def _mark_chain(edit: Edit, video: EncodedVideo | None, mark: Mark) -> str:
    film = video.size if video is not None else edit.upright
    across, down = f"'min(iw,{film.width})'", f"'min(ih,{film.height})'"
    if mark.scale is not None:
        across, down = str(max(1, round(mark.scale * film.width))), str(film.height)
    clear = "" if mark.opacity == 1 else f"colorchannelmixer=aa={mark.opacity:g},"
    return (
        f"format=rgba,{clear}scale=w={across}:h={down}:force_original_aspect_ratio=decrease"
        f":out_color_matrix={_matrix(edit)}:out_range=tv:{SCALER},format=yuva420p"
    )


def _overlay(mark: Mark) -> str:
    x = ACROSS[mark.position].format(margin=mark.margin_px)
    y = DOWN[mark.position].format(margin=mark.margin_px)
    return f"overlay=x={x}:y={y}:eof_action=repeat:format=yuv420"


def _taking(edit: Edit, still: Still, at_s: float) -> str:
    """Take the very first frame, and the first from an instant on, or the last there is.

    Until every output has had a frame ffmpeg tells nothing of itself, so each has one at once.
    """
    video = edit.video if isinstance(edit.video, EncodedVideo) else None
    film = video.size if video is not None else edit.upright
    size = fitted(film, still.size) if still.size is not None else film
    then = f"+lt(selected_n,2)*gte(t,{seconds(at_s - TOLERANCE_S)})" if is_later(at_s) else ""
    return (
        f"tpad=stop_mode=clone:stop_duration={LAST_S},select='{FIRST}{then}',"
        f"scale={size.width}:{size.height}:in_color_matrix={_matrix(edit)}:{SCALER}"
        f":{STILL_PIXELS[still.format]},setsar=1"
    )


def _sound(edit: Edit, sound: EncodedSound, *, is_cut: bool) -> str:
    trim = ""
    if edit.cut is not None and not is_cut:
        start = seconds(edit.cut.start_s)
        trim = f"atrim=start={start}:end={seconds(edit.cut.end_s)},asetpts=PTS-{start}/TB,"
    # From the start of the picture: what begins later follows silence.
    return f"[0:{sound.index}]{trim}aresample={sound.rate_hz}:async=1:first_pts=0[a]"


def fitted(size: Size, bound: Size) -> Size:
    """Make a picture fit inside a bound, its shape kept; never larger than it is."""
    scale = min(1.0, bound.width / size.width, bound.height / size.height)
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def _tags(edit: Edit) -> str:
    colors = edit.colors
    said = {
        "color_primaries": colors.primaries,
        "color_trc": colors.transfer,
        "colorspace": colors.space,
    }
    known = [f"{name}={value}" for name, value in said.items() if value != "unknown"]
    return "setparams=" + ":".join([*known, "range=tv"])


def _matrix(edit: Edit) -> str:
    """Name the matrix of the pictures: the source's own, which they keep."""
    return MATRICES.get(edit.colors.space, OLD_MATRIX)
