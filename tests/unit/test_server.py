import socket
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from ovqat.edge.asgi import Receive, Scope, Send
from ovqat.errors import StoreFailure
from ovqat.server import _greet, _listener, _url, serve, uvicorn_config
from ovqat.settings import SettingsError
from tests.unit.conftest import SECRET, settings_of


async def nothing(_: Scope, __: Receive, ___: Send) -> None:
    """Answer nothing."""


def test_what_the_edge_does_itself_is_off_in_the_server():
    config = uvicorn_config(nothing)

    assert not any((config.access_log, config.proxy_headers, config.server_header, config.date_header))
    assert config.ws == "none"
    assert config.log_config is None


def test_a_stop_leaves_requests_in_flight_their_time():
    config = uvicorn_config(nothing)

    assert 10 <= config.timeout_graceful_shutdown <= 30


@pytest.mark.parametrize(("lifespan", "said"), [(True, "on"), (False, "off")])
def test_a_start_that_fails_stops_the_server(lifespan, said: str):
    assert uvicorn_config(nothing, lifespan=lifespan).lifespan == said


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://localhost:{}"), ("0.0.0.0", "http://localhost:{}"), ("127.0.0.2", "http://127.0.0.2:{}")],  # noqa: S104 loopback is what is meant
)
def test_where_it_listens_is_said_as_a_person_would_open_it(tmp_path: Path, host: str, url: str):
    with closing(_listener(settings_of(tmp_path, OVQAT_HOST=host, PORT="0"))) as listener:
        port = listener.getsockname()[1]

        assert port > 0
        assert _url(listener) == url.format(port)


def test_an_ipv6_address_is_listened_on_and_written_in_brackets(tmp_path: Path):
    with closing(_listener(settings_of(tmp_path, OVQAT_HOST="::1", PORT="0"))) as listener:
        assert _url(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_a_port_that_is_taken_is_said_with_what_to_do(tmp_path: Path):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]

        with pytest.raises(SettingsError) as refused:
            _listener(settings_of(tmp_path, PORT=str(port)))

    (sentence,) = refused.value.sentences
    assert all(word in sentence for word in ("PORT", "OVQAT_HOST", str(port)))


def test_an_address_that_is_not_this_machines_is_said_with_what_to_do(tmp_path: Path):
    with pytest.raises(SettingsError, match="OVQAT_HOST"):
        _listener(settings_of(tmp_path, OVQAT_HOST="192.0.2.1", PORT="0"))


def test_a_socket_that_could_not_be_bound_is_closed(tmp_path: Path):
    settings = settings_of(tmp_path, OVQAT_HOST="192.0.2.1", PORT="0")
    before = psutil.Process().num_fds()

    with pytest.raises(SettingsError) as refused:
        _listener(settings)

    assert refused.value.__traceback__
    assert psutil.Process().num_fds() == before


@pytest.mark.usefixtures("logging_restored")
def test_a_server_that_cannot_listen_does_not_start(tmp_path: Path):
    with closing(socket.create_server(("127.0.0.1", 0))) as other, pytest.raises(SettingsError, match="PORT"):
        serve(settings_of(tmp_path, PORT=str(other.getsockname()[1])))


@pytest.mark.usefixtures("logging_restored")
def test_a_server_whose_store_cannot_be_opened_promises_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "ovqat.db").write_bytes(b"this is no database " * 500)

    with pytest.raises(StoreFailure):
        serve(settings_of(tmp_path, PORT="0"))

    assert "serves at" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("host", "warned"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("192.0.2.1", True)]
)
def test_a_developer_who_opens_the_demo_to_a_network_is_warned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], host: str, warned
):
    _greet(settings_of(tmp_path, OVQAT_HOST=host), "http://localhost:3001")

    assert ("only your own network" in capsys.readouterr().out) is warned


def test_a_developer_is_told_where_to_look_and_what_is_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _greet(settings_of(tmp_path, API_KEY="a-made-up-partner-key"), "http://localhost:3001")

    said = capsys.readouterr().out
    assert "http://localhost:3001/demo" in said
    assert "http://localhost:3001/docs" in said
    assert all(name in said for name in ("DATABASE_URL", "JWT_SECRET", "API_KEY"))
    assert SECRET not in said
    assert "a-made-up-partner-key" not in said
