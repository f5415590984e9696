"""Read a JSON body into a struct: bounded in bytes and in time, and strict about types."""

import re
from typing import Generic, TypeVar

import msgspec

from ovqat.edge.call import Call
from ovqat.errors import BodyMalformed, BodyNotJson, FieldInvalid

Model = TypeVar("Model", bound=msgspec.Struct)

_JSON = b"application/json"
_JSON_TYPE = re.compile(rb"application/(?:json|[a-z0-9!#$&^_.+-]+\+json)[ \t]*(?:;.*)?", re.IGNORECASE)
_COMPLAINT = re.compile(
    r"(?:Expected `(?P<wanted>[^`]+)`, got `(?P<got>\w+)`|(?P<other>.*?)) - at `\$\.?(?P<field>[^`]*)`"
)
_JSON_TYPES = {
    "str": "a string", "int": "a number", "float": "a number", "bool": "a boolean", "array": "a list",
    "object": "an object", "null": "null",
}  # fmt: skip


class JsonBody(Generic[Model]):
    """The bodies of one kind of call: which struct they fill and how many bytes they may have.

    All fields of the struct have defaults: no body at all gives them.
    """

    def __init__(self, model: type[Model], limit: int) -> None:
        self._limit = limit
        self._decoder = msgspec.json.Decoder(model)
        self._nothing = model()
        self._choices = _choices(model)

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
            return self._decoder.decode(body)
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
        if field in self._choices:
            return FieldInvalid(f"{field} must be one of {', '.join(self._choices[field])}", field=field)
        if match["got"]:
            wanted = _JSON_TYPES.get(match["wanted"].removesuffix(" | null"), match["wanted"])
            return FieldInvalid(
                f"{field} must be {wanted}, not {_JSON_TYPES.get(match['got'], match['got'])}", field=field
            )
        return FieldInvalid(f"{field}: {match['other']}", field=field)


def _choices(model: type[msgspec.Struct]) -> dict[str, list[str]]:
    """Give the fields of a struct that take one of some strings, by their JSON names."""
    choices: dict[str, list[str]] = {}
    for field in msgspec.structs.fields(model):
        options = msgspec.inspect.type_info(field.type)
        for option in options.types if isinstance(options, msgspec.inspect.UnionType) else (options,):
            if isinstance(option, msgspec.inspect.LiteralType):
                choices[field.encode_name] = [str(value) for value in option.values]
    return choices
