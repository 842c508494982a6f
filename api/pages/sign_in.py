"""Signing in and out, and choosing a language."""

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.status_codes import HTTP_200_OK
from msgspec import Meta

from api.authentication import anyone, session_cookie_name
from api.dependencies import InjectedDatabase, InjectedSettings, InjectedViewer, Now
from api.languages import LANGUAGES
from api.pages.forms import FormTexts, read_typed
from api.pages.rendering import LANGUAGE_COOKIE, AnyRequest, page, see_other
from api.schemas.shapes import Request
from api.settings import Settings
from directory.commands.accounts import (
    SESSION_LASTS,
    WrongPasswordError,
    sign_in,
    sign_out,
)
from directory.models.accounts import Role
from directory.queries.accounts import find_viewer_of_session
from directory.viewer import Viewer

#: Where each role's work begins.
DESKS = {
    Role.COORDINATOR: "/desk",
    Role.PUBLISHER: "/front-desk",
    Role.ADMINISTRATOR: "/front-desk",
    Role.AUDITOR: "/",
}

YEAR_SECONDS = 365 * 24 * 60 * 60


class SignIn(Request):
    """The form."""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=256)]


@get("/sign-in", guards=[anyone], include_in_schema=False, sync_to_thread=False)
def show_sign_in(request: AnyRequest, viewer: InjectedViewer) -> Response[Any]:
    """Ask who it is; who has signed in is sent to their desk."""
    if not viewer.is_public:
        return see_other(desk_of(viewer))
    return page(request, "sign-in.html", error=None, email="")


@post(
    "/sign-in",
    guards=[anyone],
    include_in_schema=False,
    sync_to_thread=True,
    status_code=HTTP_200_OK,
)
def post_sign_in(
    request: AnyRequest,
    data: FormTexts,
    database: InjectedDatabase,
    settings: InjectedSettings,
    now: Now,
) -> Response[Any]:
    """Check the password, and begin a session under a new secret."""
    form = read_typed(SignIn, data)
    try:
        with database.transaction() as session:
            token = sign_in(session, email=form.email, password=form.password, now=now)
            viewer = find_viewer_of_session(session, token, now=now) or Viewer()
    except WrongPasswordError as error:
        return page(request, "sign-in.html", status_code=401, error=error, email=form.email)
    response = see_other(desk_of(viewer))
    response.set_cookie(_session_cookie(settings, token))
    return response


def _session_cookie(settings: Settings, token: str) -> Cookie:
    return Cookie(
        key=session_cookie_name(settings),
        value=token,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        secure=settings.production,
        httponly=True,
        samesite="lax",
    )


def desk_of(viewer: Viewer) -> str:
    """Return where the viewer's work begins."""
    return DESKS[viewer.role] if viewer.role else "/"


@post("/sign-out", guards=[anyone], include_in_schema=False, sync_to_thread=True)
def post_sign_out(
    request: AnyRequest, database: InjectedDatabase, settings: InjectedSettings
) -> Response[Any]:
    """End the session, here and in the database, and have the browser forget what it kept."""
    if isinstance(request.auth, str):
        with database.transaction() as session:
            sign_out(session, request.auth)
    response = see_other("/")
    response.delete_cookie(session_cookie_name(settings), path="/")
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


@post("/language", guards=[anyone], include_in_schema=False, sync_to_thread=False)
def post_language(data: FormTexts, settings: InjectedSettings) -> Response[Any]:
    """Remember the reader's language, and go back to where they were."""
    back = data.get("back", "/")
    response = see_other(back if back.startswith("/") and not back.startswith("//") else "/")
    if data.get("language") in LANGUAGES:
        response.set_cookie(
            Cookie(
                key=LANGUAGE_COOKIE,
                value=data["language"],
                max_age=YEAR_SECONDS,
                secure=settings.production,
                samesite="lax",
            )
        )
    return response
