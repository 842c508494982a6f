"""Commands that stay: the web server, the worker, and the demo that is both."""

import asyncio
import gc
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import rich_click as click
import uvicorn
from litestar.concurrency import set_asyncio_executor
from litestar.types import ASGIApp

from api.app import create_asgi
from api.asking import ask_some, find_a_link
from api.background import background_jobs
from api.cli import settings_from_environment
from api.cli.console import console
from api.clock import read_the_clock
from api.logs import configure_logs
from api.settings import Settings
from directory.database import Database
from directory.migrate import is_up_to_date, migrate
from geo.zip_index import zip_index

GRACE_SECONDS = 3

#: How many agencies a demo has just asked about a listing.
DEMO_QUESTIONS = 3


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.")
def serve(host: str | None, port: int | None) -> None:
    """Serve pages and the API. Settings come from the environment; see the reference."""
    settings = _with(settings_from_environment(), host, port)
    configure_logs(as_json=settings.production)
    _refuse_outdated(settings)
    listener = listen(settings)
    run_server(create_asgi(settings), settings, listener, on_ready=_read_zip_codes)


@click.command()
def worker() -> None:
    """Do what has to be done by the clock. Of many workers, one works at a time."""
    gc.enable()
    settings = settings_from_environment()
    configure_logs(as_json=settings.production)
    _refuse_outdated(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with closing(Database(settings.url_of_database, pool_size=3, terms=settings.terms)) as database:
        with background_jobs(database, settings, read_the_clock):
            stop.wait()


@click.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on.")
@click.option("--data", type=click.Path(path_type=Path), help="Folder for the demo's data.")
def demo(host: str | None, port: int | None, data: Path | None) -> None:
    """Try it out: make a demo county on first use, then serve it, with the worker inside."""
    settings = _with(settings_from_environment(), host, port)
    settings = replace(settings, data_dir=data or settings.data_dir / "demo", home="48933")
    configure_logs(as_json=False)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    listener = listen(settings)
    _prepare_demo(settings)
    with closing(Database(settings.url_of_database, pool_size=5, terms=settings.terms)) as database:
        with background_jobs(database, settings, read_the_clock):
            run_server(
                create_asgi(settings), settings, listener, on_ready=lambda: _welcome(settings)
            )


def _with(settings: Settings, host: str | None, port: int | None) -> Settings:
    return replace(settings, host=host or settings.host, port=port or settings.port)


def listen(settings: Settings) -> socket.socket:
    """Take the port before anything else is done, or say how to choose another."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named: without it, every
    # answer on a kept-alive connection waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
            f"Choose another port: --port {settings.port + 1}"
        ) from None
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener


def _refuse_outdated(settings: Settings) -> None:
    with closing(Database(settings.url_of_database)) as database:
        if not is_up_to_date(database.engine):
            raise click.ClickException("The database needs an update: run `openings migrate`.")


def _prepare_demo(settings: Settings) -> None:
    """Make the tables and the county, unless they are there."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with closing(Database(settings.url_of_database)) as database:
        if is_up_to_date(database.engine):
            return
        console.print("Making the demo county ...")
        migrate(settings.url_of_database)
        from seed.county import seed_county  # noqa: PLC0415  (only the first start pays for it)

        with database.transaction() as session:
            seed_county(session, now=read_the_clock())
            ask_some(session, settings, number=DEMO_QUESTIONS, now=read_the_clock())


def _read_zip_codes() -> None:
    """Read them now, after starting quickly and before the first question."""
    threading.Thread(target=zip_index, daemon=True).start()


def _welcome(settings: Settings) -> None:
    _read_zip_codes()
    from seed.logins import DEMO_LOGINS, DEMO_PASSWORD  # noqa: PLC0415  (as above)

    console.print(f"\nOpenings is at [bold]{settings.public_url}[/bold]\n")
    console.print(f"Sign in with the password [bold]{DEMO_PASSWORD}[/bold] as")
    for login in DEMO_LOGINS:
        console.print(f"  {login.role:14} {login.email}")
    _tell_a_link(settings)
    console.print("\nStop with Ctrl+C.\n")


def _tell_a_link(settings: Settings) -> None:
    """Show what agencies get by e-mail, because a demo has no mail server."""
    with closing(Database(settings.url_of_database)) as database, database.reading() as session:
        link = find_a_link(session, settings, now=read_the_clock())
    if link is not None:
        console.print("\nA question that an agency gets by e-mail, and answers without a password:")
        console.print(f"  {link}", soft_wrap=True)


def run_server(
    app: ASGIApp,
    settings: Settings,
    listener: socket.socket,
    *,
    on_ready: Callable[[], None],
) -> None:
    """Serve until told to stop, with as many threads as database connections."""
    config = uvicorn.Config(
        app,
        access_log=False,  # ours has no URLs in it
        log_config=None,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
        ws="none",
    )
    server = _Server(config, on_ready)
    set_asyncio_executor(ThreadPoolExecutor(settings.threads, thread_name_prefix="request"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # the server passes it on when done
    with closing(listener), suppress(KeyboardInterrupt):
        asyncio.run(server.serve(sockets=[listener]))


class _Server(uvicorn.Server):
    """Tells when it is ready to answer."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, freeze what start-up made so that the collector skips it, and say so."""
        await super().startup(sockets=sockets)
        gc.freeze()
        gc.enable()
        self._on_ready()
