"""Command lines of an edit: one decode, whatever is asked for, without the program's own name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from oven.media.argv import TALKING, reading
from oven.media.edit import CopiedSound, CopiedVideo, Edit, EncodedSound, EncodedVideo, Still, TargetSize
from oven.media.edit_graph import graph_of, is_later, seconds, sought_still, sound_graph_of
from oven.media.encoders import Take, sound_words, stats_files, video_words
from oven.media.operations import Format, StillFormat

SOURCE = "in/source"
# Where these demuxers are told to begin, they begin: at the key frame before at the latest.
SEEKING_DEMUXERS = {"mov", "matroska"}
# An input for a still begins so long before it, for its time may be a little off.
BEFORE_STILL_S = 1.0
# A copy begins with its key frame, wherever the demuxer lands: so much before it, for times are rounded.
KEY_MARGIN_S = 0.0005
# Nothing from before a cut stays behind its start, to be found by who looks for it; nor do pictures that are
# shown before the key frame, though they come after it: they need what is left out.
BEFORE = rf"noise=drop=lt(if(eq(pts\,nopts)\,dts\,pts)*tb\,-{KEY_MARGIN_S})"
# Every usual rate divides it: 24, 25, 30, 60 and those of NTSC; so no time of a frame is rounded.
CLOCK = "1:120000"
MUXERS = {Format.MKV: "matroska"}
FAST_START = {Format.MP4, Format.MOV}
STILL_WORDS = {
    StillFormat.JPEG: ("-c:v", "mjpeg", "-q:v", "2"),
    StillFormat.PNG: ("-c:v", "png"),
    StillFormat.WEBP: ("-c:v", "libwebp", "-quality", "90"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One run of ffmpeg over `in/source`, and `in/mark-0.png` and so on.

    Args:
        arguments: ffmpeg's.
        output: the film; empty where only stills are taken.
        stills: the pictures that are made by the way.
        marks: how many watermarks it reads.
        stats: what a first run leaves beside the film for a second one, which reads it below `in/`.

    """

    arguments: tuple[str, ...]
    output: str
    stills: tuple[str, ...]
    marks: int = 0
    stats: tuple[str, ...] = ()


def mark_file(number: int) -> str:
    """Name the picture of the `number`-th watermark, from 0 on."""
    return f"in/mark-{number}.png"


def film_file(format: Format) -> str:  # noqa: A002
    """Name the film."""
    return f"film.{format}"


def still_file(still: Still) -> str:
    """Name a picture as ffmpeg makes it."""
    return f"1-{still.file}"


def passes_of(edit: Edit, *, threads: int) -> tuple[Pass, ...]:
    """List what ffmpeg is asked for an edit, in order; a size that is missed adds one that corrects."""
    return (first_pass(edit, threads=threads),)


def first_pass(edit: Edit, *, threads: int) -> Pass:
    """Make all that is asked for, by one decode; `threads` bounds decoder, filters and encoder each."""
    encoded = edit.video if isinstance(edit.video, EncodedVideo) else None
    aims = encoded is not None and isinstance(encoded.rate, TargetSize)
    return _pass(edit, encoded, Take.FIRST if aims else Take.ONLY, edit.stills, threads)


def second_pass(edit: Edit, rate: TargetSize, *, threads: int) -> Pass:
    """Make the film once more, nearer to its size; the stills stand already."""
    if not isinstance(edit.video, EncodedVideo):
        raise TypeError("only what is encoded can be made at another rate")
    return _pass(edit, replace(edit.video, rate=rate), Take.SECOND, (), threads)


def _pass(
    edit: Edit, encoded: EncodedVideo | None, take: Take, stills: Sequence[Still], threads: int
) -> Pass:
    inputs: list[str] = []
    chains: list[str] = []
    graphs: list[str] = []
    # Where nothing is decoded but stills, each is looked for by itself: the film between them is passed over.
    are_sought = encoded is None and not edit.marks and edit.demuxer in SEEKING_DEMUXERS
    if edit.format is not None or not are_sought:
        words = _cut(edit)
        inputs += [*_source(edit, threads, words), *_marks(edit)]
        chains += graph_of(edit, encoded, is_cut=bool(words), stills=() if are_sought else stills)
        if isinstance(edit.sound, EncodedSound):
            graphs.append(sound_graph_of(edit, edit.sound, is_cut=bool(words)))
    if are_sought:
        # Inputs so far: the source, if it is copied.
        taken = 1 if inputs else 0
        for number, still in enumerate(stills):
            at_s = still.at_s + (edit.cut.start_s if edit.cut else 0.0)
            begin_s = max(0.0, at_s - BEFORE_STILL_S) if is_later(still.at_s) else at_s
            # From the key frame before: where the pictures have ended by then, the last is taken.
            before = ("-noaccurate_seek",) if is_later(still.at_s) else ()
            inputs += _source(edit, threads, (*before, "-ss", seconds(begin_s)) if begin_s else ())
            chains.append(sought_still(edit, still, number, source=taken + number, at_s=at_s - begin_s))
    graphs = [*([";".join(chains)] if chains else []), *graphs]
    filters = ("-filter_complex_threads", str(threads)) if graphs else ()
    return Pass(
        arguments=(
            *("-nostdin", *TALKING, "-y", "-progress", "pipe:1", "-stats_period", "0.5"),
            *inputs,
            *filters,
            *(word for graph in graphs for word in ("-filter_complex", graph)),
            *_film(edit, encoded, take, threads),
            *(word for number, still in enumerate(stills) for word in _still(number, still)),
        ),
        output=film_file(edit.format) if edit.format is not None else "",
        stills=tuple(still_file(still) for still in stills),
        marks=len(edit.marks),
        stats=stats_files(encoded) if encoded is not None and take is not Take.ONLY else (),
    )


def _source(edit: Edit, threads: int, words: Sequence[str]) -> tuple[str, ...]:
    # One graph for all its pictures, though their size may change: a new one would begin a new clock.
    return (*words, "-reinit_filter:v", "0", "-threads", str(threads), *reading(edit.demuxer), "-i", SOURCE)


def _marks(edit: Edit) -> Iterator[str]:
    for number in range(len(edit.marks)):
        yield from ("-threads", "1", *reading("png_pipe"), "-c:v", "png", "-i", mark_file(number))


def _cut(edit: Edit) -> tuple[str, ...]:
    """Cut, in words for an input, whose clock then begins with the cut; none where filters cut it all."""
    cut = edit.cut
    is_copied = isinstance(edit.video, CopiedVideo)
    if cut is None:
        return ()
    if edit.demuxer not in SEEKING_DEMUXERS:
        return ("-itsoffset", seconds(-cut.start_s)) if is_copied else ()
    if not is_copied:
        # From the key frame before: filters cut at the very frame.  Told how long it lasts, ffmpeg would
        # count from the first frame, which may come late.
        return "-noaccurate_seek", "-ss", seconds(cut.start_s)
    start_s = max(0.0, cut.start_s - KEY_MARGIN_S)
    return "-ss", seconds(start_s), "-t", seconds(cut.end_s - start_s)


def _film(edit: Edit, encoded: EncodedVideo | None, take: Take, threads: int) -> tuple[str, ...]:
    if edit.format is None:
        return ()
    # What a standard does not know, as Dolby's own description of its pictures, is kept all the same.
    video: tuple[str, ...] = ("-map", f"0:{edit.video_index}", "-c:v", "copy", "-strict", "unofficial")
    if isinstance(edit.video, CopiedVideo) and edit.video.codec == "hevc" and edit.format in FAST_START:
        # Apple's players know it by no other name.
        video += ("-tag:v", "hvc1")
    if encoded is not None:
        words = video_words(encoded, format=edit.format, threads=threads, take=take)
        video = ("-map", "[v]", "-fps_mode", "vfr", "-enc_time_base:v", _clock(encoded), *words)
    return (
        *video,
        *_film_sound(edit),
        *_left_out(edit),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn"),
        *(("-movflags", "+faststart") if edit.format in FAST_START else ()),
        # Its streams begin at once: sound that an encoder begins earlier would hold the pictures up.
        *(("-avoid_negative_ts", "disabled") if edit.format is Format.AVI else ()),
        *("-f", MUXERS.get(edit.format, edit.format.value), film_file(edit.format)),
    )


def _clock(video: EncodedVideo) -> str:
    """Give the length of a tick: of frames that follow evenly it is theirs, by which AVI counts."""
    rate = video.constant_rate
    return CLOCK if rate is None else f"{rate.denominator}:{rate.numerator}"


def _left_out(edit: Edit) -> tuple[str, ...]:
    """Leave packets out of a copy that lie outside of the cut."""
    if edit.cut is None or not isinstance(edit.video, CopiedVideo):
        return ()
    lasts = () if edit.demuxer in SEEKING_DEMUXERS else ("-t", seconds(edit.cut.end_s - edit.cut.start_s))
    return (*lasts, "-bsf:v", BEFORE, *(("-bsf:a", BEFORE) if isinstance(edit.sound, CopiedSound) else ()))


def _film_sound(edit: Edit) -> tuple[str, ...]:
    match edit.sound:
        case None:
            return ()
        case CopiedSound(index=index):
            return "-map", f"0:{index}", "-c:a", "copy"
        case EncodedSound():
            return "-map", "[a]", *sound_words(edit.sound)


def _still(number: int, still: Still) -> tuple[str, ...]:
    """Write the very first frame as number 0, and the one that is meant as number 1; they may be the same."""
    first = 0 if is_later(still.at_s) else 1
    return (
        *("-map", f"[s{number}]", "-frames:v", str(2 - first), "-fps_mode", "passthrough", "-threads", "1"),
        *(*STILL_WORDS[still.format], "-map_metadata", "-1"),
        *("-f", "image2", "-start_number", str(first), f"%d-{still.file}"),
    )
