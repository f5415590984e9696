import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.contract.made_up import HIGH_LIMITS, PARTNER_KEY, sign_in
from tests.running import SECRET, Server, eventually, production, server

VERIFY, ME = "/api/auth/verify", "/api/me"
NOBODY = "998900999999"


@pytest.fixture(scope="module")
def operated() -> Generator[Server]:
    """A server that an operator works on."""
    with server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
def calling(operated: Server) -> Generator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=operated.url, trust_env=False) as client:
        yield client


def run(words: list[str], environ: dict[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the program with just these variables."""
    return subprocess.run(
        [sys.executable, "-m", "ovqat", *words],
        env=environ,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


# People


def test_show_says_what_is_kept_about_a_person_with_their_number_masked(
    operated: Server, calling: httpx.Client
) -> None:
    person = sign_in(calling)
    calling.patch(ME, headers=person.bearer, json={"language": "uz-Cyrl", "theme": "dark"})

    command = operated.command("user", "show", f"+998 {person.phone[3:]}")

    assert (command.returncode, command.stderr) == (0, "")
    for said in (person.user_id, f"{person.phone[:5]}*****{person.phone[-2:]}", "uz-Cyrl", "dark", "Asia/Tashkent"):
        assert said in command.stdout
    assert person.phone not in command.stdout


def test_revoke_kills_all_tokens_within_two_seconds_and_new_ones_live_at_once(
    operated: Server, calling: httpx.Client
) -> None:
    person, bystander = sign_in(calling), sign_in(calling)

    command = operated.command("user", "revoke", person.phone)
    again = sign_in(calling, person.phone)

    assert command.returncode == 0
    assert eventually(lambda: calling.get(ME, headers=person.bearer).status_code == 401, within_s=3)
    assert calling.post(VERIFY, json={"token": person.token}).status_code == 401
    assert calling.get(ME, headers=again.bearer).status_code == 200
    assert again.user_id == person.user_id
    assert calling.get(ME, headers=bystander.bearer).status_code == 200


def test_erase_with_yes_erases_at_once_and_the_server_knows_within_two_seconds(
    operated: Server, calling: httpx.Client
) -> None:
    person = sign_in(calling)

    command = operated.command("user", "erase", person.phone, "--yes")

    assert command.returncode == 0
    assert person.phone not in command.stdout + command.stderr
    assert operated.rows("SELECT 1 FROM users WHERE id = ?", person.user_id) == []
    assert calling.get(ME, headers=person.bearer).status_code == 401
    assert eventually(lambda: calling.post(VERIFY, json={"token": person.token}).status_code == 401, within_s=3)
    assert sign_in(calling, person.phone).user_id != person.user_id


def test_what_happened_to_an_erased_person_is_erased_too(operated: Server, calling: httpx.Client) -> None:
    person = sign_in(calling)
    events = "SELECT 1 FROM auth_events WHERE user_id = ?"
    assert eventually(lambda: operated.rows(events, person.user_id))

    operated.command("user", "erase", person.phone, "--yes")

    assert operated.rows(events, person.user_id) == []
    assert operated.rows("SELECT 1 FROM auth_events WHERE kind = 'erased' AND user_id IS NULL") != []


def test_what_the_server_has_not_written_yet_of_an_erased_person_is_not_written_any_more(
    operated: Server, calling: httpx.Client
) -> None:
    person = sign_in(calling)
    command = [sys.executable, "-m", "ovqat", "user", "erase", person.phone, "--yes"]
    with subprocess.Popen(command, env=operated.environ, stdout=subprocess.DEVNULL) as erasing:
        anew = eventually(lambda: (last := sign_in(calling, person.phone)).user_id != person.user_id and last)
        assert erasing.wait(10) == 0

    assert anew
    assert eventually(lambda: operated.rows("SELECT 1 FROM auth_events WHERE user_id = ?", anew.user_id))
    assert operated.rows("SELECT kind, phone_masked FROM auth_events WHERE user_id = ?", person.user_id) == []


@pytest.mark.parametrize(("said", "erased"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_erase_asks_first(operated: Server, calling: httpx.Client, said: str, *, erased: bool) -> None:
    person = sign_in(calling)

    command = operated.command("user", "erase", person.phone, stdin=said)

    assert command.returncode == (0 if erased else 1)
    assert f"{person.phone[:5]}*****{person.phone[-2:]}" in command.stderr
    assert (operated.rows("SELECT 1 FROM users WHERE id = ?", person.user_id) == []) is erased


def test_erase_that_gets_no_answer_erases_nothing(operated: Server, calling: httpx.Client) -> None:
    person = sign_in(calling)

    command = operated.command("user", "erase", person.phone)

    assert command.returncode == 1
    assert "Traceback" not in command.stderr
    assert operated.rows("SELECT 1 FROM users WHERE id = ?", person.user_id) == [(1,)]


@pytest.mark.parametrize("action", ["show", "revoke", "erase"])
@pytest.mark.parametrize(("phone", "sentence"), [(NOBODY, "Nobody with this number"), ("x", "no phone number")])
def test_a_number_of_nobody_is_answered_with_a_sentence(
    operated: Server, action: str, phone: str, sentence: str
) -> None:
    command = operated.command("user", action, phone)

    assert command.returncode == 1
    assert sentence in command.stderr
    assert len(command.stderr.splitlines()) == 1


def test_a_command_on_a_database_that_is_none_says_so_in_a_sentence(operated: Server) -> None:
    broken = operated.folder / "broken.db"
    broken.write_text("this is no database, and long enough to be seen as none" * 100)

    command = run(["user", "show", NOBODY], {**operated.environ, "DATABASE_URL": f"sqlite:///{broken}"})

    assert command.returncode == 1
    assert "doctor" in command.stderr
    assert "Traceback" not in command.stderr


# Doctor


def test_doctor_finds_a_sound_installation_sound_and_tells_no_secret(operated: Server) -> None:
    environ = {**operated.environ, "PORT": str(operated.port), "API_KEY": PARTNER_KEY}

    command = run(["doctor"], environ)

    findings = [line for line in command.stdout.splitlines() if line.startswith(("ok", "FAIL"))]
    pages = [finding for finding in findings if "mini-app" in finding]
    assert all(finding.startswith("ok") for finding in findings if finding not in pages)
    assert command.returncode == (0 if all(page.startswith("ok") for page in pages) else 1)
    assert "/api/ready with 200" in command.stdout
    assert SECRET not in command.stdout
    assert PARTNER_KEY not in command.stdout


def test_doctor_shows_each_setting_and_where_it_came_from(operated: Server) -> None:
    environ = {**operated.environ, "OVQAT_ALLOWED_ORIGINS": "https://app.bank.example"}

    shown = {line.split()[0]: line for line in run(["doctor"], environ).stdout.splitlines() if line.strip()}

    for name in (
        "PORT",
        "DATABASE_URL",
        "JWT_SECRET",
        "API_KEY",
        "OVQAT_ENV",
        "OVQAT_DATA_DIR",
        "OVQAT_TRUSTED_PROXIES",
    ):
        assert shown[name].endswith(("(environment)", "(default)"))
    assert shown["OVQAT_ALLOWED_ORIGINS"].endswith("https://app.bank.example  (environment)")
    assert shown["OVQAT_ENV"].endswith("development  (default)")


def test_doctor_finds_a_database_that_is_none(operated: Server) -> None:
    broken = operated.folder / "no.db"
    broken.write_text("this is no database, and long enough to be seen as none" * 100)

    command = run(["doctor"], {**operated.environ, "DATABASE_URL": f"sqlite:///{broken}"})

    assert command.returncode == 1
    assert "FAIL The store does not work" in command.stdout


def test_doctor_refuses_settings_as_the_server_does(operated: Server) -> None:
    command = run(["doctor"], {**operated.environ, "OVQAT_ENV": "production", "JWT_SECRET": ""})

    assert command.returncode == 1
    assert "JWT_SECRET" in command.stderr


# Serve


@pytest.mark.parametrize(
    ("changes", "variables"),
    [
        ({"JWT_SECRET": ""}, ["JWT_SECRET"]),
        ({"JWT_SECRET": "short"}, ["JWT_SECRET"]),
        ({"JWT_SECRET": f"{SECRET},short"}, ["JWT_SECRET"]),
        ({"API_KEY": ""}, ["API_KEY"]),
        ({"API_KEY": "short"}, ["API_KEY"]),
        ({"OVQAT_LIMITS_DISABLED": "1"}, ["OVQAT_LIMITS_DISABLED"]),
        ({"OVQAT_ALLOWED_ORIGINS": "*"}, ["OVQAT_ALLOWED_ORIGINS"]),
        ({"OVQAT_ALLOWED_ORIGINS": "https://app.bank.example,*"}, ["OVQAT_ALLOWED_ORIGINS"]),
        ({"OVQAT_PUBLIC_URL": "http://ovqat.example.com"}, ["OVQAT_PUBLIC_URL"]),
        ({"OVQAT_ENV": "prodution"}, ["OVQAT_ENV"]),
        (
            {"JWT_SECRET": "", "API_KEY": "", "OVQAT_LIMITS_DISABLED": "1", "OVQAT_ALLOWED_ORIGINS": "*"},
            ["JWT_SECRET", "API_KEY", "OVQAT_LIMITS_DISABLED", "OVQAT_ALLOWED_ORIGINS"],
        ),
    ],
)
def test_production_refuses_to_start_and_says_which_variable_to_set(
    operated: Server, changes: dict[str, str], variables: list[str]
) -> None:
    command = run(["serve"], {**operated.environ, **production(**changes)})

    assert command.returncode == 1
    assert "Traceback" not in command.stderr
    sentences = command.stderr.splitlines()
    assert len(sentences) == len(variables)
    for variable in variables:
        assert [variable in sentence for sentence in sentences].count(True) == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("JWT_SECRET", "short"),
        ("DATABASE_URL", "mysql://root:a-made-up-password@localhost/x"),
        ("OVQAT_TRUSTED_PROXIES", "everyone"),
        ("OVQAT_LIMITS_ADDRESS", "often"),
        ("OVQAT_LIMITS_DISABLED", "perhaps"),
        ("OVQAT_ALLOWED_ORIGINS", "*"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named_and_no_secret_with_it(
    operated: Server, variable: str, value: str
) -> None:
    command = run(["serve"], {**operated.environ, variable: value})

    assert command.returncode == 1
    assert variable in command.stderr
    assert "a-made-up-password" not in command.stderr
    assert "Traceback" not in command.stderr


def test_a_port_in_use_is_said_in_a_sentence(operated: Server) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])

        command = run(["serve"], {**operated.environ, "PORT": port})

    assert command.returncode == 1
    assert "PORT" in command.stderr
    assert port in command.stderr
    assert len(command.stderr.splitlines()) == 1


def test_a_data_folder_that_cannot_be_made_is_said_in_a_sentence(operated: Server) -> None:
    occupied = operated.folder / "a-file"
    occupied.touch()

    command = run(["serve"], {**operated.environ, "OVQAT_DATA_DIR": str(occupied / "data")})

    assert command.returncode == 1
    assert "Traceback" not in command.stdout + command.stderr
    assert "OVQAT_DATA_DIR" in command.stdout + command.stderr or str(occupied) in command.stdout + command.stderr


def test_a_database_that_is_none_is_said_in_a_sentence(operated: Server) -> None:
    broken = operated.folder / "unopenable.db"
    broken.write_text("this is no database, and long enough to be seen as none" * 100)

    command = run(["serve"], {**operated.environ, "DATABASE_URL": f"sqlite:///{broken}"})

    assert command.returncode == 1
    assert "Traceback" not in command.stdout + command.stderr


def test_a_developer_is_told_where_to_look_and_what_is_used_without_secrets(operated: Server) -> None:
    greeting = operated.log.read_text("utf-8").partition("\n{")[0]

    for said in (f":{operated.port}", "/demo", "/docs", "DATABASE_URL", "JWT_SECRET", "API_KEY"):
        assert said in greeting
    assert SECRET not in greeting


def test_production_logs_what_it_serves_with_as_one_line_without_secrets(production_server: Server) -> None:
    (line,) = [line for line in production_server.lines() if line["event"] == "serving"]

    assert line["settings"]["OVQAT_ENV"] == "production"
    assert SECRET not in production_server.log.read_text("utf-8")
    assert PARTNER_KEY not in production_server.log.read_text("utf-8")


def test_a_command_in_another_folder_makes_no_database_and_says_where_it_looked(tmp_path: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "ovqat", "user", "erase", "998997961877", "--yes"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert asked.returncode == 1
    assert str(tmp_path / "data" / "ovqat.db") in asked.stderr
    assert list(tmp_path.iterdir()) == []


def test_production_without_a_trusted_proxy_says_so_at_its_start() -> None:
    with server(**production(OVQAT_TRUSTED_PROXIES="")) as alone, server(**production()) as behind:
        warned = [
            [line["sentence"] for line in running.lines() if line["event"] == "no_trusted_proxy"]
            for running in (alone, behind)
        ]

    assert len(warned[0]) == 1
    assert "OVQAT_TRUSTED_PROXIES" in warned[0][0]
    assert warned[1] == []
