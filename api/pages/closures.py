"""Closing the whole agency on some days, on a page."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import (
    InjectedDatabase,
    InjectedSealer,
    InjectedSettings,
    InjectedViewer,
    Now,
)
from api.letters import notice_writer
from api.pages.deciding import Effects, effects_said, read_decisions, without_decisions
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import Times, times_for
from api.pages.windows import status_for
from api.schemas.shapes import Request
from api.sealing import Sealer
from api.settings import Settings
from directory.database import Database
from directory.errors import ConflictError, DomainError, InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.commands.closures import declare_closure, lift_closure, preview_closure
from scheduling.decisions import DecisionKind
from scheduling.errors import DecisionsNeededError
from scheduling.queries.closures import find_own_closures
from scheduling.schedule import Closed

_all: Any = {"guards": [PUBLISHING_STAFF], "include_in_schema": False, "sync_to_thread": True}


class ClosureForm(Request):
    """The days, why, and what becomes of bookings. ``key`` makes pressing twice close once."""

    starts_on: date
    ends_on: date
    reason: Annotated[str, Meta(max_length=200)] | None = None
    otherwise: Literal["cancel", "keep"] = "cancel"
    key: UUID | None = None
    do: Literal["preview", "close"] = "preview"


@get("/closures", **_all)
def show_closures(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """List the closed days of the agency, with the form for more."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        today = str(times.today)
        typed = {"starts_on": today, "ends_on": today, "key": str(uuid4())}
        return _closures_page(request, session, viewer, times, typed)


@post("/closures", status_code=HTTP_200_OK, **_all)
def post_closure(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Say what closing would do, or close; pressed twice, it closes once."""
    form: ClosureForm | None = None
    refusal: DomainError | None = None
    typed = dict(data)
    try:
        form = read_typed(ClosureForm, without_decisions(data))
        if form.do == "close":
            return _close(database, sealer, settings, viewer, form, data, now)
    except (InvalidError, ConflictError, NotFoundError) as error:
        refusal = error
        typed["key"] = str(uuid4())
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        plan = None
        if form is not None:
            try:
                days = Closed(form.starts_on, form.ends_on)
                plans = preview_closure(session, days, viewer=viewer, now=now)
                plan = effects_said(session, plans, data, viewer=viewer, times=times)
            except InvalidError as error:
                refusal = error
        return _closures_page(request, session, viewer, times, typed, refusal=refusal, plan=plan)


def _close(
    database: Database,
    sealer: Sealer,
    settings: Settings,
    viewer: Viewer,
    form: ClosureForm,
    data: Mapping[str, Any],
    now: datetime,
) -> Response[Any]:
    """Close under the form's key; the same form again changes nothing more."""
    decisions = read_decisions(data)

    def work(session: Session) -> str:
        declare_closure(
            session,
            Closed(form.starts_on, form.ends_on),
            form.reason,
            viewer=viewer,
            now=now,
            otherwise=DecisionKind(form.otherwise),
            decisions=decisions,
            write=notice_writer(settings),
        )
        return "/closures"

    return go_once(
        database,
        sealer,
        key=str(form.key) if form.key else None,
        viewer=viewer,
        operation="declare_closure",
        data=form,
        now=now,
        work=work,
    )


@post("/closures/{closure_id:uuid}/lift", status_code=HTTP_200_OK, **_all)
def post_lift(
    closure_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Open again on days that were closed."""
    with database.transaction() as session:
        lift_closure(session, closure_id, viewer=viewer, now=now)
    return see_other("/closures")


def _closures_page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    times: Times,
    typed: Mapping[str, Any],
    *,
    refusal: DomainError | None = None,
    plan: Effects | None = None,
) -> Response[Any]:
    closures = sorted(
        find_own_closures(session, viewer, limit=1000), key=lambda row: row.starts_on, reverse=True
    )
    return page(
        request,
        "closures.html",
        status_code=status_for(refusal),
        times=times,
        typed=typed,
        refusal=refusal,
        errors=errors_by_field(refusal),
        plan=plan,
        needs_decisions=isinstance(refusal, DecisionsNeededError),
        closures=[row.model_dump() for row in closures],
    )


HANDLERS = [show_closures, post_closure, post_lift]
