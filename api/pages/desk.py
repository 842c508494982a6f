"""The coordinator's desk: clients' appointments, and booking for the next one."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta
from sqlmodel import Session

from api.authentication import BOOKING_STAFF
from api.dependencies import (
    InjectedDatabase,
    InjectedFinder,
    InjectedNoteSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.finding import find, order_of_form
from api.languages import Language
from api.pages.about_client import by_field, client_form, read_client
from api.pages.appointments import AGREEMENT_WORDS, staff_words
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, language_of, page
from api.pages.ticklers import ticklers_said
from api.pages.times import DAY, Times, grouped, read_day, times_for
from api.schemas.search import SearchReply, SearchRequest
from api.words import EN_DASH, KM_IN_MILE, distance_words
from directory.errors import InvalidError
from directory.needs import EVERYDAY_NEEDS
from directory.queries.agencies import get_offer
from directory.viewer import Viewer
from scheduling.queries.appointments import find_appointments
from scheduling.queries.desks import count_waiting_for_clients, find_named_agreements
from scheduling.queries.slots import find_bookable_slots
from scheduling.queries.waitlists import count_open_offers

#: How many days of appointments one page shows.
DAYS_SHOWN = 7
#: How many days of bookable times one page shows, and how many times at most.
DAYS_OF_TIMES = 28
MOST_TIMES = 300
MILES = (5, 10, 25, 50)


class DeskSearch(SearchRequest):
    """The form: as the public search, with the radius in miles."""

    within_miles: Annotated[int, Meta(ge=1, le=300)] = 25


@get("/desk", guards=[BOOKING_STAFF], include_in_schema=False, sync_to_thread=True)
def show_desk(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    note_sealer: InjectedNoteSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show what this agency booked for its clients from a day on, and a search to book more."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        day = read_day(request, times.today)
        return page(
            request,
            "desk.html",
            times=times,
            day=day,
            days=_appointments_by_day(session, viewer, times, day),
            agreements=find_named_agreements(session, viewer),
            waiting=count_waiting_for_clients(session, viewer),
            offers=count_open_offers(session, viewer, now=now),
            agreement_words=AGREEMENT_WORDS,
            key=uuid4(),
            **staff_words(),
            **ticklers_said(session, viewer, times, note_sealer),
            **_search_form(times.language, {}),
        )


def _appointments_by_day(
    session: Session, viewer: Viewer, times: Times, day: date
) -> dict[date, Any]:
    """Return the appointments of a day, which is always there, and of those that follow it."""
    rows = find_appointments(
        session,
        viewer,
        starts_from=times.start_of(day),
        starts_before=times.start_of(day + DAYS_SHOWN * DAY),
        hosted=False,
    )
    return {day: [], **times.by_day(rows)}


def _search_form(
    language: Language, typed: dict[str, Any], error: InvalidError | None = None
) -> dict[str, Any]:
    miles = language.translate("{count} miles")
    return {
        "typed": typed,
        "errors": errors_by_field(error),
        "needs": need_options(language),
        "miles": [(count, miles.format(count=count)) for count in MILES],
        **client_form(language, typed),
    }


def need_options(language: Language) -> list[tuple[str, str]]:
    """List the needs, each kind under the wider one that it belongs to."""
    return [
        ("", language.translate("Any")),
        *(
            (need.code, f"{EN_DASH} " * bool(need.parent) + language.translate(need.name))
            for need in EVERYDAY_NEEDS
        ),
    ]


@post(
    "/desk/search",
    guards=[BOOKING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_desk_search(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    finder: InjectedFinder,
    now: Now,
) -> Response[Any]:
    """Search as the public does, with partners' times; what was asked is in no address."""
    with database.snapshot() as session:
        times = times_for(request, session, viewer, settings, now)
        try:
            rest, facts = read_client(data)
            asked = read_typed(DeskSearch, rest)
            asked.facts = facts
            asked.sort = order_of_form(asked.sort, asked.q)
            asked.within_km = asked.within_miles * KM_IN_MILE
            answer = find(
                session,
                asked,
                viewer=viewer,
                finder=finder,
                language=language_of(request),
                now=now,
            )
        except InvalidError as error:
            return page(
                request,
                "desk-search.html",
                status_code=422,
                times=times,
                results=None,
                answer=None,
                **_search_form(times.language, data, by_field(error)),
            )
        return page(
            request,
            "desk-search.html",
            times=times,
            answer=answer,
            results=_results(answer, times),
            left_out=[
                (each, _distance(each.distance_km, times)) for each in answer.excluded_nearer
            ],
            **_search_form(times.language, data),
        )


def _results(answer: SearchReply, times: Times) -> list[dict[str, Any]]:
    """Say each result's distance and next time; the rest the reply says itself."""
    said = []
    for hit in answer.results:
        zone = hit.location.timezone if hit.location else str(times.usual)
        slot = hit.next_slot
        said.append(
            {
                "hit": hit,
                "distance": _distance(hit.distance_km, times),
                "next_time": f"{times.day_of(slot.starts_at, zone)}, "
                f"{times.span(slot.starts_at, slot.ends_at, zone)}"
                if slot
                else None,
            }
        )
    return said


def _distance(km: float | None, times: Times) -> str | None:
    if km is None:
        return None
    return distance_words(km, language=times.language.tag, translate=times.language.translate)


@get(
    "/desk/times/{service_at_location_id:uuid}",
    guards=[BOOKING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_times(
    request: AnyRequest,
    service_at_location_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show every time that this agency may book at a place in the weeks from a day on."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        offer = get_offer(session, service_at_location_id)
        day = max(read_day(request, times.today), times.today)
        rows = find_bookable_slots(
            session,
            viewer,
            now=now,
            service_at_location_ids=[service_at_location_id],
            starts_from=times.start_of(day),
            limit=MOST_TIMES + 1,
        )
        end = times.start_of(day + DAYS_OF_TIMES * DAY)
        shown = [row for row in rows[:MOST_TIMES] if row["starts_at"] < end]
        rest = rows[len(shown)] if len(shown) < len(rows) else None
        return page(
            request,
            "desk-times.html",
            times=times,
            offer=offer,
            zone_note=times.zone_note(offer["timezone"]),
            days=grouped(shown, lambda row: row["local_date"]),
            titles=len({row["title"] for row in shown}) > 1,
            key=uuid4(),
            later=rest["starts_at"].astimezone(times.usual).date() if rest else None,
        )


HANDLERS = [show_desk, post_desk_search, show_times]
