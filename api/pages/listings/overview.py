"""The listings that somebody may edit, and putting a service into a place."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.pages.forms import FormData, read_typed
from api.pages.listings.forms import STATUSES, VISIBILITIES
from api.pages.rendering import AnyRequest, page, see_other
from api.parsing import parse_text
from api.schemas.shapes import Request
from directory.commands.history import PAGE
from directory.commands.records.editing import create_record
from directory.commands.records.errors import AlreadyOfferedError
from directory.errors import NotFoundError
from directory.kinds.services import NewServiceAtLocationDraft
from directory.queries.own_listings import find_offers_of, find_own_places, find_own_services

MOST_SHOWN = 100


class ListingSearch(Request):
    """Words of the names of services and agencies."""

    q: Annotated[str, Meta(max_length=200)] = ""


class PutIntoPlace(Request):
    """Where a service is offered, too."""

    location_id: UUID


@get("/listings", guards=[PUBLISHING_STAFF], include_in_schema=False, sync_to_thread=True)
def show_listings(
    request: AnyRequest, database: InjectedDatabase, viewer: InjectedViewer
) -> Response[Any]:
    """List the services and places that the reader may change."""
    query = {name: request.query_params.getall(name) for name in request.query_params}
    words = parse_text(ListingSearch, {"q": query.get("q", [])}).q
    with database.reading() as session:
        found = find_own_services(session, viewer, words=words, limit=MOST_SHOWN + 1)
        shown = found[:MOST_SHOWN]
        return page(
            request,
            "listings.html",
            q=words,
            services=shown,
            more=len(found) > MOST_SHOWN,
            offers=find_offers_of(session, [row["id"] for row in shown]),
            places=find_own_places(session, viewer),
            statuses=dict(STATUSES),
            visibilities=dict(VISIBILITIES),
        )


@post(
    "/listings/{kind:str}/{record_id:uuid}/places",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_place_of_service(
    kind: FromPath[str],
    record_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Offer a service in one more place; pressed twice, it is there once."""
    if kind != "services":
        raise NotFoundError("form")
    place = read_typed(PutIntoPlace, data).location_id
    draft = NewServiceAtLocationDraft(service_id=record_id, location_id=place)
    try:
        with database.transaction() as session:
            made = create_record(
                session, "service_at_location", draft, viewer=viewer, now=now, origin=PAGE
            )
    except AlreadyOfferedError:
        return see_other(f"/listings/services/{record_id}")
    return see_other(f"/listings/offers/{made}?saved=1")


HANDLERS = [show_listings, post_place_of_service]
