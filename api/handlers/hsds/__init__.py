"""The directory by the HSDS API, at ``/hsds``: to read, by anyone, without a key."""

from litestar.handlers import BaseRouteHandler

from api.handlers.hsds import (
    about,
    organizations,
    service_at_locations,
    services,
    taxonomies,
    taxonomy_terms,
)

PATH = "/hsds"

HANDLERS: list[BaseRouteHandler] = [
    *about.HANDLERS,
    *services.HANDLERS,
    *organizations.HANDLERS,
    *service_at_locations.HANDLERS,
    *taxonomies.HANDLERS,
    *taxonomy_terms.HANDLERS,
]
