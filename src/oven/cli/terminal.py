"""What commands print: text for people, JSON for programs, progress while they wait."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import orjson
import typer

from oven.domain.errors import BadInputError, Code, OvenError

EXIT_FAILED = 1
# Characters of a tool's own words that are shown.
DETAIL_SHOWN = 1_000


class Show(Protocol):
    """Shows how far something is: a share from 0 to 1, what is being done, and what is left, where known."""

    def __call__(self, fraction: float, what: str, eta_s: int | None = None) -> None: ...


def tolerate_terminals() -> None:
    """Let a sign that the terminal's encoding lacks be replaced, not end the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def write(text: str) -> None:
    """Write to stdout, whole, now.

    Raises:
        typer.Exit: stdout is closed, full or gone; said on stderr.

    """
    reason = "it is closed"
    if sys.stdout is not None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            # Python would try once more at its end, and complain.
            sys.stdout = None
        else:
            return
    complain(f"oven: stdout cannot be written to: {reason}\n")
    raise typer.Exit(EXIT_FAILED)


def complain(text: str) -> None:
    """Write to stderr, where there is one."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
            sys.stderr.flush()


def write_json(value: object) -> None:
    """Write one JSON document to stdout."""
    write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def fail(error: OvenError, *, as_json: bool) -> typer.Exit:
    """Say why a command failed → how to leave it.

    The reader is the operator: where the fault is not in the input, the tools' own words are shown.
    """
    detail = "" if isinstance(error, BadInputError) else error.detail
    if as_json:
        state = "cancelled" if error.code is Code.CANCELLED else "failed"
        write_json({"state": state, "error": {**error.as_json(), "detail": detail}})
    else:
        complain(f"oven: {error.message} [{error.code}]\n")
        complain(f"hint: {error.hint}\n" if error.hint else "")
        complain(f"detail: {detail[-DETAIL_SHOWN:]!a}\n" if detail else "")
    return typer.Exit(EXIT_FAILED)


@contextmanager
def progress_bar(*, hidden: bool) -> Iterator[Show]:
    """Show a bar on stderr, where that is a terminal."""
    # Most commands show no bar, and need not wait for what draws it.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<8}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(
        *columns, console=console, disable=hidden or not console.is_terminal, transient=True
    ) as shown:
        task = shown.add_task("start", total=1.0, left="")

        def show(fraction: float, what: str, eta_s: int | None = None) -> None:
            left = "" if eta_s is None else f"about {eta_s} s left"
            shown.update(task, completed=fraction, description=what, left=left)

        yield show
