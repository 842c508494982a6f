"""Getting in line from a service's page: a person for themselves, or a coordinator for a client."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta
from sqlmodel import Session

from api.authentication import public_or_booking_staff
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.languages import Language
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, page
from api.pages.times import Times, times_for
from api.problems import status_of
from api.schemas.shapes import ClockTime, Request
from api.words import KM_IN_MILE, weekday_words
from directory.database import Row
from directory.errors import ConflictError, DomainError, InvalidError
from directory.needs import NEEDS_BY_CODE
from directory.queries.agencies import get_offer
from directory.viewer import Viewer
from scheduling.commands.waitlists import EntryDraft, join_waitlist
from scheduling.models.waitlists import WaitlistKind
from scheduling.queries.waitlists import find_events

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: A Monday, from which the names of the weekdays are counted.
MONDAY = date(2030, 6, 3)

_guarded: Any = {
    "guards": [public_or_booking_staff],
    "include_in_schema": False,
    "sync_to_thread": True,
}


class WaitForm(Request):
    """The form: ``what`` is a kind, with its target behind colons."""

    key: Annotated[str, Meta(max_length=80)]
    what: Annotated[str, Meta(max_length=120)] = "here"
    places: Annotated[int, Meta(ge=1, le=20)] = 1
    earliest_on: date | None = None
    latest_on: date | None = None
    byday: tuple[Annotated[str, Meta(pattern="^(MO|TU|WE|TH|FR|SA|SU)$")], ...] = ()
    opens_at: ClockTime | None = None
    closes_at: ClockTime | None = None
    near: Annotated[str, Meta(max_length=80)] | None = None
    within_miles: Annotated[int, Meta(ge=1, le=300)] | None = None
    client_handle: Annotated[str, Meta(max_length=12)] | None = None
    priority: Annotated[int, Meta(ge=0, le=9)] = 0


@get("/services/{place_id:uuid}/wait", **_guarded)
def show_wait(
    request: AnyRequest,
    place_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Ask what would suit."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        return _form(request, session, place_id, viewer, times, {"key": str(uuid4())})


@post("/services/{place_id:uuid}/wait", status_code=HTTP_200_OK, **_guarded)
def post_wait(
    request: AnyRequest,
    place_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Get in line. The form carries a key, so that two clicks do it once."""
    try:
        form = read_typed(WaitForm, {name: text for name, text in data.items() if text})
        with database.reading() as session:
            draft = _draft(form, get_offer(session, place_id))

        def work(session: Session) -> str:
            joined = join_waitlist(session, draft, viewer=viewer, now=now)
            return f"/waiting/{joined.token}" if joined.token else "/desk/waiting"

        operation = f"wait {place_id}"
        return go_once(
            database, sealer, key=form.key, viewer=viewer, operation=operation, data=form, now=now,
            work=work,
        )  # fmt: skip
    except (InvalidError, ConflictError) as refusal:
        with database.reading() as session:
            times = times_for(request, session, viewer, settings, now)
            return _form(request, session, place_id, viewer, times, data, refusal)


def _draft(form: WaitForm, offer: Row) -> EntryDraft:
    stretch = {"byday": list(form.byday), "opens_at": form.opens_at, "closes_at": form.closes_at}
    suits = {name: value for name, value in stretch.items() if value}
    return EntryDraft(
        **_target(form.what, offer),
        near=form.near,
        within_km=form.within_miles * KM_IN_MILE if form.within_miles else None,
        client_handle=form.client_handle,
        places=form.places,
        priority=form.priority,
        earliest_on=form.earliest_on,
        latest_on=form.latest_on,
        suits=[suits] if suits else (),
    )


def _target(what: str, offer: Row) -> dict[str, Any]:
    """Read what is waited for. Raises ``InvalidError``."""
    word, *rest = what.split(":")
    try:
        match word, rest:
            case "here", []:
                place = offer["service_at_location_id"]
                return {
                    "kind": WaitlistKind.SERVICE_AT_LOCATION,
                    "service_at_location_id": place,
                }
            case "service", []:
                return {"kind": WaitlistKind.SERVICE, "service_id": offer["service_id"]}
            case "organization", []:
                host = offer["organization_id"]
                return {"kind": WaitlistKind.ORGANIZATION, "host_organization_id": host}
            case "need", [code]:
                return {"kind": WaitlistKind.NEED, "need": code}
            case "window", [window]:
                return {"kind": WaitlistKind.WINDOW, "window_id": UUID(window)}
            case "date", [window, day]:
                target = {"window_id": UUID(window), "event_on": date.fromisoformat(day)}
                return {"kind": WaitlistKind.DATE, **target}
    except ValueError:
        pass
    raise InvalidError.of("what", "Say what is waited for.")


def _form(
    request: AnyRequest,
    session: Session,
    place_id: UUID,
    viewer: Viewer,
    times: Times,
    typed: dict[str, Any],
    refusal: DomainError | None = None,
) -> Response[Any]:
    offer = get_offer(session, place_id)
    options = list(_options(session, offer, viewer, times))
    language = times.language
    return page(
        request,
        "wait.html",
        status_code=status_of(refusal) if refusal else HTTP_200_OK,
        offer=offer,
        options=options,
        weekdays=list(zip(WEEKDAYS, _weekday_names(language), strict=True)),
        typed=typed,
        errors=errors_by_field(refusal),
        refusal=str(refusal) if isinstance(refusal, ConflictError) else None,
        hosts=offer["organization_id"] == viewer.organization_id,
    )


def _weekday_names(language: Language) -> Iterator[str]:
    for ahead in range(7):
        yield weekday_words(date.fromordinal(MONDAY.toordinal() + ahead), language.tag)


def _options(
    session: Session, offer: Row, viewer: Viewer, times: Times
) -> Iterator[tuple[str, str]]:
    """Yield what one may wait for from here: this place, more, or one day of it."""
    translate = times.language.translate
    yield "here", translate("This service at this place")
    yield "service", translate("This service at any of its places")
    yield (
        "organization",
        translate("Anything at {agency}").format(agency=offer["organization_name"]),
    )
    for code in offer["needs"].split():
        if code in NEEDS_BY_CODE:
            name = translate(NEEDS_BY_CODE[code].name)
            yield f"need:{code}", translate("{need}, anywhere").format(need=name)
    events = find_events(session, viewer, offer["service_at_location_id"], now=times.now)
    for window_id, title in {row["window_id"]: row["title"] for row in events}.items():
        yield f"window:{window_id}", translate("Only “{window}”").format(window=title)
    for row in events:
        said = translate("“{window}” on {day} only").format(
            window=row["title"], day=times.day(row["local_date"])
        )
        yield f"date:{row['window_id']}:{row['local_date']}", said


HANDLERS = [show_wait, post_wait]
