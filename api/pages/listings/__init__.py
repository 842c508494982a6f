"""Where agencies keep their own listings true, and administrators everybody's."""

from litestar.handlers import BaseRouteHandler

from api.pages.listings import editing, history, overview

HANDLERS: list[BaseRouteHandler] = [
    *overview.HANDLERS,
    *editing.HANDLERS,
    *history.HANDLERS,
]
