"""A real Chromium against a real server. Nothing outside this machine is asked for."""

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from api.app import create_app
from api.settings import Settings
from directory.database import Database
from tests.conftest import NOON, skip_or_fail

CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WIDTHS = {"phone": 320, "desktop": 1200}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        skip_or_fail("browser", "there is no chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture
def browser_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "browser.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def live_server(browser_database: Database, settings: Settings) -> Iterator[str]:
    """The application at NOON, behind a real server; yields its address.

    The socket listens before the server runs, so the first request waits for it by itself.
    """
    app = create_app(settings, database=browser_database, clock=lambda: NOON)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@dataclass
class Visitor:
    """Somebody at a browser, and what went wrong there."""

    context: BrowserContext
    page: Page
    server: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note what the console complains of, and every request to another host."""
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.context.on("request", self._note_request)

    def go(self, path: str) -> None:
        """Open a page and wait until nothing is loading any more."""
        self.page.goto(self.server + path)
        self.page.wait_for_load_state("networkidle")

    def check(self) -> None:
        """Fail for what a screen reader, a narrow screen or a strict browser trips over."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert self.complaints == []
        assert self.elsewhere == []

    def _note_console(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.complaints.append(str(getattr(message, "text", message)))

    def _note_request(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.server).netloc:
            self.elsewhere.append(request.url)


@pytest.fixture(params=WIDTHS)
def visitor(
    request: pytest.FixtureRequest, chromium: Browser, live_server: str
) -> Iterator[Visitor]:
    """A visitor at a phone, and one at a desk."""
    context = chromium.new_context(
        viewport={"width": WIDTHS[request.param], "height": 800}, locale="en-US"
    )
    visitor = Visitor(context, context.new_page(), live_server)
    visitor.watch()
    yield visitor
    context.close()


@pytest.fixture
def scriptless(chromium: Browser, live_server: str) -> Iterator[Visitor]:
    """A visitor at a phone whose browser runs no scripts."""
    context = chromium.new_context(
        viewport={"width": WIDTHS["phone"], "height": 800},
        java_script_enabled=False,
        locale="en-US",
    )
    visitor = Visitor(context, context.new_page(), live_server)
    visitor.watch()
    yield visitor
    context.close()
