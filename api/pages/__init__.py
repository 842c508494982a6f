"""The pages that people read, made on the server. One file for each desk."""

from litestar.handlers import BaseRouteHandler

from api.pages import account, appointments, desk, find, front_desk, network, sign_in, windows
from api.pages.rendering import error_page, static_routers, template_config

__all__ = ["HANDLERS", "error_page", "static_routers", "template_config"]

HANDLERS: list[BaseRouteHandler] = [
    find.show_find,
    sign_in.show_sign_in,
    sign_in.post_sign_in,
    sign_in.post_sign_out,
    sign_in.post_language,
    *desk.HANDLERS,
    *front_desk.HANDLERS,
    *windows.HANDLERS,
    *appointments.HANDLERS,
    *account.HANDLERS,
    *network.HANDLERS,
]
