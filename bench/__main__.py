"""`make bench`: verify and sign-in against the ceiling, with memory and start-up.

One worker: the server on one core, the client on the other, 32 connections, every feature on, limits high rather
than off. Rounds are interleaved and every figure is a median. Wall time on a shared machine is noisy, so each
ratio is also given by the server's own processor time; compare ratios, never figures of different runs.
"""

import argparse
import json
import os
import random
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import msgspec
import psutil

from bench.load import load
from ovqat.auth.token import TokenCodec
from ovqat.identifiers import uuid7

SERVER_CORE, CLIENT_CORE = 0, 1
WARM_UP_S = 0.5
START_S = 20.0
SMALL = 1_000
ASKED_ABOUT = 20_000
"""How many of a store's users the requests are about, at most."""

_SECRET = secrets.token_hex(32)
_KEY = secrets.token_hex(24)
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-API-Key: {key}\r\n"
    "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nUser-Agent: bench\r\nContent-Length: {length}\r\n\r\n"
)


class Cost(msgspec.Struct, frozen=True):
    """What one request took, in microseconds."""

    wall: float
    processor: float
    """Of the server's process, user and system."""


class Running(msgspec.Struct, frozen=True):
    """A server under measurement."""

    port: int
    process_id: int
    start_s: float
    """From its launch to its first answer."""

    def cost(self, requests: Sequence[bytes], seconds: float) -> Cost:
        """Load it and give what a request took."""
        process = psutil.Process(self.process_id)
        before = sum(process.cpu_times()[:2])
        brought = load(self.port, requests, seconds)
        spent = sum(process.cpu_times()[:2]) - before
        assert brought.errors == 0, f"{brought.errors} answers were not 200"
        return Cost(1e6 * brought.seconds / brought.requests, 1e6 * spent / brought.requests)


class Users(msgspec.Struct, frozen=True):
    """A store with people in it, and requests about some of them."""

    database: Path
    verify: list[bytes]
    phone: list[bytes]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--seconds", type=float, default=2.0, help="of each load")
    options.add_argument("--users", type=int, default=1_000_000, help="in the large store")
    chosen = options.parse_args()
    psutil.Process().cpu_affinity([CLIENT_CORE])
    with tempfile.TemporaryDirectory(prefix="ovqat-bench-") as folder:
        _measure(Path(folder), chosen.rounds, chosen.seconds, chosen.users)


def _measure(folder: Path, rounds: int, seconds: float, many: int) -> None:
    few_users = _users(folder / "few", SMALL)
    many_users = _users(folder / "many", many)
    with (
        _server(["-m", "ovqat", "serve"], few_users.database) as few,
        _server(["-m", "ovqat", "serve"], many_users.database) as crowded,
        _server(["-m", "bench.ceiling", str(few_users.database), _SECRET], few_users.database) as ceiling,
    ):
        plan = {
            "verify, ceiling": (ceiling, few_users.verify),
            "verify": (few, few_users.verify),
            "sign-in, ceiling": (ceiling, few_users.phone),
            "sign-in": (few, few_users.phone),
            f"sign-in, {many:,} users": (crowded, many_users.phone),
        }
        costs: dict[str, list[Cost]] = {name: [] for name in plan}
        for server, requests in plan.values():
            server.cost(requests, WARM_UP_S)
        for _ in range(rounds):
            for name, (server, requests) in plan.items():
                costs[name].append(server.cost(requests, seconds))
        memory = psutil.Process(few.process_id).memory_info().rss
    _report(costs, memory, (few.start_s, crowded.start_s), f"sign-in, {many:,} users")


def _report(costs: dict[str, list[Cost]], memory: int, starts: Iterable[float], crowded: str) -> None:
    wall = {name: median(cost.wall for cost in taken) for name, taken in costs.items()}
    processor = {name: median(cost.processor for cost in taken) for name, taken in costs.items()}
    print(f"{'':<26}{'a second':>10}{'wall':>11}{'processor':>13}")
    for name in costs:
        print(f"{name:<26}{1e6 / wall[name]:>10,.0f}{wall[name]:>8.1f} µs{processor[name]:>10.1f} µs")
    print()
    for label, over, under, aim in (
        ("verify / ceiling", "verify, ceiling", "verify", "≥ 0.65"),
        ("sign-in / ceiling", "sign-in, ceiling", "sign-in", "≥ 0.45"),
        (f"{crowded} / {SMALL:,}", crowded, "sign-in", "≤ 1.3 (time)"),
    ):
        by_wall, by_processor = wall[over] / wall[under], processor[over] / processor[under]
        print(f"{label:<34}{by_wall:>6.2f} wall{by_processor:>7.2f} processor   {aim}")
    print(f"{'memory of the worker':<34}{memory / 1e6:>6.0f} MB   ≤ 90")
    print(f"{'launch to first answer':<34}{median(starts):>6.2f} s    ≤ 1")


@contextmanager
def _server(command: Sequence[str], database: Path) -> Generator[Running]:
    """Run a server on its core."""
    port = _free_port()
    started = time.perf_counter()
    with (database.parent / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, *command], env=_environment(database, port), stdout=log, stderr=log)
    psutil.Process(process.pid).cpu_affinity([SERVER_CORE])
    try:
        _wait(port, process)
        yield Running(port, process.pid, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_S)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + START_S
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/ready", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.005)
    message = f"The server {process.args!r} did not start; read its log."
    raise SystemExit(message)


def _users(folder: Path, count: int) -> Users:
    """Let the program make a store, put people into it, and write requests about some of them."""
    database = folder / "ovqat.db"
    folder.mkdir()
    with _server(["-m", "ovqat", "serve"], database):
        pass
    phones = [f"99890{number:07d}" for number in range(count)]
    people = [(uuid7(time.time), phone) for phone in phones]
    with closing(sqlite3.connect(database)) as db, db:
        db.executemany("INSERT INTO users (id, phone, created_at) VALUES (?, ?, 1)", people)
    tokens = TokenCodec([_SECRET.encode()], time.time)
    asked_about = random.Random(1).sample(people, min(count, ASKED_ABOUT))  # noqa: S311 a fixed draw, not a secret
    return Users(
        database,
        [_request("/api/auth/verify", {"token": tokens.issue(*person)}) for person in asked_about],
        [_request("/api/auth/phone", {"phoneNumber": phone}) for _, phone in asked_about],
    )


def _request(path: str, body: dict[str, str]) -> bytes:
    content = json.dumps(body)
    return (_HEAD.format(path=path, key=_KEY, length=len(content)) + content).encode()


def _environment(database: Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "OVQAT_ENV": "production",
        "OVQAT_HOST": "127.0.0.1",
        "OVQAT_DATA_DIR": str(database.parent),
        "DATABASE_URL": f"sqlite:///{database}",
        "JWT_SECRET": _SECRET,
        "API_KEY": _KEY,
        "OVQAT_TRUSTED_PROXIES": "127.0.0.1",
        "OVQAT_ALLOWED_ORIGINS": "https://app.bank.example",
        **{f"OVQAT_LIMITS_{name}": "1000000000/minute" for name in ("ADDRESS", "KEY", "NUMBER", "FAILED")},
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
