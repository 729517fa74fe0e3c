"""What a process says, line by line."""

from collections.abc import AsyncIterator

from anyio.abc import Process
from anyio.streams.text import TextReceiveStream


async def lines_of(process: Process) -> AsyncIterator[str]:
    assert process.stdout is not None
    rest = ""
    async for text in TextReceiveStream(process.stdout):
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            yield line
