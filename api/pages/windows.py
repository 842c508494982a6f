"""Availability windows: what an agency publishes for others to book into."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.status_codes import HTTP_200_OK
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedSettings, InjectedViewer, Now
from api.languages import marked as _
from api.pages.forms import FormData, errors_by_field
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, page
from api.pages.times import Times, grouped, times_for
from api.pages.window_form import WindowForm, copied, in_form_fields, read_window_form
from api.sealing import Sealer
from api.window_words import rule_words
from directory.database import Database, Row
from directory.errors import DomainError, InvalidError
from directory.intervals import Interval
from directory.queries.agencies import find_own_offers
from directory.viewer import Viewer
from scheduling.commands.windows import publish_window
from scheduling.drafts import WindowDraft, find_mistakes, first_slots
from scheduling.errors import KeyReusedError
from scheduling.models.windows import AvailabilityWindow
from scheduling.queries.desks import (
    find_active_partners,
    find_added_days,
    find_closed_days,
    find_live_holds,
    find_partner_names,
    find_slots_of_window,
    find_windows_with_week,
)
from scheduling.queries.window_terms import draft_of, find_closures
from scheduling.queries.windows import get_window

#: How many slots a preview names, and how many the page of a window.
PREVIEWED = 20
MOST_SLOTS = 300


WEEKDAYS = (
    ("MO", _("Mon")),
    ("TU", _("Tue")),
    ("WE", _("Wed")),
    ("TH", _("Thu")),
    ("FR", _("Fri")),
    ("SA", _("Sat")),
    ("SU", _("Sun")),
)
FREQUENCIES = (
    ("WEEKLY", _("Every week")),
    ("MONTHLY", _("Every month")),
    ("DAILY", _("Every day")),
    ("once", _("Once only")),
)
WEEKS_OF_MONTH = (
    ("", _("In every week of it")),
    ("1", _("The first of the month")),
    ("2", _("The second of the month")),
    ("3", _("The third of the month")),
    ("4", _("The fourth of the month")),
    ("-1", _("The last of the month")),
)
BOOKABLE_BY = (
    ("partners", _("Partner agencies")),
    ("public", _("Everybody, and partner agencies")),
    ("own", _("Only our own staff")),
)
APPROVAL = (
    ("automatic", _("At once")),
    ("host", _("When we have said yes to it")),
)


@get("/windows", guards=[PUBLISHING_STAFF], include_in_schema=False, sync_to_thread=True)
def show_windows(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """List the agency's windows."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        offers = find_own_offers(session, viewer.organization_id)
        return page(
            request,
            "windows.html",
            times=times,
            windows=windows_said(session, viewer, offers, times),
        )


def windows_said(
    session: Session, viewer: Viewer, offers: Any, times: Times
) -> list[tuple[Row, str, str]]:
    """Return each window with its place and its rule in words."""
    names = {offer["id"]: offer["location_name"] or "" for offer in offers}
    return [
        (row, names.get(row["service_at_location_id"], ""), rule_words(row, times))
        for row in find_windows_with_week(session, viewer, now=times.now)
    ]


Copied = Annotated[UUID | None, QueryParameter(description="A window to begin with.")]


@get("/windows/new", guards=[PUBLISHING_STAFF], include_in_schema=False, sync_to_thread=True)
def show_new_window(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
    copy: Copied = None,
) -> Response[Any]:
    """Ask what is to be published; ``copy`` fills in what another window of the agency says."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        typed = {"starts_on": str(times.today), "key": str(uuid4())}
        if copy is not None:
            typed = {**copied(draft_of(session, get_window(session, copy, viewer))), **typed}
        return _form_page(request, session, viewer, times, typed)


def _form_page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    times: Times,
    typed: dict[str, Any],
    *,
    refusal: DomainError | None = None,
    preview: list[Interval] | None = None,
    draft: WindowDraft | None = None,
) -> Response[Any]:
    return page(
        request,
        "window-new.html",
        **form_lists(session, viewer, times, typed, refusal),
        preview=preview,
        preview_days=_by_day(preview[:PREVIEWED], times, draft) if preview and draft else [],
        previewed=PREVIEWED,
        draft=draft,
    )


def form_lists(
    session: Session,
    viewer: Viewer,
    times: Times,
    typed: Mapping[str, Any],
    refusal: DomainError | None,
    *,
    window: AvailabilityWindow | None = None,
) -> dict[str, Any]:
    """Return what the fields of a window need: what was typed, what is wrong, and the choices.

    One that exists (``window``) keeps its place, and may keep its pattern as it is.
    """
    said = times.language.translate
    lists = {name: as_list(typed.get(name)) for name in ("days", "partners")}
    frequencies = [(key, said(words)) for key, words in FREQUENCIES]
    if window is not None:
        same = times.language.translate("As it is now: {rule}").format(
            rule=rule_words(window.model_dump(), times)
        )
        frequencies.insert(0, ("same", same))
    return {
        "status_code": status_for(refusal),
        "times": times,
        "typed": {**typed, **lists},
        "refusal": refusal,
        "errors": errors_by_field(refusal),
        "offers": None if window is not None else _offers(session, viewer),
        "partners": find_active_partners(session, viewer),
        "weekdays": WEEKDAYS,
        "frequencies": frequencies,
        "weeks_of_month": [(key, said(words)) for key, words in WEEKS_OF_MONTH],
        "bookable_by": [(key, said(words)) for key, words in BOOKABLE_BY],
        "approval": [(key, said(words)) for key, words in APPROVAL],
    }


def _offers(session: Session, viewer: Viewer) -> list[tuple[UUID, str]]:
    return [
        (offer["id"], ", ".join(filter(None, (offer["service_name"], offer["location_name"]))))
        for offer in find_own_offers(session, viewer.organization_id)
    ]


def _by_day(slots: list[Interval], times: Times, draft: WindowDraft) -> list[tuple[str, list[str]]]:
    """Say at what times slots begin, day by day."""
    zone = draft.timezone
    return [
        (day, [times.clock(slot.starts_at, zone) for slot in group])
        for day, group in groupby(slots, lambda slot: times.day_of(slot.starts_at, zone))
    ]


def status_for(refusal: DomainError | None) -> int:
    """Return the status of a page that says a refusal, or none."""
    if refusal is None:
        return HTTP_200_OK
    return 422 if isinstance(refusal, InvalidError) else 409


def as_list(value: Any) -> list[str]:
    """Return what a form has under a name, be it ticked never, once or more often."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@post(
    "/windows/new",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_new_window(
    request: AnyRequest,
    data: FormData,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show the slots it would make, or publish it; pressed twice, it is published once."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        try:
            form = read_window_form(data, WindowForm)
            draft = _draft(session, form, viewer)
        except InvalidError as error:
            refusal = in_form_fields(error)
            return _form_page(request, session, viewer, times, data, refusal=refusal)
        if form.do == "preview":
            closures = find_closures(session, viewer.organization_id)
            slots = first_slots(draft, now=now, closures=closures)
            return _form_page(request, session, viewer, times, data, preview=slots, draft=draft)
    try:
        return _publish(database, sealer, viewer, form, draft, now)
    except (InvalidError, KeyReusedError) as error:
        typed = {**data, "key": str(uuid4())}
        with database.reading() as session:
            return _form_page(request, session, viewer, times, typed, refusal=in_form_fields(error))


def _draft(session: Session, form: WindowForm, viewer: Viewer) -> WindowDraft:
    """Return the draft without mistakes, by the clock of its place."""
    offers = find_own_offers(session, viewer.organization_id)
    zones = {offer["id"]: offer["timezone"] for offer in offers}
    if form.service_at_location_id not in zones:
        raise InvalidError.of("service_at_location_id", "Choose one of your own services.")
    draft = form.draft(zones[form.service_at_location_id])
    mistakes = find_mistakes(draft)
    if mistakes:
        raise InvalidError(mistakes)
    return draft


def _publish(
    database: Database,
    sealer: Sealer,
    viewer: Viewer,
    form: WindowForm,
    draft: WindowDraft,
    now: datetime,
) -> Response[Any]:
    """Publish under the form's key, and go to the window; the same form again goes there too."""
    return go_once(
        database,
        sealer,
        key=str(form.key) if form.key else None,
        viewer=viewer,
        operation="publish_window",
        data=form,
        now=now,
        work=lambda session: (
            f"/windows/{publish_window(session, draft, viewer=viewer, now=now).id}"
        ),
    )


@get(
    "/windows/{window_id:uuid}",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_window(
    request: AnyRequest,
    window_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Show a window of the agency: its rule, and how its coming slots fill up."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        window = get_window(session, window_id, viewer).model_dump()
        offers = find_own_offers(session, viewer.organization_id)
        slots = find_slots_of_window(session, window_id, now=now, limit=MOST_SLOTS)
        return page(
            request,
            "window.html",
            times=times,
            window=window,
            rule=rule_words(window, times),
            offer=next((o for o in offers if o["id"] == window["service_at_location_id"]), None),
            partners=find_partner_names(session, window_id),
            closed=find_closed_days(session, window_id),
            added=find_added_days(session, window_id),
            kept=find_live_holds(session, window_id, now=now),
            days=grouped(slots, lambda row: row["local_date"]),
            bookable_by=dict(BOOKABLE_BY),
            approval=dict(APPROVAL),
        )


HANDLERS = [show_windows, show_new_window, post_new_window, show_window]
