"""Changing, pausing and ending windows, and their closed and added days."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, delete, patch, put
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.handlers.windows import added_day_of, window_detail
from api.letters import notice_writer
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.scheduling import AddedDayShape, PatternShape, WindowDetail
from api.schemas.window_changes import (
    ChangeWindow,
    Deciding,
    DecisionShape,
    PutException,
    WindowEffects,
    affected_reply,
)
from api.settings import Settings
from api.versions import IfMatch, etag, expected_version
from directory.database import Database
from directory.errors import InvalidError
from directory.viewer import Viewer
from scheduling.commands.slot_changes import WindowPlan
from scheduling.commands.window_changes import (
    Change,
    added_on,
    as_usual_on,
    change_window,
    closed_on,
    ended,
    pause_window,
    preview_change,
    resume_window,
)
from scheduling.decisions import Decision, DecisionKind
from scheduling.drafts import WindowDraft
from scheduling.models.windows import AvailabilityWindow

DryRun = Annotated[
    bool,
    QueryParameter(
        name="dry_run", description="Change nothing; say which slots and bookings it would affect."
    ),
]

_all: Any = {
    "tags": ["Windows"],
    "guards": [PUBLISHING_STAFF],
    "sync_to_thread": True,
    "status_code": HTTP_200_OK,
    "return_dto": None,
    "responses": problem_responses(401, 403, 404, 409, 412, 422, 428, 503),
}

Answer = Response[WindowDetail | WindowEffects]


def decisions_of(shapes: Iterable[DecisionShape]) -> list[Decision]:
    """Return the decisions in a request."""
    return [
        Decision(
            appointment_id=shape.appointment_id,
            sequence=shape.sequence,
            kind=DecisionKind(shape.decision),
            slot_id=shape.slot_id,
            starts_at=shape.starts_at,
        )
        for shape in shapes
    ]


def effects_reply(plans: Sequence[WindowPlan]) -> WindowEffects:
    """Shape what changes would do."""
    return WindowEffects(
        slots_made=sum(len(plan.slots.made) + len(plan.slots.revived) for plan in plans),
        slots_ended=sum(len(plan.slots.gone) for plan in plans),
        affected=[affected_reply(row) for plan in plans for row in plan.affected],
    )


def _changed(
    database: Database,
    settings: Settings,
    window_id: UUID,
    change: Change,
    decisions: Iterable[DecisionShape],
    *,
    viewer: Viewer,
    now: datetime,
    if_match: str | None,
    dry_run: bool,
) -> Answer:
    expected = expected_version(if_match)
    if dry_run:
        with database.reading() as session:
            plan = preview_change(
                session, window_id, change, expected=expected, viewer=viewer, now=now
            )
            return Response(effects_reply([plan]), headers={"ETag": etag(expected)})
    return _in_transaction(
        database,
        lambda session: change_window(
            session,
            window_id,
            change,
            expected=expected,
            viewer=viewer,
            now=now,
            decisions=decisions_of(decisions),
            write=notice_writer(settings),
        ),
    )


def _in_transaction(database: Database, work: Callable[[Session], AvailabilityWindow]) -> Answer:
    with database.transaction() as session:
        window = work(session)
        reply = window_detail(session, window)
        return Response(reply, headers={"ETag": etag(window.version)})


def _change_of(data: ChangeWindow) -> Change:
    """Return the change that a request asks for: what it leaves out stays."""
    asked: dict[str, Any] = {
        name: value
        for name, value in msgspec.structs.asdict(data).items()
        if value is not msgspec.UNSET and name not in ("decisions", "status", "pattern")
    }
    for name in ("opens_at", "closes_at"):
        if name in asked:
            asked[name] = time.fromisoformat(asked[name])
    if "added_on" in asked:
        asked["added_on"] = [added_day_of(added) for added in asked["added_on"]]
    if data.pattern is not msgspec.UNSET:
        asked.update(_pattern_terms(data.pattern))

    def change(draft: WindowDraft) -> WindowDraft:
        return replace(draft, **asked)

    return change


def _pattern_terms(pattern: PatternShape | None) -> dict[str, Any]:
    if pattern is None:
        return {"freq": None, "interval": 1, "byday": (), "until": None, "count": None}
    return msgspec.structs.asdict(pattern)


@patch(
    "/windows/{window_id:uuid}",
    operation_id="change_window",
    dto=Body[ChangeWindow],
    **_all,
)
def patch_window(
    window_id: FromPath[UUID],
    data: JSONBody[ChangeWindow],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
) -> Answer:
    """Change a window, with a decision for each booking that loses its time or its place.

    Without one for each, as it is now, this is refused with 409 and the list (`affected`).
    """
    if data.status is not msgspec.UNSET:
        return _set_status(database, window_id, data, viewer=viewer, now=now, if_match=if_match)
    return _changed(
        database,
        settings,
        window_id,
        _change_of(data),
        data.decisions,
        viewer=viewer,
        now=now,
        if_match=if_match,
        dry_run=dry_run,
    )


def _set_status(
    database: Database,
    window_id: UUID,
    data: ChangeWindow,
    *,
    viewer: Viewer,
    now: datetime,
    if_match: str | None,
) -> Answer:
    if data != ChangeWindow(status=data.status):
        raise InvalidError.of("status", "Change the status by itself, and the rest by itself.")
    expected = expected_version(if_match)
    if data.status == "paused":
        return _in_transaction(
            database,
            lambda session: pause_window(session, window_id, expected=expected, viewer=viewer),
        )
    return _in_transaction(
        database,
        lambda session: resume_window(
            session, window_id, expected=expected, viewer=viewer, now=now
        ),
    )


@delete(
    "/windows/{window_id:uuid}",
    operation_id="end_window",
    dto=Body[Deciding],
    **_all,
)
def delete_window(
    window_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[Deciding | None] = None,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
) -> Answer:
    """End a window: no slot of it comes any more. Its past stays."""
    return _changed(
        database,
        settings,
        window_id,
        ended,
        data.decisions if data else (),
        viewer=viewer,
        now=now,
        if_match=if_match,
        dry_run=dry_run,
    )


@put(
    "/windows/{window_id:uuid}/exceptions/{day:date}",
    operation_id="put_window_exception",
    dto=Body[PutException],
    **_all,
)
def put_exception(
    window_id: FromPath[UUID],
    day: FromPath[date],
    data: JSONBody[PutException],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
) -> Answer:
    """Close a window on a day, or let it happen on one more, with hours of its own or not."""
    shape = AddedDayShape(
        date=day, opens_at=data.opens_at, closes_at=data.closes_at, reason=data.reason
    )
    closes = data.kind == "closed"
    if closes and (data.opens_at or data.closes_at):
        raise InvalidError.of("opens_at", "A closed day has no hours.")
    return _changed(
        database,
        settings,
        window_id,
        closed_on(day, data.reason) if closes else added_on(added_day_of(shape)),
        data.decisions,
        viewer=viewer,
        now=now,
        if_match=if_match,
        dry_run=dry_run,
    )


@delete(
    "/windows/{window_id:uuid}/exceptions/{day:date}",
    operation_id="remove_window_exception",
    dto=Body[Deciding],
    **_all,
)
def delete_exception(
    window_id: FromPath[UUID],
    day: FromPath[date],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
    data: JSONBody[Deciding | None] = None,
    if_match: IfMatch = None,
    *,
    dry_run: DryRun = False,
) -> Answer:
    """Let a window happen on a day as its pattern says."""
    return _changed(
        database,
        settings,
        window_id,
        as_usual_on(day),
        data.decisions if data else (),
        viewer=viewer,
        now=now,
        if_match=if_match,
        dry_run=dry_run,
    )


HANDLERS = [patch_window, delete_window, put_exception, delete_exception]
