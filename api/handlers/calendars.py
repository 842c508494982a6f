"""Calendar feeds: times only, for whoever knows the address."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from litestar import Response, get
from litestar.params import FromPath
from sqlmodel import Session

from api.authentication import anyone
from api.dependencies import InjectedDatabase, InjectedSettings, Now
from api.problems import problem_responses
from api.settings import Settings
from directory.database import Row
from directory.models.accounts import Role
from directory.queries.accounts import get_viewer_of_feed
from directory.viewer import Viewer
from scheduling.ical import CalendarEntry, write_calendar
from scheduling.models.bookings import AppointmentStatus
from scheduling.queries.appointments import find_appointments

#: How far back a feed reaches: calendars keep what they have seen.
REACHES_BACK = timedelta(days=30)
MOST_ENTRIES = 2000


@get(
    "/calendars/{token:str}",
    operation_id="get_calendar",
    tags=["Calendar"],
    guards=[anyone],
    sync_to_thread=True,
    responses=problem_responses(404),
    media_type="text/calendar",
)
def get_calendar(
    token: FromPath[str], database: InjectedDatabase, settings: InjectedSettings, now: Now
) -> Response[bytes]:
    """Return a staff member's appointments as iCalendar: no client, service or place is named."""
    with database.reading() as session:
        viewer = get_viewer_of_feed(session, token.removesuffix(".ics"))
        entries = calendar_entries(_appointments(session, viewer, now), settings)
    return Response(
        write_calendar(entries, name="Appointments"),
        media_type="text/calendar",
        headers={"Cache-Control": "private, max-age=300"},
    )


def _appointments(session: Session, viewer: Viewer, now: datetime) -> list[Row]:
    """Return what the person booked; at the front desk, what comes to their agency."""
    rows = find_appointments(session, viewer, starts_from=now - REACHES_BACK, limit=MOST_ENTRIES)
    sees_all_hosted = viewer.role in (Role.PUBLISHER, Role.ADMINISTRATOR)
    return [
        row
        for row in rows
        if row["account_id"] == viewer.account_id
        or (sees_all_hosted and row["host_organization_id"] == viewer.organization_id)
    ]


_STATUS = {AppointmentStatus.PENDING: "TENTATIVE", AppointmentStatus.CANCELLED: "CANCELLED"}


def calendar_entries(rows: Iterable[Row], settings: Settings) -> list[CalendarEntry]:
    """Say when, and nothing about whom, what or where; the page behind the link asks to sign in."""
    return [
        calendar_entry(
            row,
            summary=f"Appointment {row['code']}",
            url=f"{settings.public_url}/appointments/{row['id']}",
        )
        for row in rows
    ]


def calendar_entry(row: Row, *, summary: str, url: str, location: str = "") -> CalendarEntry:
    """Return an appointment's entry: one UID for life, and a SEQUENCE that rises (I12)."""
    return CalendarEntry(
        uid=f"{row['id']}@openings",
        sequence=row["sequence"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        changed_at=row["changed_at"],
        status=_STATUS.get(row["status"], "CONFIRMED"),  # type: ignore[arg-type]
        summary=summary,
        location=location,
        url=url,
    )
