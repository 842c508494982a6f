"""Changing, pausing and ending a window on pages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.letters import notice_writer
from api.pages.deciding import Effects, effects_said, read_decisions, without_decisions
from api.pages.forms import FormData, read_typed
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import Times, times_for
from api.pages.window_form import EditForm, in_form_fields, read_window_form, typed_of
from api.pages.windows import form_lists
from api.schemas.shapes import Request
from directory.errors import ConflictError, DomainError, InvalidError, NotFoundError
from directory.viewer import Viewer
from scheduling.commands.window_changes import (
    Change,
    change_window,
    ended,
    pause_window,
    preview_change,
    resume_window,
)
from scheduling.drafts import WindowDraft
from scheduling.errors import DecisionsNeededError
from scheduling.models.windows import AvailabilityWindow
from scheduling.queries.window_terms import draft_of
from scheduling.queries.windows import get_window

_all: Any = {"guards": [PUBLISHING_STAFF], "include_in_schema": False, "sync_to_thread": True}
_post: Any = {**_all, "status_code": HTTP_200_OK}

_NOWHERE = UUID(int=0)

#: What may be refused and is said on the page. Another's window does not exist there either.
_SAID = (InvalidError, ConflictError, NotFoundError)


class OfVersion(Request):
    """Which version of a window somebody looked at, and whether to pause it or go on."""

    version: int
    do: Literal["pause", "resume", "end"] = "end"


@get("/windows/{window_id:uuid}/edit", **_all)
def show_edit(
    request: AnyRequest,
    window_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show a window as the form that changes it."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        window = get_window(session, window_id, viewer)
        typed = {**typed_of(draft_of(session, window)), "version": str(window.version)}
        return _edit_page(request, session, viewer, times, window, typed)


@post("/windows/{window_id:uuid}/edit", **_post)
def post_edit(
    request: AnyRequest,
    window_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Say what a change would do, or make it with a decision for each booking that it affects."""
    change: Change | None = None
    refusal: DomainError | None = None
    try:
        stays = {"service_at_location_id": str(_NOWHERE)}  # the form does not ask for it
        form = read_window_form({**without_decisions(data), **stays}, EditForm)
        change = _change_of(form)
        if form.do == "save":
            with database.transaction() as session:
                change_window(
                    session, window_id, change, expected=form.version, viewer=viewer, now=now,
                    decisions=read_decisions(data), write=notice_writer(settings),
                )  # fmt: skip
            return see_other(f"/windows/{window_id}")
    except _SAID as error:
        refusal = error
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        window = get_window(session, window_id, viewer)
        plan = None
        if change is not None:
            try:
                plan = _effects(session, window_id, change, form.version, data, viewer, times)
            except (InvalidError, ConflictError) as error:
                refusal = error
        return _edit_page(request, session, viewer, times, window, data, refusal=refusal, plan=plan)


def _change_of(form: EditForm) -> Change:
    """Return the change that the form describes; what it cannot say stays as it is."""

    def change(draft: WindowDraft) -> WindowDraft:
        wanted = form.draft(draft.timezone)
        kept: dict[str, Any] = {"service_at_location_id": draft.service_at_location_id}
        for name in ("notice_minutes", "cancel_cutoff_minutes"):  # the form knows whole hours
            if getattr(wanted, name) == getattr(draft, name) // 60 * 60:
                kept[name] = getattr(draft, name)
        if form.freq == "same":
            for name in ("freq", "interval", "byday", "until", "count"):
                kept[name] = getattr(draft, name)
        reasons = {added.day: added.reason for added in draft.added_on}
        kept["added_on"] = [
            added._replace(reason=reasons.get(added.day)) for added in wanted.added_on
        ]
        return replace(wanted, **kept, closed_because=draft.closed_because)

    return change


def _effects(
    session: Session,
    window_id: UUID,
    change: Change,
    version: int,
    data: Mapping[str, Any],
    viewer: Viewer,
    times: Times,
) -> Effects:
    plan = preview_change(
        session, window_id, change, expected=version, viewer=viewer, now=times.now
    )
    return effects_said(session, [plan], data, viewer=viewer, times=times)


def _edit_page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    times: Times,
    window: AvailabilityWindow,
    typed: Mapping[str, Any],
    *,
    refusal: DomainError | None = None,
    plan: Effects | None = None,
) -> Response[Any]:
    said = in_form_fields(refusal) if refusal is not None else None
    return page(
        request,
        "window-edit.html",
        **form_lists(session, viewer, times, typed, said, window=window),
        window=window.model_dump(),
        plan=plan,
        needs_decisions=isinstance(refusal, DecisionsNeededError),
    )


@post("/windows/{window_id:uuid}/status", **_post)
def post_status(
    request: AnyRequest,
    window_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Pause a window, or offer it again."""
    form = read_typed(OfVersion, data)
    try:
        with database.transaction() as session:
            if form.do == "pause":
                pause_window(session, window_id, expected=form.version, viewer=viewer)
            else:
                resume_window(session, window_id, expected=form.version, viewer=viewer, now=now)
    except ConflictError as refusal:
        return _end_page(request, database, settings, viewer, now, window_id, data, refusal=refusal)
    return see_other(f"/windows/{window_id}")


@get("/windows/{window_id:uuid}/end", **_all)
def show_end(
    request: AnyRequest,
    window_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Say what ending a window would do."""
    return _end_page(request, database, settings, viewer, now, window_id, {})


@post("/windows/{window_id:uuid}/end", **_post)
def post_end(
    request: AnyRequest,
    window_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """End a window, with a decision for each booking to come."""
    try:
        form = read_typed(OfVersion, without_decisions(data))
        with database.transaction() as session:
            change_window(
                session, window_id, ended, expected=form.version, viewer=viewer, now=now,
                decisions=read_decisions(data), write=notice_writer(settings),
            )  # fmt: skip
    except (InvalidError, ConflictError) as refusal:
        return _end_page(request, database, settings, viewer, now, window_id, data, refusal=refusal)
    return see_other(f"/windows/{window_id}")


def _end_page(
    request: AnyRequest,
    database: Any,
    settings: Any,
    viewer: Viewer,
    now: Any,
    window_id: UUID,
    data: Mapping[str, Any],
    *,
    refusal: DomainError | None = None,
) -> Response[Any]:
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        window = get_window(session, window_id, viewer)
        plan = None
        try:
            plan = _effects(session, window_id, ended, window.version, data, viewer, times)
        except ConflictError as error:
            refusal = error
        return page(
            request,
            "window-end.html",
            status_code=HTTP_200_OK if refusal is None else HTTP_409_CONFLICT,
            times=times,
            window=window.model_dump(),
            plan=plan,
            refusal=refusal,
            needs_decisions=isinstance(refusal, DecisionsNeededError),
        )


HANDLERS = [show_edit, post_edit, post_status, show_end, post_end]
