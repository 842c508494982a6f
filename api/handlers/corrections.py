"""Putting the directory right: what readers report, what looks the same, and merging it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED
from msgspec import structs

from api.authentication import ADMINISTRATORS, PUBLISHING_STAFF, anyone
from api.cursors import Next, TimeAndId, page_of, read_cursor
from api.dependencies import InjectedDatabase, InjectedSealer, InjectedViewer, Now
from api.handlers.windows import Key
from api.idempotency import answer_once
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.corrections import (
    AlikeReply,
    CompareListing,
    DecideSuggestion,
    MakeSuggestion,
    MergeReply,
    MergeRequest,
    ReceivedReply,
    SuggestionReply,
)
from api.schemas.search import NamedReply
from api.schemas.shapes import Page
from directory.commands.merges import get_merge, merge_records, undo_merge
from directory.commands.suggestions import decide_suggestion, suggest
from directory.database import Database, Row
from directory.duplicates import Described
from directory.errors import InvalidError
from directory.models.history import SuggestionState
from directory.models.services import Service
from directory.queries.duplicates import find_alike
from directory.queries.suggestions import find_suggestions
from directory.viewer import Viewer
from geo.points import Point

PAGE_SIZE = 100

_posts: Any = {"sync_to_thread": True, "status_code": HTTP_200_OK, "return_dto": None}


@post(
    "/suggestions",
    operation_id="make_suggestion",
    tags=["Corrections"],
    guards=[anyone],
    dto=Body[MakeSuggestion],
    responses=problem_responses(404, 409, 422, 503),
    **{**_posts, "status_code": HTTP_201_CREATED},
)
def post_suggestion(
    data: JSONBody[MakeSuggestion],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    key: Key = None,
) -> Response[ReceivedReply]:
    """Say what is wrong with a listing. Nothing about you is kept, so leave names out."""

    def work(session: Any) -> ReceivedReply:
        kept = suggest(session, data.listing_id, about=data.about, words=data.words, now=now)
        return ReceivedReply(state=kept.state)

    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="make_suggestion",
        data=data,
        now=now,
        work=work,
    )


@get(
    "/suggestions",
    operation_id="list_suggestions",
    tags=["Corrections"],
    guards=[PUBLISHING_STAFF],
    sync_to_thread=True,
    responses=problem_responses(401, 403, 422),
)
def list_suggestions(
    database: InjectedDatabase,
    viewer: InjectedViewer,
    which: Annotated[
        Literal["open", "accepted", "declined"],
        QueryParameter(name="state", description="Which ones."),
    ] = "open",
    next_: Next = None,
) -> Page[SuggestionReply]:
    """List what readers say is wrong with your listings, oldest first."""
    after = read_cursor(next_, TimeAndId)
    with database.reading() as session:
        rows = find_suggestions(
            session, viewer, state=SuggestionState(which), after=after, limit=PAGE_SIZE + 1
        )
        return page_of(
            rows, PAGE_SIZE, reply=_reply, position=lambda row: (row["created_at"], row["id"])
        )


def _reply(row: Row) -> SuggestionReply:
    service = NamedReply(id=row["service_id"], name=row["service_name"])
    return SuggestionReply.of(row, service=service, about=row["field_name"])


@post(
    "/suggestions/{suggestion_id:uuid}/accept",
    operation_id="accept_suggestion",
    tags=["Corrections"],
    guards=[PUBLISHING_STAFF],
    dto=Body[DecideSuggestion],
    responses=problem_responses(401, 403, 404, 409, 422, 503),
    **_posts,
)
def post_accept(
    suggestion_id: FromPath[UUID],
    data: JSONBody[DecideSuggestion],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> SuggestionReply:
    """Say that the reader was right, and that the listing has been put right."""
    return _decide(database, suggestion_id, data, viewer, now, accepted=True)


@post(
    "/suggestions/{suggestion_id:uuid}/decline",
    operation_id="decline_suggestion",
    tags=["Corrections"],
    guards=[PUBLISHING_STAFF],
    dto=Body[DecideSuggestion],
    responses=problem_responses(401, 403, 404, 409, 422, 503),
    **_posts,
)
def post_decline(
    suggestion_id: FromPath[UUID],
    data: JSONBody[DecideSuggestion],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    now: Now,
) -> SuggestionReply:
    """Say that the listing was right."""
    return _decide(database, suggestion_id, data, viewer, now, accepted=False)


def _decide(
    database: Database,
    suggestion_id: UUID,
    data: DecideSuggestion,
    viewer: Viewer,
    now: Any,
    *,
    accepted: bool,
) -> SuggestionReply:
    with database.transaction() as session:
        done = decide_suggestion(
            session, suggestion_id, accepted=accepted, answer=data.answer, viewer=viewer, now=now
        )
        service = NamedReply.of(session.get_one(Service, done.service_id))
        return SuggestionReply.of(done, service=service, about=done.field_name)


@post(
    "/duplicates",
    operation_id="find_duplicates",
    tags=["Corrections"],
    guards=[PUBLISHING_STAFF],
    dto=Body[CompareListing],
    responses=problem_responses(401, 403, 422),
    **_posts,
)
def post_duplicates(data: JSONBody[CompareListing], database: InjectedDatabase) -> Page[AlikeReply]:
    """Compare something about to be written with what is there. Changes nothing."""
    if (data.latitude is None) != (data.longitude is None):
        raise InvalidError.of("longitude", "Give latitude and longitude, or neither.")
    point = None
    if data.latitude is not None and data.longitude is not None:
        point = Point(data.latitude, data.longitude)
    draft = Described(
        name=data.name,
        alternate_name=data.alternate_name,
        phones=frozenset(data.phones),
        street=data.street,
        point=point,
    )
    with database.reading() as session:
        found = find_alike(session, draft)
        replies = [AlikeReply.of(each, signs=sorted(each.signs)) for each in found]
        return Page(items=replies, next=None)


@post(
    "/merges",
    operation_id="merge_records",
    tags=["Corrections"],
    guards=[ADMINISTRATORS],
    dto=Body[MergeRequest],
    responses=problem_responses(401, 403, 404, 409, 422, 503),
    **{**_posts, "status_code": HTTP_201_CREATED},
)
def post_merge(
    data: JSONBody[MergeRequest],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    sealer: InjectedSealer,
    now: Now,
    key: Key = None,
) -> Response[MergeReply]:
    """Make one record of two that are the same. Every reference is kept; it can be undone."""

    def work(session: Any) -> MergeReply:
        asked = structs.asdict(data)
        merge_id = merge_records(session, **asked, viewer=viewer, now=now)
        session.flush()
        return _merge_reply(get_merge(session, merge_id))

    return answer_once(
        database,
        sealer,
        key=key,
        viewer=viewer,
        operation="merge_records",
        data=data,
        now=now,
        work=work,
    )


def _merge_reply(row: Row) -> MergeReply:
    return MergeReply.of(row, kind=row["resource_type"])


@post(
    "/merges/{merge_id:uuid}/undo",
    operation_id="undo_merge",
    tags=["Corrections"],
    guards=[ADMINISTRATORS],
    responses=problem_responses(401, 403, 404, 409, 503),
    **_posts,
)
def post_undo_merge(
    merge_id: FromPath[UUID], database: InjectedDatabase, viewer: InjectedViewer, now: Now
) -> MergeReply:
    """Undo a merge: everything that it turned turns back."""
    with database.transaction() as session:
        undo_merge(session, merge_id, viewer=viewer, now=now)
        session.flush()
        return _merge_reply(get_merge(session, merge_id))


HANDLERS = [
    post_suggestion,
    list_suggestions,
    post_accept,
    post_decline,
    post_duplicates,
    post_merge,
    post_undo_merge,
]
