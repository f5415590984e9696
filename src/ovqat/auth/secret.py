"""The secrets that sign tokens: from the environment, or one that development makes for itself."""

import os
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ovqat.settings import SECRET_MIN_BYTES, SettingsError

_FILE = "jwt_secret"


def signing_secrets(configured: Sequence[bytes], data_dir: Path) -> tuple[bytes, ...]:
    """Give the configured secrets, newest first; with none, the one kept in the data folder, made if need be.

    Production never gets here without one: its settings refuse. Raises SettingsError if none can be kept.
    """
    if configured:
        return tuple(configured)
    try:
        return (_kept(data_dir),)
    except OSError as error:
        sentence = f"Set JWT_SECRET, or OVQAT_DATA_DIR to a folder where one can be kept: {data_dir}: {error.strerror}."
        raise SettingsError([sentence]) from error


def _kept(folder: Path) -> bytes:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / _FILE
    if not path.exists():
        _make(path, folder)
    secret = path.read_bytes()
    if len(secret) < SECRET_MIN_BYTES:  # left by a crash or a full disk: it has never signed anything
        path.unlink()
        _make(path, folder)
        secret = path.read_bytes()
    return secret


def _make(path: Path, folder: Path) -> None:
    """Make a secret whole before it has its name: of processes that start together, one gives it to all."""
    descriptor, draft = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(SECRET_MIN_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()
