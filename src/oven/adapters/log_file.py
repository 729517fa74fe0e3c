"""A log file of each day (UTC), of which the last ones are kept."""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

NAME = "oven.log"
OLD = re.compile(re.escape(NAME) + r"\.\d{4}-\d{2}-\d{2}")
# For those who share our group, such as who reads logs.
MODE, FOLDER_MODE = 0o640, 0o750


@dataclass(slots=True, kw_only=True)
class LogFile:
    """Takes lines, one write each, into `oven.log`; at midnight that becomes `oven.log.` and its day.

    A file that is moved or removed by others, logrotate for example, is begun anew with the next line.
    So is a line after one that a full disk, or a kill, has cut.
    """

    folder: Path
    days: int
    now: Callable[[], datetime]
    _opened: int | None = field(default=None, init=False)
    _day: date = field(default=date.min, init=False)
    _is_cut: bool = field(default=False, init=False)

    def write(self, line: str) -> None:
        """Append a line, which ends with its end.

        Raises:
            OSError: why it is not in the file, or not whole.

        """
        today = self.now().astimezone(UTC).date()
        opened = self._open(today)
        if self._day < today:
            self._rotate()
            opened = self._open(today)
            self._day = today
        text = (("\n" if self._is_cut else "") + line).encode()
        self._is_cut = os.write(opened, text) < len(text)

    def close(self) -> None:
        if self._opened is not None:
            os.close(self._opened)
            self._opened = None

    def _open(self, today: date) -> int:
        """Give the file that stands there under our name now."""
        path = self.folder / NAME
        if self._opened is not None:
            with suppress(FileNotFoundError):
                if os.path.samestat(path.stat(), os.fstat(self._opened)):
                    return self._opened
            self.close()
        self.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
        self._opened = opened
        with suppress(PermissionError):
            # Whatever our umask takes; one that is not ours keeps what it has.
            os.fchmod(opened, MODE)
        found = os.fstat(opened)
        # One that an earlier process wrote is of the day on which it did so last.
        self._day = datetime.fromtimestamp(found.st_mtime, UTC).date() if found.st_size else today
        self._is_cut = found.st_size > 0 and os.pread(opened, 1, found.st_size - 1) != b"\n"
        return opened

    def _rotate(self) -> None:
        """Put the file away, and remove what is too old; what cannot be done is left for the next day."""
        old = self.folder / f"{NAME}.{self._day}"
        with suppress(OSError):
            # By a clock that was put back a day may come twice.
            if not old.exists():
                (self.folder / NAME).rename(old)
            kept = sorted(path for path in self.folder.iterdir() if OLD.fullmatch(path.name))
            for path in kept[: -self.days]:
                path.unlink()
