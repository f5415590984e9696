"""Run the program as an operator does: its own process, on loopback, on a free port, in its own folder."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

SECRET = "a-made-up-secret-of-more-than-32-bytes"
_PASSED_ON = ("PATH", "HOME", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
_START_S = 20.0
_STOP_S = 30.0
_LOOK_EVERY_S = 0.02

Answer = TypeVar("Answer")


class Server:
    """A server that runs; its log is a file."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self.folder = folder
        self.environ = {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            "OVQAT_DATA_DIR": str(folder),
            "PORT": "0",
            **environ,
        }
        self.log = folder / "log"
        with self.log.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ovqat", "serve"], env=self.environ, stdout=sink, stderr=subprocess.STDOUT
            )
        try:
            self.port = self._wait()
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def lines(self) -> list[dict[str, Any]]:
        """Give what it has logged as JSON."""
        whole = self.log.read_text("utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def lines_of(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """Give what it has logged of the request with an answer's id; a line may come just after its answer."""
        return [line for line in self.lines() if line.get("request_id") == answer.headers["x-request-id"]]

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement on its database and give the rows; what it changes is committed."""
        path = self.folder / "ovqat.db"
        with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as database:
            return database.execute(sql, parameters).fetchall()

    def command(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run `ovqat …` with the server's own environment."""
        return subprocess.run(
            [sys.executable, "-m", "ovqat", *words],
            env=self.environ, input=stdin, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(_STOP_S)

    def stop(self) -> int:
        """Ask it to end, as an init system does; give its exit code."""
        self.ask_to_stop()
        return self.ended()

    def ended(self) -> int:
        """Wait until it has ended; give its exit code."""
        try:
            return self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def ask_to_stop(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, and do not wait for that."""
        if self._process.poll() is None:
            self._process.send_signal(sign)

    def restart(self, **changes: str) -> "Server":
        """Run it again in the same folder, with some variables changed; `with` ends it."""
        return Server({**self.environ, **changes}, self.folder)

    def _wait(self) -> int:
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            port = self._listening()
            if port is not None and self._answers(port):
                return port
            time.sleep(_LOOK_EVERY_S)
        message = f"the server did not start:\n{self.log.read_text('utf-8')}"
        raise AssertionError(message)

    def _listening(self) -> int | None:
        try:
            connections = psutil.Process(self._process.pid).net_connections("tcp")
        except psutil.NoSuchProcess:
            return None
        return next((c.laddr.port for c in connections if c.status == psutil.CONN_LISTEN), None)

    def _answers(self, port: int) -> bool:
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asking.request("GET", "/api/ready")
            return asking.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()


def eventually(look: Callable[[], Answer], *, within_s: float = 5.0) -> Answer:
    """Give the first true answer of `look`, which is asked again and again; the last one when time is over."""
    deadline = time.monotonic() + within_s
    while not (answer := look()) and time.monotonic() < deadline:
        time.sleep(_LOOK_EVERY_S)
    return answer


@contextmanager
def server(**environ: str) -> Generator[Server]:
    """Run a server with these variables for the length of a block."""
    with tempfile.TemporaryDirectory(prefix="ovqat-test-") as folder:
        running = Server(environ, Path(folder))
        try:
            yield running
        finally:
            running.stop()


def production(**environ: str) -> dict[str, str]:
    """Give the variables of a production server behind a proxy on this machine."""
    return {
        "OVQAT_ENV": "production",
        "OVQAT_HOST": "127.0.0.1",
        "JWT_SECRET": SECRET,
        "API_KEY": "a-made-up-partner-key",
        "OVQAT_TRUSTED_PROXIES": "127.0.0.1",
        **environ,
    }
