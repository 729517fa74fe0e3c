"""Whether everything that jobs need is there, now."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio

from oven.adapters.folders import free_bytes
from oven.adapters.os_errors import translated
from oven.domain.errors import Code, OvenError, TransientError

# Raises an OvenError that says what is wrong.
Check = Callable[[], Awaitable[object]]

OK = "ok"
NO_ANSWER = "NO_ANSWER"
TIMEOUT_S = 5.0
# However often it is asked, it looks no more often than that.
FRESH_MS = 2_000


@dataclass(slots=True, kw_only=True)
class Health:
    """Runs named checks side by side; each gives "ok", an error's code, or NO_ANSWER."""

    checks: Mapping[str, Check]
    now_ms: Callable[[], int]
    _found: Mapping[str, str] = field(default_factory=dict)
    _looked_ms: int = 0
    _lock: anyio.Lock = field(default_factory=anyio.Lock)

    async def look(self) -> Mapping[str, str]:
        """Give what each check finds; what was found a moment ago still counts."""
        async with self._lock:
            if not 0 <= self.now_ms() - self._looked_ms < FRESH_MS:
                self._found = await self._look()
                self._looked_ms = self.now_ms()
        return self._found

    async def _look(self) -> Mapping[str, str]:
        found = dict.fromkeys(self.checks, NO_ANSWER)

        async def run(name: str, check: Check) -> None:
            with anyio.move_on_after(TIMEOUT_S):
                try:
                    await check()
                    found[name] = OK
                except OvenError as error:
                    found[name] = error.code

        async with anyio.create_task_group() as group:
            for name, check in self.checks.items():
                group.start_soon(run, name, check)
        return found


async def check_disks(folders: Sequence[Path], min_free_bytes: int) -> None:
    """Look for room on the disks of folders, which need not be there yet.

    Raises:
        TransientError: DISK_FULL.

    """
    for folder in folders:
        with translated("looking for room on the disk"):
            free = await anyio.to_thread.run_sync(free_bytes, folder)
        if free < min_free_bytes:
            raise TransientError(
                Code.DISK_FULL,
                f"{free:,} bytes are free; it should be {min_free_bytes:,} at least",
                hint="Free some space, or lower OVEN_MIN_FREE_BYTES.",
                detail=str(folder),
            )
