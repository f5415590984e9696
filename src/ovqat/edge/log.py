"""The log: one JSON object a line; in a terminal, a line for people.

Set up for speed as structlog's documentation advises: a filtering logger, bytes, msgspec, everything cached. One
processor makes the whole line, and the lines of one turn of the event loop are written with one system call.
"""

import asyncio
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger


def configure_log(stream: TextIO = sys.stdout, *, terminal: bool = False) -> None:
    """Send all log lines to a stream, those of libraries too; to a terminal in a form for people."""
    if terminal:
        processors = [
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(),
        ]
        logger_factory = structlog.PrintLoggerFactory(stream)
    else:
        processors = [_json_line]
        logger_factory = _Lines(stream).logger
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=logger_factory,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)


def _json_line(logger: WrappedLogger, level: str, event: EventDict) -> bytes:
    if "exc_info" in event:
        event = structlog.processors.format_exc_info(logger, level, event)
    event["level"] = level
    event["timestamp"] = datetime.now(UTC)
    return _encode(event)


_encode = msgspec.json.Encoder(enc_hook=repr).encode


class _Lines:
    """Writes lines, those of one turn of the event loop together.

    What cannot be written is lost, since a log must not stop a server; how many lines were is said as soon as
    writing works again.
    """

    def __init__(self, stream: TextIO) -> None:
        self._file = getattr(stream.buffer, "raw", stream.buffer)
        self._waiting: list[bytes] = []
        self._lost = 0

    def logger(self, *_: object) -> "_Lines":
        """Give itself, as structlog asks its logger factory."""
        return self

    def msg(self, line: bytes) -> None:
        """Take a line; it is written before the event loop next waits."""
        self._waiting.append(line)
        if len(self._waiting) == 1:
            try:
                asyncio.get_running_loop().call_soon(self._write)
            except RuntimeError:
                self._write()

    debug = info = warning = error = critical = msg

    def _write(self) -> None:
        lines, self._waiting = self._waiting, []
        if self._lost:
            lost = {"event": "log_lines_lost", "lines": self._lost}
            lines = [b"", _json_line(self, "error", lost), *lines]  # the empty one ends a line that was cut off
        try:
            self._put(b"\n".join([*lines, b""]))
        except (OSError, ValueError):
            self._lost = self._lost + len(lines) - 2 if self._lost else len(lines)
        else:
            self._lost = 0

    def _put(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            written = self._file.write(rest)
            if not written:
                raise BlockingIOError
            rest = rest[written:]


_LEVELS = (logging.WARNING, logging.ERROR, logging.CRITICAL)


class _Forward(logging.Handler):
    """Takes the lines of libraries that log with the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        level = max(known for known in _LEVELS if known <= record.levelno)
        structlog.get_logger().log(level, record.getMessage(), logger=record.name, exc_info=record.exc_info)
