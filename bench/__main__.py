"""`make bench`: verify and sign-in against the ceiling, with memory and start-up.

Server on one core, client on the other, 32 connections. Rounds are interleaved; each ratio is of the two
medians. Wall time on shared machines is noisy: compare ratios, never figures of different runs.
"""

import argparse
import json
import os
import random
import secrets
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.load import load
from ovqat.auth.token import TokenCodec
from ovqat.identifiers import uuid7

_SECRET = secrets.token_hex(32)
_KEY = secrets.token_hex(24)
_SERVER_CORE, _CLIENT_CORE = 0, 1
_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-API-Key: {key}\r\n"
    "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nUser-Agent: bench\r\nContent-Length: {length}\r\n\r\n"
)


def _request(path: str, body: dict[str, str]) -> bytes:
    content = json.dumps(body)
    return (_HEAD.format(path=path, key=_KEY, length=len(content)) + content).encode()


def _environment(database: Path) -> dict[str, str]:
    """Production with every feature on; limits are high, not off."""
    return {
        "PATH": os.environ["PATH"],
        "OVQAT_ENV": "production",
        "OVQAT_HOST": "127.0.0.1",
        "OVQAT_DATA_DIR": str(database.parent),
        "DATABASE_URL": f"sqlite:///{database}",
        "JWT_SECRET": _SECRET,
        "API_KEY": _KEY,
        "OVQAT_TRUSTED_PROXIES": "127.0.0.1",
        "OVQAT_ALLOWED_ORIGINS": "https://app.bank.example",
        "OVQAT_LIMITS_ADDRESS": "100000000/minute",
        "OVQAT_LIMITS_KEY": "100000000/minute",
        "OVQAT_LIMITS_NUMBER": "100000000/minute",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _server(command: Sequence[str], port: int, environ: dict[str, str], log: Path) -> Iterator[tuple[int, float]]:
    """Run a server on its core; give its process id and the seconds until it answered."""
    started = time.perf_counter()
    with log.open("ab") as sink:
        process = subprocess.Popen([sys.executable, *command], env={**environ, "PORT": str(port)}, stdout=sink, stderr=sink)
    psutil.Process(process.pid).cpu_affinity([_SERVER_CORE])
    try:
        yield process.pid, _wait(port, started, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait(port: int, started: float, process: subprocess.Popen[bytes]) -> float:
    while time.perf_counter() - started < 20:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.005)
    raise SystemExit(f"The server {process.args} did not start; see its log.")


def _fill(database: Path, count: int) -> list[tuple[str, str]]:
    """Put users into a database that a server has just made; give (id, phone) of some."""
    draw = random.Random(1)
    users = [(uuid7(time.time, draw.getrandbits), f"99890{number:07d}") for number in draw.sample(range(10_000_000), count)]
    with sqlite3.connect(database) as db:
        db.executemany("INSERT INTO users (id, phone, created_at) VALUES (?, ?, 1)", users)
    db.close()
    return draw.sample(users, min(count, 20_000))


def _median(figures: Sequence[float]) -> float:
    return statistics.median(figures)


def main() -> None:
    """Run it and print a table."""
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--seconds", type=float, default=2.0, help="of each load")
    options.add_argument("--users", type=int, default=1_000_000, help="in the large store")
    chosen = options.parse_args()
    psutil.Process().cpu_affinity([_CLIENT_CORE])
    with tempfile.TemporaryDirectory(prefix="ovqat-bench-") as folder:
        _measure(Path(folder), chosen.rounds, chosen.seconds, chosen.users)


def _measure(folder: Path, rounds: int, seconds: float, large: int) -> None:
    log = folder / "log"
    requests: dict[str, dict[str, list[bytes]]] = {}
    environs = {}
    starts = []
    for name, count in (("small", 1_000), ("large", large)):
        database = folder / name / "ovqat.db"
        environs[name] = _environment(database)
        with _server(["-m", "ovqat", "serve"], _free_port(), environs[name], log) as (_, took):
            starts.append(took)
        users = _fill(database, count)
        tokens = TokenCodec([_SECRET.encode()], time.time)
        requests[name] = {
            "verify": [_request("/api/auth/verify", {"token": tokens.issue(*user)}) for user in users],
            "phone": [_request("/api/auth/phone", {"phoneNumber": phone}) for _, phone in users],
        }
    ports = {name: _free_port() for name in ("small", "large", "ceiling")}
    ceiling = ["-m", "bench.ceiling", str(ports["ceiling"]), str(folder / "small" / "ovqat.db"), _SECRET]
    with (
        _server(["-m", "ovqat", "serve"], ports["small"], environs["small"], log) as (pid, took),
        _server(["-m", "ovqat", "serve"], ports["large"], environs["large"], log),
        _server(ceiling, ports["ceiling"], environs["small"], log),
    ):
        starts.append(took)
        rates = _rounds(ports, requests, rounds, seconds)
        memory = psutil.Process(pid).memory_info().rss / 1e6
    _report(rates, memory, _median(starts), large)


def _rounds(ports: dict[str, int], requests: dict[str, dict[str, list[bytes]]], rounds: int, seconds: float) -> dict[str, list[float]]:
    plan = {
        "verify, ceiling": (ports["ceiling"], requests["small"]["verify"]),
        "verify": (ports["small"], requests["small"]["verify"]),
        "sign-in, ceiling": (ports["ceiling"], requests["small"]["phone"]),
        "sign-in, 1,000 users": (ports["small"], requests["small"]["phone"]),
        "sign-in, many users": (ports["large"], requests["large"]["phone"]),
    }
    rates: dict[str, list[float]] = {name: [] for name in plan}
    for turn in range(rounds + 1):
        for name, (port, asked) in plan.items():
            brought = load(port, asked, seconds if turn else 0.5)
            assert brought.errors == 0, f"{name}: {brought.errors} answers were not 200"
            if turn:
                rates[name].append(brought.per_second)
    return rates


def _report(rates: dict[str, list[float]], memory: float, start: float, large: int) -> None:
    medians = {name: _median(figures) for name, figures in rates.items()}
    for name, median in medians.items():
        print(f"{name:<24}{median:>9,.0f} /s   {1e6 / median:6.1f} µs   ({min(rates[name]):,.0f} to {max(rates[name]):,.0f})")
    print(f"\nverify / ceiling                 {medians['verify'] / medians['verify, ceiling']:.2f}   (aim ≥ 0.65)")
    print(f"sign-in / ceiling                {medians['sign-in, 1,000 users'] / medians['sign-in, ceiling']:.2f}   (aim ≥ 0.45)")
    slower = medians["sign-in, 1,000 users"] / medians["sign-in, many users"]
    print(f"time with {large:,} users / 1,000  {slower:.2f}   (aim ≤ 1.3)")
    print(f"memory of the worker             {memory:.0f} MB (aim ≤ 90)")
    print(f"start to first answer            {start:.2f} s (aim ≤ 1)")


if __name__ == "__main__":
    main()
