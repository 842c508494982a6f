"""The server that is measured, in a process of its own: Openings, or the ceiling above it.

Both run on the same server with the same settings. Says its port when it is ready; then answers
every line with the processor seconds it has used so far.
"""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.status_codes import HTTP_200_OK
from litestar.types import ASGIApp

from api.app import create_asgi
from api.bench.peer import peer_app
from api.bench.processes import Child
from api.cli.serving import listen, run_server
from api.logs import configure_logs
from api.settings import Settings

START_SECONDS = 30.0
ANSWER_SECONDS = 10.0

#: Query string, or body of a POST, and the bytes to answer it with.
Prepared = Mapping[str, bytes]


class Server:
    """A running server, seen from the process that measures it."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self.port = int(child.hear(within_seconds=START_SECONDS))

    def processor_seconds(self) -> float:
        """Return what it has used so far, of all processors together."""
        return float(self._child.ask("", within_seconds=ANSWER_SECONDS))


@contextmanager
def serving_openings(database_url: str, folder: Path, *, copy: bool = True) -> Any:
    """Serve Openings on a database for as long as the block lasts."""
    environment = {
        "OPENINGS_DATABASE_URL": database_url,
        "OPENINGS_DATA_DIR": str(folder),
        "OPENINGS_SEARCH_COPY": str(copy).lower(),
    }
    with Child("api.bench.server", "openings", environment=environment) as child:
        yield Server(child)


@contextmanager
def serving_peer(database_url: str) -> Any:
    """Serve the geographic extension of a PostgreSQL database (``api.bench.peer``)."""
    with Child("api.bench.server", "peer", database_url) as child:
        yield Server(child)


@contextmanager
def serving_ceiling(prepared: Prepared, folder: Path) -> Any:
    """Serve prepared answers for as long as the block lasts."""
    path = folder / "prepared.json"
    path.write_bytes(
        msgspec.json.encode({query: body.decode() for query, body in prepared.items()})
    )
    environment = {"OPENINGS_DATA_DIR": str(folder)}
    with Child("api.bench.server", "ceiling", str(path), environment=environment) as child:
        yield Server(child)


def ceiling(prepared: Prepared) -> Litestar:
    """Build the least that could answer: no middleware, no thread, no database."""
    by_question = {question.encode(): body for question, body in prepared.items()}

    @get("/api/v1/search")
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(by_question[request.scope["query_string"]], media_type=MediaType.JSON)

    @post("/api/v1/search", status_code=HTTP_200_OK)
    async def answer_body(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(by_question[await request.body()], media_type=MediaType.JSON)

    return Litestar([answer, answer_body], openapi_config=None, logging_config=None)


def _app(settings: Settings, kind: str, *paths: str) -> ASGIApp:
    if kind == "openings":
        return create_asgi(settings)
    if kind == "peer":
        return peer_app(paths[0])
    bodies = msgspec.json.decode(Path(paths[0]).read_bytes(), type=dict[str, str])
    return ceiling({query: body.encode() for query, body in bodies.items()})


def _answer_parent() -> None:
    for _ in sys.stdin:
        print(process_time(), flush=True)  # noqa: T201  (the parent listens here)
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve until the input ends."""
    settings = replace(Settings.from_environment(os.environ), host="127.0.0.1", port=0)
    configure_logs(as_json=True)  # as in production
    app = _app(settings, *sys.argv[1:])
    listener = listen(settings)
    port = listener.getsockname()[1]
    threading.Thread(target=_answer_parent, daemon=True).start()
    run_server(app, settings, listener, on_ready=lambda: print(port, flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
