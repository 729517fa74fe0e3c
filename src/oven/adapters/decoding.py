"""Children that decode strangers' pictures: asked once, in JSON, and bounded."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from oven.adapters.process import OverdueError, run_child
from oven.domain.errors import Code, TransientError


async def ask_child(
    command: Sequence[str],
    request: Mapping[str, Any],
    *,
    what: str,
    around: Sequence[str],
    timeout_s: float,
    stall_s: float | None = None,
    take: Callable[[int], None] = lambda _: None,
) -> Mapping[str, Any]:
    """Send a request to a child of its own → its last line: {"result"} or {"error"}.

    Args:
        command: the child.
        request: what it reads.
        what: what it decodes, for messages: "the frames".
        around: words that confine it.
        timeout_s: how long it may take.
        stall_s: how long it may go without a line; the whole time where it is None.
        take: hears each {"done"} that it says.

    Raises:
        TransientError: ENCODE_STALLED, ENCODE_TIMEOUT, ENCODE_CRASHED.

    """
    answer: dict[str, Any] = {}

    def read(line: str) -> bool:
        said = orjson.loads(line)
        if "done" in said:
            take(said["done"])
        else:
            answer.update(said)
        return True

    try:
        finished = await run_child(
            command,
            folder=Path("/"),
            timeout_s=timeout_s,
            stall_s=stall_s,
            stdin=orjson.dumps(request),
            on_line=read,
            around=around,
        )
    except OverdueError as error:
        if error.stalled:
            message = f"decoding {what} was stopped because it had not moved for {error.after_s:g} s"
            raise TransientError(Code.ENCODE_STALLED, message, detail=error.stderr) from error
        raise TransientError(
            Code.ENCODE_TIMEOUT, f"decoding {what} took more than {timeout_s:g} s", detail=error.stderr
        ) from error
    if finished.returncode != 0 or not answer:
        raise TransientError(
            Code.ENCODE_CRASHED,
            f"the process that decodes {what} ended before it was done",
            detail=f"exit status {finished.returncode}: {finished.stderr}",
        )
    return answer
