import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ovqat.auth.secret import signing_secrets

CONFIGURED = [b"the-newest-made-up-secret-of-32-bytes", b"the-older-made-up-secret-of-32-bytes!"]


def test_configured_secrets_are_used_in_their_order(tmp_path: Path):
    secrets = signing_secrets(CONFIGURED, tmp_path / "data")

    assert secrets == tuple(CONFIGURED)
    assert not (tmp_path / "data").exists()


def test_a_secret_that_is_made_is_long_and_kept(tmp_path: Path):
    made = signing_secrets([], tmp_path)

    assert len(made) == 1
    assert len(made[0]) >= 32
    assert signing_secrets([], tmp_path) == made


def test_each_folder_has_a_secret_of_its_own(tmp_path: Path):
    assert signing_secrets([], tmp_path / "one") != signing_secrets([], tmp_path / "two")


def test_nobody_else_may_read_a_secret_that_is_made(tmp_path: Path):
    folder = tmp_path / "deep" / "data"

    signing_secrets([], folder)

    assert stat.S_IMODE((folder / "jwt_secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_processes_that_start_together_use_one_secret(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        for attempt in range(25):
            folder = tmp_path / str(attempt)

            made = set(pool.map(lambda _, folder=folder: signing_secrets([], folder), range(8)))

            assert made == {signing_secrets([], folder)}


def test_a_secret_file_that_was_left_empty_never_signs(tmp_path: Path):
    (tmp_path / "jwt_secret").touch()

    secrets = signing_secrets([], tmp_path)

    assert all(len(secret) >= 32 for secret in secrets)
