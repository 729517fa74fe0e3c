"""The log."""

import io
import json

import structlog

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
