"""The `oven` command: parses, calls, prints."""

import re
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, TypeVar

import anyio
import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from oven import __version__, app
from oven.domain.errors import BadInputError, Code, FaultError, OvenError
from oven.pipeline import progress as pipeline
from oven.recipes.plan import Outcome
from oven.recipes.tape import TapeRequest
from oven.settings import read_settings

EXIT_FAILED = 1
# A command that a signal ended exits with 128 and the signal's number, as a shell would say it.
EXIT_SIGNAL = 128
MAX_SIDE = 16_384
# Characters of a tool's own words that are shown.
DETAIL_SHOWN = 1_000
MAX_SCALE = 32
SLOWEST_FPS, FASTEST_FPS = 1, 120

T = TypeVar("T")

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    cli()


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        sys.stdout.write(f"oven {__version__}\n")
        raise typer.Exit


@cli.callback()
def oven(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Turn jobs into finished media."""


@cli.command()
def bake(
    *,
    tape: Annotated[Path, typer.Argument(metavar="TAPE.zip", help="A recorder's ZIP.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.mp4", help="The video to write.")],
    scale: Annotated[int | None, typer.Option(min=1, max=MAX_SCALE, help="Times the frames' size.")] = None,
    size: Annotated[str | None, typer.Option(metavar="WxH", help="The video's size in pixels.")] = None,
    fps: Annotated[str | None, typer.Option(metavar="R", help="Frames a second, 1 to 120.")] = None,
    thumbnail: Annotated[Path | None, typer.Option(metavar="PATH", help="A JPEG to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Bake a tape into an MP4, with no server."""
    try:
        settings = read_settings()
        request, folders = _bake_request(tape, output, scale=scale, size=size, fps=fps, thumbnail=thumbnail)
        with _progress_bar(hidden=as_json) as watch:
            outcome = _run(lambda: app.bake_file(settings, request, folders, watch))
    except OvenError as error:
        _print_error(error, as_json=as_json)
        raise typer.Exit(EXIT_FAILED) from error
    files = {"video": output, "thumbnail": thumbnail}
    made = {artifact.name: str(files[artifact.name]) for artifact in outcome.artifacts}
    if as_json:
        _print_json({"state": outcome.state, **dict.fromkeys(files), **made, "result": outcome.result})
    else:
        _print_result(outcome, made)


@cli.command()
def check(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False
) -> None:
    """Check the settings and this machine; changes nothing."""
    try:
        checks = app.check(read_settings())
    except OvenError as error:
        _print_error(error, as_json=as_json)
        raise typer.Exit(EXIT_FAILED) from error
    all_right = all(found.is_right for found in checks)
    if as_json:
        findings = [
            {"name": found.name, "ok": found.is_right, "found": found.found, "hint": found.hint}
            for found in checks
        ]
        _print_json({"ok": all_right, "checks": findings})
    else:
        for found in checks:
            hint = f" ({found.hint})" if found.hint else ""
            sys.stdout.write(f"{'ok  ' if found.is_right else 'FAIL'} {found.name}: {found.found}{hint}\n")
    if not all_right:
        raise typer.Exit(EXIT_FAILED)


def _bake_request(
    tape: Path, output: Path, *, scale: int | None, size: str | None, fps: str | None, thumbnail: Path | None
) -> tuple[TapeRequest, dict[str, Path]]:
    if scale is not None and size is not None:
        raise _bad_field("--scale and --size exclude each other", hint="Give one of them.")
    _check_file(output, "--output", {".mp4"})
    if thumbnail is not None:
        _check_file(thumbnail, "--thumbnail", {".jpg", ".jpeg"})
    if output.absolute() == tape.absolute():
        raise _bad_field("--output would overwrite the tape", hint="Choose another name.")
    video_target, video_folder = app.local_target(app.VIDEO_BUCKET, output)
    folders = {app.VIDEO_BUCKET: video_folder}
    thumbnail_target = None
    if thumbnail is not None:
        thumbnail_target, folders[app.THUMBNAIL_BUCKET] = app.local_target(app.THUMBNAIL_BUCKET, thumbnail)
    request = TapeRequest(
        source=str(tape.absolute()),
        video=video_target,
        thumbnail=thumbnail_target,
        size=None if size is None else _parse_size(size),
        scale=scale,
        rate=None if fps is None else _parse_rate(fps),
    )
    return request, folders


def _check_file(file: Path, option: str, suffixes: set[str]) -> None:
    if file.suffix.lower() not in suffixes or file.is_dir():
        raise _bad_field(
            f"{option} is {file}; it must be a file name that ends in {' or '.join(sorted(suffixes))}"
        )


def _parse_size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text.strip().lower())
    if found is None or not all(1 <= int(side) <= MAX_SIDE for side in found.groups()):
        raise _bad_field(f"--size is {text!r}; it must be WIDTHxHEIGHT in pixels, each 1 to {MAX_SIDE}")
    return int(found[1]), int(found[2])


def _parse_rate(text: str) -> Fraction:
    try:
        rate = Fraction(text.strip()) if len(text) <= 20 else None  # noqa: PLR2004 - no honest rate is longer
    except (ValueError, ZeroDivisionError):
        rate = None
    if rate is None or not SLOWEST_FPS <= rate <= FASTEST_FPS:
        raise _bad_field(
            f"--fps is {text!r}; it must be a number from {SLOWEST_FPS} to {FASTEST_FPS}, "
            "such as 30 or 30000/1001"
        )
    return rate


def _bad_field(message: str, hint: str = "") -> BadInputError:
    return BadInputError(Code.FIELD_INVALID, message, hint=hint)


def _run(work: Callable[[], Awaitable[T]]) -> T:
    """Run to the end, or until a signal says stop; then nothing is left running."""
    results: list[T] = []
    failures: list[OvenError] = []
    received: list[int] = []

    async def supervise() -> None:
        async def listen() -> None:
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGHUP) as signals:
                async for number in signals:
                    received.append(number)
                    group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(listen)
            try:
                results.append(await work())
            except OvenError as error:
                failures.append(error)
            group.cancel_scope.cancel()

    anyio.run(supervise)
    if received and not results:
        error = FaultError(Code.CANCELLED, f"stopped by {signal.Signals(received[0]).name}")
        sys.stderr.write(f"oven: {error.message}\n")
        raise typer.Exit(EXIT_SIGNAL + received[0])
    if failures:
        raise failures[0]
    return results[0]


@contextmanager
def _progress_bar(*, hidden: bool) -> Iterator[Callable[[pipeline.Progress], None]]:
    """Show a bar on stderr, where that is a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, disable=hidden or not console.is_terminal, transient=True
    ) as shown:
        task = shown.add_task("start", total=1.0)
        yield lambda progress: shown.update(task, completed=progress.fraction, description=progress.phase)


def _print_result(outcome: Outcome, made: dict[str, str]) -> None:
    result: Any = outcome.result
    width, height = result["resolution"]
    offset = result["avOffsetMs"]
    rows = {
        "video": made["video"],
        **({"thumbnail": made["thumbnail"]} if "thumbnail" in made else {}),
        "picture": f"{width}×{height}, {result['size']:,} bytes",
        "frames": f"{result['frames']} at {result['rate']} a second, from {result['sourceFrames']}",
        "duration": f"{result['duration']:.3f} s",
        "largest start error": f"{result['largestStartErrorMs']:.1f} ms",
        "dropped, repeated": f"{result['droppedFrames']}, {result['repeatedFrames']}",
        "A/V offset": "no sound" if offset is None else f"{offset['start']:.1f} to {offset['end']:.1f} ms",
        "encode time": f"{result['encodeSeconds']:.2f} s",
    }
    for name, value in rows.items():
        sys.stdout.write(f"{name:<20} {value}\n")
    for warning in result["warnings"]:
        sys.stdout.write(f"warning: {warning['message']}\n")


def _print_error(error: OvenError, *, as_json: bool) -> None:
    if as_json:
        _print_json({"state": "failed", "error": error.as_json()})
        return
    sys.stderr.write(f"oven: {error.message} [{error.code}]\n")
    if error.hint:
        sys.stderr.write(f"hint: {error.hint}\n")
    if error.detail and not isinstance(error, BadInputError):
        # Here the reader is the operator; tools' own words have their control characters escaped.
        sys.stderr.write(f"detail: {error.detail[-DETAIL_SHOWN:]!a}\n")


def _print_json(value: object) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
