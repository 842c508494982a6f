"""The shapes of the search and of places."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.shapes import Instant, Latitude, Longitude, Reply, Request
from directory.models.openings import OpeningStatus
from directory.search import Match

Words = Annotated[str, Meta(max_length=200)]


class SearchRequest(Request):
    """What to look for. All that is given must hold; of several needs or languages, any."""

    near: Words | None = None
    within_km: Annotated[float, Meta(ge=0.1, le=500)] = 25.0
    q: Words | None = None
    need: Annotated[list[Words], Meta(max_length=30)] = []
    language: Annotated[list[Words], Meta(max_length=10)] = []
    free: bool = False
    openings: bool = False
    open_at: Words | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    next: Annotated[str, Meta(max_length=1000)] | None = None


class PlacesRequest(Request):
    """How the name of a place begins."""

    q: Words


class PlaceReply(Reply):
    """Somewhere a search can start: a ZIP code, a town or a pair of coordinates."""

    label: str
    kind: str
    latitude: Latitude
    longitude: Longitude
    postal_code: str | None
    city: str
    county: str
    state: str
    timezone: str


class OriginReply(Reply):
    """Where distances are measured from."""

    label: str
    latitude: Latitude
    longitude: Longitude


class NamedReply(Reply):
    """A record by its id and name."""

    id: UUID
    name: str


class FoundLocation(Reply):
    """Where it is. ``approximate``: the point is the middle of the ZIP code."""

    id: UUID
    name: str | None
    address: str | None
    latitude: Latitude | None
    longitude: Longitude | None
    approximate: bool
    timezone: str


class HoursReply(Reply):
    """Whether it is open: until when, or when next. Null where the hours are not known.

    ``words`` says it in the reader's language, and ``summary`` the usual hours with the dates of
    the next four weeks that differ: "Mon-Fri 9 am-5 pm, closed Thu Nov 26". What is closed for
    now is not open, and has no summary.
    """

    open: bool | None
    until: Instant | None
    opens_at: Instant | None
    words: str
    summary: str | None


class OpeningReply(Reply):
    """Whether there is room, said by whom and when. ``ask``: nobody said, or too long ago.

    ``population``: whom it is for; empty for everybody. ``whole_service``: it was said of all
    places of the service together.
    """

    status: str
    available: int | None
    maximum: int | None
    unit: str | None
    population: str
    whole_service: bool
    note: str | None
    as_of: Instant | None
    expires_at: Instant | None
    said_by: str | None
    words: str


class NextSlotReply(Reply):
    """The first time that this caller may book."""

    id: UUID
    starts_at: Instant
    ends_at: Instant


class CheckedReply(Reply):
    """When all that a listing says was last checked, and how; empty where a part never was."""

    at: Instant | None
    method: str | None
    words: str


class HitReply(Reply):
    """One result. ``service_at_location_id`` is null for a service without a place.

    ``match``: how it has to do with the origin; null without one. ``near``: its place is within
    the radius. ``area``: its place is not, or is not told, and it says that it serves this area.
    ``anywhere``: no place is told, and it has not said whom it serves. ``serves_your_area``:
    whether the area that it states takes in the origin; null where none is stated, where that
    cannot be told, and without an origin.

    ``openings`` has all reports that count, of each unit and population; ``opening`` is the
    first of them: what has room before what has none, and the most free first.
    """

    id: UUID
    service_at_location_id: UUID | None
    service: NamedReply
    organization: NamedReply
    location: FoundLocation | None
    phone: str | None
    free: bool
    distance_km: float | None
    match: Match | None
    serves_your_area: bool | None
    hours: HoursReply
    opening: OpeningReply
    openings: list[OpeningReply]
    next_slot: NextSlotReply | None
    verified_at: str | None
    checked: CheckedReply


class FacetReply(Reply):
    """How many of all results have a term."""

    code: str
    name: str
    count: int


class FacetsReply(Reply):
    """Counts over all results, not only this page."""

    need: list[FacetReply]
    language: list[FacetReply]
    open_now: int
    free: int


class SearchReply(Reply):
    """The answer: a true total, true counts, and one page of results, nearest first.

    ``widened``: nothing was within the radius asked for, and no place further away says that it
    serves this area, so the radius was made larger; ``within_km`` is the one that was used.
    Services without a place come after those with one.
    """

    origin: OriginReply | None
    within_km: float
    widened: bool
    total: int
    facets: FacetsReply
    results: list[HitReply]
    next: str | None


class ReportOpenings(Request):
    """How many places are open. Without a status, none free means full.

    Of each ``unit`` and ``population`` ("women with children"; empty for everybody) the newest
    report counts, beside those of the others.
    """

    unit: Annotated[str, Meta(min_length=1, max_length=60)] = "places"
    population: Annotated[str, Meta(max_length=120)] = ""
    available: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    maximum: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    status: OpeningStatus | None = None
    note: Annotated[str, Meta(max_length=200)] | None = None
    valid_for_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 720


class HistoryRequest(Request):
    """Which reports of a place to list."""

    unit: Annotated[str, Meta(max_length=60)] | None = None
    population: Annotated[str, Meta(max_length=120)] | None = None
    next: Annotated[str, Meta(max_length=1000)] | None = None


class UndoOpenings(Request):
    """Which count to take back. With ``report_id`` only that report, if it is the last word."""

    unit: Annotated[str, Meta(min_length=1, max_length=60)] = "places"
    population: Annotated[str, Meta(max_length=120)] = ""
    report_id: UUID | None = None


class OpeningsReply(Reply):
    """A report of openings.

    ``as_of`` is when the words were said, ``reported_at`` when the report was made. They differ
    for an undo: it takes back the report ``undoes_id`` by saying again what was said before.
    """

    id: UUID
    service_at_location_id: UUID
    unit: str
    population: str
    status: str
    available: int | None
    maximum: int | None
    note: str | None
    as_of: Instant
    reported_at: Instant
    expires_at: Instant
    said_by: str
    undoes_id: UUID | None
