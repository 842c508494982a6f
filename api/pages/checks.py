"""Saying that a listing is right: the agency at its front desk, administrators by phone."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_422_UNPROCESSABLE_ENTITY
from msgspec import Meta
from sqlmodel import Session

from api.asking import rank_listings
from api.authentication import ADMINISTRATORS, PUBLISHING_STAFF
from api.check_words import FIELD_WORDS, checked_words, field_checks
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.languages import Language
from api.languages import marked as _
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, language_of, page, see_other
from api.parsing import parse_text
from api.schemas.shapes import Request
from directory.commands.verifications import MadeSure, record_verification
from directory.database import Row
from directory.errors import InvalidError
from directory.models.verifications import VerificationMethod, VitalField
from directory.queries.asking import find_addresses
from directory.queries.checks import find_checks
from directory.queries.verifications import (
    Standing,
    find_own_listings,
    find_service_names,
)
from directory.truth import DUE_AFTER
from directory.viewer import Viewer

#: How many rows of the work list are on a page.
PAGE_SIZE = 50

Show = Literal["due", "unanswered", "undelivered", "never", "waiting", "unclaimed", "all"]

#: The parts of the work list, and what each is called.
SHOWS: dict[Show, str] = {
    "due": _("To check, riskiest first"),
    "unanswered": _("Asked, and nobody answered"),
    "undelivered": _("The e-mail did not arrive"),
    "never": _("Never checked"),
    "waiting": _("Asked, and not answered yet"),
    "unclaimed": _("Hours not claimed any more"),
    "all": _("All"),
}

_IS_SHOWN: dict[Show, Callable[[Standing, datetime], bool]] = {
    "due": lambda each, now: each.is_due(now) and not each.is_waiting,
    "unanswered": lambda each, now: each.is_unanswered(now),
    "undelivered": lambda each, _now: each.is_undelivered,
    "never": lambda each, _now: each.checked_at is None,
    "waiting": lambda each, _now: each.is_waiting,
    "unclaimed": lambda each, _now: not each.claimed,
    "all": lambda _each, _now: True,
}

#: How an administrator may have made sure.
METHOD_WORDS = {
    VerificationMethod.PHONE: _("By phone"),
    VerificationMethod.EMAIL: _("By e-mail"),
    VerificationMethod.VISIT: _("On a visit"),
    VerificationMethod.WEBSITE: _("On their website"),
}


class OwnListing(NamedTuple):
    """A listing of one's own agency, for its front desk."""

    id: UUID
    service_name: str
    location_name: str | None
    words: str
    is_due: bool


def own_listings(
    session: Session, viewer: Viewer, language: Language, now: datetime
) -> list[OwnListing]:
    """Return the viewer's agency's listings, those that wait longest for a check first."""
    return [
        OwnListing(
            row["id"],
            row["service_name"],
            row["location_name"],
            checked_words(row, now, language),
            row["checked_at"] is None or now - row["checked_at"] >= DUE_AFTER,
        )
        for row in find_own_listings(session, viewer.organization_id)
    ]


@post(
    "/front-desk/checks/{listing_id:uuid}",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_own_check(
    listing_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Say that all of one's own listing is right today."""
    sure = MadeSure(method=VerificationMethod.STAFF)
    with database.transaction() as session:
        record_verification(session, listing_id, sure, viewer=viewer, now=now)
    return see_other("/front-desk#checks")


class WorkListQuery(Request):
    """Which part of the work list, and where in it."""

    show: Show = "due"
    page: Annotated[int, Meta(ge=1, le=10_000)] = 1


class CheckForm(Request):
    """What an administrator made sure of. ``field`` empty: all of it."""

    field: VitalField | None = None
    method: Literal["phone", "email", "visit", "website"] = "phone"
    changed: bool = False
    show: Show = "due"


class WorkItem(NamedTuple):
    """One service of the work list."""

    standing: Standing
    entry: Row
    words: str
    email: str | None
    fields: Sequence[Any]
    state: str


@get("/network/verification", guards=[ADMINISTRATORS], include_in_schema=False, sync_to_thread=True)
def show_work_list(request: AnyRequest, database: InjectedDatabase, now: Now) -> Response[Any]:
    """Show what wants to be checked, the riskiest first, with the number to call."""
    asked = parse_text(
        WorkListQuery,
        {name: request.query_params.getall(name) for name in request.query_params},
    )
    with database.reading() as session:
        return _work_list(request, session, asked, now)


def _work_list(
    request: AnyRequest,
    session: Session,
    asked: WorkListQuery,
    now: datetime,
    *,
    refused: tuple[UUID, InvalidError] | None = None,
) -> Response[Any]:
    language = language_of(request)
    standings = rank_listings(session, now=now)
    counts = {
        show: sum(is_shown(each, now) for each in standings) for show, is_shown in _IS_SHOWN.items()
    }
    shown = [each for each in standings if _IS_SHOWN[asked.show](each, now)]
    first = (asked.page - 1) * PAGE_SIZE
    return page(
        request,
        "work-list.html",
        status_code=HTTP_422_UNPROCESSABLE_ENTITY if refused else HTTP_200_OK,
        asked=asked,
        now=now,
        shows=[(show, language.translate(words), counts[show]) for show, words in SHOWS.items()],
        items=_items(session, shown[first : first + PAGE_SIZE], language, now),
        more=len(shown) > first + PAGE_SIZE,
        field_names=[
            (field, language.translate(words))
            for field, words in FIELD_WORDS.items()
            if field is not VitalField.OPENINGS
        ],
        methods=[(method, language.translate(words)) for method, words in METHOD_WORDS.items()],
        refused=refused[0] if refused else None,
        errors=errors_by_field(refused[1] if refused else None),
    )


def _items(
    session: Session, standings: Sequence[Standing], language: Language, now: datetime
) -> list[WorkItem]:
    ids = [each.service_id for each in standings]
    entries = find_service_names(session, ids)
    emails = find_addresses(session, ids)
    checks = find_checks(session, entries.values(), now=now)
    items = []
    for standing in standings:
        entry = entries[standing.service_id]
        said = field_checks(entry, checks[entry["id"]], now, language)
        items.append(
            WorkItem(
                standing,
                entry,
                checked_words(entry, now, language),
                emails.get(standing.service_id),
                said,
                _state(standing, now),
            )
        )
    return items


def _state(standing: Standing, now: datetime) -> str:
    if standing.is_waiting:
        return "waiting"
    if standing.is_undelivered:
        return "undelivered"
    return "unanswered" if standing.is_unanswered(now) else ""


@post(
    "/network/verification/{service_id:uuid}",
    guards=[ADMINISTRATORS],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_check(
    request: AnyRequest,
    service_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Write down what somebody said on the phone."""
    form = read_typed(CheckForm, data)
    sure = MadeSure(
        method=VerificationMethod(form.method),
        fields=[form.field] if form.field else (),
        changed=form.changed,
    )
    try:
        with database.transaction() as session:
            record_verification(session, service_id, sure, viewer=viewer, now=now)
    except InvalidError as error:
        with database.reading() as session:
            asked = WorkListQuery(show=form.show)
            return _work_list(request, session, asked, now, refused=(service_id, error))
    return see_other(f"/network/verification?show={form.show}")


HANDLERS = [post_own_check, show_work_list, post_check]
