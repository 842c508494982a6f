"""The form of one record: what it shows, what becomes of it, and two people at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.pages.duplicates import SIGN_WORDS
from api.pages.forms import FormData
from api.pages.listings import area_section
from api.pages.listings.forms import (
    FORMS,
    LABELS,
    PHONE_TYPES,
    STATUSES,
    VISIBILITIES,
    errors_on_form,
)
from api.pages.listings.groups import SPARE_ROWS, Form, flattened, merged, plain
from api.pages.listings.history_words import group_words
from api.pages.listings.hours import TIMES_A_DAY, other_in_words, rules_of_draft
from api.pages.listings.rule_section import Sent, section_of
from api.pages.once import go_once
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.pages.windows import WEEKDAYS
from api.parsing import parse
from api.words import week_words
from directory.commands.history import PAGE
from directory.commands.records.editing import change_record, create_record, remove_record
from directory.commands.records.errors import StaleError, StillReferredToError
from directory.database import Database
from directory.duplicates import Described
from directory.errors import ConflictError, DomainError, InvalidError, NotFoundError
from directory.hours import week_of
from directory.needs import EVERYDAY_NEEDS
from directory.queries.agencies import find_usual_state, find_usual_zone
from directory.queries.duplicates import Alike, find_alike
from directory.queries.own_listings import find_offers_of, find_places_of, get_own_whole
from directory.queries.whole_records import Whole, find_whole
from directory.viewer import Viewer
from geo.points import Point

#: What can be made from nothing; a service goes into a place from its own page.
_NEW = ("services", "places")

#: Groups with buttons of their own, whose names begin so: they show the form and save nothing.
_PARTS = ("rule", "areas")

_guarded: Any = {
    "guards": [PUBLISHING_STAFF],
    "include_in_schema": False,
    "sync_to_thread": True,
}


class _MaybeThereError(Exception):
    """Something like what is to be made is listed: the person is asked first."""


def form_of(kind: str, *, new: bool = False) -> Form:
    """Return the form that an address names. Raises ``NotFoundError`` for any other word."""
    if kind not in FORMS or (new and kind not in _NEW):
        raise NotFoundError("form")
    return FORMS[kind]


@get("/listings/{kind:str}/new", **_guarded)
def show_new_listing(
    request: AnyRequest, kind: FromPath[str], database: InjectedDatabase
) -> Response[Any]:
    """Ask about a new service or place."""
    form = form_of(kind, new=True)
    with database.reading() as session:
        return _page(request, session, kind, None, form.show(None), key=str(uuid4()))


@get("/listings/{kind:str}/{record_id:uuid}", **_guarded)
def show_listing(
    request: AnyRequest,
    kind: FromPath[str],
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    viewer: InjectedViewer,
) -> Response[Any]:
    """Show what the directory says of one of the agency's own, to be changed."""
    form = form_of(kind)
    with database.reading() as session:
        record = get_own_whole(session, form.table, record_id, viewer)
        saved = "saved" in request.query_params
        return _page(request, session, kind, record, form.show(record), saved=saved)


def _page(
    request: AnyRequest,
    session: Session,
    kind: str,
    record: Whole | None,
    typed: Mapping[str, Any],
    *,
    refusal: DomainError | None = None,
    preview: list[tuple[str, str]] | None = None,
    saved: bool = False,
    key: str = "",
    alike: Sequence[Alike] = (),
    sent: Sent | None = None,
) -> Response[Any]:
    """Show a form with what was typed, or with what is there.

    ``sent`` is given where a button of a part of the form was pressed.
    """
    language = language_of(request)
    form = FORMS[kind]
    schedules = record.get("schedules", []) if record else []
    rule = section_of(session, record, typed, language, sent) if "rule" in typed else None
    areas = area_section.section_of(record, typed["areas"], language) if "areas" in typed else None
    errors = {**errors_on_form(refusal), **(rule.errors if rule else {})}
    if areas and (refusal or (sent and sent.button == area_section.READ)):
        errors |= areas.errors
    return page(
        request,
        "listing-edit.html",
        status_code=_status(refusal, errors),
        kind=kind,
        record=record,
        fields=form.template,
        typed=typed,
        was=msgspec.json.encode(form.show(record)).decode(),
        key=key,
        refusal=refusal,
        referring=refusal.referring if isinstance(refusal, StillReferredToError) else {},
        errors=errors,
        rule=rule,
        areas=areas,
        preview=preview,
        saved=saved,
        alike=alike,
        signs=SIGN_WORDS,
        spare_rows=SPARE_ROWS,
        times_a_day=TIMES_A_DAY,
        weekdays=WEEKDAYS,
        needs=EVERYDAY_NEEDS,
        statuses=_translated(STATUSES, language.translate),
        phone_types=_translated(PHONE_TYPES, language.translate),
        visibilities=_translated(VISIBILITIES, language.translate),
        other_hours=[
            (str(row["id"]), other_in_words(row, language))
            for row in schedules
            if record and str(row["id"]) in form.show(record)["hours"]["kept"]
        ],
        **_around(session, kind, record),
    )


def described(values: Mapping[str, Any]) -> Described:
    """Return what a new listing says that could be compared with others."""
    latitude, longitude = values.get("latitude"), values.get("longitude")
    addresses = values.get("addresses") or [{}]
    return Described(
        name=values.get("name") or "",
        alternate_name=values.get("alternate_name") or "",
        phones=frozenset(each.get("number") or "" for each in values.get("phones") or ()),
        street=addresses[0].get("address_1") or "",
        point=None if latitude is None or longitude is None else Point(latitude, longitude),
    )


def _translated(options: Any, translate: Any) -> list[tuple[str, str]]:
    return [(key, translate(words)) for key, words in options]


def _status(refusal: DomainError | None, errors: Mapping[str, Any]) -> int:
    if errors:
        return 422
    return HTTP_200_OK if refusal is None else HTTP_409_CONFLICT


def _sent(
    session: Session,
    viewer: Viewer,
    record: Whole | None,
    typed: Mapping[str, Any],
    data: Mapping[str, Any],
    now: datetime,
) -> Sent | None:
    """Return what a button of a part of the form sent; None where another was pressed."""
    if not plain(data.get("do")).startswith(tuple(f"{name}-" for name in _PARTS if name in typed)):
        return None
    owner = (record or {}).get("organization_id") or viewer.organization_id
    return Sent(data, find_usual_state(session, owner), _today(session, viewer, now))


def _around(session: Session, kind: str, record: Whole | None) -> dict[str, Any]:
    """Return what else the page tells: where a service is offered, what an offer joins."""
    around: dict[str, Any] = {"offers": [], "places": [], "service": None, "place": None}
    if record is not None and kind == "services":
        offers = find_offers_of(session, [record["id"]])[record["id"]]
        taken = {offer["location_id"] for offer in offers}
        places = find_places_of(session, record["organization_id"])
        around |= {"offers": offers, "places": [e for e in places if e["id"] not in taken]}
    if record is not None and kind == "offers":
        (around["service"],) = find_whole(session, "service", [record["service_id"]])
        (around["place"],) = find_whole(session, "location", [record["location_id"]])
    return around


@post("/listings/{kind:str}/new", **_guarded, status_code=HTTP_200_OK)
def post_new_listing(
    request: AnyRequest,
    kind: FromPath[str],
    data: FormData,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Make a new service or place, once; or say its hours first."""
    form = form_of(kind, new=True)
    typed = form.read(data)
    with database.reading() as session:
        key = plain(data.get("key")) or str(uuid4())
        sent = _sent(session, viewer, None, typed, data, now)
        if sent is not None:
            return _page(request, session, kind, None, typed, sent=sent, key=key)
        try:
            values = form.values(typed, None)
            if data.get("do") == "preview":
                today = _today(session, viewer, now)
                words = _hours_in_words(request, values, None, today)
                return _page(request, session, kind, None, typed, preview=words, key=key)
            draft = parse(form.draft, values)
        except InvalidError as error:
            return _page(request, session, kind, None, typed, refusal=error, key=key)
        alike = () if data.get("alike") == "seen" else find_alike(session, described(values))

    def make(session: Session) -> str:
        if alike:  # asked only now: a form that was saved under its key leads where it led
            raise _MaybeThereError
        made = create_record(session, form.table, draft, viewer=viewer, now=now, origin=PAGE)
        return f"/listings/{kind}/{made}?saved=1"

    try:
        return go_once(
            database, sealer, key=key, viewer=viewer, operation=f"new_{kind}", data=draft,
            now=now, work=make,
        )  # fmt: skip
    except _MaybeThereError:
        with database.reading() as session:
            return _page(request, session, kind, None, typed, key=key, alike=alike)
    except (InvalidError, ConflictError) as error:
        with database.reading() as session:
            again = str(uuid4())
            return _page(request, session, kind, None, typed, refusal=error, key=again)


@post("/listings/{kind:str}/{record_id:uuid}", **_guarded, status_code=HTTP_200_OK)
def post_listing(
    request: AnyRequest,
    kind: FromPath[str],
    record_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Save a form, show its hours in words, or lay it beside what somebody else saved."""
    form = form_of(kind)
    was = _was(form, data)
    typed = {
        name: was[name] if data.get(f"choose-{name}") == "theirs" and name in was else value
        for name, value in form.read(data).items()
    }
    with database.reading() as session:
        record = get_own_whole(session, form.table, record_id, viewer)
        if plain(data.get("version")) != str(record["version"]):
            return _conflict(request, kind, record, was, typed)
        sent = _sent(session, viewer, record, typed, data, now)
        if sent is not None:
            return _page(request, session, kind, record, typed, sent=sent)
        try:
            values = form.values(typed, record)
            if data.get("do") == "preview":
                today = _today(session, viewer, now)
                words = _hours_in_words(request, values, record, today)
                return _page(request, session, kind, record, typed, preview=words)
            draft = parse(form.draft, values)
        except InvalidError as error:
            return _page(request, session, kind, record, typed, refusal=error)
    return _save(request, kind, record, typed, draft, database=database, viewer=viewer, now=now)


def _save(
    request: AnyRequest,
    kind: str,
    record: Whole,
    typed: dict[str, Any],
    draft: Any,
    *,
    database: Database,
    viewer: Viewer,
    now: datetime,
) -> Response[Any]:
    form = FORMS[kind]
    try:
        with database.transaction() as session:
            change_record(
                session, form.table, record["id"], draft, expected=record["version"],
                viewer=viewer, now=now, origin=PAGE,
            )  # fmt: skip
    except StaleError:
        with database.reading() as session:
            theirs = get_own_whole(session, form.table, record["id"], viewer)
        return _conflict(request, kind, theirs, form.show(record), typed)
    except (InvalidError, StillReferredToError) as error:
        with database.reading() as session:
            return _page(request, session, kind, record, typed, refusal=error)
    return see_other(f"/listings/{kind}/{record['id']}?saved=1")


def _was(form: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form showed when it was opened; nothing where that is not readable."""
    try:
        was = msgspec.json.decode(plain(data.get("was")).encode(), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return {}
    return form.read_shown(was)


def _conflict(
    request: AnyRequest,
    kind: str,
    theirs: Whole,
    was: Mapping[str, Any],
    mine: Mapping[str, Any],
) -> Response[Any]:
    """Show both versions, and let the person choose where both changed the same."""
    form = FORMS[kind]
    shown = form.show(theirs)
    language = language_of(request)
    both, clash = merged(was, shown, mine)
    return page(
        request,
        "listing-conflict.html",
        status_code=HTTP_409_CONFLICT,
        kind=kind,
        record=theirs,
        was=msgspec.json.encode(shown).decode(),
        fields=list(flattened(both)),
        clash=[
            (name, LABELS[name], *(group_words(name, of[name], language) for of in (shown, mine)))
            for name in clash
        ],
        changed=[
            (LABELS[name], *(group_words(name, of[name], language) for of in (was, shown)))
            for name in shown
            if name in was and was[name] != shown[name] and name not in clash
        ],
    )


def _today(session: Session, viewer: Viewer, now: datetime) -> date:
    """Return the day that it is where the viewer's agency is."""
    return now.astimezone(
        ZoneInfo(find_usual_zone(session, viewer.organization_id) or "UTC")
    ).date()


def _hours_in_words(
    request: AnyRequest, values: Mapping[str, Any], record: Whole | None, today: date
) -> list[tuple[str, str]]:
    """Say the hours of a form as its readers will read them: the week from today."""
    language = language_of(request)
    rows = values.get("schedules")
    if rows is None:
        rows = record["schedules"] if record else []
    try:
        rules = rules_of_draft(rows)
    except ValueError:
        raise InvalidError.of("schedules", "Give a time such as 13:00.") from None
    return week_words(week_of(rules, today), language=language.tag, translate=language.translate)


@post("/listings/{kind:str}/{record_id:uuid}/remove", **_guarded, status_code=HTTP_200_OK)
def post_remove_listing(
    request: AnyRequest,
    kind: FromPath[str],
    record_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Remove a record that nothing else needs."""
    form = form_of(kind)
    try:
        with database.transaction() as session:
            record = get_own_whole(session, form.table, record_id, viewer)
            if plain(data.get("version")) != str(record["version"]):
                raise StaleError(record["version"])
            remove_record(
                session, form.table, record_id, expected=record["version"],
                viewer=viewer, now=now, origin=PAGE,
            )  # fmt: skip
    except ConflictError as error:
        with database.reading() as session:
            record = get_own_whole(session, form.table, record_id, viewer)
            return _page(request, session, kind, record, form.show(record), refusal=error)
    return see_other("/listings")


HANDLERS = [
    show_new_listing,
    show_listing,
    post_new_listing,
    post_listing,
    post_remove_listing,
]
