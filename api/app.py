"""Putting the application together."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.status_codes import HTTP_200_OK
from litestar.types import ASGIApp

from api import description, pages
from api.at_once import answer_at_once
from api.authentication import Identify, anyone, refuse_unguarded
from api.clock import Clock, read_the_clock
from api.dependencies import DEPENDENCIES
from api.handlers import (
    agreements,
    appointment_steps,
    appointments,
    bundles,
    calendars,
    closures,
    consortia,
    corrections,
    directory,
    editing,
    history,
    hsds,
    openings,
    operations,
    plans,
    screenings,
    search,
    slots,
    ticklers,
    unmet_need,
    verifications,
    waitlists,
    window_changes,
)
from api.handlers import windows as window_handlers
from api.headers import add_headers
from api.logs import access_log, answer_head
from api.problems import as_response, log_if_unexpected
from api.quick_search import QuickSearch
from api.requests import CSRF_COOKIE, CSRF_HEADER, TextRequest
from api.sealing import Sealer
from api.settings import Settings
from api.tally import SearchTally, write_if_due, write_now
from api.throttle import Throttles
from directory.database import Database
from directory.errors import DomainError

HERE = Path(__file__).parent
MAXIMUM_BODY_BYTES = 1_000_000

#: Of a form with a file: a listing with the longest lists has some 1,500.
MOST_FIELDS = 10_000

API_HANDLERS: list[BaseRouteHandler] = [
    screenings.ask_next,
    search.search_by_url,
    search.search_by_body,
    search.list_places,
    *directory.HANDLERS,
    *openings.HANDLERS,
    *editing.HANDLERS,
    *history.HANDLERS,
    *verifications.HANDLERS,
    window_handlers.post_window,
    window_handlers.list_windows,
    window_handlers.show_window,
    *window_changes.HANDLERS,
    *closures.HANDLERS,
    slots.list_slots,
    slots.post_hold,
    slots.delete_hold,
    slots.post_confirm,
    *waitlists.HANDLERS,
    appointments.list_appointments,
    appointments.show_appointment,
    appointments.post_cancel,
    *agreements.HANDLERS,
    *consortia.HANDLERS,
    *appointment_steps.HANDLERS,
    *ticklers.HANDLERS,
    *bundles.HANDLERS,
    *plans.HANDLERS,
    *corrections.HANDLERS,
    *unmet_need.HANDLERS,
]

#: Addresses outside ``/api`` whose errors are for machines too.
PLAIN_HANDLERS: list[BaseRouteHandler] = [calendars.get_calendar, operations.health]


def create_app(
    settings: Settings, *, database: Database | None = None, clock: Clock = read_the_clock
) -> Litestar:
    """Build the application. Refuses a route that does not say who may use it."""
    refuse_unguarded([*API_HANDLERS, *PLAIN_HANDLERS, *hsds.HANDLERS, *pages.HANDLERS])
    database = database or Database(
        settings.url_of_database, pool_size=settings.threads, terms=settings.terms
    )
    secret = settings.signing_secret()
    return Litestar(
        route_handlers=_routes(),
        dependencies=DEPENDENCIES,
        state=_state(settings, database, clock, secret),
        middleware=[DefineMiddleware(Identify, exclude_http_methods=[])],
        exception_handlers={
            DomainError: _answer_error,
            HTTPException: _answer_error,
            Exception: _answer_error,
        },
        before_send=[add_headers(settings)],
        after_response=_write_counts_now_and_then,
        on_shutdown=[_write_counts, _close_copy, database.close],
        csrf_config=_csrf(settings, secret),
        template_config=pages.template_config(HERE / "templates"),
        openapi_config=_openapi(),
        request_class=TextRequest,
        request_max_body_size=MAXIMUM_BODY_BYTES,
        multipart_form_part_limit=MOST_FIELDS,
        logging_config=None,
    )


def _routes() -> list[BaseRouteHandler | Router]:
    """Return all that is served, below the path where each is."""
    return [
        # The API ignores cookies, so nothing can be forged there.
        Router("/api/v1", route_handlers=API_HANDLERS, opt={"exclude_from_csrf": True}),
        # Described by a document of its own; the same for everybody, and a POST only reads.
        Router(
            hsds.PATH,
            route_handlers=hsds.HANDLERS,
            include_in_schema=False,
            opt={"exclude_from_csrf": True},
        ),
        *PLAIN_HANDLERS,
        # One router: of two handlers at one path, registered one by one, Litestar wraps the
        # first one's thread twice.
        Router("/", route_handlers=pages.HANDLERS),
        *pages.static_routers(HERE, _asset_folders()),
    ]


def _state(settings: Settings, database: Database, clock: Clock, secret: str) -> State:
    """Return what handlers are given: what the process has one of."""
    return State(
        {
            "database": database,
            "settings": settings,
            "clock": clock,
            "sealer": Sealer(secret, "idempotency"),
            "note_sealer": Sealer(secret, "notes"),
            "tally": SearchTally(),
            "quick_search": QuickSearch(),
            "throttles": Throttles(),
        }
    )


def _csrf(settings: Settings, secret: str) -> CSRFConfig:
    return CSRFConfig(
        secret=secret,
        cookie_name=CSRF_COOKIE,
        header_name=CSRF_HEADER,
        cookie_httponly=True,
        cookie_samesite="lax",
        cookie_secure=settings.production,
    )


async def _write_counts_now_and_then(request: Request[Any, Any, Any]) -> None:
    await write_if_due(request.app.state)


def _write_counts(app: Litestar) -> None:
    write_now(app.state)


def _close_copy(app: Litestar) -> None:
    app.state.quick_search.keeper.close()


def create_asgi(
    settings: Settings, *, database: Database | None = None, clock: Clock = read_the_clock
) -> ASGIApp:
    """Build what a server serves: the application, with HEAD answered and requests logged."""
    app = create_app(settings, database=database, clock=clock)
    return access_log(answer_head(answer_at_once(app)))


def _answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Answer software with a problem document and people with a page."""
    log_if_unexpected(error)
    path = request.scope["path"]
    if path.startswith(("/api/", "/calendars/", "/health", f"{hsds.PATH}/")) or path == hsds.PATH:
        return as_response(error)
    return pages.error_page(request, error)


#: Name in our URLs, package, and folder of files below its ``static``.
_ASSET_WHEELS = (
    ("leaflet", "js_lib_leaflet", "js_lib_leaflet"),
    ("htmx", "js_lib_htmx", "htmx"),
)


def _asset_folders() -> dict[str, Path]:
    """Find the assets that come in wheels, without importing the wheels."""
    folders = {}
    for name, package, folder in _ASSET_WHEELS:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise RuntimeError(f"The package {package} is missing; install the project again.")
        folders[name] = Path(spec.origin).parent / "static" / folder
    return folders


def _plainly_not_found(response: Response[Any]) -> Response[Any]:
    """Replace the framework's own page about an unknown address below ``/api``."""
    return response if response.status_code == HTTP_200_OK else as_response(NotFoundException())


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Openings",
        version="1",
        description="A shared directory of community services beside a slot scheduler that "
        "agencies share. Errors are RFC 9457 problem documents.",
        openapi_router=Router(
            "/api",
            route_handlers=[],
            guards=[anyone],
            include_in_schema=False,
            after_request=_plainly_not_found,
            opt={"exclude_from_csrf": True},
        ),
        render_plugins=[description.Json(), description.Yaml()],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "key": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="A key of your organization (`openings key create`).",
                )
            }
        ),
        security=[{}, {"key": []}],
    )
