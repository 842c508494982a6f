"""The pages that people read, made on the server. One file for each desk."""

from litestar.handlers import BaseRouteHandler

from api.pages import (
    account,
    appointments,
    book,
    checks,
    desk,
    duplicates,
    find,
    front_desk,
    imports,
    listings,
    my,
    network,
    openings_by_link,
    openings_history,
    openings_links,
    places,
    service,
    sign_in,
    suggestions,
    verify,
    windows,
)
from api.pages.rendering import error_page, static_routers, template_config

__all__ = ["HANDLERS", "error_page", "static_routers", "template_config"]

HANDLERS: list[BaseRouteHandler] = [
    find.show_find,
    service.show_service,
    book.show_slot,
    book.post_slot,
    book.show_hold,
    book.post_hold,
    book.post_release,
    my.show_my,
    my.get_my_calendar,
    my.post_my_cancel,
    sign_in.show_sign_in,
    sign_in.post_sign_in,
    sign_in.post_sign_out,
    sign_in.post_language,
    *desk.HANDLERS,
    *front_desk.HANDLERS,
    *openings_history.HANDLERS,
    *openings_links.HANDLERS,
    *openings_by_link.HANDLERS,
    *windows.HANDLERS,
    *listings.HANDLERS,
    *appointments.HANDLERS,
    *account.HANDLERS,
    *network.HANDLERS,
    *places.HANDLERS,
    *imports.HANDLERS,
    *duplicates.HANDLERS,
    *suggestions.HANDLERS,
    *verify.HANDLERS,
    *checks.HANDLERS,
]
