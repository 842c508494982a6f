"""JSON Schemas of what we publish, made from the facts of the standard and of our profile.

Pure. A schema refers to others by ``refer``: by their files, or inside an OpenAPI document.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from directory.hsds.documents.build import IN_LISTS, nested_in
from directory.hsds.profile import EXTENSIONS, IN_JSON, LISTS_IN_JSON, MEANINGS, PREFIX
from directory.hsds.standard import HSDS_TABLES, Field, Kind, Needed, Nested

Schema = dict[str, Any]
Refer = Callable[[str], str]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

#: Tables of which there is a form for lists: their own fields, and whose they are.
LISTED: Final = ("service", "organization", "service_at_location", "location", "program")

_KINDS: Final[Mapping[Kind, Schema]] = {
    Kind.UUID: {"type": "string", "format": "uuid"},
    Kind.EMAIL: {"type": "string", "format": "email"},
    Kind.URI: {"type": "string", "format": "uri"},
    Kind.NUMBER: {"type": "number"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.FLAG: {"type": "boolean"},
}

#: What a record of each table is, in our words.
_IS: Final[Mapping[str, str]] = {
    "organization": "Somebody who offers services.",
    "program": "Services that an organization runs under one name.",
    "service": "Something an organization does for people.",
    "service_at_location": "A service as it is offered in one place.",
    "location": "A place, on the ground, by post or on the web.",
    "address": "A place in the words of the post.",
    "phone": "A number to call.",
    "contact": "A person or desk to ask for.",
    "schedule": "One line of published opening hours, by the clock of the place.",
    "language": "A language that is spoken there.",
    "accessibility": "What a place offers to people with disabilities.",
    "service_area": "Where the people live whom a service is for.",
    "required_document": "A paper that somebody has to bring.",
    "cost_option": "A price, and when it applies.",
    "funding": "Where the money comes from.",
    "service_capacity": "How much room there is, as of when.",
    "unit": "What is counted: beds, seats, intake places.",
    "url": "A further address on the web.",
    "organization_identifier": "What somebody else calls an organization.",
    "taxonomy": "A list of terms that somebody keeps.",
    "taxonomy_term": "One term of a taxonomy: a kind of need.",
    "attribute": "A term that is said of a record.",
    "metadata": "One change of one field of a record.",
    "meta_table_description": "What a source says of one of its tables.",
}


def by_file(name: str) -> str:
    """Refer to a schema as a file beside the one that refers to it."""
    return f"{name}.json"


def names() -> list[str]:
    """Return the names of all schemas: of every table, and of the forms for lists."""
    return [*HSDS_TABLES, *(f"{table}_list" for table in LISTED)]


def schema_of(name: str, refer: Refer = by_file) -> Schema:
    """Return a schema by its name. Raises KeyError for a name that is not of ``names``."""
    table = name.removesuffix("_list")
    if name != table and table not in LISTED:
        raise KeyError(name)
    listed = name != table
    facts = HSDS_TABLES[table]
    properties = {field.name: _field(field) for field in facts.fields}
    for nested in nested_in(table):
        if not listed:
            properties[nested.name] = _inside(nested, refer)
        elif nested.name in IN_LISTS.get(table, ()):
            properties[nested.name] = {"$ref": refer(f"{nested.table}_list")}
    required = _required(facts.fields)
    if not listed:
        properties |= merge_patch_of(table, refer).get("properties", {})
        required += [nested.name for nested in facts.nested if nested.needed]
    elif EXTENSIONS.get(table):
        properties[PREFIX] = _ours(table, EXTENSIONS[table], refer)
    return {
        "title": name,
        "description": _IS[table],
        "type": "object",
        "properties": properties,
        "required": required,
    }


def profiled() -> list[str]:
    """Return the names of the standard's schemas to which our profile adds something."""
    ours = (EXTENSIONS, IN_JSON, LISTS_IN_JSON)
    return [table for table in HSDS_TABLES if any(table in each for each in ours)]


def merge_patch_of(table: str, refer: Refer = by_file) -> Schema:
    """Return what our profile changes in a schema of the standard, as a JSON Merge Patch.

    (RFC 7386; "Profiles" at docs.openreferral.org.) Empty where it changes nothing.
    """
    fields = (*EXTENSIONS.get(table, ()), *IN_JSON.get(table, ()))
    if table not in profiled():
        return {}
    ours = _ours(table, fields, refer)
    for name, inside in LISTS_IN_JSON.get(table, {}).items():
        entry = {
            "type": "object",
            "properties": {field.name: _field(field) for field in inside},
            "required": _required(inside),
        }
        ours["properties"][name] = {
            "type": "array",
            "description": MEANINGS[table, name],
            "items": entry,
        }
    return {"properties": {PREFIX: ours}}


def page_of(items: str) -> Schema:
    """Return the schema of a page of a list whose entries are at the reference ``items``."""
    numbers = {
        "total_items": "How many there are on all pages together.",
        "total_pages": "How many pages there are.",
        "page_number": "Which page this is, from 1.",
        "size": "How many are on this page.",
    }
    flags = {
        "first_page": "Whether this is the first page.",
        "last_page": "Whether no page follows.",
        "empty": "Whether nothing is on this page.",
    }
    properties: Schema = {
        name: {"type": "integer", "minimum": 0, "description": words}
        for name, words in numbers.items()
    }
    properties |= {name: {"type": "boolean", "description": words} for name, words in flags.items()}
    properties["contents"] = {"type": "array", "items": {"$ref": items}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ours(table: str, fields: Iterable[Field], refer: Refer) -> Schema:
    properties = {
        field.name: {**_field_of_ours(field, refer), "description": MEANINGS[table, field.name]}
        for field in fields
    }
    return {
        "type": "object",
        "description": "What this directory says beside the standard.",
        "properties": properties,
    }


def _inside(nested: Nested, refer: Refer) -> Schema:
    one = {"$ref": refer(nested.table)}
    return {"type": "array", "items": one} if nested.many else one


def _field_of_ours(field: Field, refer: Refer) -> Schema:
    """Describe a field; an object has a schema of its own, which is called after it."""
    return {"$ref": refer(field.name)} if field.kind is Kind.OBJECT else _field(field)


def _field(field: Field) -> Schema:
    schema = dict(_KINDS.get(field.kind, {"type": "string"}))
    if field.choices:
        schema["enum"] = [str(choice) for choice in field.choices]
    return schema


def _required(fields: Iterable[Field]) -> list[str]:
    return [field.name for field in fields if field.needed is Needed.EVERYWHERE]
