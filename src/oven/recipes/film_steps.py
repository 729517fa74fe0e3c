"""The steps that every recipe shares which makes a film of a film: take, look, make, measure, decode."""

from oven.domain.errors import Code
from oven.media.containers import AVI, MKV, MOV, MP4, WEBM
from oven.media.edit import Edit, EncodedVideo
from oven.media.edit_argv import SEEKING_DEMUXERS, SOURCE, Pass, film_file, mark_file
from oven.media.memory import decode_memory_bytes, export_memory_bytes
from oven.media.operations import Format
from oven.media.resident import decode_resident_bytes, export_resident_bytes
from oven.recipes.plan import Limits
from oven.recipes.steps import Decode, Encode, FetchObject, Link, Measure, ProbeSource, Target

TAKEN = "take/source"
# The steps that make the film: the first, and the one that comes nearer to a size.
FILM, AGAIN = "encode", "encode-again"
# An hour of film may be read without a frame that is shown, but not so long be encoded.
LONGEST_SILENCE_S = 60.0
MEASURE_S = 600.0
CONTAINERS = {Format(each.name): each for each in (MP4, MOV, MKV, WEBM, AVI)}


def take(source: Target, limits: Limits) -> FetchObject:
    """Bring the source from the store."""
    return FetchObject(name="take", phase="fetch", source=source, file="source", max_bytes=limits.media_bytes)


def probe() -> ProbeSource:
    """Find out what the source is, whatever was found when it was imported."""
    return ProbeSource(name="probe", phase="inspect", source=TAKEN)


def encode(name: str, edit: Edit, run: Pass, limits: Limits, *, timeout_s: float) -> Encode:
    """Make all that is asked for; the second time the film alone, by what the first has seen."""
    marks = (Link(f"picture-{number}/mark.png", mark_file(number)) for number in range(run.marks))
    stats = (Link(f"{FILM}/{file}", f"in/{file}") for file in run.stats if name == AGAIN)
    left = run.stats if name == FILM else ()
    # Where no film is made, the first picture stands for all.
    output, *extras = (run.output, *run.stills) if run.output else run.stills
    return Encode(
        name=name,
        phase="encode",
        links=(Link(TAKEN, SOURCE), *marks, *stats),
        arguments=run.arguments,
        output=output,
        extras=(*extras, *left),
        frames=edit.frames,
        timeout_s=timeout_s,
        stall_s=_silence_s(edit, limits, timeout_s),
        memory_bytes=export_memory_bytes(edit, threads=limits.encoder_threads),
        threads=limits.encoder_threads,
        broken=Code.MEDIA_INVALID,
        resident_bytes=export_resident_bytes(edit, threads=limits.encoder_threads),
    )


def measure(made: str, edit: Edit) -> Measure:
    """Read the film that a step has made."""
    return Measure(
        name=f"measure-{made}",
        phase="verify",
        source=film_of_step(made, edit),
        demuxer=CONTAINERS[film_format(edit)].demuxer,
        timeout_s=MEASURE_S,
    )


def decode(made: str, edit: Edit, limits: Limits, *, timeout_s: float) -> Decode:
    """Decode the film that a step has made: all of it, or, of one that was copied, its key frames."""
    size = edit.video.size if isinstance(edit.video, EncodedVideo) else edit.upright
    return Decode(
        name="decode",
        phase="verify",
        source=film_of_step(made, edit),
        demuxer=CONTAINERS[film_format(edit)].demuxer,
        keys_only=not isinstance(edit.video, EncodedVideo),
        frames=edit.frames,
        timeout_s=timeout_s,
        stall_s=max(limits.stall_s, LONGEST_SILENCE_S),
        memory_bytes=decode_memory_bytes(size, limits.encoder_threads, 0),
        threads=limits.encoder_threads,
        resident_bytes=decode_resident_bytes(size, limits.encoder_threads, 0),
    )


def film_format(edit: Edit) -> Format:
    """Give the container of an edit that makes a film."""
    if edit.format is None:
        raise TypeError("an edit of pictures alone makes no film")
    return edit.format


def film_of_step(made: str, edit: Edit) -> str:
    """Refer to the film that a step has made."""
    return f"{made}/{film_file(film_format(edit))}"


def _silence_s(edit: Edit, limits: Limits, timeout_s: float) -> float:
    """Give how long an encode may make nothing: as long as it may take, where it reads all before a cut."""
    is_sought = edit.demuxer in SEEKING_DEMUXERS and edit.format is not None
    return max(limits.stall_s, LONGEST_SILENCE_S) if is_sought else timeout_s
