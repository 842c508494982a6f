"""Reports of openings."""

from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody

from api.authentication import PUBLISHING_STAFF, anyone
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.search import OpeningsReply, ReportOpenings
from api.schemas.shapes import Page
from directory.commands.openings import OpeningReport, report_openings
from directory.models.services import ServiceAtLocation
from directory.queries.records import find_openings_history, get_record

PAGE_SIZE = 100


@put(
    "/service-at-locations/{record_id:uuid}/openings",
    operation_id="report_openings",
    tags=["Openings"],
    guards=[PUBLISHING_STAFF],
    sync_to_thread=True,
    dto=Body[ReportOpenings],
    return_dto=None,
    responses=problem_responses(401, 403, 404, 422, 503),
)
def put_openings(
    record_id: FromPath[UUID],
    data: JSONBody[ReportOpenings],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> OpeningsReply:
    """Say how many places are open. Searches show it at once, with its age."""
    report = OpeningReport(**msgspec.structs.asdict(data))
    with database.transaction() as session:
        row = report_openings(session, record_id, report, viewer=viewer, now=now)
        return OpeningsReply.of(
            row, unit=report.unit.strip(), note=row.description, as_of=row.updated
        )


@get(
    "/service-at-locations/{record_id:uuid}/openings",
    operation_id="list_openings",
    tags=["Openings"],
    guards=[anyone],
    sync_to_thread=True,
    responses=problem_responses(404, 422),
)
def list_openings(
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    next_: Next = None,
) -> Page[OpeningsReply]:
    """List what was said about openings here, newest first."""
    after = read_cursor(next_, TimeAndId)
    with database.reading() as session:
        get_record(session, ServiceAtLocation, record_id)
        rows = find_openings_history(session, record_id, after=after, limit=PAGE_SIZE + 1)
        return page_of(
            rows,
            PAGE_SIZE,
            reply=lambda row: OpeningsReply.of(row, note=row["description"], as_of=row["updated"]),
            position=lambda row: (row["updated"], row["id"]),
        )
