"""The secrets that sign tokens: from the environment, or one that development makes for itself."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_FILE = "jwt_secret"
_BYTES = 32


def signing_secrets(configured: Sequence[bytes], data_dir: Path) -> tuple[bytes, ...]:
    """Give the configured secrets, newest first; with none, the one kept in the data folder, made if need be.

    Production never gets here without one: its settings refuse.
    """
    if configured:
        return tuple(configured)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data_dir / _FILE
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_hex(_BYTES), "ascii")
    return (path.read_bytes(),)
