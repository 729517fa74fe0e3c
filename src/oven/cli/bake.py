"""`oven bake`: a tape becomes a video, with no daemon."""

import re
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from oven.adapters.folders import can_write_below
from oven.cli.interrupt import InterruptedBySignalError, run_until_signal
from oven.cli.terminal import complain, fail, progress_bar, write, write_json
from oven.domain.errors import BadInputError, Code, OvenError
from oven.media.geometry import MAX_SIDE
from oven.recipes.plan import Outcome
from oven.recipes.tape import TapeRequest
from oven.settings import read_settings

# A command that a signal ended exits with 128 and the signal's number, as a shell would say it.
EXIT_SIGNAL = 128
MAX_SCALE = 32
MAX_QUALITY = 100
SLOWEST_FPS, FASTEST_FPS = 1, 120
VIDEO_SUFFIXES = {".mp4"}
THUMBNAIL_SUFFIXES = {".jpg", ".jpeg"}


def bake(
    *,
    tape: Annotated[Path, typer.Argument(metavar="TAPE.zip", help="A recorder's ZIP.", readable=False)],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.mp4", help="The video to write.")],
    scale: Annotated[
        str | None, typer.Option(metavar="N", help="N times the frames' size, 1 to 32 [default: 3].")
    ] = None,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Stretch to this size in pixels instead.")
    ] = None,
    fps: Annotated[
        str | None, typer.Option(metavar="R", help="Frames a second, 1 to 120 [default: as recorded].")
    ] = None,
    quality: Annotated[
        str | None,
        typer.Option(metavar="N", help="How true and large, 0 (small) to 100 (true) [default: 50]."),
    ] = None,
    thumbnail: Annotated[
        Path | None, typer.Option(metavar="OUT.jpg", help="Write the middle frame, 512×512, too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result or the error as JSON.")] = False,
) -> None:
    """Bake a tape into an MP4."""
    # What bakes takes a third of a second to load: other commands go without it.
    from oven import app  # noqa: PLC0415

    try:
        settings = read_settings()
        request, folders = _request(
            tape, output, scale=scale, size=size, fps=fps, quality=quality, thumbnail=thumbnail
        )
        with progress_bar(hidden=as_json) as show:
            outcome = run_until_signal(
                lambda: app.bake_file(
                    settings, request, folders, lambda progress: show(progress.fraction, progress.phase)
                )
            )
    except InterruptedBySignalError as interrupt:
        if as_json:
            fail(interrupt, as_json=True)
        else:
            complain(f"oven: {interrupt.message}\n")
        raise typer.Exit(EXIT_SIGNAL + interrupt.number) from interrupt
    except OvenError as error:
        raise fail(error, as_json=as_json) from error
    files = {"video": output, "thumbnail": thumbnail}
    made = {artifact.name: str(files[artifact.name]) for artifact in outcome.artifacts}
    if as_json:
        write_json({"state": outcome.state, **dict.fromkeys(files), **made, "result": outcome.result})
    else:
        write(_described(outcome, made))


def _request(
    tape: Path,
    output: Path,
    *,
    scale: str | None,
    size: str | None,
    fps: str | None,
    quality: str | None,
    thumbnail: Path | None,
) -> tuple[TapeRequest, dict[str, Path]]:
    """Check every option before any work is done → the request, and the folder of each bucket.

    Raises:
        BadInputError: FIELD_INVALID, NOT_FOUND.

    """
    from oven import app  # noqa: PLC0415 - as above

    if scale is not None and size is not None:
        raise _bad_field("--scale and --size exclude each other", hint="Give one of them.")
    _check_text(tape, "TAPE")
    _check_output(output, "--output", VIDEO_SUFFIXES)
    if thumbnail is not None:
        _check_output(thumbnail, "--thumbnail", THUMBNAIL_SUFFIXES)
    for option, file in (("--output", output), ("--thumbnail", thumbnail)):
        if file is not None and file.exists() and tape.exists() and file.samefile(tape):
            raise _bad_field(f"{option} would overwrite the tape", hint="Choose another name.")
    if not tape.is_file():
        what = "is not a regular file" if tape.exists() else "does not exist"
        raise BadInputError(Code.NOT_FOUND, f"{tape} {what}", hint="Give the path of a tape, a ZIP file.")
    video_target, video_folder = app.local_target(app.VIDEO_BUCKET, output)
    folders = {app.VIDEO_BUCKET: video_folder}
    thumbnail_target = None
    if thumbnail is not None:
        thumbnail_target, folders[app.THUMBNAIL_BUCKET] = app.local_target(app.THUMBNAIL_BUCKET, thumbnail)
    request = TapeRequest(
        path=str(tape.absolute()),
        video=video_target,
        thumbnail=thumbnail_target,
        size=None if size is None else _parse_size(size),
        scale=None if scale is None else _parse_scale(scale),
        rate=None if fps is None else _parse_rate(fps),
        quality=None if quality is None else _parse_quality(quality),
    )
    return request, folders


def _check_text(file: Path, name: str) -> None:
    try:
        str(file).encode()
    except UnicodeEncodeError as error:
        raise _bad_field(f"{name} is {str(file)!a}; its name must be UTF-8") from error


def _check_output(file: Path, option: str, suffixes: set[str]) -> None:
    _check_text(file, option)
    if file.suffix.lower() not in suffixes:
        raise _bad_field(f"{option} is {file}; its name must end in {' or '.join(sorted(suffixes))}")
    try:
        if file.is_dir():
            raise _bad_field(f"{option} is {file}, which is a folder; give a file's name")
        can_write = can_write_below(file.absolute().parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise _bad_field(f"{option} is {str(file)[:80]}…, which cannot be: {reason}") from error
    if not can_write:
        raise BadInputError(
            Code.STORAGE_DENIED,
            f"{option} is {file}, but nothing can be written there",
            hint="Check the folder, its owner and its mode.",
        )


def _parse_scale(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MAX_SCALE:
        raise _bad_field(f"--scale is {text!r}; it must be a whole number from 1 to {MAX_SCALE}")
    return int(text)


def _parse_quality(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > MAX_QUALITY:
        raise _bad_field(f"--quality is {text!r}; it must be a whole number from 0 to {MAX_QUALITY}")
    return int(text)


def _parse_size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,5})[x×]([0-9]{1,5})", text.strip().lower())
    if found is None or not all(1 <= int(side) <= MAX_SIDE for side in found.groups()):
        raise _bad_field(f"--size is {text!r}; it must be WIDTHxHEIGHT in pixels, each from 1 to {MAX_SIDE}")
    return int(found[1]), int(found[2])


def _parse_rate(text: str) -> Fraction:
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:/([1-9][0-9]{0,5}))?", text.strip())
    rate = Fraction(found[1]) / int(found[2] or 1) if found else None
    if rate is None or not SLOWEST_FPS <= rate <= FASTEST_FPS:
        allowed = f"a number from {SLOWEST_FPS} to {FASTEST_FPS}, such as 30 or 30000/1001"
        raise _bad_field(f"--fps is {text!r}; it must be {allowed}")
    return rate


def _bad_field(message: str, hint: str = "") -> BadInputError:
    return BadInputError(Code.FIELD_INVALID, message, hint=hint)


def _described(outcome: Outcome, made: dict[str, str]) -> str:
    """Say where the files are and what was measured, a line each."""
    result: Any = outcome.result
    width, height = result["resolution"]
    rate = f"{float(Fraction(result['rate'])):.5g}"
    offset, encoder, color = result["avOffsetMs"], result["encoder"], result["color"]
    aim = next(f"{name} {encoder[name]:g}" for name in ("qp", "crf", "bitrate") if name in encoder)
    passes = encoder["passes"]
    rows = {
        **made,
        "file size": f"{result['size']:,} bytes",
        "resolution": f"{width}×{height}, from {'×'.join(map(str, result['sourceResolution']))}",
        "frames": f"{result['frames']} at {rate} a second, from {result['sourceFrames']}",
        "dropped": f"{result['droppedFrames']}, whose slot a later frame takes",
        "repeated": f"{result['repeatedFrames']}, where a frame stays longer than a slot",
        "largest start error": f"{result['largestStartErrorMs']:.1f} ms",
        "duration": f"{result['duration']:.3f} s",
        "A/V offset": "no sound"
        if offset is None
        else f"{offset['start']:.1f} ms at the start, {offset['end']:.1f} ms at the end",
        "identical": f"{result['identicalFrames']}, the same as the one before",
        "color": f"{color['matrix']} ({color['primaries']}, {color['transfer']}), range {color['range']}",
        "encoder": f"{encoder['codec']} for {encoder['profile']}, quality {encoder['quality']} ({aim}), "
        f"{encoder['threads']} threads, ffmpeg {encoder['ffmpeg']}",
        "encode time": f"{result['encodeSeconds']:.2f} s{f' in {passes} passes' if passes > 1 else ''}",
    }
    warnings = [f"warning: {warning['message']} [{warning['code']}]\n" for warning in result["warnings"]]
    return "".join([*(f"{name:<20} {value}\n" for name, value in rows.items()), *warnings])
