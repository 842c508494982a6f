"""Telling us what is wrong with a listing, and deciding about it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.status_codes import HTTP_200_OK, HTTP_422_UNPROCESSABLE_ENTITY
from msgspec import Meta

from api.authentication import PUBLISHING_STAFF, anyone
from api.dependencies import InjectedDatabase, InjectedViewer, Now
from api.languages import marked as _
from api.pages.forms import FormData, errors_by_field, read_typed
from api.pages.rendering import AnyRequest, page, see_other
from api.schemas.corrections import Subject
from api.schemas.shapes import Request
from directory.commands.suggestions import decide_suggestion, suggest
from directory.database import Database, Row
from directory.errors import InvalidError
from directory.queries.listing import get_listing
from directory.queries.suggestions import find_suggestions

SUBJECT_WORDS = {
    "hours": _("The opening hours"),
    "phone": _("The telephone number"),
    "address": _("The address"),
    "eligibility": _("Who it is for"),
    "documents": _("What to bring"),
    "cost": _("What it costs"),
    "openings": _("Whether there is room"),
    "other": _("Something else"),
}


class SayWhatIsWrong(Request):
    """The reader's form."""

    about: Subject
    words: Annotated[str, Meta(max_length=1000)]


class Decide(Request):
    """The buttons beside a suggestion."""

    do: Literal["accept", "decline"]
    answer: Annotated[str, Meta(max_length=500)] | None = None


@get(
    "/services/{listing_id:uuid}/problem",
    guards=[anyone],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_problem(
    request: AnyRequest, listing_id: FromPath[UUID], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Ask what is wrong."""
    return _problem_page(request, database, listing_id, now, typed={})


def _problem_page(
    request: AnyRequest,
    database: Database,
    listing_id: UUID,
    now: Any,
    *,
    typed: dict[str, Any],
    refusal: InvalidError | None = None,
) -> Response[Any]:
    with database.reading() as session:
        entry: Row = get_listing(session, listing_id, now=now).entry
    return page(
        request,
        "problem.html",
        status_code=HTTP_422_UNPROCESSABLE_ENTITY if refusal else HTTP_200_OK,
        entry=entry,
        typed=typed,
        errors=errors_by_field(refusal),
        subjects=SUBJECT_WORDS,
        thanks=False,
    )


@post(
    "/services/{listing_id:uuid}/problem",
    guards=[anyone],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_problem(
    request: AnyRequest,
    listing_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    now: Now,
) -> Response[Any]:
    """Keep what the reader says, and nothing about the reader."""
    try:
        form = read_typed(SayWhatIsWrong, data)
        with database.transaction() as session:
            suggest(session, listing_id, about=form.about, words=form.words, now=now)
    except InvalidError as refusal:
        return _problem_page(request, database, listing_id, now, typed=data, refusal=refusal)
    return see_other(f"/services/{listing_id}/problem/thanks")


@get(
    "/services/{listing_id:uuid}/problem/thanks",
    guards=[anyone],
    include_in_schema=False,
    sync_to_thread=True,
)
def show_thanks(
    request: AnyRequest, listing_id: FromPath[UUID], database: InjectedDatabase, now: Now
) -> Response[Any]:
    """Say thank you."""
    with database.reading() as session:
        entry = get_listing(session, listing_id, now=now).entry
    return page(request, "problem.html", entry=entry, thanks=True)


@get("/suggestions", guards=[PUBLISHING_STAFF], include_in_schema=False, sync_to_thread=True)
def show_suggestions(
    request: AnyRequest, database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> Response[Any]:
    """Show what readers say is wrong with one's listings, oldest first."""
    with database.reading() as session:
        return page(
            request,
            "suggestions.html",
            suggestions=find_suggestions(session, viewer),
            subjects=SUBJECT_WORDS,
            now=now,
        )


@post(
    "/suggestions/{suggestion_id:uuid}",
    guards=[PUBLISHING_STAFF],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_suggestion(
    suggestion_id: FromPath[UUID],
    data: FormData,
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Settle one."""
    form = read_typed(Decide, data)
    with database.transaction() as session:
        decide_suggestion(
            session,
            suggestion_id,
            accepted=form.do == "accept",
            answer=form.answer,
            viewer=viewer,
            now=now,
        )
    return see_other("/suggestions")


HANDLERS = [show_problem, post_problem, show_thanks, show_suggestions, post_suggestion]
