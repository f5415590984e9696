import json
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovqat.edge.body import JsonBody
from ovqat.edge.call import Call
from ovqat.errors import BodyMalformed, BodyNotJson, BodyTooLarge, FieldInvalid, Problem
from tests.unit.asking import JSON_TYPE, Wire, call


class Wanted(msgspec.Struct, rename="camel"):
    """Every kind of field that a body of ours has."""

    some_text: str | None = None
    choice: Literal["light", "dark"] | msgspec.UnsetType = msgspec.UNSET
    zone: str | msgspec.UnsetType = msgspec.UNSET


LIMIT = 64 * 1024
BODY = JsonBody(Wanted, LIMIT)


def sending(content: bytes, content_type: str | None = "application/json") -> Call:
    return call(headers={} if content_type is None else {"content-type": content_type}, receive=Wire(content))


async def refusal(content: bytes) -> Problem:
    with pytest.raises(Problem) as refused:
        await BODY.read(sending(content))
    return refused.value


async def test_fields_are_read_by_their_json_names():
    body = await BODY.read(sending(b'{"someText": "a", "choice": "dark", "zone": "Asia/Tashkent"}'))

    assert body == Wanted("a", "dark", "Asia/Tashkent")


@pytest.mark.parametrize("content", [b"{}", b" {} ", b"\r\n{\t}\n", b'{"some_text": "a"}', b'{"unknown": {"a": [1]}}'])
async def test_fields_that_are_left_out_have_their_defaults(content: bytes):
    assert await BODY.read(sending(content)) == Wanted()


@pytest.mark.parametrize("content_type", [None, *JSON_TYPE.values()])
async def test_no_body_at_all_gives_the_defaults(content_type: str | None):
    assert await BODY.read(sending(b"", content_type)) == Wanted()


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"}",
        b'{"someText"}',
        b'{"someText":}',
        b'{"someText": "a"',
        b'{"someText": "a}',
        b'{"someText": "a",}',
        b'{"someText": "a"} {}',
        b'{"someText": "a"}x',
        b"{'someText': 'a'}",
        b"{someText: 1}",
        b'{"someText": "a\nb"}',
        b'{"someText": "\\q"}',
        b'{"someText": "\\ud800"}',
        b'{"unknown": 01}',
        b'{"unknown": nul}',
        b'{"unknown": "\\q"}',
        b'{"unknown": "\x01"}',
        b'{"unknown": [1,]}',
        b'{"unknown": NaN}',
        b"someText=a",
        b"<a/>",
        b"\0",
        b"{}\0",
        b" ",
        b"\xef\xbb\xbf{}",
        '{"someText": "a"}'.encode("utf-16"),
    ],
)
async def test_malformed_json_is_refused(content: bytes):
    assert isinstance(await refusal(content), BodyMalformed)


@pytest.mark.parametrize(
    "broken", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\x80", b"\xf4\x90\x80\x80", b"caf\xe9"]
)
@pytest.mark.parametrize(
    "content",
    [
        b'{"someText": "%s"}',
        b'{"unknown": "%s"}',
        b'{"%s": 1}',
        b'{"someText": "a", "unknown": ["%s"]}',
        b'{"unknown": {"%s": "a"}}',
        b'{"someText": "a"}%s',
        b"%s",
    ],
)
async def test_broken_utf8_is_refused_wherever_it_stands(content: bytes, broken: bytes):
    assert isinstance(await refusal(content % broken), BodyMalformed)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 10_000 + b"]" * 10_000,
        b"[" * 10_000,
        b'{"unknown": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"unknown": ' + b"[" * 10_000,
        b'{"unknown": ' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
        b'{"a":' * 10_000,
    ],
)
async def test_ten_thousand_brackets_are_refused(content: bytes):
    assert isinstance(await refusal(content), BodyMalformed)


@pytest.mark.parametrize("brackets", [b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000])
async def test_ten_thousand_brackets_in_a_field_that_is_known_are_refused(brackets: bytes):
    problem = await refusal(b'{"someText": ' + brackets + b"}")

    assert (problem.status, problem.code) in {(400, "field_invalid"), (400, "body_malformed")}


@pytest.mark.parametrize("content", [b"[]", b"[{}]", b"null", b"1", b"1.5", b"true", b'"text"', b'"{}"'])
async def test_a_body_that_is_no_object_is_refused(content: bytes):
    problem = await refusal(content)

    assert (problem.status, problem.sentence) == (400, "The body must be a JSON object")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1", "a number"),
        ("-1", "a number"),
        ("998997961877", "a number"),
        ("1.5", "a number"),
        ("1e3", "a number"),
        ("9" * 30, "a number"),
        ("9" * 400, "a number"),
        ("1e999", "a number"),
        ("true", "a boolean"),
        ("false", "a boolean"),
        ("[]", "a list"),
        ('["a"]', "a list"),
        ("{}", "an object"),
        ('{"someText": "a"}', "an object"),
    ],
)
async def test_a_field_of_another_type_is_named_with_its_type(value: str, kind: str):
    problem = await refusal(f'{{"someText": {value}}}'.encode())

    assert isinstance(problem, FieldInvalid)
    assert (problem.status, problem.field) == (400, "someText")
    assert problem.sentence == f"someText must be a string, not {kind}"


async def test_a_field_that_may_be_left_out_but_not_be_null_says_so():
    problem = await refusal(b'{"zone": null}')

    assert (problem.sentence, problem.field) == ("zone must be a string, not null", "zone")


@pytest.mark.parametrize("value", ['"blue"', '"Dark"', '""', "1", "null", "[]", '["dark"]', "{}", "true"])
async def test_a_field_of_few_choices_names_them(value: str):
    problem = await refusal(f'{{"choice": {value}}}'.encode())

    assert (problem.status, problem.field) == (400, "choice")
    said, _, choices = problem.sentence.partition(" one of ")
    assert (said, set(choices.split(", "))) == ("choice must be", {"light", "dark"})


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; charset=utf-8",
        "application/json;",
        "application/problem+json",
        "application/vnd.api+json",
        "application/ld+json; profile=x",
    ],
)
async def test_content_types_of_json_are_taken(content_type: str):
    assert await BODY.read(sending(b'{"someText": "a"}', content_type)) == Wanted("a")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/json5",
        "application/json, text/plain",
        "application/+json",
        "xapplication/json",
        "application/xml; a=application/json",
        "json",
        "*/*",
    ],
)
async def test_a_body_of_another_content_type_is_refused(content_type: str | None):
    with pytest.raises(BodyNotJson) as refused:
        await BODY.read(sending(b'{"someText": "a"}', content_type))

    assert refused.value.status == 415
    assert "application/json" in refused.value.sentence


async def test_another_content_type_is_refused_before_the_body_is_read():
    wire = Wire(b"x" * 1000)

    with pytest.raises(BodyNotJson):
        await BODY.read(call(headers={"content-type": "text/plain"}, receive=wire))

    assert wire.pulled == 0


async def test_a_body_past_the_limit_is_refused_and_one_at_the_limit_is_not():
    small = JsonBody(Wanted, 20)

    assert await small.read(sending(b'{"someText": "abcd"}')) == Wanted("abcd")
    with pytest.raises(BodyTooLarge, match="20 bytes"):
        await small.read(sending(b'{"someText": "abcde"}'))


async def test_half_a_body_from_a_client_that_left_is_malformed():
    wire = Wire(b'{"someText": ', end="gone")

    with pytest.raises(BodyMalformed):
        await BODY.read(call(headers=JSON_TYPE, receive=wire))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


async def read_either_way(content: bytes) -> Wanted | Problem:
    try:
        return await BODY.read(sending(content))
    except Problem as problem:
        return problem


@given(st.dictionaries(st.text() | st.sampled_from(["someText", "zone"]), json_values))
async def test_an_object_is_read_as_the_standard_library_reads_it(fields: dict[str, object]):
    text, zone = fields.get("someText"), fields.get("zone", "")
    fits = (text is None or isinstance(text, str)) and isinstance(zone, str)
    fields.pop("choice", None)

    read = await read_either_way(json.dumps(fields, ensure_ascii=False).encode())

    if fits:
        assert read == Wanted(text, zone=fields.get("zone", msgspec.UNSET))
    else:
        assert isinstance(read, FieldInvalid)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
async def test_whatever_is_sent_is_read_or_refused_with_a_sentence(content: bytes):
    read = await read_either_way(content)

    assert isinstance(read, Wanted) or (read.status == 400 and read.sentence)
