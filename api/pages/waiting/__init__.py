"""Those who wait: a person's own page, the coordinator's clients, and the host's lines."""

from litestar.handlers import BaseRouteHandler

from api.pages.waiting import desk, front_desk, own

HANDLERS: list[BaseRouteHandler] = [
    *own.HANDLERS,
    *desk.HANDLERS,
    *front_desk.HANDLERS,
]
