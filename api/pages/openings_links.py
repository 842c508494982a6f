"""Making links with which somebody says how many places are open, and stopping them."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_422_UNPROCESSABLE_ENTITY
from msgspec import Meta
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.languages import marked as _
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import Times, times_for
from api.schemas.shapes import Request
from directory.commands.openings_links import make_openings_link, revoke_openings_link
from directory.database import Row
from directory.errors import InvalidError
from directory.queries.agencies import find_own_offers
from directory.queries.openings import find_links
from directory.viewer import Viewer

#: For how many days a link works, as offered on the form.
LIFETIMES = (
    (1, _("1 day")),
    (7, _("7 days")),
    (30, _("30 days")),
    (90, _("90 days")),
    (365, _("1 year")),
)
USUAL_LIFETIME = 90

_staff: Any = {"guards": [PUBLISHING_STAFF], "include_in_schema": False, "sync_to_thread": True}


class MakeLink(Request):
    """The form of a new link."""

    place: UUID
    label: Annotated[str, Meta(max_length=200)] = ""
    days: Annotated[int, Meta(ge=1, le=365)] = USUAL_LIFETIME


@get("/front-desk/links", **_staff)
def show_links(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show the links of the agency, and the form that makes one."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        return _links_page(request, session, viewer, times)


@post("/front-desk/links", status_code=HTTP_200_OK, **_staff)
def post_link(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Make a link and show it, this once.

    It is the answer itself: an address that was redirected to would have to name the secret.
    """
    try:
        form = read_typed(MakeLink, data)
        with database.transaction() as session:
            link, token = make_openings_link(
                session, form.place, label=form.label, days=form.days, viewer=viewer, now=now
            )
            times = times_for(request, session, viewer, settings, now)
            made = {"label": link.label, "url": f"{settings.public_url}/openings/{token}"}
            return _links_page(request, session, viewer, times, made=made)
    except InvalidError as error:
        with database.reading() as session:
            times = times_for(request, session, viewer, settings, now)
            return _links_page(request, session, viewer, times, typed=data, error=error)


@post("/front-desk/links/{link_id:uuid}/revoke", status_code=HTTP_200_OK, **_staff)
def post_revoke(
    link_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Stop a link: it opens nothing from now on."""
    with database.transaction() as session:
        revoke_openings_link(session, link_id, viewer=viewer, now=now)
    return see_other("/front-desk/links")


def _links_page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    times: Times,
    *,
    made: dict[str, str] | None = None,
    typed: dict[str, Any] | None = None,
    error: InvalidError | None = None,
) -> Response[Any]:
    offers = find_own_offers(session, viewer.organization_id)
    names = {offer["id"]: _name(offer) for offer in offers}
    translate = times.language.translate
    return page(
        request,
        "openings-links.html",
        status_code=HTTP_422_UNPROCESSABLE_ENTITY if error else HTTP_200_OK,
        times=times,
        links=find_links(session, viewer.organization_id),
        names=names,
        choices=list(names.items()),
        lifetimes=[(days, translate(words)) for days, words in LIFETIMES],
        made=made,
        typed=typed or {"days": USUAL_LIFETIME},
        errors=errors_by_field(error),
    )


def _name(offer: Row) -> str:
    """Name a place to the agency's own people."""
    return ", ".join(filter(None, (offer["service_name"], offer["location_name"])))


HANDLERS = [show_links, post_link, post_revoke]
