"""A server of its own process, as ``openings serve`` makes it, for which it is always NOON.

``python -m tests.api.server_at_noon FD DATABASE_URL DATA_DIR``: listens on the socket it inherits.
"""

import asyncio
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import structlog
import uvicorn
from litestar.concurrency import set_asyncio_executor

from api.app import create_asgi
from api.clock import Clock
from api.settings import Settings
from directory.database import Database
from tests.conftest import NOON


def serve(
    descriptor: int,
    database_url: str,
    data_dir: str,
    clock: Clock,
    database: Database | None = None,
) -> None:
    """Serve on an inherited socket until the process ends, without a log and limits of holds."""
    settings = Settings(
        data_dir=Path(data_dir),
        database_url=database_url,
        holds_per_account=0,
        holds_per_organization=0,
    )
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    config = uvicorn.Config(
        create_asgi(settings, database=database, clock=clock),
        access_log=False,
        log_config=None,
        lifespan="on",
    )
    set_asyncio_executor(ThreadPoolExecutor(settings.threads))
    asyncio.run(uvicorn.Server(config).serve(sockets=[socket.socket(fileno=descriptor)]))


def main() -> None:
    descriptor, database_url, data_dir = sys.argv[1:]
    serve(int(descriptor), database_url, data_dir, lambda: NOON)


if __name__ == "__main__":
    main()
