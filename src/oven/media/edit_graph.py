"""The filter graph of an edit: how decoded pictures and sound become what is encoded, in ffmpeg's words.

The chains stand in the order in which they work: cut, scale, lay the marks over, then split for the stills.
"""

from collections.abc import Sequence

from oven.media.canvas import SCALER, canvas_filters
from oven.media.edit import Edit, EncodedSound, EncodedVideo, Mark, Still
from oven.media.geometry import Size
from oven.media.operations import Position, StillFormat

# A frame that begins a moment later than asked for is the one that is meant: times are rounded by who asks.
TOLERANCE_S = 0.001
# Where the pictures end before the sound, the last one stands for so long.
LAST_S = 5
# Of sound that misses so much silence stands in its place, as people hear that it parts from the picture;
# ffmpeg itself lets up to a tenth of a second pass, which the first packets of fragmented films miss.
GAP_S = 0.04
HELD = f"tpad=stop_mode=clone:stop_duration={LAST_S},trim=end="
# The first frame from the start of a cut may begin a little later: it is shown from the start, and all others
# keep their times, so the sound need not move.
FROM_START = "setpts='if(N,PTS{shift},0)'"
FIRST = "isnan(prev_selected_t)"
# swscale has fewer names for matrices than frames have.
MATRICES = {"bt2020nc": "bt2020", "bt2020c": "bt2020", "smpte170m": "smpte170m", "bt470bg": "bt470"}
MATRICES |= {"bt709": "bt709", "fcc": "fcc", "smpte240m": "smpte240m"}
# Of a picture that nobody tags; JPEG's and WebP's own, too.
OLD_MATRIX = "smpte170m"
LAYOUTS = {1: "mono", 2: "stereo"}
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
    """Write the chains of one decode's pictures; they give the film [v], and stills [s0], [s1] ….

    Args:
        edit: what is to be made; its marks are the inputs from 1 on.
        video: the film's pictures; None where stills alone are taken of what is decoded.
        is_cut: whether the input's clock begins with the cut.
        stills: those that are taken of these pictures.

    """
    return _pictures(edit, video, is_cut=is_cut, stills=stills) if video is not None or stills else []


def sound_graph_of(edit: Edit, sound: EncodedSound, *, is_cut: bool) -> str:
    """Write the chain of the sound [a]: a graph of its own, for it begins anew where the source's changes.

    `is_cut` as for the pictures.
    """
    end = "" if sound.lasts_s is None else f",atrim=end={seconds(sound.lasts_s)}"
    if sound.index is None:
        return f"anullsrc=r={sound.rate_hz}:cl={LAYOUTS[sound.channels]}{end}[a]"
    cut, shift = _cut(edit, is_cut=is_cut)
    trim = f"atrim=start={cut[0]}:end={cut[1]}," if cut else ""
    trim += f"asetpts=PTS{shift}," if shift else ""
    # From the start of the picture: what begins later follows silence.
    first = ":first_pts=0" if sound.is_late else ""
    whole = f":min_hard_comp={GAP_S},apad" if end else ""
    return f"[0:{sound.index}]{trim}aresample={sound.rate_hz}:async=1{first}{whole}{end}[a]"


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
    if video is not None and video.canvas is not None:
        return f"{canvas_filters(video.canvas, matrix=matrix)},setsar=1"
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


def _beginning(edit: Edit, video: EncodedVideo | None, *, is_cut: bool) -> str:
    """Cut pictures, and let their clock begin with the film's; let them follow evenly where they have to."""
    cut, shift = _cut(edit, is_cut=is_cut)
    if video is None or video.constant_rate is None:
        begun = (f"trim=start={cut[0]}:end={cut[1]}," if cut else "") + FROM_START.format(shift=shift)
        return f"{begun},{HELD}{seconds(edit.duration_s)}" if video is not None and video.is_held else begun
    even = f"setpts=PTS{shift},fps={video.constant_rate}:start_time=0:round=near"
    if not cut:
        return even
    # What was shown before the start is shown from there on; the last picture stands to the end.
    return f"trim=end={cut[1]},{even},tpad=stop=-1:stop_mode=clone,trim=end={seconds(edit.duration_s)}"


def _cut(edit: Edit, *, is_cut: bool) -> tuple[tuple[str, str] | None, str]:
    """Give begin and end of a cut by the input's clock, and what takes that to the film's."""
    if edit.cut is None:
        return None, ""
    if is_cut:
        return (seconds(0), seconds(edit.cut.end_s - edit.cut.start_s)), ""
    start = seconds(edit.cut.start_s)
    return (start, seconds(edit.cut.end_s)), f"-{start}/TB"


def _pictures(edit: Edit, video: EncodedVideo | None, *, is_cut: bool, stills: Sequence[Still]) -> list[str]:
    first = f"[0:{edit.video_index}]{_beginning(edit, video, is_cut=is_cut)},{_picture_filters(edit, video)}"
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
