"""Who changed what on a listing, and taking it back."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_409_CONFLICT
from sqlmodel import Session

from api.authentication import PUBLISHING_STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.languages import Language
from api.languages import marked as _
from api.pages.forms import FormData, read_typed
from api.pages.listings.editing import form_of
from api.pages.listings.history_words import label_of, value_words
from api.pages.rendering import AnyRequest, page, see_other
from api.pages.times import Times, times_for
from api.schemas.shapes import Request
from directory.commands.history import PAGE
from directory.commands.records.errors import ChangedSinceError, StillReferredToError
from directory.commands.undo import OneField, undo_change
from directory.database import Row
from directory.errors import ConflictError, InvalidError
from directory.queries.history import PastChange, find_history_for, is_withheld
from directory.queries.needs import find_term_names
from directory.viewer import Viewer

MOST_SHOWN: Final = 50

ACTIONS: Final = {
    "create": _("Added"),
    "update": _("Changed"),
    "delete": _("Removed"),
    "merge": _("Merged"),
    "undo": _("Undone"),
}
ORIGINS: Final = {
    "page": _("on this site"),
    "api": _("by a program"),
    "suggestion": _("after a suggestion"),
    "import": _("by an import"),
}
#: What hangs on a record, as the history names it.
PARTS: Final = {
    "phone": _("Telephones"),
    "schedule": _("Hours"),
    "address": _("Address"),
    "required_document": _("What to bring"),
    "cost_option": _("Prices"),
    "attribute": _("What people need"),
    "language": _("Languages"),
    "contact": _("Contacts"),
    "accessibility": _("For people with disabilities"),
    "service_area": _("Area served"),
    "program": _("Programs"),
    "url": _("Web addresses"),
    "funding": _("Funding"),
    "organization_identifier": _("Identifiers"),
    "service_at_location": _("Services in this place"),
    "service": _("Service"),
    "location": _("Place"),
    "organization": _("Agency"),
}
#: What only the machine reads.
_MACHINES: Final = frozenset(
    {"id", "source", "source_id", "original", "version", "link_entity", "link_type"}
)


class UndoForm(Request):
    """Which change, or which field of which record in it."""

    change_id: UUID
    resource_id: UUID | None = None
    field: str | None = None


@get(
    "/listings/{kind:str}/{record_id:uuid}/history",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_listing_history(
    request: AnyRequest,
    kind: FromPath[str],
    record_id: FromPath[UUID],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Tell who changed what, when, from what and to what."""
    with database.reading() as session:
        times = times_for(request, session, viewer, settings, now)
        return _page(request, session, viewer, times, kind, record_id)


def _page(
    request: AnyRequest,
    session: Session,
    viewer: Viewer,
    times: Times,
    kind: str,
    record_id: UUID,
    refusal: ConflictError | InvalidError | None = None,
) -> Response[Any]:
    table = form_of(kind).table
    changes = find_history_for(session, table, record_id, viewer, limit=MOST_SHOWN)
    terms = (line for each in changes for line in each.told if _is_need(line))
    ids = (line[side] for line in terms for side in ("previous_value", "replacement_value"))
    needs = find_term_names(session, filter(None, ids))
    return page(
        request,
        "listing-history.html",
        status_code=HTTP_409_CONFLICT if refusal else HTTP_200_OK,
        kind=kind,
        record_id=record_id,
        times=times,
        changes=[(change, _lines(change, table, times.language, needs)) for change in changes],
        actions=ACTIONS,
        origins=ORIGINS,
        refusal=refusal,
        since=refusal if isinstance(refusal, ChangedSinceError) else None,
        referring=refusal.referring if isinstance(refusal, StillReferredToError) else {},
    )


def _lines(
    change: PastChange, table: str, language: Language, needs: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the lines that say something to people, with a name for each field."""
    whole = {line["resource_id"] for line in change.lines if line["field_name"] == "id"}
    return [
        {
            "resource_id": line["resource_id"],
            "field": line["field_name"],
            "part": PARTS.get(line["resource_type"], "") if line["resource_type"] != table else "",
            "label": label_of(line["field_name"]),
            "previous": _words(line, "previous_value", language, needs),
            "replacement": _words(line, "replacement_value", language, needs),
            "withheld": is_withheld(line),
            "alone": line["resource_id"] not in whole and change.can_be_undone,
        }
        for line in change.told
        if _is_told(line)
    ]


def _words(line: Row, side: str, language: Language, needs: Mapping[str, str]) -> str:
    if _is_need(line):
        return language.translate(needs.get(line[side], line[side])) if line[side] else ""
    return value_words(line["resource_type"], line["field_name"], line[side], language)


def _is_told(line: Row) -> bool:
    name = line["field_name"]
    return _is_need(line) or (name not in _MACHINES and not name.endswith("_id"))


def _is_need(line: Row) -> bool:
    return (line["resource_type"], line["field_name"]) == ("attribute", "taxonomy_term_id")


@post(
    "/listings/{kind:str}/{record_id:uuid}/undo",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_undo_listing(
    request: AnyRequest,
    kind: FromPath[str],
    record_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Take back a change, or one field of it."""
    form = read_typed(UndoForm, data)
    form_of(kind)
    only = OneField(form.resource_id, form.field) if form.resource_id and form.field else None
    try:
        with database.transaction() as session:
            undo_change(session, form.change_id, viewer=viewer, now=now, origin=PAGE, only=only)
    except (ConflictError, InvalidError) as error:
        with database.reading() as session:
            times = times_for(request, session, viewer, settings, now)
            return _page(request, session, viewer, times, kind, record_id, error)
    return see_other(f"/listings/{kind}/{record_id}/history")


HANDLERS = [show_listing_history, post_undo_listing]
