"""From what somebody sent to a typed shape, with *every* mistake named.

msgspec stops at the first mistake; here each field is converted by itself. Bodies, query
strings and forms all come through ``parse``.
"""

import difflib
import enum
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.dto import MsgspecDTO
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from directory.errors import FieldError, InvalidError

T = TypeVar("T", bound=msgspec.Struct)

#: What a ticked box sends, and what people type for it; and for its opposite.
_YES = frozenset({"on", "yes", "true", "1"})
_NO = frozenset({"off", "no", "false", "0"})

#: What no keyboard types: control characters (a database may refuse them), half letters, and
#: marks that turn the direction of the text around them.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def parse(kind: type[T], values: Mapping[str, Any]) -> T:
    """Make a shape of decoded JSON. Raises ``InvalidError`` naming every bad field."""
    return _convert(kind, values, strict=True)


def parse_text(kind: type[T], values: Mapping[str, Sequence[str]]) -> T:
    """Make a shape of a query string or form: everything text, empty is absent.

    Fields that are lists take several values, or one with commas.
    """
    typed = {
        name: value
        for name, texts in values.items()
        if (value := _text_value(kind, name, texts)) not in (None, "", [])
    }
    return _convert(kind, typed, strict=False)


def instant_in(text: str) -> datetime | None:
    """Return the instant in a query string, where a plus may have become a space, or None."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def parse_json(kind: type[T], body: bytes) -> T:
    """Make a shape of a JSON body."""
    return parse(kind, json_object(body))


def json_object(body: bytes) -> dict[str, Any]:
    """Decode a JSON body. Raises ``InvalidError`` for what is no object with each field once."""
    try:
        values = msgspec.json.decode(body)
        json.loads(body, object_pairs_hook=_refuse_twice)  # msgspec takes the last of two
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise InvalidError.of("body", "This is not JSON that we can read.") from None
    if not isinstance(values, dict):
        raise InvalidError.of("body", "Send a JSON object.")
    return values


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A field was given twice.")
    return found


class Body(MsgspecDTO[T], Generic[T]):
    """Reads a request body with ``parse_json``: ``dto=Body[PlaceHold]``."""

    def decode_bytes(self, value: bytes) -> Any:
        """Decode a JSON body."""
        return parse_json(self.model_type, value)

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003  (passed by name)
        schema_creator: SchemaCreator,
    ) -> Reference | Schema:
        """Describe the body by its own shape."""
        return schema_creator.for_field_definition(field_definition)


class _Field(typing.NamedTuple):
    """A field of a shape, with the shape in it or in its list, and what else is asked each time."""

    kind: Any
    required: bool
    shape: Any
    listed: Any
    is_list: bool
    is_bool: bool


@cache
def _fields_of(kind: type[msgspec.Struct]) -> Mapping[str, _Field]:
    """Return a shape's fields by name; evaluating annotations costs more than all the rest."""
    return {
        field.encode_name: _Field(
            field.type,
            field.required,
            _struct_in(field.type),
            _struct_listed_in(field.type),
            _holds(field.type, list),
            _holds(field.type, bool),
        )
        for field in msgspec.structs.fields(kind)
    }


def _convert(kind: type[T], values: Mapping[str, Any], *, strict: bool) -> T:
    errors = list(_mistakes(kind, values, "", strict=strict))
    if errors:
        raise InvalidError(errors)
    return msgspec.convert(values, kind, strict=strict)


def _mistakes(
    kind: type[msgspec.Struct], values: Mapping[str, Any], prefix: str, *, strict: bool
) -> Iterator[FieldError]:
    fields = _fields_of(kind)
    for name in values.keys() - fields.keys():
        yield FieldError(f"{prefix}{name}", _unknown(name, fields))
    for name, field in fields.items():
        if name not in values:
            if field.required:
                yield FieldError(f"{prefix}{name}", "Give a value.")
            continue
        if field.shape is not None and isinstance(values[name], dict):
            yield from _mistakes(field.shape, values[name], f"{prefix}{name}.", strict=strict)
            continue
        if field.listed is not None and isinstance(values[name], list):
            path = f"{prefix}{name}"
            yield from _mistakes_in_list(field.listed, values[name], path, strict=strict)
            continue
        try:
            msgspec.convert(values[name], field.kind, strict=strict)
        except msgspec.ValidationError as error:
            yield _in_words(f"{prefix}{name}", str(error), field.kind)
        else:
            yield from _strange_letters(values[name], f"{prefix}{name}")


def _mistakes_in_list(
    shape: type[msgspec.Struct], items: Sequence[Any], path: str, *, strict: bool
) -> Iterator[FieldError]:
    for index, item in enumerate(items):
        if isinstance(item, dict):
            yield from _mistakes(shape, item, f"{path}.{index}.", strict=strict)
        else:
            yield FieldError(f"{path}.{index}", "Give an object.")


def _strange_letters(value: Any, path: str) -> Iterator[FieldError]:
    if isinstance(value, str) and _NOT_TEXT.search(value):
        yield FieldError(path, "Leave out control characters.")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strange_letters(item, f"{path}.{index}")


def _unknown(name: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(str(name), known, n=1)
    return (
        f"There is no such field. Did you mean {close[0]}?" if close else "There is no such field."
    )


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the shape in ``Shape`` or ``Shape | None``."""
    candidates = typing.get_args(kind) if _is_union(kind) else (kind,)
    for candidate in candidates:
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None


def _members_in(kind: Any) -> list[str]:
    """Return the values of the enum in ``Kind``, ``Kind | None``, or a list of either."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return [str(member.value) for member in kind]
    return [value for part in typing.get_args(kind) for value in _members_in(part)]


def _struct_listed_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the shape in ``list[Shape]``, which may be optional."""
    for candidate in typing.get_args(kind) if _is_union(kind) else (kind,):
        if typing.get_origin(candidate) is list:
            return _struct_in(typing.get_args(candidate)[0])
    return None


def _is_union(kind: Any) -> bool:
    return typing.get_origin(kind) in (typing.Union, types.UnionType)


def _in_words(path: str, message: str, kind: Any) -> FieldError:
    """Split msgspec's "Expected `int` >= 1 - at `$.a[0]`" into a path and plain words."""
    words, _, place = message.partition(" - at `$")
    inner = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", place.rstrip("`"))
    words = words.replace(" | null`", "`")
    if words.startswith("Invalid enum value"):
        return FieldError(f"{path}{inner}", f"Give one of: {', '.join(_members_in(kind))}.")
    for pattern, plain in _PLAIN:
        words = re.sub(pattern, plain, words)
    return FieldError(f"{path}{inner}", words.replace("`", "").rstrip(".") + ".")


#: How msgspec says a mistake, and how people do.
_PLAIN = (
    (r"^Expected `float`, got `\w+`.*", "Give a number"),
    (r"^Expected `int`, got `\w+`.*", "Give a whole number"),
    (r"^Expected `bool`, got `\w+`.*", "Give true or false"),
    (r"^Expected `str`, got `\w+`.*", "Give text"),
    (r"^Expected `array`, got `\w+`.*", "Give a list"),
    (r"^Expected `object`, got `\w+`.*", "Give an object"),
    (r"^Expected `date`, got `\w+`.*", "Give a day such as 2030-06-03"),
    (r"^Expected `uuid`, got `\w+`.*", "Give an id, as a UUID"),
    (r"^(?:Number|Integer value) out of range$", "This number is too large"),
    (r"^Expected `str` matching regex '\^\(\[01\].*", "Give a time such as 13:00"),
    (r"^Expected `str` matching regex .*DAILY.*", "Give DAILY, WEEKLY or MONTHLY"),
    (r"^Expected `str` matching regex .*", "This is not one of the words that are allowed"),
    (r"^Expected `(?:int|float)` >= (\S+)", r"Give at least \1"),
    (r"^Expected `(?:int|float)` <= (\S+)", r"Give at most \1"),
    (r"^Expected `str` of length >= (\d+)", r"Give at least \1 letters"),
    (r"^Expected `str` of length <= (\d+)", r"Give at most \1 letters"),
    (r"^Expected `array` of length <= (\d+)", r"Give at most \1 of them"),
    (r"^Invalid RFC3339 encoded date$", "Give a day such as 2030-06-03"),
    (r"^Invalid UUID$", "Give an id, as a UUID"),
)


def _text_value(kind: type[msgspec.Struct], name: str, texts: Sequence[str]) -> Any:
    field = _fields_of(kind).get(name)
    if field and field.is_list:
        return [part.strip() for text in texts for part in text.split(",") if part.strip()]
    text = texts[-1].strip() if texts else ""
    if field and field.is_bool and text.lower() in _YES | _NO:
        return text.lower() in _YES
    return text


def _holds(kind: Any, wanted: type) -> bool:
    """Say whether a type is ``wanted``, or an Annotated or optional ``wanted``."""
    if typing.get_origin(kind) is typing.Annotated:
        return _holds(typing.get_args(kind)[0], wanted)
    if _is_union(kind):
        return any(_holds(part, wanted) for part in typing.get_args(kind))
    return kind is wanted or typing.get_origin(kind) is wanted
