"""The log."""

import io
import json
import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

import structlog
from aiohttp.http_exceptions import BadStatusLine

from oven.adapters.log_file import LogFile
from oven.adapters.logs import MAX_VALUE_CHARS, configure_logs


def logged(**values: object) -> dict[str, object]:
    stream = io.StringIO()
    configure_logs(stream)
    structlog.get_logger().info("job_ended", **values)
    (line,) = stream.getvalue().splitlines()
    event: dict[str, object] = json.loads(line)
    structlog.reset_defaults()
    return event


def test_a_line_of_json() -> None:
    """With its time, its level and what it is about."""
    event = logged(job="j1", seconds=1.5)
    assert (event["event"], event["job"], event["seconds"], event["level"]) == (
        "job_ended",
        "j1",
        1.5,
        "info",
    )
    assert str(event["at"]).endswith("Z")


def test_what_strangers_wrote() -> None:
    """Neither moves the cursor, nor fakes a line, nor fills the disk."""
    event = logged(slug="a\x1b[2J\nb\u202e", long="x" * 9999)
    assert str(event["slug"]).isprintable()
    assert len(str(event["long"])) == MAX_VALUE_CHARS


class Broken(io.StringIO):
    """A stream whose reader has gone."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_log_that_cannot_be_written() -> None:
    """Ends nothing."""
    configure_logs(Broken())
    structlog.get_logger().info("job_ended")
    structlog.reset_defaults()


class Terminal(io.StringIO):
    """A stream on which people read."""

    def isatty(self) -> bool:
        return True


def test_a_file_beside(tmp_path: Path) -> None:
    """Has every line as JSON, also where the stream is a terminal."""
    file = LogFile(folder=tmp_path, days=1, now=lambda: datetime(2031, 5, 1, tzinfo=UTC))
    for stream in (Terminal(), io.StringIO()):
        configure_logs(stream, file)
        structlog.get_logger().info("job_ended", job="j1", slug="a\nb")
        structlog.reset_defaults()
        assert ("{" in stream.getvalue()) is not stream.isatty()
        assert "job_ended" in stream.getvalue()
    lines = (tmp_path / "oven.log").read_text().splitlines()
    assert lines[1] == stream.getvalue().rstrip()
    assert [json.loads(line)["slug"] for line in lines] == ["a\\nb", "a\\nb"]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """Is told once on the stream, which goes on; and once more when it fails again."""
    file = LogFile(folder=tmp_path / "log", days=1, now=lambda: datetime(2031, 5, 1, tzinfo=UTC))
    stream = io.StringIO()
    configure_logs(stream, file)
    for _ in range(2):
        (tmp_path / "log").write_text("no folder")
        for number in range(2):
            structlog.get_logger().info("job_ended", job=number)
        (tmp_path / "log").unlink()
        structlog.get_logger().info("job_ended", job=2)
        shutil.rmtree(tmp_path / "log")
    structlog.reset_defaults()
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    named = [event["event"] for event in events]
    assert named == ["log_file_failed", "job_ended", "job_ended", "job_ended"] * 2
    assert events[0]["message"] == "file exists"


def test_queries_are_left_out() -> None:
    """Whoever logged the URL."""
    assert "CANARY" not in str(logged(detail="URL('https://a.b/c?sig=CANARY')"))


def test_what_libraries_say() -> None:
    """Is of the same form; a client that does not speak HTTP is one line."""
    stream = io.StringIO()
    configure_logs(stream)
    logger = logging.getLogger("aiohttp.server")
    logger.info("not this")
    logger.warning("slow %s", "down")
    try:
        raise BadStatusLine("junk")  # noqa: TRY301 - as aiohttp does
    except BadStatusLine:
        logger.exception("Error handling request")
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()
    warned, malformed = map(json.loads, stream.getvalue().splitlines())
    assert (warned["event"], warned["logger"], warned["message"], warned["level"]) == (
        "library_spoke",
        "aiohttp.server",
        "slow down",
        "warning",
    )
    assert malformed["event"] == "request_malformed"
    assert "exception" not in malformed
