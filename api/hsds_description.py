"""The OpenAPI document and the profile of the HSDS API.

The standard's own document gives the GET and the POST of a list the same ``operationId``, which
OpenAPI forbids, and declares no body for the POST; here each has its own, and it has one.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from api.handlers.hsds.reading import FORM
from api.problems import MEDIA_TYPE, Problem
from api.schemas import hsds as requests
from directory.eligibility_schema import json_schema
from directory.hsds.profile import PREFIX
from directory.hsds.schemas import (
    DIALECT,
    Schema,
    merge_patch_of,
    names,
    page_of,
    profiled,
    schema_of,
)
from directory.hsds.standard import VERSION

MERGE_PATCH: Final = "application/merge-patch+json"
SCHEMA: Final = "application/schema+json"

#: The schema of the one field of ours that is an object, which is called after it.
RULE: Final = "eligibility_rule"

ABOUT: Final = (
    "A directory of community services: who offers what, where, when and for whom, whether there "
    "is room, and when that was last made sure of."
)


class Noun(NamedTuple):
    """A kind of record that can be asked for, and how the standard calls the asking."""

    path: str
    table: str
    #: The name of the schema of a record in a list.
    listed: str
    words: str
    one: str
    asked: type[msgspec.Struct]
    asked_of_one: type[msgspec.Struct] = requests.RecordRequest


NOUNS: Final = (
    Noun("services", "service", "service_list", "services", "a service", requests.ServicesRequest),
    Noun(
        "organizations",
        "organization",
        "organization_list",
        "organizations",
        "an organization",
        requests.OrganizationsRequest,
        requests.OrganizationRequest,
    ),
    Noun(
        "service_at_locations",
        "service_at_location",
        "service_at_location_list",
        "services at locations",
        "a service at a location",
        requests.ServiceAtLocationsRequest,
    ),
    Noun(
        "taxonomies", "taxonomy", "taxonomy", "taxonomies", "a taxonomy", requests.TaxonomiesRequest
    ),
    Noun(
        "taxonomy_terms",
        "taxonomy_term",
        "taxonomy_term",
        "terms",
        "a term",
        requests.TaxonomyTermsRequest,
    ),
)

#: Records without which an API is none by the standard.
_REQUIRED: Final = frozenset({"service"})

_REFUSALS: Final = {
    "404": "There is no such thing.",
    "422": "Something that was asked is wrong; every parameter is named.",
    "503": "Too much at once. Ask again a little later.",
}


def describe(public_url: str) -> Schema:
    """Return the OpenAPI 3.1 document of the API of a site."""
    tags = [
        {"name": "required", "description": "HSDS requires it."},
        {"name": "optional", "description": "HSDS leaves it open."},
    ]
    paths: Schema = {"/": {"get": _about()}}
    for noun in NOUNS:
        paths[f"/{noun.path}"] = {"get": _list(noun), "post": _posted(noun)}
        paths[f"/{noun.path}/{{id}}"] = {"get": _one(noun)}
    for beside in _BESIDE:
        paths[beside.path] = {"get": _beside(beside)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Openings: the directory by HSDS",
            "version": VERSION,
            "description": f"{ABOUT} By HSDS {VERSION}; what is ours is in `{PREFIX}`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": f"{public_url}/hsds"}],
        "tags": tags,
        "paths": paths,
        "components": {"schemas": {**_schemas(), "Problem": _problem_schema()}},
    }


def describe_profile(public_url: str) -> Schema:
    """Return what this directory adds to HSDS. Its address is its canonical URI."""
    base = f"{public_url}/hsds"
    return {
        "title": "Openings",
        "uri": f"{base}/profile",
        "standard": "https://docs.openreferral.org/",
        "version": VERSION,
        "description": (
            f"HSDS {VERSION}, with nothing taken away. What is ours is in one property, "
            f"`{PREFIX}`, of the object it describes: whoever knows only HSDS can pass over it. "
            "A place whose address_visibility is not public has no other field. Each field and "
            "column has a line in docs/reference/hsds-profile.md of the source."
        ),
        "openapi_url": f"{base}/openapi.json",
        "merge_patches": [
            {"schema": f"{table}.json", "url": f"{base}/profile/{table}.json"}
            for table in profiled()
        ],
        "schemas": [
            {"schema": f"{name}.json", "url": f"{base}/schema/{name}.json"}
            for name in (*names(), RULE)
        ],
        "fields": dict(_fields_of_profile()),
    }


def _fields_of_profile() -> Iterator[tuple[str, str]]:
    for table in profiled():
        ours = merge_patch_of(table)["properties"][PREFIX]
        for name, schema in ours["properties"].items():
            yield f"{table}.{PREFIX}.{name}", schema["description"]


def _refer(name: str) -> str:
    return f"#/components/schemas/{name}"


def _schemas() -> Schema:
    schemas = {name: schema_of(name, _refer) for name in names()}
    schemas[RULE] = json_schema(_refer(RULE))
    for noun in NOUNS:
        schemas[f"{noun.table}_page"] = page_of(_refer(noun.listed))
        if noun.listed != noun.table:
            schemas[f"{noun.table}_full_page"] = page_of(_refer(noun.table))
    return schemas


def _problem_schema() -> Schema:
    components = msgspec.json.schema_components([Problem])[1]
    return _inlined(components["Problem"], components)


def _inlined(schema: Schema, components: Schema) -> Schema:
    """Return a schema with those that it refers to inside it."""
    if "$ref" in schema:
        return _inlined(components[schema["$ref"].rpartition("/")[2]], components)
    return {
        key: _inlined(value, components) if isinstance(value, dict) else value
        for key, value in schema.items()
    }


def _list(noun: Noun) -> Schema:
    return {
        "operationId": f"list_{noun.path}",
        "summary": f"List {noun.words}.",
        "description": "Everything that is asked must hold. In the order of their ids.",
        "tags": ["required" if noun.table in _REQUIRED else "optional"],
        "parameters": list(_parameters(noun.asked)),
        "responses": {"200": _page(noun), **_problems("422", "503")},
    }


def _posted(noun: Noun) -> Schema:
    """Describe the twin of a list that takes what is asked in its body too."""
    properties = {each["name"]: each["schema"] for each in _parameters(noun.asked)}
    body = {"type": "object", "properties": properties, "additionalProperties": False}
    return {
        **_list(noun),
        "operationId": f"list_{noun.path}_privately",
        "description": (
            "As GET, and changes nothing. What is asked may be in the body instead of the URL, "
            "where machines on the way may keep it; each parameter once."
        ),
        "tags": ["optional"],
        "requestBody": {
            "content": {"application/json": {"schema": body}, FORM: {"schema": body}},
        },
    }


def _in_path(name: str, words: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "description": words, "schema": schema}


def _one(noun: Noun) -> Schema:
    id_ = _in_path("id", "Its id.", {"type": "string", "format": "uuid"})
    return {
        "operationId": f"get_{noun.table}",
        "summary": f"Return {noun.one}.",
        "description": "With all that belongs to it.",
        "tags": ["required" if noun.table in _REQUIRED else "optional"],
        "parameters": [id_, *_parameters(noun.asked_of_one)],
        "responses": {
            "200": _answer({"$ref": _refer(noun.table)}, "The record."),
            **_problems("404", "422", "503"),
        },
    }


def _page(noun: Noun) -> Schema:
    page: Schema = {"$ref": _refer(f"{noun.table}_page")}
    line: Schema = {"$ref": _refer(noun.listed)}
    if noun.listed != noun.table:
        page = {"anyOf": [page, {"$ref": _refer(f"{noun.table}_full_page")}]}
        line = {"anyOf": [line, {"$ref": _refer(noun.table)}]}
    answer = _answer(page, "A page, or with `format=ndjson` every record on a line of its own.")
    answer["content"]["application/x-ndjson"] = {"schema": line}
    return answer


class _Beside(NamedTuple):
    """What is there beside the records: a document, or one of several files."""

    path: str
    name: str
    words: str
    files: tuple[str, ...] = ()
    media_type: str = "application/json"


_BESIDE: Final = (
    _Beside("/openapi.json", "get_openapi", "Return this document."),
    _Beside("/profile", "get_profile", "Return what this directory adds to HSDS."),
    _Beside(
        "/profile/{file}",
        "get_merge_patch",
        "Return what the profile changes in one schema of the standard (RFC 7386).",
        tuple(profiled()),
        MERGE_PATCH,
    ),
    _Beside("/schema", "list_schemas", "Return where the schemas are."),
    _Beside(
        "/schema/{file}",
        "get_schema",
        "Return the JSON Schema of one kind of record with our fields, or of eligibility rules.",
        (*names(), RULE),
        SCHEMA,
    ),
)


def _beside(beside: _Beside) -> Schema:
    names_of_files = [f"{name}.json" for name in beside.files]
    file = _in_path("file", "Its name.", {"type": "string", "enum": names_of_files})
    answer = {"content": {beside.media_type: {"schema": {"type": "object"}}}}
    return {
        "operationId": beside.name,
        "summary": beside.words,
        "tags": ["optional"],
        "parameters": [file] if beside.files else [],
        "responses": {
            "200": {"description": beside.words, **answer},
            **(_problems("404") if beside.files else {}),
        },
    }


def _about() -> Schema:
    text = {"type": "string"}
    uri = {"type": "string", "format": "uri"}
    publisher: Schema = {
        "type": "object",
        "properties": {
            "name": text,
            "email": {"type": "string", "format": "email"},
            "website": uri,
        },
    }
    about = {
        "type": "object",
        "properties": {
            "version": text,
            "profile": uri,
            "openapi_url": uri,
            "description": text,
            "publisher": publisher,
        },
        "required": ["version", "profile", "openapi_url"],
    }
    return {
        "operationId": "get_about",
        "summary": "Return the version of HSDS, and where the profile and this document are.",
        "tags": ["required"],
        "responses": {"200": _answer(about, "About this API."), **_problems("422")},
    }


def _parameters(kind: type[msgspec.Struct]) -> Iterator[Schema]:
    for field in msgspec.structs.fields(kind):
        schema = _without_null(msgspec.json.schema(field.type))
        yield {
            "name": field.encode_name,
            "in": "query",
            "required": False,
            "description": schema.pop("description"),
            "schema": schema,
        }


def _without_null(schema: Schema) -> Schema:
    """Leave out "or null": what is sent empty is not sent at all."""
    choices = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    return choices[0] if choices else schema


def _answer(schema: Schema, words: str) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _problems(*statuses: str) -> Schema:
    content: Schema = {MEDIA_TYPE: {"schema": {"$ref": _refer("Problem")}}}
    return {status: {"description": _REFUSALS[status], "content": content} for status in statuses}
