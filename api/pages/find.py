"""Finding help: the first page."""

from typing import Any

from litestar import Response, get

from api.authentication import anyone
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.finding import find
from api.pages.rendering import AnyRequest, language_of, page
from api.parsing import parse_text
from api.schemas.search import SearchRequest


@get("/", guards=[anyone], include_in_schema=False, sync_to_thread=True)
def show_find(
    request: AnyRequest,
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> Response[Any]:
    """Ask what somebody needs, and show what is near."""
    asked = parse_text(SearchRequest, request.query_params.dict())
    with database.reading() as session:
        answer = find(
            session,
            asked,
            viewer=viewer,
            settings=settings,
            language=language_of(request),
            now=now,
        )
        return page(request, "find.html", answer=answer, asked=asked)
