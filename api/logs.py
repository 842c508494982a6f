"""What is written down: keys and values, and never who looked for what.

A request is logged by its route ("/my/{token}"), never by its URL: paths and query strings hold
secrets and places.
"""

import logging
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import TypeGuard, cast

import structlog
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

logger = structlog.get_logger("access")


def configure_logs(*, as_json: bool) -> None:
    """Write one line an event: JSON for machines, or words for people."""
    # Tracebacks without the values of variables: those hold cookies, places and handles.
    for_people = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer() if as_json else for_people
    )
    processors: list[structlog.types.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if as_json:
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _is_request(scope: Scope) -> TypeGuard[HTTPScope]:
    """Say whether this is a request, and not the server starting or stopping."""
    return str(scope["type"]) == "http"


def access_log(app: ASGIApp) -> ASGIApp:
    """Wrap an application so that each request leaves one line."""

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_request(scope):
            await app(scope, receive, send)
            return
        started, status = perf_counter(), 500

        async def noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noting_status)
        finally:
            logger.info(
                "request",
                method=scope["method"],
                route=scope.get("path_template") or "(no route)",
                status=status,
                ms=round((perf_counter() - started) * 1000, 1),
            )

    return logged


def answer_head(app: ASGIApp) -> ASGIApp:
    """Wrap an application so that HEAD gives what GET gives, without the body.

    Nothing may answer HEAD by itself: GET's guards are HEAD's guards.
    """

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_request(scope) or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return
        got = cast("HTTPScope", {**scope, "method": "GET", "is_head": True})
        await app(got, receive, _without_body(send))

    return answered


def _without_body(send: Send) -> Callable[[Message], Awaitable[None]]:
    ended = False

    async def headers_only(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.body":
            if ended:  # what is streamed comes in parts, and none may follow the last
                return
            message, ended = {"type": "http.response.body", "body": b"", "more_body": False}, True
        await send(message)

    return headers_only
