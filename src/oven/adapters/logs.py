"""The log: JSON lines for machines, pretty ones on a terminal; on stderr, and in a file beside."""

import logging
import sys
from collections.abc import Callable
from typing import TextIO, cast

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.typing import EventDict, WrappedLogger

from oven.adapters.log_file import LogFile
from oven.adapters.os_errors import reason
from oven.domain.text import printable, without_queries

# Of what strangers wrote so much is logged of one value.
MAX_VALUE_CHARS = 512
log = structlog.get_logger("oven.logs")


def configure_logs(stream: TextIO | None = None, file: LogFile | None = None) -> None:
    """Send every event to a stream, and to a file where one is given: one line each.

    Args:
        stream: stderr where none is given; pretty if it is a terminal.
        file: has JSON in any case.

    """
    target = _Sturdy(stream or sys.stderr)
    is_terminal = target.isatty()
    renderer = structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            _tame,
            *([] if file is None else [_Keeping(file)]),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", target)),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Forwarding()], level=logging.WARNING, force=True)


class _Sturdy:
    """A stream whose reader may go, or whose disk may fill: no log is worth a job."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream

    def write(self, text: str) -> None:
        self._try(lambda stream: stream.write(text))

    def flush(self) -> None:
        self._try(lambda stream: stream.flush())

    def _try(self, use: Callable[[TextIO], object]) -> None:
        if self.stream is None:
            return
        try:
            use(self.stream)
        except BrokenPipeError:
            # Nobody will ever read it; Python would try once more at its end, and complain.
            if self.stream is sys.stderr:
                sys.stderr = None
            self.stream = None
        except (OSError, ValueError):
            return

    def isatty(self) -> bool:
        return self.stream is not None and self.stream.isatty()


class _Keeping:
    """Writes every event to a file; that it cannot be written to is told on the stream, once."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self.render = structlog.processors.JSONRenderer()
        self.is_failing = False

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        try:
            self.file.write(f"{self.render(logger, name, dict(event))!s}\n")
            self.is_failing = False
        except OSError as error:
            was_failing, self.is_failing = self.is_failing, True
            if not was_failing:
                log.warning("log_file_failed", message=reason(error), folder=str(self.file.folder))
        return event


class _Forwarding(logging.Handler):
    """Takes what libraries log, so that all of the log is of one form."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            # Whoever scans the internet need not fill the log.
            log.info("request_malformed", message=str(error).partition("\n")[0])
            return
        log.log(
            record.levelno,
            "library_spoke",
            logger=record.name,
            message=record.getMessage(),
            exc_info=record.exc_info or None,
        )


def _tame(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Cut long values, and escape what could move a terminal's cursor or fake a line."""
    for name, value in event.items():
        if isinstance(value, str) and name != "exception":
            shown = printable(without_queries(value))
            event[name] = shown if len(shown) <= MAX_VALUE_CHARS else shown[: MAX_VALUE_CHARS - 1] + "…"
    return event
