"""The search and the gazetteer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast

from litestar import MediaType, Request, Response, get, post
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK

from api.authentication import anyone
from api.cursors import Next
from api.dependencies import (
    InjectedDatabase,
    InjectedFinder,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.finding import Finder, home_point
from api.languages import Language, choose_language
from api.parsing import Body, parse_text
from api.problems import problem_responses
from api.quick_search import QuickSearch
from api.schemas.search import (
    PlaceReply,
    PlacesRequest,
    SearchByUrl,
    SearchReply,
    SearchRequest,
    asked_by_url,
)
from api.schemas.shapes import Page
from directory.database import Database
from directory.errors import FieldError, InvalidError
from directory.viewer import PUBLIC, Viewer
from geo.gazetteer import find_places
from geo.places import Place

AnyRequest = Request[Any, Any, Any]


_NOT_IN_ADDRESS = "Send this in the body of a POST: an address may be kept on the way."

_OPEN_AT = (
    "`now`, a coming time with its offset, or a weekday and time as the clock shows it at each "
    "place: `saturday 22:00`, `SA 22:00`, `sat 10 pm`."
)


_Q = (
    "Words; each must begin some word of a result. A word that nothing has is read as the "
    "nearest words that there are, and `corrected` says so."
)

_EXCLUDE = (
    "Needs or words, by commas: what has such a need, or itself says such words, is left out: "
    "`shelter,faith-based`."
)

_SORT = (
    "`distance` (needs `near`), `relevance` (needs `q`): words in a service's name first, or "
    "`soonest`: the first time that you may book. If left out: by distance; without `near` by "
    "relevance; without `q`, by name."
)


def _asked(description: str) -> Any:
    """Declare a query parameter; all of them are read, and refused, together by ``parse_text``."""
    return QueryParameter(description=description)


@get(
    "/search",
    operation_id="search",
    tags=["Search"],
    guards=[anyone],
    responses=problem_responses(422, 503),
)
async def search_by_url(
    request: AnyRequest,
    database: InjectedDatabase,
    finder: InjectedFinder,
    viewer: InjectedViewer,
    now: Now,
    near: Annotated[str | None, _asked("ZIP, town or `latitude,longitude`.")] = None,
    within_km: Annotated[str | None, _asked("Radius, 0.1 to 500; 25 if left out.")] = None,
    q: Annotated[str | None, _asked(_Q)] = None,
    need: Annotated[
        str | None,
        _asked("Needs, by commas; any of them. Codes, or everyday words: `diapers`, `renta`."),
    ] = None,
    exclude: Annotated[str | None, _asked(_EXCLUDE)] = None,
    language: Annotated[str | None, _asked("ISO 639 codes, by commas; any of them.")] = None,
    free: Annotated[str | None, _asked("`true`: only what is free of charge.")] = None,
    cost_at_most: Annotated[
        str | None, _asked("Only what is free or states a price of at most so many US dollars.")
    ] = None,
    step_free: Annotated[
        str | None, _asked("`true`: only places that say that one gets in without a step.")
    ] = None,
    remote: Annotated[str | None, _asked("`true`: only what needs no going anywhere.")] = None,
    openings: Annotated[str | None, _asked("`true`: only what has room, as of late.")] = None,
    open_at: Annotated[str | None, _asked(_OPEN_AT)] = None,
    bookable_within_days: Annotated[
        str | None, _asked("Only what you may book at a time that begins within so many days.")
    ] = None,
    bookable_for: Annotated[
        str | None,
        _asked("As whom: `public`, or the id of your own organization. Yours if left out."),
    ] = None,
    sort: Annotated[str | None, _asked(_SORT)] = None,
    facets: Annotated[
        str | None, _asked("`false`: without the counts by need, language and so on.")
    ] = None,
    limit: Annotated[str | None, _asked("Results a page, 1 to 100; 20 if left out.")] = None,
    next_: Next = None,
) -> Response[SearchReply]:
    """Find services near a place: by need, words, openings and opening hours.

    Everything in the URL may be kept by machines on the way. POST the same fields as JSON for
    what is personal.
    """
    del near, within_km, q, need, exclude, language, free, cost_at_most, step_free, remote
    del openings, open_at, bookable_within_days, bookable_for, sort, facets, limit, next_
    given = request.query_params.dict()
    _refuse_personal(given)
    asked = asked_by_url(parse_text(SearchByUrl, given))
    # ``api.at_once`` has looked into memory already, and it was not there.
    return await _read(request, asked, database, finder, viewer, now)


def _refuse_personal(given: Mapping[str, Any]) -> None:
    """Refuse what must not stand in an address, and say where it goes."""
    personal = set(SearchRequest.__struct_fields__) - set(SearchByUrl.__struct_fields__)
    names = sorted(name for name in given if name.partition(".")[0] in personal)
    if names:
        raise InvalidError([FieldError(name, _NOT_IN_ADDRESS) for name in names])


@post(
    "/search",
    operation_id="search_privately",
    tags=["Search"],
    guards=[anyone],
    status_code=HTTP_200_OK,
    dto=Body[SearchRequest],
    return_dto=None,
    responses=problem_responses(422, 503),
)
async def search_by_body(
    request: AnyRequest,
    data: JSONBody[SearchRequest],
    database: InjectedDatabase,
    finder: InjectedFinder,
    viewer: InjectedViewer,
    now: Now,
) -> Response[SearchReply]:
    """Find services near a place, with nothing in the URL. Changes nothing."""
    if viewer == PUBLIC:
        body = await _quick(request).recall(
            data, database=database, finder=finder, language=_language(request), now=now
        )
        if body is not None:
            return _as_json(body)
    return await _read(request, data, database, finder, viewer, now)


async def _read(
    request: AnyRequest,
    asked: SearchRequest,
    database: Database,
    finder: Finder,
    viewer: Viewer,
    now: datetime,
) -> Response[SearchReply]:
    body = await _quick(request).read(
        asked,
        database=database,
        finder=finder,
        viewer=viewer,
        language=_language(request),
        now=now,
    )
    return _as_json(body)


def _quick(request: AnyRequest) -> QuickSearch:
    quick: QuickSearch = request.app.state.quick_search
    return quick


def _language(request: AnyRequest) -> Language:
    return choose_language(None, request.headers.get("accept-language"))


def _as_json(body: bytes) -> Response[SearchReply]:
    return Response(cast("Any", body), media_type=MediaType.JSON)


@get(
    "/places",
    operation_id="find_places",
    tags=["Search"],
    guards=[anyone],
    sync_to_thread=True,
    responses=problem_responses(422),
)
def list_places(
    request: AnyRequest,
    settings: InjectedSettings,
    q: Annotated[str | None, _asked("How a ZIP code or town begins.")] = None,
) -> Page[PlaceReply]:
    """Find ZIP codes and towns by their beginning."""
    del q
    asked = parse_text(PlacesRequest, request.query_params.dict())
    found = find_places(asked.q, near=home_point(settings))
    return Page(items=[_place_reply(place) for place in found], next=None)


def _place_reply(place: Place) -> PlaceReply:
    return PlaceReply(
        label=place.label,
        kind=place.kind,
        latitude=place.point.latitude,
        longitude=place.point.longitude,
        postal_code=place.postal_code,
        city=place.city,
        county=place.county,
        state=place.state,
        timezone=place.timezone,
    )
