"""A person at a browser without JavaScript: pages, and forms sent as the page has them."""

from html.parser import HTMLParser
from typing import Any

from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient


class Forms(HTMLParser):
    """The forms of a page: where each goes, and what it sends if nothing is filled in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, Any] = dict(attrs)
        if tag == "form":
            self._fields = self.found.setdefault(values["action"], {})
        elif tag == "input" and values.get("name") and _is_sent(values):
            self._fields[values["name"]] = values.get("value") or ""


def _is_sent(values: dict[str, Any]) -> bool:
    return values.get("type") not in ("radio", "checkbox") or "checked" in values


def send(client: TestClient[Litestar], page: Response, action: str, **filled_in: str) -> Response:
    """Send one form of a page, as a browser does; redirects are not followed."""
    fields = Forms(page.text).found[action]
    response: Response = client.post(action, data={**fields, **filled_in}, follow_redirects=False)
    return response


def goes_to(response: Response) -> str:
    """Return where a form led to."""
    assert response.status_code == 303, response.text
    return response.headers["location"]
