import pytest

from ovqat.demo.tap import Exchange, Tap
from ovqat.edge.asgi import Message, Receive, Scope, Send
from tests.unit.asking import Answered, Wire, ask
from tests.unit.clock import NOW, HandClock


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the body that was sent."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"text/plain"), (b"x-request-id", b"r1"), (b"x-hidden", b"1")]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": scope["method"].encode() + b" ", "more_body": True})
    await send({"type": "http.response.body", "body": body})


async def tapped(*targets: str, **more: object) -> tuple[Tap, Answered]:
    tap = Tap(echo)
    answered = Answered()
    for target in targets:
        answered = await ask(tap, "POST", target, **more)
    return tap, answered


async def exchange(**more: object) -> Exchange:
    tap, _ = await tapped("/api/x", **more)
    (kept,) = tap.after(0)
    return kept


async def test_a_call_and_its_answer_pass_unchanged_and_are_kept():
    tap, answered = await tapped("/api/x?q=1", body=b'{"a":1}')

    (kept,) = tap.after(0)
    assert (answered.status, answered.body) == (201, b'POST {"a":1}')
    assert answered.header("x-hidden") == "1"
    assert (kept.number, kept.method, kept.path, kept.status) == (1, "POST", "/api/x", 201)
    assert (kept.request_body, kept.answer_body) == ('{"a":1}', 'POST {"a":1}')
    assert kept.ms >= 0


async def test_only_headers_that_explain_the_protocol_are_shown():
    kept = await exchange(headers={"Content-Type": "application/json", "cookie": "c", "user-agent": "u"}, body=b"{}")

    assert kept.request_headers == {"content-type": "application/json"}
    assert kept.answer_headers == {"content-type": "text/plain", "x-request-id": "r1"}


@pytest.mark.parametrize("key", ["a-made-up-partner-key", "ovq_live_1_made-up", "short", "abcd", "abc", "a"])
async def test_a_key_is_never_shown_whole(key: str):
    kept = await exchange(headers={"x-api-key": key})

    shown = kept.request_headers["x-api-key"]
    assert shown.endswith("…")
    assert key not in shown


@pytest.mark.parametrize("path", ["/", "/demo", "/demo/api/calls", "/docs", "/api", "/assets/a.js"])
async def test_what_is_no_call_of_the_api_passes_without_being_kept(path: str):
    tap, answered = await tapped(path)

    assert answered.status == 201
    assert (tap.count, tap.after(0)) == (0, [])


async def test_other_messages_of_the_server_pass():
    passed = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        passed.append(scope["type"])

    async def send(_: Message) -> None:
        raise AssertionError

    for kind in ("lifespan", "websocket"):
        await Tap(app)({"type": kind, "path": "/api/x"}, Wire(), send)

    assert passed == ["lifespan", "websocket"]


async def test_calls_are_numbered_and_given_from_a_number_on():
    tap, _ = await tapped(*[f"/api/{number}" for number in range(5)])

    assert tap.count == 5
    assert [kept.path for kept in tap.after(3)] == ["/api/3", "/api/4"]
    assert tap.after(5) == []


async def test_when_a_call_began_is_kept_in_milliseconds(clock: HandClock):
    tap = Tap(echo, clock)
    clock.move(0.5)

    await ask(tap, "POST", "/api/x")

    assert (tap.after(0)[0].began, tap.now()) == (NOW * 1000 + 500, NOW * 1000 + 500)


async def test_only_the_last_two_hundred_are_kept():
    tap, _ = await tapped(*["/api/x"] * 230)

    assert [tap.count, len(tap.after(0)), tap.after(0)[0].number] == [230, 200, 31]


@pytest.mark.parametrize("pieces", [(b"x" * 10_000,), (b"x" * 3000, b"x" * 3000, b"x" * 4000)])
async def test_of_a_large_body_only_the_beginning_is_kept_and_all_is_passed(pieces: tuple[bytes, ...]):
    tap = Tap(echo)

    answered = await ask(tap, "POST", "/api/x", receive=Wire(*pieces))

    (kept,) = tap.after(0)
    assert len(answered.body) == len("POST ") + 10_000
    assert (len(kept.request_body), len(kept.answer_body)) == (4096, 4096)


async def test_a_body_that_is_no_text_is_shown_as_well_as_it_can_be():
    kept = await exchange(body=b"\xff\xfea")

    assert kept.request_body == "\ufffd\ufffda"
