"""A log file of each day."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from oven.adapters.log_file import LogFile


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2031, 5, 1, 23, 59, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def file(folder: Path, clock: Clock) -> LogFile:
    return LogFile(folder=folder, days=3, now=clock)


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_midnight(folder: Path, file: LogFile, clock: Clock) -> None:
    """In UTC: yesterday's file gets its day's name."""
    file.write("late\n")
    clock.now = datetime(2031, 5, 2, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    file.write("in Vienna it is tomorrow\n")
    assert texts(folder) == {"oven.log": "late\nin Vienna it is tomorrow\n"}
    clock.now += timedelta(hours=1)
    file.write("new\n")
    file.write("newer\n")
    assert texts(folder) == {
        "oven.log": "new\nnewer\n",
        "oven.log.2031-05-01": "late\nin Vienna it is tomorrow\n",
    }


def test_what_is_kept(folder: Path, file: LogFile, clock: Clock) -> None:
    """The newest of ours; what others have put there stays."""
    folder.mkdir()
    for name in ("oven.log.2019-01-01.gz", "other.log.2019-01-01", "oven.log.1"):
        (folder / name).write_text("dear")
    for day in range(7):
        file.write(f"{day}\n")
        clock.now += timedelta(days=1)
    names = {"oven.log", "oven.log.2031-05-06", "oven.log.2031-05-05", "oven.log.2031-05-04"}
    assert texts(folder).keys() - names == {"oven.log.2019-01-01.gz", "other.log.2019-01-01", "oven.log.1"}
    assert names <= texts(folder).keys()


def test_modes(folder: Path, file: LogFile) -> None:
    """Our group may read, whatever our umask takes; nobody else may."""
    before = os.umask(0o077)
    try:
        file.write("x\n")
    finally:
        os.umask(before)
    assert (folder / "oven.log").stat().st_mode & 0o777 == 0o640
    assert folder.stat().st_mode & 0o007 == 0


def test_a_file_of_an_earlier_process(folder: Path, file: LogFile) -> None:
    """Goes on, or is put away under the day of its last line; what was cut gets its end."""
    folder.mkdir()
    (folder / "oven.log").write_text("old\ncu")
    os.utime(folder / "oven.log", (0, datetime(2031, 5, 1, 4, tzinfo=UTC).timestamp()))
    file.write("same day\n")
    assert texts(folder) == {"oven.log": "old\ncu\nsame day\n"}
    file.close()
    os.utime(folder / "oven.log", (0, datetime(2031, 4, 28, 4, tzinfo=UTC).timestamp()))
    file.write("later\n")
    assert texts(folder) == {"oven.log": "later\n", "oven.log.2031-04-28": "old\ncu\nsame day\n"}


def test_others_take_it_away(folder: Path, file: LogFile) -> None:
    """A file that was moved, removed with its folder, or emptied: the next line is in a file again."""
    file.write("1\n")
    (folder / "oven.log").rename(folder / "oven.log.1")
    file.write("2\n")
    assert texts(folder) == {"oven.log": "2\n", "oven.log.1": "1\n"}
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    file.write("3\n")
    assert texts(folder) == {"oven.log": "3\n"}
    os.truncate(folder / "oven.log", 0)
    file.write("4\n")
    assert texts(folder) == {"oven.log": "4\n"}


def test_a_clock_that_is_put_back(folder: Path, file: LogFile, clock: Clock) -> None:
    """Overwrites no day."""
    file.write("1\n")
    clock.now += timedelta(days=1)
    file.write("2\n")
    clock.now -= timedelta(days=1)
    file.close()
    os.utime(folder / "oven.log", (0, clock.now.timestamp()))
    file.write("3\n")
    clock.now += timedelta(days=1)
    file.write("4\n")
    assert texts(folder) == {"oven.log": "2\n3\n4\n", "oven.log.2031-05-01": "1\n"}


def test_a_disk_that_is_full(folder: Path) -> None:
    """A line that was cut is an error once; the next one is on a line of its own."""
    program = (
        "import resource, signal\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from oven.adapters.log_file import LogFile\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 1000))\n"
        f"file = LogFile(folder=Path({str(folder)!r}), days=1, now=lambda: datetime.now(UTC))\n"
        "file.write('1234567\\n')\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        file.write('abcdefg\\n')\n"
        "    except OSError as error:\n"
        "        print(error.errno)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "file.write('there is room\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "27\n"
    assert texts(folder) == {"oven.log": "1234567\nab\nthere is room\n"}
