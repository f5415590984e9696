import inspect
import re
from pathlib import Path

import pytest
import yaml

import ovqat
from ovqat import errors
from ovqat.errors import (
    BodyTimeout,
    BodyTooLarge,
    CredentialRejected,
    CredentialRequired,
    FieldInvalid,
    MethodNotAllowed,
    Problem,
    TokenExpired,
    TokenRejected,
    TokenRevoked,
    TooManyRequests,
)

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Problem)]
OF_THE_DEMO = {"upstream_unreachable"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_status_and_a_stable_word(kind: type[Problem]):
    assert 400 <= kind.status < 600
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", kind.code)


def test_the_contract_lists_every_code_and_no_other():
    contract = yaml.safe_load((Path(ovqat.__file__).parents[2] / "openapi.yaml").read_bytes())

    listed = contract["components"]["schemas"]["ErrorCode"]["enum"]

    assert {kind.code for kind in KINDS} - OF_THE_DEMO == set(listed)
    assert listed == sorted(listed)


@pytest.mark.parametrize(
    ("name", "status", "sentence"),
    [
        ("PhoneRequired", 400, "Phone number is required"),
        ("PhoneInvalid", 400, "Invalid phone number"),
        ("StoreFailure", 500, "Database error"),
        ("TokenRequired", 400, "Token is required"),
        ("TokenRejected", 401, "Invalid token"),
        ("TokenExpired", 401, "Invalid token"),
        ("TokenRevoked", 401, "Invalid token"),
        ("ApiKeyInvalid", 401, "Invalid API key"),
    ],
)
def test_the_texts_of_the_specification_are_said_to_the_letter(name: str, status: int, sentence: str):
    problem = getattr(errors, name)()

    assert (problem.status, problem.sentence, str(problem)) == (status, sentence, sentence)


def test_a_sentence_of_its_own_replaces_the_usual_one_for_that_problem_only():
    problem = FieldInvalid("theme must be a string", field="theme")

    assert (problem.sentence, problem.field) == ("theme must be a string", "theme")
    assert FieldInvalid().sentence == "A field has a wrong value"
    assert FieldInvalid().field is None


@pytest.mark.parametrize("cause", [TokenRejected(), TokenExpired(), TokenRevoked()])
def test_a_rejected_credential_says_in_its_code_what_became_of_it(cause: TokenRejected):
    problem = CredentialRejected(cause)

    assert (problem.status, problem.code) == (401, cause.code)


@pytest.mark.parametrize(
    ("problem", "headers"),
    [
        (CredentialRequired(), {b"www-authenticate": b"Bearer"}),
        (CredentialRejected(TokenExpired()), {b"www-authenticate": b'Bearer error="invalid_token"'}),
        (MethodNotAllowed(["GET", "HEAD"]), {b"allow": b"GET, HEAD"}),
        (TooManyRequests(7, b"p"), {b"retry-after": b"7", b"ratelimit-policy": b"p"}),
        (BodyTimeout(), {b"connection": b"close"}),
        (FieldInvalid(), {}),
    ],
)
def test_a_problem_brings_the_headers_that_its_status_needs(problem: Problem, headers: dict[bytes, bytes]):
    assert dict(problem.headers) == headers


def test_sentences_say_what_to_do():
    assert "GET, HEAD" in MethodNotAllowed(["GET", "HEAD"]).sentence
    assert "16384 bytes" in BodyTooLarge(16_384).sentence
    assert "7 s" in TooManyRequests(7, b"p").sentence
