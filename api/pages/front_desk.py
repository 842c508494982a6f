"""The front desk of an agency that publishes: who comes today, and is there room."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.languages import Language
from api.languages import marked as _
from api.pages.appointments import CANCEL_WORDS, STATUS_WORDS
from api.pages.checks import own_listings
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import DAY, MIDNIGHT, Times, places_by_name, read_day, times_for
from api.pages.windows import windows_said
from api.schemas.shapes import Request
from directory.commands.openings import (
    VALID_FOR_MINUTES,
    OpeningReport,
    report_openings,
    step_openings,
)
from directory.database import Row
from directory.errors import InvalidError
from directory.intervals import local_instant
from directory.models.openings import OpeningStatus
from directory.queries.agencies import find_last_reports, find_own_offers
from directory.viewer import Viewer
from scheduling.queries.appointments import find_appointments
from scheduling.queries.desks import count_waiting_here
from scheduling.rules import MINUTE

MOST_APPOINTMENTS = 500

#: How long a report counts, in minutes, as offered on the form.
VALIDITIES = ((120, _("2 hours")), (720, _("12 hours")), (1440, _("1 day")), (4320, _("3 days")))

OPENING_WORDS = (
    ("", _("Open or full, by the number")),
    ("open", _("Open")),
    ("full", _("Full")),
    ("waitlist", _("Waiting list")),
    ("assessment required", _("Assessment first")),
    ("call", _("Call first")),
)

Count = Annotated[int, Meta(ge=0, le=10_000)]


class SayOpenings(Request):
    """The form of one place. ``shown`` is the number that the page showed, ``do`` the button."""

    available: Count | None = None
    maximum: Count | None = None
    unit: Annotated[str, Meta(max_length=60)] = "places"
    status: OpeningStatus | None = None
    note: Annotated[str, Meta(max_length=200)] | None = None
    valid_for_minutes: Annotated[int, Meta(ge=1, le=10_080)] = VALID_FOR_MINUTES
    shown: Count | None = None
    do: Literal["say", "more", "fewer", "full-today"] = "say"

    def report(self) -> OpeningReport:
        """Return what the form says, before its buttons."""
        return OpeningReport(
            unit=self.unit,
            available=self.available,
            maximum=self.maximum,
            status=self.status,
            note=self.note,
            valid_for_minutes=self.valid_for_minutes,
        )


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
    refused: "RefusedReport | None" = None,
) -> Response[Any]:
    offers = find_own_offers(session, viewer.organization_id)
    language = times.language
    return page(
        request,
        "front-desk.html",
        status_code=422 if refused else HTTP_200_OK,
        times=times,
        day=day,
        places=_appointments_by_place(session, viewer, times, day),
        forms=_opening_forms(session, offers, times, refused),
        windows=windows_said(session, viewer, offers, times),
        waiting=count_waiting_here(session, viewer),
        own=own_listings(session, viewer, language, times.now),
        statuses=STATUS_WORDS,
        reasons=CANCEL_WORDS,
        opening_statuses=_said(OPENING_WORDS, language),
        opening_names=dict(_said(OPENING_WORDS, language)),
        validities=_said(VALIDITIES, language),
    )


def _said(options: Any, language: Language) -> list[tuple[Any, str]]:
    return [(key, language.translate(words)) for key, words in options]


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


#: What the round buttons add.
STEPS = {"more": 1, "fewer": -1}


class RefusedReport:
    """A form that was refused: at which place, what was typed, and what is wrong."""

    def __init__(self, place: UUID, typed: dict[str, Any], error: InvalidError) -> None:
        self.place = place
        self.typed = typed
        self.errors = errors_by_field(error)


def _opening_forms(
    session: Session, offers: Any, times: Times, refused: RefusedReport | None
) -> list[dict[str, Any]]:
    """Return each place with its last report and the form that makes the next.

    Places that report come before those that never did.
    """
    reports = find_last_reports(session, [offer["id"] for offer in offers])
    forms = []
    for offer in sorted(offers, key=lambda offer: offer["id"] not in reports):
        last = reports.get(offer["id"])
        again = refused is not None and refused.place == offer["id"]
        forms.append(
            {
                "offer": offer,
                "last": last,
                "counts": last is not None and last["expires_at"] > times.now,
                "errors": refused.errors if refused and again else {},
                "typed": refused.typed if refused and again else _as_typed(last),
            }
        )
    return forms


def _as_typed(last: Row | None) -> dict[str, Any]:
    """Fill the form from the last report: the next one is mostly the same but for the number."""
    if last is None:
        return {}
    names = ("available", "maximum", "unit")
    typed = {name: last[name] for name in names if last[name] is not None}
    by_number = last["available"] is not None and last["status"] in ("open", "full")
    typed["status"] = "" if by_number else last["status"]
    typed["note"] = last["description"] or ""
    typed["valid_for_minutes"] = _same_validity(last)
    return typed


def _same_validity(last: Row) -> int:
    """Return for how long the last report was to count, if that is on the form."""
    minutes = (last["expires_at"] - last["updated"]) // MINUTE
    return minutes if minutes in dict(VALIDITIES) else VALID_FOR_MINUTES


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
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Say how many places are open; searches show it at once."""
    try:
        form = read_typed(SayOpenings, data)
        with database.transaction() as session:
            _report(session, service_at_location_id, form, viewer, now)
    except InvalidError as error:
        refused = RefusedReport(service_at_location_id, data, error)
        with database.reading() as session:
            times = times_for(request, session, viewer, settings, now)
            return _front_desk(request, session, viewer, times, times.today, refused)
    return see_other(f"/front-desk#openings-{service_at_location_id}")


def _report(
    session: Session, place: UUID, form: SayOpenings, viewer: Viewer, now: datetime
) -> None:
    """Do what the button says."""
    report = form.report()
    step = STEPS.get(form.do, 0)
    if form.do == "full-today":
        report = _full_today(session, place, report, viewer, now)
    elif step and form.available == form.shown:
        step_openings(session, place, report, by=step, viewer=viewer, now=now)
        return
    elif step and form.available is not None:  # somebody typed a number, then pressed plus
        report = replace(report, available=max(0, form.available + step), status=None)
    report_openings(session, place, report, viewer=viewer, now=now)


def _full_today(
    session: Session, place: UUID, report: OpeningReport, viewer: Viewer, now: datetime
) -> OpeningReport:
    """Say that there is nothing left until midnight at the place."""
    offers = find_own_offers(session, viewer.organization_id)
    name = next((offer["timezone"] for offer in offers if offer["id"] == place), "UTC")
    zone = ZoneInfo(name)
    tomorrow = now.astimezone(zone).date() + DAY
    left = (local_instant(tomorrow, MIDNIGHT, zone) - now) // MINUTE
    return replace(report, available=0, status=OpeningStatus.FULL, valid_for_minutes=max(1, left))


HANDLERS = [show_front_desk, post_openings]
