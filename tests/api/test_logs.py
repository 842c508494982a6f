"""What is written down never says who looked for what."""

import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from litestar import Request, get
from litestar.testing import TestClient

from api import app as app_module
from api.app import create_app
from api.authentication import anyone
from api.logs import access_log, answer_head, configure_logs
from api.settings import Settings
from directory.commands.accounts import create_account, renew_calendar_feed
from directory.database import Database
from directory.models.accounts import Role
from tests.conftest import NOON
from tests.factories import make_organization, make_slot

PLACE, HANDLE, EMAIL = "48917", "7K2M-QX4P", "canary-wren@heron-house.example"
PASSWORD = "canary password"  # noqa: S105  (of a test's own account)


@get("/broken", guards=[anyone], sync_to_thread=False)
def broken(request: Request[Any, Any, Any]) -> None:
    secret = request.query_params["near"]
    raise ValueError(f"cannot read {secret}")


@pytest.fixture
def log() -> StringIO:
    """Standard error, as far as the log is concerned."""
    return StringIO()


@pytest.fixture(params=[True, False], ids=["json", "words"])
def served(
    request: pytest.FixtureRequest,
    database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    log: StringIO,
    quick_passwords: None,  # noqa: ARG001  (for what it does)
) -> Iterator[TestClient[Any]]:
    """The application as it is served, writing its log to standard error."""
    monkeypatch.setattr(sys, "stderr", log)
    configure_logs(as_json=request.param)
    monkeypatch.setattr(app_module, "API_HANDLERS", [*app_module.API_HANDLERS, broken])
    try:
        app = access_log(answer_head(create_app(settings, database=database, clock=lambda: NOON)))
        with TestClient(app, base_url="http://testserver.local") as client:
            yield client
    finally:
        structlog.reset_defaults()


def test_a_request_leaves_one_line_with_its_route_and_status(
    served: TestClient[Any], log: StringIO
) -> None:
    served.get(f"/api/v1/search?near={PLACE}")
    served.get("/nothing/here")

    lines = [line for line in log.getvalue().splitlines() if "request" in line]
    assert len(lines) == 2
    assert "/api/v1/search" in lines[0]
    assert "200" in lines[0]
    assert "(no route)" in lines[1]


def test_a_fault_is_written_down_with_its_kind_and_where_it_came_from(
    served: TestClient[Any], log: StringIO
) -> None:
    assert served.get("/api/v1/broken?near=x").status_code == 500

    assert "unexpected_error" in log.getvalue()
    assert "ValueError" in log.getvalue()
    assert "test_logs.py" in log.getvalue()


def test_no_log_names_a_place_a_client_or_a_secret(
    served: TestClient[Any], log: StringIO, caplog: pytest.LogCaptureFixture, database: Database
) -> None:
    with database.transaction() as session:
        slot_id = make_slot(session)
        account = create_account(
            session,
            organization_id=make_organization(session, "Heron House").id,
            email=EMAIL,
            name="Canary Wren",
            role=Role.COORDINATOR,
            password=PASSWORD,
            now=NOON,
        )
        session.flush()
        feed = renew_calendar_feed(session, account.id, now=NOON)
    key = "ok_canary-of-a-key"
    served.get(f"/api/v1/search?near={PLACE}&q={HANDLE}")
    served.post("/api/v1/search", json={"near": PLACE, "q": HANDLE, "wrong": PASSWORD})
    served.get(f"/api/v1/broken?near={PLACE}")
    served.get("/api/v1/windows", headers={"authorization": f"Bearer {key}"})
    served.get(f"/calendars/{feed}.ics")
    hold = served.post(f"/api/v1/slots/{slot_id}/holds").json()["id"]
    served.post(f"/api/v1/holds/{hold}/confirm", json={"client_handle": HANDLE})
    manage = served.post(f"/api/v1/holds/{hold}/confirm").json()["manage_url"]
    served.get("/my/" + manage.rpartition("/")[2])
    served.get("/sign-in")
    csrf = served.cookies["openings-csrf"]
    form = {"email": EMAIL, "password": PASSWORD, "_csrf_token": csrf}
    served.post("/sign-in", data={**form, "password": "wrong " + PASSWORD})
    served.post("/sign-in", data=form, follow_redirects=False)
    session_cookie = served.cookies["openings-session"]

    written = log.getvalue() + caplog.text
    assert written.count("request ") + written.count('"request"') > 10
    secrets = [
        PLACE, HANDLE, EMAIL, PASSWORD, "Canary", key, feed, csrf, session_cookie,
        manage.rpartition("/")[2], str(slot_id), hold,
    ]  # fmt: skip
    assert [each for each in secrets if each in written] == []


def test_what_the_database_refuses_is_logged_without_the_values(database: Database) -> None:
    """Both engines hide parameters: the text of their errors must not hold what was sent."""
    assert database.engine.hide_parameters
