"""The front desk of an agency that publishes: who comes today, and is there room."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.pages.appointments import staff_words
from api.pages.checks import own_listings
from api.pages.forms import FormData, read_typed
from api.pages.once import go_once
from api.pages.openings_forms import (
    PlaceForms,
    RefusedForm,
    SayOpenings,
    Speaker,
    form_words,
    key_of,
    live_of,
    place_forms,
    say_openings,
)
from api.pages.rendering import AnyRequest, page
from api.pages.ticklers import ticklers_said
from api.pages.times import DAY, Times, places_by_name, read_day, times_for
from api.pages.windows import windows_said
from api.problems import status_of
from directory.database import Row
from directory.errors import ConflictError, InvalidError
from directory.queries.agencies import find_own_offers
from directory.queries.openings import find_said
from directory.queries.reliability import find_reliability
from directory.queries.suggestions import count_open_suggestions
from directory.viewer import Viewer
from scheduling.comparison import compare
from scheduling.queries.appointments import find_appointments
from scheduling.queries.desks import count_waiting_here
from scheduling.queries.free_today import find_free_today

MOST_APPOINTMENTS = 500


@get("/front-desk", guards=[PUBLISHING_STAFF], include_in_schema=False, sync_to_thread=True)
def show_front_desk(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show who comes on a day, how many places are open, and how the week fills up."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        day = read_day(request, times.today)
        return _front_desk(request, session, viewer, times, day)


def _front_desk(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    times: Times,
    day: date,
    refused: RefusedForm | None = None,
    status: int = HTTP_200_OK,
) -> Response[Any]:
    offers = find_own_offers(session, viewer.organization_id)
    return page(
        request,
        "front-desk.html",
        status_code=status,
        times=times,
        day=day,
        places=_appointments_by_place(session, viewer, times, day),
        openings=_openings(session, viewer, offers, times, refused),
        reliability=_reliability(session, viewer, times),
        windows=windows_said(session, viewer, offers, times),
        waiting=count_waiting_here(session, viewer),
        open_suggestions=count_open_suggestions(session, viewer),
        own=own_listings(session, viewer, times.language, times.now),
        **staff_words(),
        key=uuid4(),
        **ticklers_said(session, viewer, times, request.app.state.note_sealer),
        **form_words(times.language),
    )


def _appointments_by_place(
    session: Session, viewer: Viewer, times: Times, day: date
) -> dict[str, list[Row]]:
    rows = find_appointments(
        session,
        viewer,
        starts_from=times.start_of(day),
        starts_before=times.start_of(day + DAY),
        hosted=True,
        limit=MOST_APPOINTMENTS,
    )
    return places_by_name(rows)


def _openings(
    session: Session,
    viewer: Viewer,
    offers: Sequence[Row],
    times: Times,
    refused: RefusedForm | None,
) -> list[tuple[Row, PlaceForms]]:
    """Return each place with the forms of its counts; places that report come first."""
    said = find_said(session, [offer["id"] for offer in offers], now=times.now)
    zones = {offer["id"]: offer["timezone"] for offer in offers}
    free = find_free_today(session, viewer, zones, now=times.now)
    return [
        (
            offer,
            place_forms(
                offer["id"],
                said.get(offer["id"], ()),
                refused=refused,
                comparison=compare(
                    live_of(said.get(offer["id"], ()), times.now), free.get(offer["id"])
                ),
                language=times.language,
                now=times.now,
            ),
        )
        for offer in sorted(offers, key=lambda offer: offer["id"] not in said)
    ]


def _reliability(session: Session, viewer: Viewer, times: Times) -> int | None:
    """Return the agency's reliability in percent, or None where it never reported."""
    if viewer.organization_id is None:
        return None
    found = find_reliability(session, now=times.now, organization_id=viewer.organization_id)
    own = found.get(viewer.organization_id)
    return None if own is None else round(100 * own.share)


@post(
    "/front-desk/openings/{service_at_location_id:uuid}",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_openings(
    request: AnyRequest,
    service_at_location_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Say how many places are open; searches show it at once."""
    place = service_at_location_id

    def work(session: Session) -> str:
        say_openings(session, place, read_typed(SayOpenings, data), Speaker(viewer), now)
        return f"/front-desk#openings-{place}"

    try:
        return go_once(
            database,
            sealer,
            key=key_of(place, data),
            viewer=viewer,
            operation="openings",
            now=now,
            work=work,
        )
    except (InvalidError, ConflictError) as error:
        refused = RefusedForm(place, data, error)
        with database.reading() as session:
            times = times_for(request, session, viewer, settings, now)
            return _front_desk(
                request, session, viewer, times, times.today, refused, status_of(error)
            )


HANDLERS = [show_front_desk, post_openings]
