"""Before the application: searches by address that memory can answer.

Of what such a search costs, routing, middleware and injection would be more than half.
"""

from typing import TypeGuard
from urllib.parse import parse_qsl

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.headers import standing_headers
from api.languages import choose_language
from api.parsing import parse_text
from api.quick_search import QuickSearch, finder_of
from api.schemas.search import SearchByUrl, asked_by_url
from api.tally import write_if_due
from directory.errors import InvalidError

#: The address that is asked.
PATH = "/api/v1/search"


def answer_at_once(app: Litestar) -> ASGIApp:
    """Wrap the application: a search by GET and without a key may need nothing of it.

    Everything that is not plainly that, mistakes too, the application answers.
    """
    standing = {"content-type": "application/json", **standing_headers(app.state.settings)}
    headers = [(name.encode(), value.encode()) for name, value in standing.items()]

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        body = await _answer(app.state, scope) if _is_plain(scope) else None
        if body is None:
            await app(scope, receive, send)
            return
        scope["path_template"] = PATH  # for the log
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body, "more_body": False})
        await write_if_due(app.state)

    return answered


def _is_plain(scope: Scope) -> TypeGuard[HTTPScope]:
    return (
        str(scope["type"]) == "http"
        and scope["path"] == PATH
        and str(scope.get("method")) == "GET"
        and not any(name == b"authorization" for name, _ in scope["headers"])
    )


async def _answer(state: State, scope: HTTPScope) -> bytes | None:
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    accepted = dict(scope["headers"]).get(b"accept-language", b"")
    quick: QuickSearch = state.quick_search
    try:
        return await quick.recall(
            asked_by_url(parse_text(SearchByUrl, given)),
            database=state.database,
            finder=finder_of(state),
            language=choose_language(None, accepted.decode("latin-1")),
            now=state.clock(),
        )
    except InvalidError:
        return None
