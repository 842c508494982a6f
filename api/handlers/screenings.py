"""A screening: the next question to ask somebody. Nothing of it is kept."""

from typing import Any

from litestar import Request, post
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

from api.authentication import anyone
from api.dependencies import (
    InjectedDatabase,
    InjectedFinder,
    InjectedViewer,
    Now,
)
from api.languages import choose_language
from api.parsing import Body
from api.problems import problem_responses
from api.schemas.screening import ScreeningReply, ScreeningRequest
from api.screening import screen


@post(
    "/screenings",
    operation_id="screen",
    tags=["Search"],
    guards=[anyone],
    sync_to_thread=True,
    status_code=HTTP_200_OK,
    dto=Body[ScreeningRequest],
    return_dto=None,
    responses=problem_responses(422, 503),
)
def ask_next(
    request: Request[Any, Any, Any],
    data: JSONBody[ScreeningRequest],
    database: InjectedDatabase,
    viewer: InjectedViewer,
    finder: InjectedFinder,
    now: Now,
) -> ScreeningReply:
    """Ask the next best question about somebody, and tell what the answers so far decide.

    Send what is known in `facts` and what would not be told in `skip`, and put each answer into
    `facts`, until `question` is null. Changes nothing, and nothing is kept.
    """
    language = choose_language(None, request.headers.get("accept-language"))
    with database.snapshot() as session:
        return screen(
            session,
            data,
            viewer=viewer,
            finder=finder,
            language=language,
            now=now,
        )
