import asyncio
import io
import json
import logging
from pathlib import Path

import pytest
import structlog

from ovqat.edge.log import configure_log
from tests.unit.conftest import Log


def test_a_line_is_one_json_object_with_its_time_and_level(log: Log):
    structlog.get_logger().info("signed_in", user_id="user-1", phone="99899*****77", ms=0.5, nothing=None)

    (line,) = log.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "signed_in", "level": "info", "user_id": "user-1", "phone": "99899*****77", "ms": 0.5, "nothing": None,
    }  # fmt: skip


@pytest.mark.parametrize("value", ["a\nb", '"', "я", "\x1b[31m", "\u2028", "\0", "\\"])
def test_no_value_breaks_a_line(log: Log, value: str):
    structlog.get_logger().info("odd", value=value)

    assert log.text.count("\n") == 1
    assert json.loads(log.text)["value"] == value


@pytest.mark.parametrize(
    ("level", "written"), [("debug", 0), ("info", 1), ("warning", 1), ("error", 1), ("critical", 1)]
)
def test_debug_lines_are_left_out(log: Log, level: str, written: int):
    getattr(structlog.get_logger(), level)("said")

    assert [line["level"] for line in log.lines] == [level] * written


async def test_lines_of_one_turn_are_written_together_and_in_order(log: Log):
    for number in range(3):
        structlog.get_logger().info("said", number=number)
    before = log.text
    await asyncio.sleep(0)
    structlog.get_logger().info("said", number=3)
    await asyncio.sleep(0)

    assert before == ""
    assert [line["number"] for line in log.lines] == [0, 1, 2, 3]


def test_lines_outside_and_inside_a_loop_are_all_written(log: Log):
    async def say() -> None:
        structlog.get_logger().info("said", number=1)

    structlog.get_logger().info("said", number=0)
    asyncio.run(say())
    structlog.get_logger().info("said", number=2)
    asyncio.run(say())

    assert [line["number"] for line in log.lines] == [0, 1, 2, 1]


def test_an_exception_is_written_with_its_trace(log: Log):
    try:
        int("no number")
    except ValueError:
        structlog.get_logger().exception("unexpected")

    (line,) = log.lines
    assert line["level"] == "error"
    assert "Traceback" in line["exception"]
    assert "no number" in line["exception"]
    assert "exc_info" not in line


def test_a_line_without_an_exception_has_no_trace(log: Log):
    logging.getLogger("library").error("said %s", "this")

    assert "exception" not in log.lines[0]
    assert "exc_info" not in log.lines[0]


@pytest.mark.parametrize(("level", "written"), [("info", 0), ("warning", 1), ("error", 1), ("critical", 1)])
def test_lines_of_libraries_are_written_as_ours(log: Log, level: str, written: int):
    getattr(logging.getLogger("library.part"), level)("said %s and %d", "this", 7)

    assert [(line["event"], line["level"], line["logger"]) for line in log.lines] == [
        ("said this and 7", level, "library.part")
    ] * written


def test_a_librarys_exception_is_written_with_its_trace(log: Log):
    try:
        1 / 0  # noqa: B018 it is to fail
    except ZeroDivisionError:
        logging.getLogger("library").exception("failed")

    assert "ZeroDivisionError" in log.lines[0]["exception"]


def test_a_librarys_line_of_an_odd_level_is_written_too(log: Log):
    logging.getLogger("library").log(35, "between a warning and an error")

    assert log.lines[0]["event"] == "between a warning and an error"


@pytest.mark.parametrize(
    "value", [Path("/srv"), object(), ValueError("odd"), {"deep": [Path("/srv")]}, b"\xff", 1 << 80]
)
def test_a_value_that_json_does_not_know_costs_no_line(log: Log, value: object):
    structlog.get_logger().info("odd", value=value)

    assert [line["event"] for line in log.lines] == ["odd"]


def test_configuring_again_moves_all_lines_to_the_new_stream(log: Log):
    second = Log()
    configure_log(second.stream)

    structlog.get_logger().info("ours")
    logging.getLogger("library").warning("theirs")

    assert log.lines == []
    assert [line["event"] for line in second.lines] == ["ours", "theirs"]


@pytest.mark.usefixtures("logging_restored")
def test_in_a_terminal_a_line_is_for_people():
    stream = io.StringIO()
    configure_log(stream, terminal=True)

    structlog.get_logger().info("signed_in", phone="99899*****77")

    assert "signed_in" in stream.getvalue()
    assert "99899*****77" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


class Brittle(io.RawIOBase):
    """A file that takes nothing, or half of what it is given, while it is broken."""

    def __init__(self) -> None:
        self.content = b""
        self.takes: int | None = None

    def writable(self) -> bool:
        return True

    def write(self, content) -> int:
        if self.takes is None:
            self.content += bytes(content)
            return len(content)
        if self.takes == 0:
            message = "the disk is full"
            raise OSError(message)
        taken, self.takes = self.takes, 0
        self.content += bytes(content[:taken])
        return taken


@pytest.mark.parametrize("takes", [0, 10])
async def test_lines_that_cannot_be_written_are_counted_and_nothing_spins(logging_restored: None, takes: int):
    file = Brittle()
    configure_log(io.TextIOWrapper(io.BufferedWriter(file), encoding="utf-8"))
    assert logging_restored is None

    file.takes = takes
    for number in range(3):
        structlog.get_logger().info("lost", number=number)
        await asyncio.sleep(0)
    waiting = len(asyncio.get_running_loop()._ready) if hasattr(asyncio.get_running_loop(), "_ready") else 0
    file.takes = None
    structlog.get_logger().info("written")
    await asyncio.sleep(0)

    whole = [json.loads(line) for line in file.content.splitlines() if line.endswith(b"}")]
    assert waiting == 0
    assert [(line["event"], line.get("lines")) for line in whole] == [("log_lines_lost", 3), ("written", None)]
