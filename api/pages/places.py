"""Places that imports have hidden, to be on the safe side: an administrator decides about each."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_422_UNPROCESSABLE_ENTITY

from api.authentication import ADMINISTRATORS
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.languages import marked as _
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, page, see_other
from api.schemas.shapes import Request
from directory.commands.places import decide_place
from directory.database import Database
from directory.errors import InvalidError
from directory.models.locations import AddressVisibility
from directory.queries.imports import find_place_reviews

DECISIONS = {
    "public": _("Anyone may know the address"),
    "area only": _("Only the area may be known"),
    "hidden": _("Nothing about where it is may be known"),
}


class DecidePlace(Request):
    """The form about one place."""

    decision: AddressVisibility
    authorized: bool = False


@get("/network/places", guards=[ADMINISTRATORS], include_in_schema=False, sync_to_thread=True)
def show_places(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """Show the places that wait, and those decided about last."""
    return _places(request, database, now)


def _places(
    request: AnyRequest,
    database: Database,
    now: Any,
    *,
    place: UUID | None = None,
    refusal: InvalidError | None = None,
) -> Response[Any]:
    with database.reading() as session:
        return page(
            request,
            "places.html",
            status_code=HTTP_422_UNPROCESSABLE_ENTITY if refusal else HTTP_200_OK,
            waiting=find_place_reviews(session, decided=False),
            decided=find_place_reviews(session, decided=True, limit=20),
            decisions=DECISIONS,
            refused=place,
            errors=errors_by_field(refusal),
            now=now,
        )


@post(
    "/network/places/{location_id:uuid}",
    guards=[ADMINISTRATORS],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_place(
    request: AnyRequest,
    location_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Decide about one place."""
    try:
        form = read_typed(DecidePlace, data)
        with database.transaction() as session:
            decide_place(
                session,
                location_id,
                form.decision,
                authorized=form.authorized,
                viewer=viewer,
                now=now,
            )
    except InvalidError as refusal:
        return _places(request, database, now, place=location_id, refusal=refusal)
    return see_other("/network/places")


HANDLERS = [show_places, post_place]
