"""The shapes of the search and of places."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from api.schemas.shapes import Instant, Latitude, Longitude, Reply, Request
from directory.models.openings import OpeningStatus
from directory.search_query import Match, Sort

Words = Annotated[str, Meta(max_length=200)]

#: Where a page of a search ended; it holds a name, and what misspelt words were read as.
NextPage = Annotated[str, Meta(max_length=5000)]


class FactsRequest(Request):
    """What is known about somebody; what is left out is not known, and is not held against them.

    Bounds and choices are those of eligibility rules (docs/reference/eligibility-rules.md). A
    list is complete: what is not in it is not so.
    """

    age: float | None = None
    household_size: int | None = None
    income_month: float | None = None
    income_poverty_percent: float | None = None
    county: str | None = None
    zip: str | None = None
    languages: list[str] | None = None
    veteran: bool | None = None
    pregnant: bool | None = None
    children_ages: list[float] | None = None
    insurance: list[str] | None = None
    housing: str | None = None
    documents: list[str] | None = None


class SearchByUrl(Request):
    """What to look for. All that is given must hold; of several needs or languages, any.

    ``exclude``: words or needs; a service is left out that has one of those needs, or itself says
    those words, one after the other. ``sort``, if left out: by distance from ``near``; without
    it by how well the words are answered; without words, by name.
    """

    near: Words | None = None
    within_km: Annotated[float, Meta(ge=0.1, le=500)] = 25.0
    q: Words | None = None
    need: Annotated[list[Words], Meta(max_length=30)] = []
    exclude: Annotated[list[Words], Meta(max_length=30)] = []
    language: Annotated[list[Words], Meta(max_length=10)] = []
    free: bool = False
    cost_at_most: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    step_free: bool = False
    remote: bool = False
    openings: bool = False
    open_at: Words | None = None
    bookable_within_days: Annotated[int, Meta(ge=1, le=366)] | None = None
    bookable_for: Words | None = None
    sort: Sort | None = None
    facets: bool = True
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    next: NextPage | None = None


class SearchRequest(SearchByUrl):
    """What to look for, with what is too personal for an address.

    ``facts`` leave out what is not for such a person, and say of the rest whether it is.
    ``documents`` are the papers in hand: the same as ``facts.documents``.
    """

    facts: FactsRequest | None = None
    documents: list[str] | None = None


def asked_by_url(asked: SearchByUrl) -> SearchRequest:
    """Return the whole of what an address asks."""
    return SearchRequest(**{name: getattr(asked, name) for name in asked.__struct_fields__})


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


class ConditionReply(Reply):
    """A condition of a rule, in words, beside what was told."""

    fact: str
    limit: str
    told: str | None


class EligibilityReply(Reply):
    """Whether it is for the person that was described: the agency's own words still count.

    ``verdict`` is ``eligible``, ``not_eligible`` or ``needs_more``. ``because`` are the fewest
    conditions that settle it; while nothing is settled it is empty, and ``ask`` has the facts
    that would.
    """

    verdict: str
    because: list[ConditionReply]
    ask: list[str]
    words: str


class LeftOutReason(Reply):
    """Why a place was left out: a code for machines, and words."""

    code: str
    words: str


class LeftOutReply(Reply):
    """A place nearer than the last result that was left out, and the first reason why."""

    service_at_location_id: UUID | None
    name: str
    organization: str
    distance_km: float
    reason: LeftOutReason


class OfferReply(Reply):
    """What a result is. ``service_at_location_id`` is null for a service without a place.

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
    hours: HoursReply
    opening: OpeningReply
    openings: list[OpeningReply]
    verified_at: str | None
    checked: CheckedReply


class HitReply(OfferReply):
    """One result, and how it was found.

    ``eligibility`` is null where the service has no rule that could be checked.
    ``match``: how it has to do with the origin; null without one. ``near``: its place is within
    the radius. ``area``: its place is not, or is not told, and it says that it serves this area.
    ``anywhere``: no place is told, and it has not said whom it serves. ``serves_your_area``:
    whether the area that it states takes in the origin; null where none is stated, where that
    cannot be told, and without an origin.
    """

    distance_km: float | None
    match: Match | None
    serves_your_area: bool | None
    eligibility: EligibilityReply | None
    next_slot: NextSlotReply | None


class HowFound(Reply):
    """The part of a result that depends on the question."""

    distance_km: float | None
    match: Match | None
    serves_your_area: bool | None
    eligibility: EligibilityReply | None


class FacetReply(Reply):
    """How many of all results have a term."""

    code: str
    name: str
    count: int


class EligibilityFacet(Reply):
    """How many results are for the person that was described, may be, or do not say."""

    eligible: int
    needs_more: int
    not_stated: int


class FacetsReply(Reply):
    """Counts over all results, not only this page. ``eligibility`` is null without facts."""

    need: list[FacetReply]
    language: list[FacetReply]
    open_now: int
    free: int
    eligibility: EligibilityFacet | None


class CorrectionReply(Reply):
    """A word of ``q`` that nothing has, and the words as near that were looked for, any of them."""

    word: str
    read_as: list[str]


class SearchReply(Reply):
    """The answer: a true total, true counts, and one page of results, in the order asked for.

    ``widened``: nothing was within the radius asked for, and no place further away says that it
    serves this area, so the radius was made larger; ``within_km`` is the one that was used. By
    distance, services without a place come after those with one. ``facets`` is null where they
    were not asked for. ``excluded_nearer``: on the
    first page, up to five places nearer than the farthest result that were left out for what was
    asked of them.
    """

    origin: OriginReply | None
    within_km: float
    widened: bool
    corrected: list[CorrectionReply]
    total: int
    facets: FacetsReply | None
    results: list[HitReply]
    excluded_nearer: list[LeftOutReply]
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
