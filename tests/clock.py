"""A daemon whose clock stands still until it is put forward, so that hours of waiting take no time."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clock:
    """A file that holds the time: milliseconds since 1970."""

    file: Path

    @property
    def oven(self) -> list[str]:
        """The `oven` command, by this clock."""
        # Without this folder on its path, whose modules would hide others of their names.
        return [sys.executable, "-P", __file__, str(self.file)]

    def now_ms(self) -> int:
        return int(self.file.read_text())

    def put(self, now_ms: int) -> None:
        # Renamed into place: whoever reads it finds a number.
        new = self.file.with_suffix(".new")
        new.write_text(str(now_ms))
        new.replace(self.file)


def standing_clock(folder: Path) -> Clock:
    """Give a clock that shows the time at which it was made."""
    clock = Clock(folder / "clock")
    clock.put(time.time_ns() // 1_000_000)
    return clock


def main() -> None:
    """Run `oven` by the clock in the file that is named first."""
    from oven.adapters import clock  # noqa: PLC0415 - before anybody else takes its function

    clock.wall_ms = Clock(Path(sys.argv.pop(1))).now_ms
    from oven.__main__ import main as oven  # noqa: PLC0415 - see above

    oven()


if __name__ == "__main__":
    main()
