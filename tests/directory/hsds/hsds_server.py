"""A small HSDS API on the loopback, which can be told to be slow, broken, sly or dead."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.directory.hsds.invented import TABLES, organization_object, page, rest, services

#: Status, headers, body; None: the connection is cut.
Answer = tuple[int, dict[str, str], bytes] | None
#: Asked with the path and its query; "..." means that the usual answer is given.
Trick = Callable[[str, dict[str, list[str]]], Any]


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return status, {"content-type": "application/json", **named}, json.dumps(value).encode()


@dataclass
class HsdsServer:
    """What the server has, and what it was asked for. ``per_page`` is what it goes by."""

    lists: dict[str, list[dict[str, Any]]]
    full: bool = True
    per_page: int = 1
    trick: Trick = lambda _path, _query: ...
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hsds"

    def reply(self, target: str) -> Answer:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        path = parts.path.removeprefix("/hsds")
        self.asked.append(path + (f" {query['page'][0]}" if "page" in query else ""))
        tricked = self.trick(path, query)
        return self._usual(path, query) if tricked is ... else tricked

    def _usual(self, path: str, query: dict[str, list[str]]) -> Answer:
        if path == "/":
            return answer({"version": "3.2.3", "profile": "http://p.example/x", "openapi_url": "x"})
        _, name, *rest_of_path = path.split("/")
        if name not in self.lists:
            return answer({"detail": "nothing"}, 404)
        if rest_of_path:
            found = [each for each in self.lists[name] if each["id"] == rest_of_path[0]]
            return answer(found[0]) if found else answer({}, 404)
        number = int(query["page"][0])
        every = self.lists[name] if self.full else [_short(each) for each in self.lists[name]]
        pages = -(-len(every) // self.per_page)
        shown = every[(number - 1) * self.per_page : number * self.per_page]
        return answer(page(shown, number, pages) | {"total_items": len(every)})


def _short(record: dict[str, Any]) -> dict[str, Any]:
    """What a list has of a record that is not given in full."""
    return {name: value for name, value in record.items() if not isinstance(value, list)}


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: tests cut connections."""


@contextmanager
def serving(*, full: bool = True) -> Iterator[HsdsServer]:
    """Serve the invented directory."""
    lists = {
        "services": services(),
        "organizations": [organization_object(each["id"]) for each in TABLES["organization"]],
        "taxonomy_terms": rest(),
    }
    known = HsdsServer(lists, full=full)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            replied = known.reply(self.path)
            if replied is None:
                self.close_connection = True
                return
            status, headers, body = replied
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _QuietServer(("127.0.0.1", 0), Handler)
    known.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
