"""Everything that can go wrong with a request, in one tree.

Each kind knows its status, its stable code and its sentence. A service raises one; the edge answers it.
"""

from collections.abc import Sequence


class Problem(Exception):
    """A request that cannot be answered as asked."""

    status: int = 500
    code: str = "internal_error"
    sentence: str = "Something went wrong on our side; try again, and quote the request id if it stays."

    def __init__(self, sentence: str | None = None, *, field: str | None = None) -> None:
        super().__init__(sentence or self.sentence)
        self.sentence = sentence or self.sentence
        self.field = field
        self.headers: Sequence[tuple[bytes, bytes]] = ()


class BodyMalformed(Problem):
    """The body is not JSON, not UTF-8, nested too deep or not an object."""

    status = 400
    code = "body_malformed"
    sentence = "The body is not valid JSON"


class FieldInvalid(Problem):
    """A field has a wrong type or a value that is not allowed."""

    status = 400
    code = "field_invalid"
    sentence = "A field has a wrong value"


class PhoneRequired(Problem):
    """No phone number was given."""

    status = 400
    code = "phone_required"
    sentence = "Phone number is required"


class PhoneInvalid(Problem):
    """What was given is no telephone number that could exist."""

    status = 400
    code = "phone_invalid"
    sentence = "Invalid phone number"


class ApiKeyInvalid(Problem):
    """Keys are configured and none or a wrong one was shown."""

    status = 401
    code = "api_key_invalid"
    sentence = "Invalid API key"


class TokenRequired(Problem):
    """`verify` was asked without a token."""

    status = 400
    code = "token_required"
    sentence = "Token is required"


class TokenRejected(Problem):
    """A token that opens nothing. Its kinds differ only in their code, never in what the body says."""

    status = 401
    code = "token_invalid"
    sentence = "Invalid token"


class TokenExpired(TokenRejected):
    """A token of ours whose seven days are over."""

    code = "token_expired"


class TokenRevoked(TokenRejected):
    """A token of ours that was issued before its person was signed out everywhere, or erased."""

    code = "token_revoked"


class CredentialRequired(Problem):
    """A person's call came without `Authorization: Bearer …`."""

    status = 401
    code = "token_required"
    sentence = "Send the person's token as `Authorization: Bearer <token>`"

    def __init__(self) -> None:
        super().__init__()
        self.headers = ((b"www-authenticate", b"Bearer"),)


class CredentialRejected(Problem):
    """A person's call came with a token that opens nothing."""

    status = 401

    def __init__(self, cause: TokenRejected) -> None:
        super().__init__("This token is not valid any more; ask the partner's app for a new one")
        self.code = cause.code
        self.headers = ((b"www-authenticate", b'Bearer error="invalid_token"'),)


class HttpsRequired(Problem):
    """A call over plain HTTP in production."""

    status = 403
    code = "https_required"
    sentence = "Use https:// for this call; plain HTTP is not answered here"


class NotFound(Problem):
    """No such path."""

    status = 404
    code = "not_found"
    sentence = "There is nothing at this path; /docs lists what there is"


class MethodNotAllowed(Problem):
    """The path is right, the method is not."""

    status = 405
    code = "method_not_allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"This path answers {', '.join(allowed)} only")
        self.headers = ((b"allow", ", ".join(allowed).encode()),)


class BodyTimeout(Problem):
    """The body did not arrive in time."""

    status = 408
    code = "body_timeout"
    sentence = "The body did not arrive in time; send the request again"

    def __init__(self) -> None:
        super().__init__()
        self.headers = ((b"connection", b"close"),)


class BodyTooLarge(Problem):
    """The body is longer than this path reads."""

    status = 413
    code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is too large; send at most {limit} bytes")


class BodyNotJson(Problem):
    """The Content-Type is not JSON's."""

    status = 415
    code = "body_not_json"
    sentence = "Send the body as JSON, with the header Content-Type: application/json"


class TooManyRequests(Problem):
    """A limit is reached."""

    status = 429
    code = "too_many_requests"

    def __init__(self, seconds: int, policy: bytes) -> None:
        super().__init__(f"Too many requests; try again in {seconds} s")
        self.headers = ((b"retry-after", b"%d" % seconds), (b"ratelimit-policy", policy))


class StoreFailure(Problem):
    """The store could not do what was asked. Its cause goes to the log and nowhere else."""

    status = 500
    code = "database_error"
    sentence = "Database error"


class NotReady(Problem):
    """The store or the limiter does not answer."""

    status = 503
    code = "not_ready"
    sentence = "The server is not ready: its store does not answer"


class UpstreamUnreachable(Problem):
    """A server that had to be asked did not answer."""

    status = 502
    code = "upstream_unreachable"
    sentence = "The partner's backend got no answer from the API; try again"
