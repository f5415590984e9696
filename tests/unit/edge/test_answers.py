import json

import pytest

from ovqat.edge.answers import DateHeader, security_headers
from ovqat.edge.problems import JSON, error_body, error_headers
from ovqat.errors import CredentialRequired, FieldInvalid, MethodNotAllowed, TooManyRequests
from tests.unit.asking import call
from tests.unit.clock import HandClock


def test_an_error_says_what_is_wrong_in_fields_of_one_order():
    body = json.loads(error_body(FieldInvalid("theme must be a string", field="theme"), call()))

    assert list(body.items()) == [
        ("error", "theme must be a string"),
        ("code", "field_invalid"),
        ("requestId", "request-1"),
        ("field", "theme"),
    ]


def test_an_error_about_no_field_names_none():
    body = json.loads(error_body(TooManyRequests(3, b'"key";q=1;w=60'), call()))

    assert list(body) == ["error", "code", "requestId"]


@pytest.mark.parametrize(
    ("problem", "extra"),
    [
        (CredentialRequired(), (b"www-authenticate", b"Bearer")),
        (MethodNotAllowed(["GET", "HEAD"]), (b"allow", b"GET, HEAD")),
    ],
)
def test_an_error_has_its_code_and_its_own_headers(
    problem: CredentialRequired | MethodNotAllowed, extra: tuple[bytes, bytes]
):
    assert error_headers(problem) == [JSON, (b"x-error-code", problem.code.encode()), extra]


def test_the_date_is_that_of_http_and_moves_with_the_clock(clock: HandClock):
    date = DateHeader(clock)
    clock.now = 784_111_777.9

    first = date()
    clock.move(1)

    assert first == (b"date", b"Sun, 06 Nov 1994 08:49:37 GMT")
    assert date() == (b"date", b"Sun, 06 Nov 1994 08:49:38 GMT")


def test_only_production_insists_on_https():
    names = {name for name, _ in security_headers(hsts=False)}

    assert names == {b"x-content-type-options", b"referrer-policy", b"cache-control", b"content-security-policy"}
    assert {name for name, _ in security_headers(hsts=True)} - names == {b"strict-transport-security"}


def test_each_list_of_headers_is_a_new_one():
    security_headers(hsts=False).clear()

    assert len(security_headers(hsts=False)) == 4
