"""What can be asked of the HSDS API, in the names of the standard."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta

from api.schemas.shapes import Request

#: Records on a page: so many if nothing is asked, and the most.
PAGE: Final = 50
MOST_ON_A_PAGE: Final = 500
#: The most services on a page in their shortest form, and as many if nothing is asked.
MOST_MINIMAL: Final = 10_000

Words = Annotated[str, Meta(max_length=200)]
Id = Annotated[UUID, Meta(description="The id of a record.")]


class ListRequest(Request):
    """What every list can be asked for."""

    search: Annotated[Words, Meta(description="Words; each must begin some word of a record.")] = ""
    page: (
        Annotated[int, Meta(ge=1, le=1_000_000, description="Which page, from 1; 1 if left out.")]
        | None
    ) = None
    per_page: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=MOST_MINIMAL,
                description=f"Records on a page: {PAGE} if left out, at most {MOST_ON_A_PAGE} "
                f"(with minimal, {MOST_MINIMAL}).",
            ),
        ]
        | None
    ) = None
    format: Annotated[
        Literal["json", "ndjson"],
        Meta(description="`json`, in pages; or `ndjson`, all records, each on a line of its own."),
    ] = "json"


class TaxonomiesRequest(ListRequest):
    """Which taxonomies."""


class TaxonomyTermsRequest(ListRequest):
    """Which terms."""

    taxonomy_id: Annotated[Id, Meta(description="Terms of this taxonomy.")] | None = None
    parent_id: Annotated[Id, Meta(description="Terms right below this one.")] | None = None
    top_only: Annotated[bool, Meta(description="`true`: terms that are below no other.")] = False


class DescribedRequest(ListRequest):
    """Which records, by the terms that describe them."""

    taxonomy_term_id: (
        Annotated[Id, Meta(description="Described by this term, or by one below it.")] | None
    ) = None
    taxonomy_id: (
        Annotated[Id, Meta(description="Described by any term of this taxonomy.")] | None
    ) = None
    full: Annotated[bool, Meta(description="`true`: with all that belongs to them.")] = False


class OrganizationsRequest(DescribedRequest):
    """Which organizations."""

    full_service: Annotated[
        bool, Meta(description="`true`: all that belongs to them, and their services in full.")
    ] = False


class OrganizationRequest(Request):
    """How much of an organization."""

    full_service: Annotated[
        bool, Meta(description="`true`: its services in full; by id and name if left out.")
    ] = False


class OfferedRequest(DescribedRequest):
    """Which services, or services at locations, by whose they are and when they changed."""

    organization_id: Annotated[Id, Meta(description="Services of this organization.")] | None = None
    modified_after: (
        Annotated[
            datetime,
            Meta(description="Services changed on or after this time; in UTC without an offset."),
        ]
        | None
    ) = None


class ServicesRequest(OfferedRequest):
    """Which services."""

    minimal: Annotated[
        bool, Meta(description="`true`: only their id, name, status and last change.")
    ] = False


class ServiceAtLocationsRequest(OfferedRequest):
    """Which services at locations."""

    postcode: Annotated[Words, Meta(description="A ZIP code, of people whom it is for.")] | None = (
        None
    )
    proximity: (
        Annotated[
            float,
            Meta(gt=0, le=500_000, description="At most so many metres from the postcode, too."),
        ]
        | None
    ) = None


class RecordRequest(Request):
    """Nothing can be asked about a single record."""
