"""What the standard says of its API, and its schemas where ``HSDS_SCHEMAS`` says where they are."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

#: The name that the official files' references are resolved against; never fetched.
BASE = "https://hsds.invalid/schema/"

#: Where it is, the shape of a list's items, and of one alone.
ENDPOINTS = {
    "services": ("compiled/service_list", "compiled/service"),
    "organizations": ("compiled/organization_list", "compiled/organization"),
    "service_at_locations": (
        "compiled/service_at_location_list",
        "compiled/service_at_location",
    ),
    "taxonomies": ("taxonomy", "taxonomy"),
    "taxonomy_terms": ("taxonomy_term", "taxonomy_term"),
}
PAGED = {"search", "page", "per_page", "format"}
OFFERED = PAGED | {"taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "full"}
#: What the standard lets each list, and one record, be asked for (its openapi.json).
PARAMETERS = {
    "services": OFFERED | {"minimal"},
    "organizations": PAGED | {"full_service", "full", "taxonomy_term_id", "taxonomy_id"},
    "service_at_locations": OFFERED | {"postcode", "proximity"},
    "taxonomies": PAGED,
    "taxonomy_terms": PAGED | {"taxonomy_id", "top_only", "parent_id"},
}
PARAMETERS_OF_ONE = {"organizations": {"full_service"}}


@cache
def official() -> tuple[Registry[Any], dict[str, Any]]:
    folder = os.environ.get("HSDS_SCHEMAS")
    if not folder:
        pytest.skip("HSDS_SCHEMAS does not say where the official schemas are")
    registry: Registry[Any] = Registry()
    found = {}
    for path in Path(folder).rglob("*.json"):
        name = path.relative_to(folder).as_posix()
        found[name] = json.loads(path.read_text())
        if isinstance(found[name], dict):
            resource = Resource.from_contents(found[name], default_specification=DRAFT202012)
            registry = registry.with_resource(BASE + name, resource)
    return registry, found


@cache
def validator(name: str) -> Draft202012Validator:
    registry, _ = official()
    schema = {"$ref": f"{BASE}{name}.json"}
    return Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
