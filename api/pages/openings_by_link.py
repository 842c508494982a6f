"""Saying how many places are open with a link and nothing else: the page of the night desk."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK
from sqlmodel import Session

from api.authentication import anyone
from api.dependencies import InjectedDatabase, InjectedSealer, Now
from api.pages.forms import FormData, read_typed
from api.pages.once import go_once
from api.pages.openings_forms import (
    Button,
    Count,
    RefusedForm,
    SayOpenings,
    Speaker,
    form_words,
    is_in_use,
    keep_the_rest,
    key_of,
    live_of,
    place_forms,
    say_openings,
)
from api.pages.rendering import AnyRequest, language_of, page
from api.pages.times import Times
from api.problems import status_of
from api.schemas.shapes import Request
from directory.commands.openings_links import note_use
from directory.database import Row
from directory.errors import ConflictError, DomainError, InvalidError, NotFoundError
from directory.queries.agencies import get_offer
from directory.queries.openings import find_said, get_link
from directory.viewer import Viewer
from scheduling.comparison import compare
from scheduling.queries.free_today import find_free_today

_open: Any = {"guards": [anyone], "include_in_schema": False, "sync_to_thread": True}

#: What is counted where nothing was ever counted.
FIRST_COUNT = ("places", "")


class SayByLink(Request):
    """The short form: a number, or a button. The rest stays as it was said the last time."""

    unit: str = FIRST_COUNT[0]
    population: str = FIRST_COUNT[1]
    available: Count | None = None
    shown: Count | None = None
    do: Button = "say"
    report_id: UUID | None = None
    key: str = ""

    def in_full(self) -> SayOpenings:
        """Return the form of the front desk that says the same."""
        return SayOpenings(**msgspec.structs.asdict(self))


@get("/openings/{token:str}", **_open)
def show_openings_by_link(
    request: AnyRequest, token: FromPath[str], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Show what is said about room at the place of a link. Looking changes nothing."""
    with database.reading() as session:
        link = get_link(session, token, now=now)
        return _by_link_page(request, session, token, link, now=now)


@post("/openings/{token:str}", status_code=HTTP_200_OK, **_open)
def post_openings_by_link(
    request: AnyRequest,
    token: FromPath[str],
    data: FormData,
    database: InjectedDatabase,
    sealer: InjectedSealer,
    now: Now,
) -> Response[Any]:
    """Say how many places are open; searches show it at once."""
    with database.reading() as session:
        link = get_link(session, token, now=now)

    def work(session: Session) -> str:
        link = get_link(session, token, now=now)  # again: it may have been stopped meanwhile
        _say(session, link, read_typed(SayByLink, data), now)
        return f"/openings/{token}"

    try:
        return go_once(
            database,
            sealer,
            key=key_of(link["id"], data),
            viewer=_viewer_of(link),
            operation="openings by link",
            now=now,
            work=work,
        )
    except (InvalidError, ConflictError) as error:
        with database.reading() as session:
            link = get_link(session, token, now=now)
            return _by_link_page(request, session, token, link, now=now, error=error, typed=data)


def _viewer_of(link: Row) -> Viewer:
    """Return who speaks: the agency. The link lets them in, no role does."""
    return Viewer(link["organization_id"])


def _say(session: Session, link: Row, form: SayByLink, now: datetime) -> None:
    place = link["service_at_location_id"]
    counted = (form.unit, form.population)
    if counted not in _counted_at(session, place, now):
        raise NotFoundError("count")
    full = keep_the_rest(session, place, form.in_full())
    say_openings(session, place, full, Speaker(_viewer_of(link), link["id"]), now)
    note_use(session, link["id"], now=now)


def _counted_at(session: Session, place: UUID, now: datetime) -> set[tuple[str, str]]:
    """Return the units and populations that a link may speak of: those that are in use."""
    said = find_said(session, [place], now=now).get(place, [])
    in_use = {
        (each.report["unit"], each.report["population"]) for each in said if is_in_use(each, now)
    }
    return in_use or {FIRST_COUNT}


def _by_link_page(
    request: AnyRequest,
    session: Session,
    token: str,
    link: Row,
    *,
    now: datetime,
    error: DomainError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response[Any]:
    place = link["service_at_location_id"]
    entry = get_offer(session, place)
    times = Times(language_of(request), now, ZoneInfo(entry["timezone"]))
    said = find_said(session, [place], now=now).get(place, [])
    free = find_free_today(session, _viewer_of(link), {place: entry["timezone"]}, now=now)
    forms = place_forms(
        place,
        said,
        refused=RefusedForm(place, typed or {}, error) if error else None,
        comparison=compare(live_of(said, now), free.get(place)),
        language=times.language,
        now=now,
    )
    return page(
        request,
        "openings-by-link.html",
        status_code=status_of(error) if error else HTTP_200_OK,
        token=token,
        entry=entry,
        forms=forms,
        first_count=FIRST_COUNT,
        times=times,
        key=uuid4(),
        **form_words(times.language),
    )


HANDLERS = [show_openings_by_link, post_openings_by_link]
