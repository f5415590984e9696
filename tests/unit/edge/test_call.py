import asyncio

import pytest

from ovqat.edge import call as call_module
from ovqat.edge.call import BODY_TIMEOUT_S, Call
from ovqat.errors import BodyMalformed, BodyTimeout, BodyTooLarge
from tests.unit.asking import Wire, call, scope_of

LIMIT = 16 * 1024


def receiving(wire: Wire, **headers: str) -> Call:
    return call(headers={name.replace("_", "-"): value for name, value in headers.items()}, receive=wire)


def test_a_header_is_found_by_its_lower_case_name():
    asked = call(headers={"x-api-key": "a"})

    assert asked.header(b"x-api-key") == b"a"
    assert asked.header(b"x-request-id") is None


def test_a_call_is_found_by_the_resource_that_serves_its_scope():
    asked = call()
    scope = scope_of("GET", "/api/me")

    asked.attach(scope)

    assert Call.of(scope) is asked


@pytest.mark.parametrize("turns", [False, True])
@pytest.mark.parametrize(
    "pieces", [(b"",), (b"abc",), (b"a", b"b", b"c"), (b"", b"abc", b""), tuple(bytes([n]) for n in range(200))]
)
async def test_a_body_is_put_together_from_its_pieces(pieces: tuple[bytes, ...], turns):
    body = await receiving(Wire(*pieces, turns=turns)).body(LIMIT)

    assert body == b"".join(pieces)


@pytest.mark.parametrize("turns", [False, True])
async def test_a_body_of_just_the_limit_is_read(turns):
    wire = Wire(b"x" * (LIMIT - 1), b"x", turns=turns)

    assert len(await receiving(wire).body(LIMIT)) == LIMIT


async def test_a_body_that_says_it_is_too_long_is_not_read_at_all():
    wire = Wire(b"x" * 1000)

    with pytest.raises(BodyTooLarge) as refused:
        await receiving(wire, content_length=str(LIMIT + 1)).body(LIMIT)

    assert wire.pulled == 0
    assert (refused.value.status, refused.value.code) == (413, "body_too_large")
    assert str(LIMIT) in refused.value.sentence


@pytest.mark.parametrize("turns", [False, True])
async def test_a_body_without_a_length_is_read_up_to_the_limit_and_no_further(turns):
    piece = b"x" * 1024
    wire = Wire(*[piece] * 1000, turns=turns)

    with pytest.raises(BodyTooLarge):
        await receiving(wire).body(LIMIT)

    assert wire.pulled == LIMIT + len(piece)


async def test_a_body_longer_than_it_said_is_refused():
    with pytest.raises(BodyTooLarge):
        await receiving(Wire(b"x" * 100, b"x" * LIMIT), content_length="10").body(LIMIT)


@pytest.mark.parametrize("pieces", [(b"abc",), (b"abc", b"def")])
@pytest.mark.parametrize("turns", [False, True])
async def test_a_body_whose_client_left_is_not_taken_for_whole(pieces: tuple[bytes, ...], turns):
    wire = Wire(*pieces, end="gone", turns=turns)

    with pytest.raises(BodyMalformed):
        await receiving(wire).body(LIMIT)


async def test_a_body_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(call_module, "BODY_TIMEOUT_S", 0.01)
    silent = asyncio.Event()

    async def receive() -> dict[str, object]:
        await silent.wait()
        return {}

    with pytest.raises(BodyTimeout) as refused:
        await call(receive=receive).body(LIMIT)

    assert (refused.value.status, refused.value.code) == (408, "body_timeout")


async def test_a_body_that_stops_half_way_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(call_module, "BODY_TIMEOUT_S", 0.01)

    with pytest.raises(BodyTimeout):
        await receiving(Wire(b"abc", end="silence")).body(LIMIT)


async def test_a_body_that_trickles_is_given_up_when_its_whole_time_is_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(call_module, "BODY_TIMEOUT_S", 0.05)
    loop = asyncio.get_running_loop()
    started = loop.time()

    async def trickle() -> dict[str, object]:
        arrived = loop.create_future()
        loop.call_later(0.01, arrived.set_result, None)
        await arrived
        return {"type": "http.request", "body": b"x", "more_body": loop.time() < started + 5}

    with pytest.raises(BodyTimeout):
        await call(receive=trickle).body(LIMIT)

    assert loop.time() - started < 2


async def test_what_waits_for_a_body_that_is_given_up_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(call_module, "BODY_TIMEOUT_S", 0.01)
    ended = []

    async def receive() -> dict[str, object]:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)
        return {}

    with pytest.raises(BodyTimeout):
        await call(receive=receive).body(LIMIT)

    assert ended == [True]


async def test_after_the_body_a_wait_for_the_clients_leaving_has_no_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(call_module, "BODY_TIMEOUT_S", 0)
    left = asyncio.Event()
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, object]:
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    asked = call(receive=receive)
    await asked.receive()
    waiting = asyncio.create_task(asked.receive())
    asyncio.get_running_loop().call_later(0.01, left.set)

    assert (await waiting)["type"] == "http.disconnect"


async def test_a_receiver_that_fails_says_why():
    async def receive() -> dict[str, object]:
        await asyncio.sleep(0)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await call(receive=receive).body(LIMIT)


def test_a_body_has_ten_seconds():
    assert BODY_TIMEOUT_S == 10
