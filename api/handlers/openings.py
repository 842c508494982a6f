"""Reports of openings."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF, anyone
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.parsing import Body, parse_text
from api.problems import problem_responses
from api.schemas.search import HistoryRequest, OpeningsReply, ReportOpenings, UndoOpenings
from api.schemas.shapes import Page
from directory.commands.openings import OpeningReport, report_openings, undo_openings
from directory.models.openings import ServiceCapacity, Unit
from directory.models.services import ServiceAtLocation
from directory.queries.openings import find_openings_history, find_said
from directory.queries.records import get_record

PAGE_SIZE = 100

_change: Any = {
    "tags": ["Openings"],
    "guards": [PUBLISHING_STAFF],
    "sync_to_thread": True,
    "return_dto": None,
}
_read: Any = {
    "tags": ["Openings"],
    "guards": [anyone],
    "sync_to_thread": True,
    "responses": problem_responses(404, 422),
}

Unit_ = Annotated[str | None, QueryParameter(name="unit", description="Only of this unit.")]
Population = Annotated[
    str | None,
    QueryParameter(name="population", description="Only for these people; empty: for everybody."),
]
AnyRequest = Request[Any, Any, Any]


def _reply(row: Mapping[str, Any]) -> OpeningsReply:
    return OpeningsReply.of(
        row,
        note=row["description"],
        as_of=row["said_at"] or row["updated"],
        reported_at=row["updated"],
    )


def _reply_of_record(session: Session, record: ServiceCapacity) -> OpeningsReply:
    unit = session.get_one(Unit, record.unit_id).name
    return _reply({**record.model_dump(), "unit": unit})


@put(
    "/service-at-locations/{record_id:uuid}/openings",
    operation_id="report_openings",
    dto=Body[ReportOpenings],
    responses=problem_responses(401, 403, 404, 422, 503),
    **_change,
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
        return _reply_of_record(session, row)


@post(
    "/service-at-locations/{record_id:uuid}/openings/undo",
    operation_id="undo_openings",
    dto=Body[UndoOpenings],
    status_code=HTTP_200_OK,
    responses=problem_responses(401, 403, 404, 409, 422, 503),
    **_change,
)
def post_undo_openings(
    record_id: FromPath[UUID],
    data: JSONBody[UndoOpenings],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> OpeningsReply:
    """Take back the newest report, of a day at most, by saying again what was said before it.

    Where nothing was said before, or that is over, people read "ask". The next undo takes back
    the report before.
    """
    asked = msgspec.structs.asdict(data)
    with database.transaction() as session:
        row = undo_openings(session, record_id, **asked, viewer=viewer, now=now)
        return _reply_of_record(session, row)


@get("/service-at-locations/{record_id:uuid}/openings", operation_id="list_openings", **_read)
def list_openings(
    request: AnyRequest,
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    unit: Unit_ = None,
    population: Population = None,
    next_: Next = None,
) -> Page[OpeningsReply]:
    """List what was said about openings here, newest first."""
    del unit, next_
    asked = parse_text(HistoryRequest, request.query_params.dict())
    everybody = "" if population == "" else None  # given, and empty
    after = read_cursor(asked.next, TimeAndId)
    with database.reading() as session:
        get_record(session, ServiceAtLocation, record_id)
        rows = find_openings_history(
            session,
            record_id,
            unit=asked.unit,
            population=asked.population or everybody,
            after=after,
            limit=PAGE_SIZE + 1,
        )
        return page_of(
            rows, PAGE_SIZE, reply=_reply, position=lambda row: (row["updated"], row["id"])
        )


@get(
    "/service-at-locations/{record_id:uuid}/openings/current",
    operation_id="list_current_openings",
    **_read,
)
def list_current_openings(
    record_id: FromPath[UUID], database: InjectedDatabase, now: Now
) -> Page[OpeningsReply]:
    """List what counts now here: of each unit and population the newest report, if it holds."""
    with database.reading() as session:
        get_record(session, ServiceAtLocation, record_id)
        said = find_said(session, [record_id], now=now).get(record_id, [])
        live = [each.report for each in said if each.report["expires_at"] > now]
        return Page(items=[_reply(row) for row in live], next=None)


HANDLERS = [put_openings, post_undo_openings, list_openings, list_current_openings]
