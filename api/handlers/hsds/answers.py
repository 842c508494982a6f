"""Answers of the HSDS API: a page, every record on a line of its own, or one record."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.response import Stream
from litestar.status_codes import HTTP_304_NOT_MODIFIED

from api.handlers.hsds.reading import question_of, read
from api.schemas.hsds import MOST_MINIMAL, PAGE, ListRequest
from directory.database import Database
from directory.errors import NotFoundError
from directory.hsds.answering import count_found, find_ids
from directory.hsds.asking import Question
from directory.hsds.documents import Document, Form, find_documents

AnyRequest = Request[Any, Any, Any]

NDJSON: Final = "application/x-ndjson"

#: Records that are read and sent at a time.
BATCH: Final = 100

#: May be kept by anybody, but asked after each time: a place may be hidden the next minute.
_SHARED: Final = {"cache-control": "public, no-cache"}

#: What is told of somebody by asking for it; such answers are kept nowhere.
_PERSONAL: Final = frozenset({"search", "postcode", "proximity", "taxonomy_term_id"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A kind of record, what can be asked of its list, and in which form it is told then."""

    table: str
    asked: type[ListRequest]
    form_of: Callable[[Any], Form]


def answer_list(
    listed: Listed, request: AnyRequest, database: Database, now: datetime, body: bytes = b""
) -> Response[Any]:
    """Answer with a page of a list, or with all of it where ndjson is asked for."""
    asked = read(listed.asked, request, body)
    question, form = question_of(asked), listed.form_of(asked)
    if asked.format == "ndjson":
        lines = _lines(database, listed.table, question, form, now)
        return Stream(() if request.scope.get("is_head") else lines, media_type=NDJSON)
    page = _page(database, listed.table, question, form, asked, now)
    if request.method == "POST" or _PERSONAL & request.query_params.keys():
        return Response(msgspec.json.encode(page), media_type="application/json")
    return shared_json(request, page)


def _page(
    database: Database,
    table: str,
    question: Question,
    form: Form,
    asked: ListRequest,
    now: datetime,
) -> dict[str, Any]:
    number = asked.page or 1
    most = asked.per_page or (MOST_MINIMAL if form is Form.MINIMAL else PAGE)
    with database.reading() as session:
        total = count_found(session, table, question)
        ids = find_ids(session, table, question, limit=most, offset=(number - 1) * most)
        contents: list[Document] = []
        for start in range(0, len(ids), BATCH):
            contents += find_documents(session, table, ids[start : start + BATCH], form, now=now)
    pages = -(-total // most)
    return {
        "total_items": total,
        "total_pages": pages,
        "page_number": number,
        "size": len(contents),
        "first_page": number == 1,
        "last_page": number >= pages,
        "empty": not contents,
        "contents": contents,
    }


def _lines(
    database: Database, table: str, question: Question, form: Form, now: datetime
) -> Iterator[bytes]:
    """Yield the records as lines, a batch at a time: however many, a batch is in memory.

    No connection is kept while a slow reader takes a batch.
    """
    after: UUID | None = None
    while True:
        with database.reading() as session:
            ids = find_ids(session, table, question, limit=BATCH, after=after)
            documents = find_documents(session, table, ids, form, now=now)
            lines = msgspec.json.Encoder().encode_lines(documents)
        if lines:
            yield lines
        if len(ids) < BATCH:
            return
        after = ids[-1]


def answer_record(
    table: str,
    record_id: UUID,
    request: AnyRequest,
    database: Database,
    now: datetime,
    form: Form = Form.FULL,
) -> Response[Any]:
    """Answer with one record, with all that belongs to it."""
    with database.reading() as session:
        documents = find_documents(session, table, [record_id], form, now=now)
        if not documents:
            raise NotFoundError(table.replace("_", " "))
        return shared_json(request, documents[0])


def shared_json(
    request: AnyRequest, document: Mapping[str, Any], *, media_type: str = "application/json"
) -> Response[Any]:
    """Answer with JSON that anybody may keep, or say that it is what they have already."""
    content = msgspec.json.encode(document)
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {**_SHARED, "etag": tag}
    known = {each.strip() for each in request.headers.get("if-none-match", "").split(",")}
    if known & {tag, f"W/{tag}", "*"}:
        return Response(b"", status_code=HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
