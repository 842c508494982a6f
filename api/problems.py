"""Refusals as RFC 9457 problem documents. The only place that picks a status for one."""

import traceback
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import ResponseSpec
from litestar.status_codes import (
    HTTP_401_UNAUTHORIZED,
    HTTP_403_FORBIDDEN,
    HTTP_404_NOT_FOUND,
    HTTP_409_CONFLICT,
    HTTP_412_PRECONDITION_FAILED,
    HTTP_422_UNPROCESSABLE_ENTITY,
    HTTP_428_PRECONDITION_REQUIRED,
    HTTP_429_TOO_MANY_REQUESTS,
    HTTP_500_INTERNAL_SERVER_ERROR,
    HTTP_503_SERVICE_UNAVAILABLE,
)
from msgspec import UNSET, Struct, UnsetType

from api.schemas.window_changes import AffectedBooking, affected_reply
from api.throttle import TooManyRequestsError
from api.versions import VersionNeededError
from directory.commands.records.errors import StaleError
from directory.database import LOCK_TIMEOUT_SECONDS
from directory.errors import (
    BusyError,
    ConflictError,
    DomainError,
    FieldError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)
from directory.hsds.errors import ImportRefusedError
from directory.hsds.export.errors import ExportRefusedError
from scheduling.errors import DecisionsNeededError, KeyReusedError

logger = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"

STATUS_OF: dict[type[DomainError], int] = {
    NotFoundError: HTTP_404_NOT_FOUND,
    ConflictError: HTTP_409_CONFLICT,
    StaleError: HTTP_412_PRECONDITION_FAILED,
    VersionNeededError: HTTP_428_PRECONDITION_REQUIRED,
    KeyReusedError: HTTP_422_UNPROCESSABLE_ENTITY,
    InvalidError: HTTP_422_UNPROCESSABLE_ENTITY,
    ImportRefusedError: HTTP_422_UNPROCESSABLE_ENTITY,
    ExportRefusedError: HTTP_422_UNPROCESSABLE_ENTITY,
    ForbiddenError: HTTP_403_FORBIDDEN,
    UnauthenticatedError: HTTP_401_UNAUTHORIZED,
    TooManyRequestsError: HTTP_429_TOO_MANY_REQUESTS,
    BusyError: HTTP_503_SERVICE_UNAVAILABLE,
    UnavailableError: HTTP_503_SERVICE_UNAVAILABLE,
}

#: When somebody who asked too often may ask again, at a guess.
TRY_AGAIN_SECONDS = 600

AnyRequest = Request[Any, Any, Any]


class FieldProblem(Struct, frozen=True):
    """One bad field: where it is (``pattern.byday``) and what would be right."""

    path: str
    message: str


class Problem(Struct, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457). ``type`` never changes for the same reason.

    ``version`` is the present one of a record that somebody changed meanwhile, and ``affected``
    the bookings that need a decision.
    """

    type: str
    title: str
    status: int
    detail: str
    version: int | UnsetType = UNSET
    errors: list[FieldProblem] | UnsetType = UNSET
    affected: list[AffectedBooking] | UnsetType = UNSET


def status_of(error: DomainError) -> int:
    """Return the HTTP status that says the same as a refusal."""
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def problem_of(error: Exception) -> Problem:
    """Describe an error, without giving away anything of our insides."""
    if isinstance(error, DomainError):
        errors = getattr(error, "errors", ())
        version = error.version if isinstance(error, StaleError) else UNSET
        problem = _problem(error.code, status_of(error), str(error), errors, version=version)
        if isinstance(error, DecisionsNeededError):
            affected = [affected_reply(row) for row in error.affected]
            return msgspec.structs.replace(problem, affected=affected)
        return problem
    if isinstance(error, ValidationException):
        return _problem(
            InvalidError.code, HTTP_422_UNPROCESSABLE_ENTITY, "", list(_fields_of(error))
        )
    if isinstance(error, HTTPException):
        return _http_problem(error)
    return _problem(
        "internal-error",
        HTTP_500_INTERNAL_SERVER_ERROR,
        "Something went wrong on our side. It has been noted; please try again later.",
    )


def _problem(
    code: str, status: int, detail: str, errors: Any = (), *, version: int | UnsetType = UNSET
) -> Problem:
    fields = [FieldProblem(error.path, error.message) for error in errors]
    detail = detail or " ".join(f"{field.path}: {field.message}" for field in fields)
    return Problem(
        type=f"/problems/{code}",
        title=code.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        version=version,
        errors=fields or UNSET,
    )


#: Codes for what the framework refuses before we see it.
_HTTP_CODES = {
    400: ("bad-request", "We could not read this request."),
    401: ("sign-in-needed", "Sign in first."),
    403: ("forbidden", "You may not do this. If you sent a form, load the page again first."),
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address does not take that method."),
    413: ("too-large", "That is more than we take at a time."),
    429: ("too-many-requests", "Too many requests. Wait a little."),
}


def _http_problem(error: HTTPException) -> Problem:
    code, detail = _HTTP_CODES.get(error.status_code, ("http-error", "The request was refused."))
    return _problem(code, error.status_code, detail)


def _fields_of(error: ValidationException) -> Any:
    extra = error.extra if isinstance(error.extra, list) else []
    for item in extra:
        if item.get("key") == "data" or item.get("source") == "body":
            yield FieldError("body", "Send a JSON object.")
        else:
            yield FieldError(str(item.get("key", "")), str(item.get("message", "")))


def as_response(error: Exception) -> Response[Problem]:
    """Answer with the problem document of an error."""
    problem = problem_of(error)
    headers = {}
    if problem.status == HTTP_503_SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(LOCK_TIMEOUT_SECONDS)
    if problem.status == HTTP_429_TOO_MANY_REQUESTS:
        headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
    if problem.status == HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, HTTPException) and error.headers and "allow" in error.headers:
        headers["Allow"] = error.headers["allow"]
    return Response(problem, status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def log_if_unexpected(error: Exception) -> None:
    """Write down an error that nobody foresaw: its kind, and where it came from.

    Not its message: drivers and parsers put into it what somebody sent.
    """
    if problem_of(error).status >= HTTP_500_INTERNAL_SERVER_ERROR and not isinstance(
        error, BusyError
    ):
        logger.error(
            "unexpected_error",
            error=type(error).__name__,
            where=traceback.format_tb(error.__traceback__),
        )


def problem_responses(*statuses: int) -> dict[int, ResponseSpec]:
    """Declare, for OpenAPI, the refusals that a handler can answer with."""
    return {
        status: ResponseSpec(Problem, media_type=MEDIA_TYPE, generate_examples=False)
        for status in statuses
    }
