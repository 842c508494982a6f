"""The OpenAPI description, made to say what really happens.

Litestar describes its own refusals (a JSON document with status 400) and knows nothing of
``api.parsing``. All that is put right here, once, for every operation.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from api.problems import MEDIA_TYPE

Schema = dict[str, Any]
AnyRequest = Request[Any, Any, Any]

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})

#: What any operation may answer with, by status.
_EVERYWHERE = {
    "500": "A fault of ours. It has been noted.",
    "503": "Too many changes at once, or no database. Send the same again a little later.",
}
_WITH_KEYS = {"401": "An API key was shown that is unknown or has been revoked, or one is needed."}
_WITH_BODY = {"413": "More than a megabyte.", "422": "Something is wrong; every field is named."}

#: A reading of a wall clock. RFC 3339's "time" would need an offset.
_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}


class Json(JsonRenderPlugin):
    """Serves the description as JSON."""

    def render(self, request: AnyRequest, openapi_schema: Schema) -> bytes:
        """Render it."""
        return super().render(request, described(openapi_schema))


class Yaml(YamlRenderPlugin):
    """Serves the description as YAML."""

    def render(self, request: AnyRequest, openapi_schema: Schema) -> bytes:
        """Render it."""
        return super().render(request, described(openapi_schema))


def described(schema: Schema) -> Schema:
    """Return the description as it should be; the one given stays as it is."""
    schema = deepcopy(schema)
    shapes = schema["components"]["schemas"]
    for path, operation in _operations(schema):
        _describe_refusals(operation, with_keys=path.startswith("/api/"))
        _describe_parameters(operation)
        for name in _body_shapes(operation, shapes):
            shapes[name]["additionalProperties"] = False
    for shape in shapes.values():
        for name, kind in shape.get("properties", {}).items():
            if kind.get("format") == "duration":
                shape["properties"][name] = _CLOCK
    return schema


def _operations(schema: Schema) -> Iterator[tuple[str, Schema]]:
    for path, item in schema["paths"].items():
        for method in _METHODS & item.keys():
            yield path, item[method]


def _describe_refusals(operation: Schema, *, with_keys: bool) -> None:
    responses = operation["responses"]
    responses.pop("400", None)  # the framework's own shape, which nobody is ever sent
    refusals = dict(_EVERYWHERE)
    if with_keys:
        refusals |= _WITH_KEYS
    if "requestBody" in operation:
        refusals |= _WITH_BODY
    for status, words in refusals.items():
        responses.setdefault(status, _problem(words))


def _problem(words: str) -> Schema:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": words, "content": content}


def _describe_parameters(operation: Schema) -> None:
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    body = operation.get("requestBody")
    if body is None:
        return
    for media in body["content"].values():
        bare = _without_null(media["schema"])
        body["required"] = bare is media["schema"]
        media["schema"] = bare


def _without_null(schema: Schema) -> Schema:
    """Leave out "or null": what is sent empty is not sent at all."""
    choices = [each for each in schema.get("oneOf", []) if each != {"type": "null"}]
    return choices[0] if len(choices) == 1 else schema


def _body_shapes(operation: Schema, shapes: Schema) -> Iterator[str]:
    """Yield the names of the shapes that a request body is made of: they take no other fields."""
    waiting = [operation.get("requestBody", {})]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name and "properties" in shapes[name]:
                yield name
                waiting.append(shapes[name])
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
