"""A preview: one frame of a scene as each strategy would bring it upright, from one decode."""

from dataclasses import replace

from oven.media.argv import QUIET, reading
from oven.media.canvas import Canvas, canvas_filters
from oven.media.edit_graph import FIRST, MATRICES, OLD_MATRIX
from oven.media.geometry import Size
from oven.media.glance import TOLERANCE_S, Glance, as_they_are
from oven.media.memory import decode_memory_bytes
from oven.media.short import MAX_SHORT_S, SHORT_SIZE, Quality, StrategyName, canvas_of, plan_short
from oven.media.source import Source
from oven.media.stills import Taking

__all__ = ["INPUT", "PREVIEW_SIZE", "STRATEGIES", "StrategyName", "preview_file", "take_preview"]

# A quarter of a short, either way.
SMALLER = 4
PREVIEW_SIZE = Size(SHORT_SIZE.width // SMALLER, SHORT_SIZE.height // SMALLER)
# As JPEG's quality goes in ffmpeg, 2 to 31: some 20 KB a picture.
QUALITY = "3"
INPUT = "source"
THREADS = 2
STRATEGIES = tuple(StrategyName)


def preview_file(strategy: StrategyName) -> str:
    """Name the picture of a strategy."""
    return f"{strategy}.jpg"


def take_preview(source: Source, glance: Glance, *, start_s: float, end_s: float) -> Taking:
    """Take one picture a strategy of the frame that was chosen.

    Args:
        source: of the film in `INPUT`.
        glance: what is looked at.
        start_s: where the scene begins, in seconds since the source's begin.
        end_s: where it ends.

    Raises:
        BadInputError: what can be no short, however it is trimmed.

    """
    edit = plan_short(
        source,
        start_s=start_s,
        end_s=min(end_s, start_s + MAX_SHORT_S),
        strategy=STRATEGIES[0],
        quality=Quality.MEDIUM,
    )
    matrix = MATRICES.get(edit.colors.space, OLD_MATRIX)
    # Into JPEG's own colours (JFIF): BT.601's matrix, and of full range.
    writing = f"scale=in_color_matrix={matrix}:in_range=tv:out_range=pc:out_color_matrix={OLD_MATRIX}"
    names = [f"[i{n}]" for n in range(len(STRATEGIES))]
    chosen = f"select='{FIRST}*gte(t,{glance.clock_s - TOLERANCE_S:.6f})'"
    chains = [f"[0:{edit.video_index}]{chosen},split={len(names)}{''.join(names)}"]
    for number, strategy in enumerate(STRATEGIES):
        canvas = _smaller(canvas_of(source, strategy, PREVIEW_SIZE))
        filters = canvas_filters(canvas, matrix=matrix, label=f"c{number}x")
        chains.append(f"[i{number}]{filters},{writing},format=yuvj420p,setsar=1[o{number}]")
    outputs = tuple(map(preview_file, STRATEGIES))
    # Frames that no other is made from are passed over, but not where the first is the one that is meant.
    skipping = () if glance.is_key else ("-skip_frame:v", "noref")
    arguments = (
        *QUIET,
        # What a film holds is not always there but for this frame; what can be seen of it is enough.
        *("-nostdin", "-y", "-max_error_rate", "1", "-copyts", "-reinit_filter:v", "0"),
        *("-threads", str(THREADS), *skipping, *as_they_are(glance.extent)),
        *(("-noaccurate_seek", "-ss", f"{glance.seek_s:.6f}") if glance.seek_s else ()),
        *(*reading(source.demuxer), "-i", INPUT),
        *("-filter_complex_threads", "1", "-filter_complex", ";".join(chains)),
        *(
            word
            for number, file in enumerate(outputs)
            for word in (
                *("-map", f"[o{number}]", "-frames:v", "1", "-fps_mode", "passthrough", "-threads", "1"),
                *("-q:v", QUALITY, "-map_metadata", "-1", "-f", "image2", "-update", "1", file),
            )
        ),
    )
    return Taking(
        input=INPUT,
        arguments=arguments,
        outputs=outputs,
        memory_bytes=decode_memory_bytes(source.size, THREADS, len(outputs)),
    )


def _smaller(canvas: Canvas) -> Canvas:
    """Let what is out of focus be so as in a short: its blur counts pixels of a smaller picture."""
    behind = canvas.strategy.behind
    if behind is None:
        return canvas
    shrink = max(1, behind.shrink // SMALLER)
    return canvas._replace(strategy=replace(canvas.strategy, behind=behind._replace(shrink=shrink)))
