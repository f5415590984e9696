"""Read a JSON body into a struct: bounded in bytes and in time, and strict about types."""

import re
from typing import Generic, TypeVar

import msgspec

from ovqat.edge.call import Call
from ovqat.errors import BodyMalformed, BodyNotJson, FieldInvalid

Model = TypeVar("Model", bound=msgspec.Struct)

_JSON = b"application/json"
_JSON_TYPE = re.compile(rb"application/(?:json|[a-z0-9!#$&^_.+-]+\+json)[ \t]*(?:;.*)?", re.IGNORECASE)
_CHOICE = "one of"
_COMPLAINT = re.compile(
    r"(?:Expected `[^`]+`, got `(?P<got>\w+)`|Number out of range|Invalid .*) - at `\$\.(?P<field>\w+)`"
)
_SAID = {
    "str": "a string", "int": "a number", "float": "a number", "bool": "a boolean", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip
_WANTED: dict[type[msgspec.inspect.Type], str] = {
    msgspec.inspect.StrType: "a string",
    msgspec.inspect.IntType: "a whole number",
    msgspec.inspect.FloatType: "a number",
    msgspec.inspect.BoolType: "a boolean",
}


class JsonBody(Generic[Model]):
    """The bodies of one kind of call: which struct they fill and how many bytes they may have.

    All fields of the struct have defaults: no body at all gives them.
    """

    def __init__(self, model: type[Model], limit: int) -> None:
        self._limit = limit
        self._decoder = msgspec.json.Decoder(model)
        self._nothing = model()
        self._wanted = _wanted(model)

    async def read(self, call: Call) -> Model:
        """Give the body of a call.

        Raises BodyNotJson, BodyTooLarge, BodyTimeout, BodyMalformed, or FieldInvalid naming field and type.
        """
        content_type = call.header(b"content-type")
        if content_type is not None and content_type != _JSON and not _JSON_TYPE.fullmatch(content_type):
            raise BodyNotJson
        body = await call.body(self._limit)
        if not body:
            return self._nothing
        if content_type is None:
            raise BodyNotJson
        try:
            return self._decoder.decode(body.decode())  # msgspec does not look into strings that it skips
        except msgspec.ValidationError as error:
            raise self._complaint(str(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BodyMalformed from error

    def _complaint(self, said: str) -> BodyMalformed | FieldInvalid:
        """Turn msgspec's complaint into a sentence about the field."""
        match = _COMPLAINT.fullmatch(said)
        if match is None:
            return BodyMalformed("The body must be a JSON object")
        field = match["field"]
        wanted = self._wanted[field]
        if wanted.startswith(_CHOICE):
            return FieldInvalid(f"{field} must be {wanted}", field=field)
        return FieldInvalid(f"{field} must be {wanted}, not {_SAID[match['got'] or 'float']}", field=field)


def _wanted(model: type[msgspec.Struct]) -> dict[str, str]:
    """Say in words what each field of a struct takes, by its JSON name."""
    return {
        field.encode_name: _in_words(msgspec.inspect.type_info(field.type)) for field in msgspec.structs.fields(model)
    }


def _in_words(kind: msgspec.inspect.Type) -> str:
    if isinstance(kind, msgspec.inspect.UnionType):
        return " or ".join(_in_words(option) for option in kind.types if type(option) is not msgspec.inspect.NoneType)
    if isinstance(kind, msgspec.inspect.LiteralType):
        return f"{_CHOICE} {', '.join(map(str, kind.values))}"
    return _WANTED[type(kind)]
