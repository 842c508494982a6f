"""What the HSDS API says of itself: its version, description, profile and schemas."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from api.dependencies import InjectedSettings
from api.handlers.hsds.answers import shared_json
from api.handlers.hsds.reading import read
from api.handlers.hsds.routes import READ
from api.hsds_description import (
    ABOUT,
    MERGE_PATCH,
    RULE,
    SCHEMA,
    describe,
    describe_profile,
)
from api.schemas.hsds import RecordRequest
from api.settings import Settings
from directory.eligibility_schema import json_schema
from directory.errors import NotFoundError
from directory.hsds.schemas import DIALECT, merge_patch_of, names, profiled, schema_of
from directory.hsds.standard import VERSION

AnyRequest = Request[Any, Any, Any]


@get("/", **READ)
def get_about(request: AnyRequest, settings: InjectedSettings) -> Response[Any]:
    """Return the version of HSDS, and where the profile and the description are."""
    read(RecordRequest, request)
    base = f"{settings.public_url}/hsds"
    return shared_json(
        request,
        {
            "version": VERSION,
            "profile": f"{base}/profile",
            "openapi_url": f"{base}/openapi.json",
            "description": ABOUT,
            "publisher": _publisher(settings),
        },
    )


def _publisher(settings: Settings) -> dict[str, str]:
    told = {"name": settings.publisher, "email": settings.publisher_email}
    return {**{key: text for key, text in told.items() if text}, "website": settings.public_url}


@get("/openapi.json", **READ)
def get_description(request: AnyRequest, settings: InjectedSettings) -> Response[Any]:
    """Return the OpenAPI document of this API."""
    return shared_json(request, describe(settings.public_url))


@get("/profile", **READ)
def get_profile(request: AnyRequest, settings: InjectedSettings) -> Response[Any]:
    """Return what this directory adds to HSDS, as an HSDS Profile."""
    return shared_json(request, describe_profile(settings.public_url))


@get("/profile/{file:str}", **READ)
def get_merge_patch(file: FromPath[str], request: AnyRequest) -> Response[Any]:
    """Return what the profile changes in one schema of the standard (RFC 7386)."""
    table = file.removesuffix(".json")
    if table == file or table not in profiled():
        raise NotFoundError("schema")
    return shared_json(request, merge_patch_of(table), media_type=MERGE_PATCH)


@get("/schema", **READ)
def list_schemas(request: AnyRequest, settings: InjectedSettings) -> Response[Any]:
    """Return where the JSON Schema of each kind of record is."""
    return shared_json(request, {"schemas": describe_profile(settings.public_url)["schemas"]})


@get("/schema/{file:str}", **READ)
def get_schema(
    file: FromPath[str], request: AnyRequest, settings: InjectedSettings
) -> Response[Any]:
    """Return the JSON Schema of one kind of record with our fields, or of eligibility rules."""
    name = file.removesuffix(".json")
    if name == file or name not in (*names(), RULE):
        raise NotFoundError("schema")
    named = {"$schema": DIALECT, "$id": f"{settings.public_url}/hsds/schema/{file}"}
    schema = json_schema() if name == RULE else schema_of(name)
    return shared_json(request, {**named, **schema}, media_type=SCHEMA)


HANDLERS = [
    get_about,
    get_description,
    get_profile,
    get_merge_patch,
    list_schemas,
    get_schema,
]
