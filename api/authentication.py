"""Finding out who is asking, and turning away who may not."""

from collections.abc import Callable
from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from api.requests import refuse_strange_tokens
from api.settings import Settings
from directory.database import Database
from directory.errors import ForbiddenError, UnauthenticatedError
from directory.models.accounts import Role
from directory.queries.accounts import find_viewer_of_key, find_viewer_of_session
from directory.viewer import PUBLIC, Viewer

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], None]

#: Software shows a key here and nowhere else; browsers a cookie everywhere else and never here.
API_PATH = "/api/"

LONGEST_SECRET = 200


class BadKeyError(UnauthenticatedError):
    """An API key was shown, and it is not one of ours (any more)."""

    code = "bad-key"

    def __init__(self) -> None:
        super().__init__("This API key is unknown or has been revoked.")


class SignInNeededError(UnauthenticatedError):
    """Only people who have signed in may do this."""

    def __init__(self) -> None:
        super().__init__("Sign in first, or send an API key.")


class WrongRoleError(ForbiddenError):
    """The caller's role does not include this."""

    def __init__(self) -> None:
        super().__init__("Your role does not include this.")


class Identify(AbstractAuthenticationMiddleware):
    """Sets ``request.user`` to a ``Viewer``; to the public one where no proof is shown.

    The proof is looked up in the database for each request, so what is revoked stops working
    with the next one.
    """

    async def authenticate_request(self, connection: Connection) -> AuthenticationResult:
        """Look up the key or the cookie."""
        if connection.scope["path"].startswith(API_PATH):
            secret = _bearer(connection)
            if secret is None:
                return AuthenticationResult(user=PUBLIC, auth=None)
            viewer = await sync_to_thread(_viewer_of_key, connection.app.state.database, secret)
            if viewer is None:
                raise BadKeyError
            return AuthenticationResult(user=viewer, auth=None)
        refuse_strange_tokens(connection)
        cookie = connection.cookies.get(session_cookie_name(connection.app.state.settings))
        if not cookie or len(cookie) > LONGEST_SECRET:
            return AuthenticationResult(user=PUBLIC, auth=None)
        viewer = await sync_to_thread(_viewer_of_session, connection.app.state, cookie)
        return AuthenticationResult(user=viewer or PUBLIC, auth=cookie if viewer else None)


def session_cookie_name(settings: Settings) -> str:
    """Return the cookie's name; ``__Host-`` makes browsers insist that it is ours and secure."""
    return "__Host-openings-session" if settings.production else "openings-session"


def _bearer(connection: Connection) -> str | None:
    header = connection.headers.get("authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(secret.strip()) <= LONGEST_SECRET:
        raise BadKeyError
    return secret.strip()


def _viewer_of_key(database: Database, secret: str) -> Viewer | None:
    with database.asking() as connection:
        return find_viewer_of_key(connection, secret)


def _viewer_of_session(state: Any, cookie: str) -> Viewer | None:
    with state.database.reading() as session:
        return find_viewer_of_session(session, cookie, now=state.clock())


def anyone(_connection: Connection, _handler: BaseRouteHandler) -> None:
    """Let everybody in: said aloud, because a route that says nothing does not start."""


def requires(*roles: Role) -> Guard:
    """Let in who has one of the roles."""

    def guard(connection: Connection, _handler: BaseRouteHandler) -> None:
        viewer: Viewer = connection.user
        if viewer.is_public:
            raise SignInNeededError
        if not viewer.has_role(*roles):
            raise WrongRoleError

    guard.roles = roles  # type: ignore[attr-defined]  # for the reference and its test
    return guard


STAFF = requires(Role.COORDINATOR, Role.PUBLISHER, Role.ADMINISTRATOR)
BOOKING_STAFF = requires(Role.COORDINATOR)
PUBLISHING_STAFF = requires(Role.PUBLISHER)
ADMINISTRATORS = requires(Role.ADMINISTRATOR)


class UnguardedRouteError(RuntimeError):
    """A route does not say who may use it."""


def refuse_unguarded(handlers: list[BaseRouteHandler]) -> None:
    """Refuse to start with a route that has no guard (deny by default)."""
    for handler in handlers:
        if not handler.guards:
            raise UnguardedRouteError(f"{handler} has no guard: add `anyone` or `requires(...)`.")


def public_or_booking_staff(connection: Connection, handler: BaseRouteHandler) -> None:
    """Let in the public, and of those who have signed in, whoever may book."""
    viewer: Viewer = connection.user
    if not viewer.is_public:
        requires(Role.COORDINATOR, Role.PUBLISHER)(connection, handler)
