"""Headers that every response carries, errors and files included."""

from urllib.parse import urlsplit

from litestar.datastructures import MutableScopeHeaders
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

from api.settings import Settings

YEAR_SECONDS = 365 * 24 * 60 * 60


def security_headers(settings: Settings) -> dict[str, str]:
    """Return the headers that keep browsers from being used against their users."""
    images = "'self' data:"
    if settings.map_tile_url:
        tiles = urlsplit(settings.map_tile_url.replace("{s}", "*"))
        images += f" {tiles.scheme}://{tiles.netloc}"
    headers = {
        "content-security-policy": (
            f"default-src 'self'; img-src {images}; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "geolocation=(self), camera=(), microphone=()",
    }
    if settings.production:
        headers["strict-transport-security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
    return headers


def standing_headers(settings: Settings) -> dict[str, str]:
    """Return those of every response that says nothing else: kept nowhere."""
    return {**security_headers(settings), "cache-control": "no-store"}


def add_headers(settings: Settings) -> BeforeMessageSendHookHandler:
    """Return a hook that adds them. What is not said to be cacheable is kept nowhere."""
    fixed = standing_headers(settings)

    async def hook(message: Message, _scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders(message)
        for name, value in fixed.items():
            headers.setdefault(name, value)

    return hook
