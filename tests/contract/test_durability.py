import signal
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest

from tests.contract.made_up import HIGH_LIMITS, new_number, sign_in
from tests.contract.wire import connection, head
from tests.running import SECRET, Server, eventually, server

PHONE, VERIFY, ME = "/api/auth/phone", "/api/auth/verify", "/api/me"
CLEAN = {0, -signal.SIGTERM}


def client_of(running: Server) -> httpx.Client:
    return httpx.Client(base_url=running.url, trust_env=False)


def refuses_connections(running: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", running.port), timeout=1).close()
    except OSError:
        return True
    return False


def test_a_power_cut_right_after_an_answered_sign_in_keeps_the_user() -> None:
    with server(JWT_SECRET=SECRET) as running:
        with client_of(running) as client:
            person = sign_in(client)
            running.kill()

        with running.restart() as again, client_of(again) as client:
            assert client.get(ME, headers=person.bearer).json()["userId"] == person.user_id
            assert sign_in(client, person.phone).user_id == person.user_id


def test_a_power_cut_among_many_sign_ins_keeps_every_answered_one() -> None:
    with server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running:
        with client_of(running) as client:
            people = [sign_in(client) for _ in range(100)]
            running.kill()

        kept = set(running.rows("SELECT phone, id FROM users"))
        assert {(person.phone, person.user_id) for person in people} <= kept
        assert running.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_power_cut_right_after_an_answer_keeps_a_setting_and_an_erasure() -> None:
    with server(JWT_SECRET=SECRET) as running:
        with client_of(running) as client:
            staying, leaving = sign_in(client), sign_in(client)
            client.patch(ME, headers=staying.bearer, json={"language": "ru"})
            client.delete(ME, headers=leaving.bearer)
            running.kill()

        with running.restart() as again, client_of(again) as client:
            assert client.get(ME, headers=staying.bearer).json()["language"] == "ru"
            assert client.get(ME, headers=leaving.bearer).status_code == 401
            assert client.post(VERIFY, json={"token": leaving.token}).status_code == 401


@pytest.mark.parametrize(("sign", "codes"), [(signal.SIGTERM, CLEAN), (signal.SIGINT, {0, 130})])
def test_a_server_that_is_told_to_stop_finishes_the_request_in_flight(sign: signal.Signals, codes: set[int]) -> None:
    phone = new_number()
    body = f'{{"phoneNumber":"{phone}"}}'.encode()
    with server(JWT_SECRET=SECRET) as running:
        with connection(running) as wire:
            wire.send(head("POST", PHONE, Content_Type="application/json", Content_Length=str(len(body))))
            wire.send(body[:10])
            running.ask_to_stop(sign)
            assert eventually(lambda: refuses_connections(running))

            wire.send(body[10:])
            answer = wire.answer()
        code = running.ended()

        assert answer.status == 200
        assert running.rows("SELECT id FROM users WHERE phone = ?", phone) == [(answer.json()["userId"],)]
        assert running.rows("SELECT kind FROM auth_events") == [("signed_in",)]
        assert code in codes


def test_a_server_that_is_told_to_stop_does_not_wait_for_those_who_ask_nothing() -> None:
    with server(JWT_SECRET=SECRET) as running, client_of(running) as client, connection(running) as silent:
        client.get("/api/health")
        asked = time.monotonic()

        code = running.stop()

        assert time.monotonic() - asked < 5
        assert code in CLEAN
        assert silent.is_closed()


def test_a_clean_stop_leaves_one_sound_database_file() -> None:
    with server(JWT_SECRET=SECRET) as running:
        with client_of(running) as client:
            sign_in(client)
        running.stop()

        assert sorted(file.name for file in running.folder.iterdir()) == ["log", "ovqat.db"]
        assert running.rows("PRAGMA integrity_check") == [("ok",)]


def test_a_restart_takes_less_than_two_seconds_and_finds_everyone() -> None:
    with server(JWT_SECRET=SECRET) as running:
        with client_of(running) as client:
            person = sign_in(client)
        running.stop()
        started = time.monotonic()

        with running.restart() as again, client_of(again) as client:
            assert time.monotonic() - started < 2
            assert client.get(ME, headers=person.bearer).status_code == 200


def test_a_lock_of_another_process_holds_up_only_who_has_to_write() -> None:
    with (
        server(JWT_SECRET=SECRET, **HIGH_LIMITS) as running,
        client_of(running) as client,
        closing(sqlite3.connect(running.folder / "ovqat.db", isolation_level=None)) as other,
        ThreadPoolExecutor(4) as pool,
    ):
        known = sign_in(client)
        other.execute("BEGIN IMMEDIATE")
        writing = [pool.submit(client.post, PHONE, json={"phoneNumber": new_number()}, timeout=10) for _ in range(4)]
        waits = []
        for _ in range(20):
            began = time.monotonic()
            assert client.post(PHONE, json={"phoneNumber": known.phone}).status_code == 200
            waits.append(time.monotonic() - began)
        other.execute("ROLLBACK")

        assert max(waits) < 1
        assert [answer.result().status_code for answer in writing] == [200] * 4


def test_a_stop_while_the_database_is_locked_loses_no_event() -> None:
    with server(JWT_SECRET=SECRET) as running, closing(sqlite3.connect(running.folder / "ovqat.db")) as other:
        other.isolation_level = None
        with client_of(running) as client:
            sign_in(client)
            assert eventually(lambda: running.rows("SELECT count(*) FROM auth_events") == [(1,)])
            other.execute("BEGIN IMMEDIATE")
            known = running.rows("SELECT phone FROM users")[0][0]
            assert client.post(PHONE, json={"phoneNumber": known}).status_code == 200
        running.ask_to_stop()
        time.sleep(2)
        other.execute("ROLLBACK")

        assert running.stop() in CLEAN
        assert running.rows("SELECT count(*) FROM auth_events") == [(2,)]


def test_an_erased_number_is_not_left_on_the_disk() -> None:
    with server(JWT_SECRET=SECRET) as running, client_of(running) as client:
        person = sign_in(client)

        assert client.delete(ME, headers=person.bearer).status_code == 204

        kept = b"".join(path.read_bytes() for path in running.folder.glob("ovqat.db*"))
        assert person.phone.encode() not in kept


def test_a_body_that_was_cut_off_is_not_carried_out() -> None:
    with server(JWT_SECRET=SECRET) as running:
        number = new_number()
        body = f'{{"phoneNumber": "{number}"}}'.encode()

        with connection(running) as wire:
            wire.send(head("POST", PHONE, Content_Type="application/json", Content_Length="500") + body)

        assert eventually(lambda: [line for line in running.lines() if line["path"] == PHONE])
        assert running.rows("SELECT count(*) FROM users") == [(0,)]
