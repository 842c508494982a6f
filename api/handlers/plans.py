"""Plan my day."""

from litestar import post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

from api.authentication import BOOKING_STAFF
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.languages import choose_language
from api.pages.rendering import AnyRequest
from api.parsing import Body
from api.plan_reply import make_plans
from api.problems import problem_responses
from api.schemas.plans import PlanRequest, PlansReply


@post(
    "/plans",
    operation_id="plan_day",
    tags=["Bundles"],
    guards=[BOOKING_STAFF],
    sync_to_thread=True,
    status_code=HTTP_200_OK,
    dto=Body[PlanRequest],
    return_dto=None,
    responses=problem_responses(401, 403, 422),
)
def post_plans(
    request: AnyRequest,
    data: JSONBody[PlanRequest],
    database: InjectedDatabase,
    settings: InjectedSettings,
    viewer: InjectedViewer,
    now: Now,
) -> PlansReply:
    """Propose the best few ways to meet a client's needs. Changes nothing, and keeps nothing.

    Best is: the most needs, then the fewest days out, then the least travel and waiting, then
    done earliest. Proposals after the first are ahead of it in one of the last two.
    """
    language = choose_language(None, request.headers.get("accept-language"))
    with database.snapshot() as session:
        return make_plans(
            session, data, viewer=viewer, settings=settings, language=language, now=now
        )


HANDLERS: list[BaseRouteHandler] = [post_plans]
