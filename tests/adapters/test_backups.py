"""Copies of the database and its key."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from oven.adapters.backups import Backup, back_up
from oven.adapters.database.file import prepare
from oven.domain.errors import Code, OvenError

NOW = datetime(2031, 5, 1, 3, 15, 0, 7000, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with the tables and a key."""
    folder = tmp_path / "data"
    folder.mkdir()
    prepare(folder / "oven.db")
    (folder / "secret.key").write_bytes(Fernet.generate_key())
    return folder


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "backups"


def make(data: Path, to: Path, *, keep: int = 7, days: float = 0) -> Backup:
    now = NOW + timedelta(days=days)
    return back_up(data / "oven.db", data / "secret.key", to, keep=keep, now=now)


def refusal(data: Path, to: Path) -> OvenError:
    with pytest.raises(OvenError) as caught:
        make(data, to, keep=1, days=9)
    return caught.value


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a disk of 64 KiB."""
    folder.mkdir(parents=True)
    mount, umount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none"], ["umount"]
    mounted = subprocess.run([*mount, folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this machine lets us mount nothing")
    try:
        yield
    finally:
        subprocess.run([*umount, folder], check=True)


def test_a_copy(data: Path, to: Path) -> None:
    """The database, whole and of one file, and the key; for nobody but their owner."""
    before = os.umask(0)
    try:
        made = make(data, to)
    finally:
        os.umask(before)
    assert made.folder == to / "oven-20310501T031500007Z"
    assert names(made.folder) == ["oven.db", "secret.key"]
    assert (made.folder / "secret.key").read_bytes() == (data / "secret.key").read_bytes()
    assert {path.stat().st_mode & 0o777 for path in made.folder.iterdir()} == {0o600}
    assert [folder.stat().st_mode & 0o777 for folder in (to, made.folder)] == [0o700, 0o700]
    assert made.size_bytes == sum(path.stat().st_size for path in made.folder.iterdir())
    with (
        closing(sqlite3.connect(made.folder / "oven.db")) as copy,
        closing(sqlite3.connect(data / "oven.db")) as original,
    ):
        assert list(copy.iterdump()) == list(original.iterdump())


def test_while_somebody_writes(data: Path, to: Path) -> None:
    """What was committed is in it, also what is still in the log beside; what was begun is not."""
    with closing(sqlite3.connect(data / "oven.db", isolation_level=None)) as writer:
        writer.execute("CREATE TABLE notes (text)")
        writer.execute("INSERT INTO notes VALUES ('said')")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO notes VALUES ('not yet')")
        made = make(data, to)
        writer.execute("COMMIT")
    with closing(sqlite3.connect(made.folder / "oven.db")) as copy:
        assert copy.execute("SELECT text FROM notes").fetchall() == [("said",)]


def test_what_is_kept(data: Path, to: Path) -> None:
    """The newest; only what was made here goes, and no folder that holds something else."""
    for day in range(3):
        make(data, to, days=day)
    (to / "oven-20310502T031500007Z" / "note.txt").write_text("dear")
    (to / "oven-20200101T000000000Z").symlink_to(data)
    (to / "holiday").mkdir()
    made = make(data, to, keep=2, days=3)
    assert [folder.name for folder in made.removed] == ["oven-20310501T031500007Z"]
    left = ["holiday", "oven-20200101T000000000Z", "oven-20310502T031500007Z", "oven-20310503T031500007Z"]
    assert names(to) == [*left, "oven-20310504T031500007Z"]
    assert names(data) == ["oven.db", "secret.key"]


def test_a_clock_that_was_put_back(data: Path, to: Path) -> None:
    """Does not remove what was made now."""
    for day in (5, 6):
        make(data, to, days=day)
    made = make(data, to, keep=2, days=0)
    assert names(to) == [made.folder.name, "oven-20310507T031500007Z"]


def test_no_database(data: Path, to: Path) -> None:
    """Is told with its path, and nothing is made; nor is a database."""
    (data / "oven.db").unlink()
    error = refusal(data, to)
    assert (error.code, error.message) == (Code.NOT_FOUND, f"there is no database to copy: {data}/oven.db")
    assert names(data) == ["secret.key"]
    assert not to.exists()


def test_no_key(data: Path, to: Path) -> None:
    """Is no backup, and costs none of those that have it; nor does a damaged one."""
    make(data, to)
    (data / "secret.key").write_bytes(b"")
    assert refusal(data, to).code is Code.STORE_CORRUPT
    (data / "secret.key").unlink()
    assert "secret.key has gone" in refusal(data, to).message
    assert names(to) == ["oven-20310501T031500007Z"]


def test_a_damaged_database(data: Path, to: Path) -> None:
    """Is not copied, and costs no older copy; nor is one that is none of ours."""
    make(data, to)
    with closing(sqlite3.connect(data / "oven.db")) as connection:
        connection.execute("CREATE TABLE ballast (x)")
        connection.execute("INSERT INTO ballast VALUES (zeroblob(100000))")
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = (data / "oven.db").read_bytes()
    (data / "oven.db").write_bytes(whole[:8192] + b"x" * (len(whole) - 8192))
    assert refusal(data, to).code is Code.STORE_CORRUPT
    (data / "oven.db").write_bytes(b"no database" * 999)
    assert refusal(data, to).code is Code.STORE_CORRUPT
    (data / "oven.db").unlink()
    with closing(sqlite3.connect(data / "oven.db")) as connection:
        connection.execute("CREATE TABLE others (x)")
    assert refusal(data, to).code is Code.STORAGE_DENIED
    assert names(to) == ["oven-20310501T031500007Z"]


def test_a_full_disk(data: Path, to: Path) -> None:
    """Is told as such, and nothing half remains."""
    with small_disk(to):
        assert refusal(data, to).code is Code.DISK_FULL
        assert names(to) == []


def test_a_kill(data: Path, to: Path) -> None:
    """Leaves nothing that looks like a copy; the next one removes what was begun."""
    program = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from oven.adapters.backups import back_up\n"
        "data, to = map(Path, sys.argv[1:])\n"
        "back_up(data / 'oven.db', data / 'secret.key', to, keep=1, now=datetime.now(UTC))\n"
    )
    with closing(sqlite3.connect(data / "oven.db", isolation_level=None)) as holder:
        # With a journal of that kind a reader waits for who writes.
        holder.execute("PRAGMA journal_mode = DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        with subprocess.Popen([sys.executable, "-c", program, str(data), str(to)]) as process:
            while not list(to.glob(".*/oven.db")):
                assert process.poll() is None
            process.kill()
    (left,) = names(to)
    assert left.startswith(".oven-")
    made = make(data, to)
    assert names(to) == [made.folder.name]


def test_two_at_once(data: Path, to: Path) -> None:
    """Wait for one another: neither removes what the other makes."""
    threads = [threading.Thread(target=make, args=(data, to), kwargs={"days": day}) for day in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(to)) == 4
    assert not [name for name in names(to) if name.startswith(".")]


def test_what_root_makes(data: Path, to: Path) -> None:
    """Belongs to the user whose database it is, who shall restore it."""
    if os.geteuid() != 0:
        pytest.skip("only root makes what is another's")
    shutil.chown(data / "oven.db", 65534, 65534)
    made = make(data, to)
    owners = {path.stat().st_uid for path in (to, made.folder, *made.folder.iterdir())}
    assert owners == {65534}
