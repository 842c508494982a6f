"""A bundle: the itinerary to print, and cancelling all of it, for the agency that booked."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta
from sqlmodel import Session

from api.authentication import BOOKING_STAFF, STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.pages.appointments import CANCEL_WORDS, STATUS_WORDS
from api.pages.forms import FormData, read_typed
from api.pages.refusals import bundle_refusal
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.pages.times import Times, grouped, times_for
from api.parsing import parse_text
from api.plan_words import PlanWords
from api.problems import status_of
from api.schemas.shapes import Request
from api.settings import Settings
from directory.database import Row
from directory.errors import ConflictError, DomainError, InvalidError
from directory.viewer import Viewer
from geo.travel import Mode
from scheduling.commands.bundles import cancel_bundle
from scheduling.models.bookings import CAN_BE_CANCELLED
from scheduling.planning import Candidate
from scheduling.queries.bundles import find_appointments_of, find_spots, get_bundle
from scheduling.queries.slot_details import find_documents
from scheduling.ways import Ways, legs_between


class By(Request):
    """How the client gets about: it is in the address, and kept nowhere else."""

    by: Mode = Mode.TRANSIT


class Cancel(Request):
    """The form: why."""

    reason: Annotated[str, Meta(max_length=40)]


@get("/bundles/{bundle_id:uuid}", guards=[STAFF], include_in_schema=False, sync_to_thread=True)
def show_bundle(
    request: AnyRequest,
    bundle_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show the itinerary: when, where, how to get on, and what to bring."""
    with database.reading() as session:
        return _bundle_page(request, session, bundle_id, settings, viewer, now)


@post(
    "/bundles/{bundle_id:uuid}/cancel",
    guards=[BOOKING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_cancel(
    request: AnyRequest,
    bundle_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Cancel all that is still ahead; a refusal leaves all as it is and is said."""
    try:
        form = read_typed(Cancel, data)
        with database.transaction() as session:
            cancel_bundle(session, bundle_id, viewer=viewer, now=now, reason=form.reason)
    except (ConflictError, InvalidError) as refusal:
        with database.reading() as session:
            return _bundle_page(request, session, bundle_id, settings, viewer, now, refusal=refusal)
    return see_other(f"/bundles/{bundle_id}")


def _bundle_page(
    request: AnyRequest,
    session: Session,
    bundle_id: UUID,
    settings: Settings,
    viewer: Viewer,
    now: datetime,
    *,
    refusal: DomainError | None = None,
) -> Response[Any]:
    bundle = get_bundle(session, bundle_id, viewer)
    rows = find_appointments_of(session, [bundle_id], viewer)[bundle_id]
    asked = parse_text(By, {"by": request.query_params.getall("by", [])})
    times = times_for(request, session, viewer, settings, now)
    return page(
        request,
        "bundle.html",
        status_code=status_of(refusal) if refusal else HTTP_200_OK,
        bundle=bundle,
        days=_itinerary(session, rows, Ways(asked.by), times),
        papers=_papers(session, rows),
        times=times,
        can_cancel=any(_is_ahead(row, now) for row in rows),
        refusal=bundle_refusal(refusal, language_of(request)) if refusal else None,
        statuses=STATUS_WORDS,
        reasons=CANCEL_WORDS,
    )


def _is_ahead(row: Row, now: datetime) -> bool:
    return row["status"] in CAN_BE_CANCELLED and row["starts_at"] > now


def _itinerary(
    session: Session, rows: Sequence[Row], ways: Ways, times: Times
) -> dict[date, list[Row]]:
    """Return, by day, each appointment with its papers and the words for the way to it.

    No way leads to what is cancelled, nor from it.
    """
    spots = find_spots(session, {row["service_at_location_id"] for row in rows})
    words = PlanWords(times.language, times.usual, times.today)
    items: list[Row] = []
    for day in grouped(rows, lambda row: row["starts_at"].astimezone(times.usual).date()).values():
        live = [row for row in day if row["status"] != "cancelled"]
        stops = [
            Candidate(
                0, row["id"], spots[row["service_at_location_id"]], row["starts_at"], row["ends_at"]
            )
            for row in live
        ]
        said = dict(
            zip((row["id"] for row in live), _said_ways(stops, live, ways, words), strict=True)
        )
        items += [
            {
                "row": row,
                "way": said.get(row["id"]),
                "remote": spots[row["service_at_location_id"]].remote,
                "documents": find_documents(session, row),
                "starts_at": row["starts_at"],
            }
            for row in day
        ]
    return times.by_day(items)


def _said_ways(
    stops: Sequence[Candidate], rows: Sequence[Row], ways: Ways, words: PlanWords
) -> Iterator[str | None]:
    for row, leg in zip(rows, legs_between(stops, ways), strict=True):
        where = row["location_name"] or row["host_name"]
        yield (
            words.way(leg.minutes, ways.mode, where, is_known=leg.is_known) if leg.minutes else None
        )


def _papers(session: Session, rows: Sequence[Row]) -> list[str]:
    """Return all that is to be brought, each once."""
    live = [row for row in rows if row["status"] in CAN_BE_CANCELLED]
    return list(dict.fromkeys(paper for row in live for paper in find_documents(session, row)))


HANDLERS: list[BaseRouteHandler] = [show_bundle, post_cancel]
