"""Who may do what: denied unless allowed, by route and role; and sessions that cannot be fixed."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from litestar import Litestar, get
from litestar.testing import TestClient

from api import app as app_module
from api import pages
from api.app import create_app
from api.authentication import UnguardedRouteError, refuse_unguarded
from api.settings import Settings
from directory.commands.accounts import SESSION_LASTS, create_account
from directory.database import Database
from directory.models.accounts import ApiKey, LoginSession, Role
from tests.api.conftest import Client, MakeKey, assert_problem
from tests.conftest import NOON
from tests.factories import make_organization

PASSWORD = "correct horse battery"  # noqa: S105  (of a test's own account)
EMAIL = "wren@heron-house.example"
COOKIE = "openings-session"


# ------------------------------------------------------------------------------ deny by default


def test_a_route_that_does_not_say_who_may_use_it_does_not_start(
    settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    @get("/unguarded", sync_to_thread=False)
    def unguarded() -> None: ...

    monkeypatch.setattr(app_module, "API_HANDLERS", [*app_module.API_HANDLERS, unguarded])

    with pytest.raises(UnguardedRouteError, match="unguarded"):
        create_app(settings, database=database)


def test_a_guard_may_not_be_empty() -> None:
    @get("/unguarded", guards=[], sync_to_thread=False)
    def unguarded() -> None: ...

    with pytest.raises(UnguardedRouteError):
        refuse_unguarded([unguarded])


# -------------------------------------------------------------------------- who may do what

ANYONE = {"anonymous", "auditor", "coordinator", "publisher", "administrator"}
STAFF = {"coordinator", "publisher", "administrator"}
PUBLISHERS = {"publisher", "administrator"}
COORDINATORS = {"coordinator", "administrator"}
BOOKERS = {"anonymous", "coordinator", "publisher", "administrator"}

#: Every route of the API and who may use it. A route that is not here fails the test below.
ALLOWED = {
    ("GET", "/search"): ANYONE,
    ("POST", "/search"): ANYONE,
    ("POST", "/screenings"): ANYONE,
    ("GET", "/places"): ANYONE,
    ("GET", "/organizations"): ANYONE,
    ("GET", "/organizations/{record_id:uuid}"): ANYONE,
    ("GET", "/services"): ANYONE,
    ("GET", "/services/{record_id:uuid}"): ANYONE,
    ("GET", "/locations"): ANYONE,
    ("GET", "/locations/{record_id:uuid}"): ANYONE,
    ("GET", "/service-at-locations"): ANYONE,
    ("GET", "/service-at-locations/{record_id:uuid}"): ANYONE,
    ("GET", "/service-at-locations/{record_id:uuid}/openings"): ANYONE,
    ("GET", "/service-at-locations/{record_id:uuid}/openings/current"): ANYONE,
    ("PUT", "/service-at-locations/{record_id:uuid}/openings"): PUBLISHERS,
    ("POST", "/service-at-locations/{record_id:uuid}/openings/undo"): PUBLISHERS,
    ("GET", "/slots"): ANYONE,
    ("POST", "/slots/{slot_id:uuid}/holds"): BOOKERS,
    ("DELETE", "/holds/{hold_id:uuid}"): BOOKERS,
    ("POST", "/holds/{hold_id:uuid}/confirm"): BOOKERS,
    ("POST", "/waitlist-entries"): BOOKERS,
    ("GET", "/waitlist-entries"): STAFF,
    ("GET", "/waitlist-entries/{entry_id:uuid}"): STAFF,
    ("DELETE", "/waitlist-entries/{entry_id:uuid}"): {"coordinator", "administrator"},
    ("POST", "/waitlist-entries/{entry_id:uuid}/priority"): {"coordinator", "administrator"},
    ("POST", "/offers/{offer_id:uuid}/accept"): {"coordinator", "administrator"},
    ("POST", "/offers/{offer_id:uuid}/decline"): {"coordinator", "administrator"},
    ("POST", "/windows"): PUBLISHERS,
    ("GET", "/windows"): STAFF,
    ("GET", "/windows/{window_id:uuid}"): STAFF,
    ("PATCH", "/windows/{window_id:uuid}"): PUBLISHERS,
    ("DELETE", "/windows/{window_id:uuid}"): PUBLISHERS,
    ("PUT", "/windows/{window_id:uuid}/exceptions/{day:date}"): PUBLISHERS,
    ("DELETE", "/windows/{window_id:uuid}/exceptions/{day:date}"): PUBLISHERS,
    ("POST", "/closures"): PUBLISHERS,
    ("GET", "/closures"): STAFF,
    ("POST", "/closures/{closure_id:uuid}/lift"): PUBLISHERS,
    ("GET", "/appointments"): STAFF,
    ("GET", "/appointments/{appointment_id:uuid}"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/cancel"): STAFF,
    ("GET", "/appointments/{appointment_id:uuid}/history"): STAFF,
    ("POST", "/ticklers"): STAFF,
    ("GET", "/ticklers"): STAFF,
    ("POST", "/ticklers/{tickler_id:uuid}/done"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/reschedule"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/approve"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/decline"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/check-in"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/no-show"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/fulfill"): STAFF,
    ("POST", "/appointments/{appointment_id:uuid}/undo"): STAFF,
    ("GET", "/agreements"): STAFF,
    ("GET", "/agreements/{agreement_id:uuid}"): STAFF,
    ("POST", "/bundles"): COORDINATORS,
    ("POST", "/plans"): COORDINATORS,
    ("GET", "/bundles"): STAFF,
    ("GET", "/bundles/{bundle_id:uuid}"): STAFF,
    ("POST", "/bundles/{bundle_id:uuid}/cancel"): COORDINATORS,
    ("GET", "/agreements/{agreement_id:uuid}/account"): STAFF,
    ("POST", "/agreements"): PUBLISHERS,
    ("PATCH", "/agreements/{agreement_id:uuid}"): PUBLISHERS,
    ("POST", "/agreements/{agreement_id:uuid}/sign"): PUBLISHERS,
    ("POST", "/agreements/{agreement_id:uuid}/suspend"): PUBLISHERS,
    ("POST", "/agreements/{agreement_id:uuid}/resume"): PUBLISHERS,
    ("POST", "/agreements/{agreement_id:uuid}/end"): PUBLISHERS,
    ("GET", "/consortium-members"): STAFF,
    ("POST", "/consortium-members"): PUBLISHERS,
    ("POST", "/consortium-members/{lead_id:uuid}/accept"): PUBLISHERS,
    ("DELETE", "/consortium-members/{lead_id:uuid}/{member_id:uuid}"): PUBLISHERS,
    ("DELETE", "/locations/{record_id:uuid}"): PUBLISHERS,
    ("DELETE", "/organizations/{record_id:uuid}"): {"administrator"},
    ("DELETE", "/service-at-locations/{record_id:uuid}"): PUBLISHERS,
    ("DELETE", "/services/{record_id:uuid}"): PUBLISHERS,
    ("GET", "/locations/{record_id:uuid}/history"): STAFF,
    ("GET", "/organizations/{record_id:uuid}/history"): STAFF,
    ("GET", "/service-at-locations/{record_id:uuid}/history"): STAFF,
    ("GET", "/service-at-locations/{record_id:uuid}/verifications"): ANYONE,
    ("GET", "/services/{record_id:uuid}/history"): STAFF,
    ("GET", "/services/{record_id:uuid}/verifications"): ANYONE,
    ("GET", "/suggestions"): PUBLISHERS,
    ("PATCH", "/locations/{record_id:uuid}"): PUBLISHERS,
    ("PATCH", "/organizations/{record_id:uuid}"): PUBLISHERS,
    ("PATCH", "/service-at-locations/{record_id:uuid}"): PUBLISHERS,
    ("PATCH", "/services/{record_id:uuid}"): PUBLISHERS,
    ("POST", "/changes/{change_id:uuid}/undo"): PUBLISHERS,
    ("POST", "/duplicates"): PUBLISHERS,
    ("POST", "/locations"): PUBLISHERS,
    ("GET", "/unmet-need"): {"administrator"},
    ("GET", "/unmet-need.csv"): {"administrator"},
    ("POST", "/merges"): {"administrator"},
    ("POST", "/merges/{merge_id:uuid}/undo"): {"administrator"},
    ("POST", "/organizations"): {"administrator"},
    ("POST", "/service-at-locations"): PUBLISHERS,
    ("POST", "/service-at-locations/{record_id:uuid}/verifications"): PUBLISHERS,
    ("POST", "/services"): PUBLISHERS,
    ("POST", "/services/{record_id:uuid}/verifications"): PUBLISHERS,
    ("POST", "/suggestions"): ANYONE,
    ("POST", "/suggestions/{suggestion_id:uuid}/accept"): PUBLISHERS,
    ("POST", "/suggestions/{suggestion_id:uuid}/decline"): PUBLISHERS,
}


def routes() -> set[tuple[str, str]]:
    return {
        (str(method), path)
        for handler in app_module.API_HANDLERS
        for method in handler.http_methods  # type: ignore[attr-defined]  # they all speak HTTP
        for path in handler.paths
    }


def test_every_route_is_classified() -> None:
    assert routes() == set(ALLOWED)


@pytest.mark.parametrize("who", sorted(ANYONE))
def test_roles_may_do_what_the_table_says_and_nothing_else(
    client: Client, make_key: MakeKey, who: str
) -> None:
    key = {} if who == "anonymous" else make_key(Role(who))
    refusal = (401, "sign-in-needed") if who == "anonymous" else (403, "forbidden")

    for (method, template), allowed in ALLOWED.items():
        path = "/api/v1" + re.sub(r"\{\w+:uuid\}", str(uuid4()), template)
        path = path.replace("{day:date}", "2030-06-04")
        answer = client.request(method, path, headers=key, json=None if method == "GET" else {})
        if who in allowed:
            assert answer.status_code in (200, 201, 404, 422, 428), (method, template, answer.text)
        else:
            assert_problem(answer, *refusal)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_what_get_guards_no_other_method_opens(
    server: TestClient[Any], make_key: MakeKey, method: str
) -> None:
    answer = server.request(method, "/api/v1/windows")

    assert not answer.content
    if method == "HEAD":
        assert answer.status_code == 401
        assert server.head("/api/v1/windows", headers=make_key()).status_code == 200


# ---------------------------------------------------------------------------------- API keys


@pytest.mark.parametrize(
    "shown", ["Bearer", "Bearer ", "Bearer nonsense", "Basic d3Jlbjpwdw==", "Bearer " + "x" * 300]
)
def test_a_bad_key_is_refused_even_where_none_is_needed(client: Client, shown: str) -> None:
    refused = client.get("/api/v1/search", headers={"authorization": shown})

    assert_problem(refused, 401, "bad-key")


def test_a_revoked_key_stops_with_the_next_request(
    client: Client, make_key: MakeKey, database: Database
) -> None:
    key = make_key()
    assert client.get("/api/v1/windows", headers=key).status_code == 200
    with database.transaction() as session:
        session.connection().execute(sa.update(ApiKey.__table__).values(revoked_at=NOON))  # type: ignore[attr-defined]  # SQLModel's

    assert_problem(client.get("/api/v1/windows", headers=key), 401, "bad-key")


# ------------------------------------------------------------------------- sessions and forms


class Clock:
    now = NOON

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def browser(
    database: Database,
    application: Litestar,
    client: Client,
    clock: Clock,
    quick_passwords: None,  # noqa: ARG001  (for what it does)
) -> Client:
    """A browser in front of the application, and an account to sign in with."""
    with database.transaction() as session:
        create_account(
            session,
            organization_id=make_organization(session, "Heron House").id,
            email=EMAIL,
            name="Wren",
            role=Role.COORDINATOR,
            password=PASSWORD,
            now=NOON,
        )
    application.state.clock = clock
    client.base_url = httpx.URL("http://testserver.local")
    return client


def token_for(browser: Client, path: str = "/sign-in") -> str:
    browser.get(path)
    return str(browser.cookies["openings-csrf"])


def sign_in(browser: Client, password: str = PASSWORD) -> Any:
    form = {"email": EMAIL, "password": password, "_csrf_token": token_for(browser)}
    return browser.post("/sign-in", data=form, follow_redirects=False)


def signed_in(browser: Client) -> bool:
    """Say whether the application takes this browser for a member of staff."""
    return bool(browser.get("/sign-in", follow_redirects=False).status_code == 303)


def test_signing_in_sets_a_cookie_that_scripts_cannot_read(browser: Client) -> None:
    answer = sign_in(browser)

    assert answer.status_code == 303
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert signed_in(browser)


def test_a_cookie_brought_along_is_never_adopted(browser: Client) -> None:
    planted = "planted-by-somebody-else-0123456789"
    browser.cookies.set(COOKIE, planted, domain="testserver.local")
    assert not signed_in(browser)

    answer = sign_in(browser)

    issued = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert planted not in issued
    browser.cookies.clear()
    browser.cookies.set(COOKIE, planted, domain="testserver.local")
    assert not signed_in(browser)


def test_each_sign_in_gets_a_secret_of_its_own(browser: Client) -> None:
    sign_in(browser)
    first = browser.cookies[COOKIE]
    sign_in(browser)

    assert browser.cookies[COOKIE] != first


def test_looking_around_makes_no_session(browser: Client, database: Database) -> None:
    browser.get("/")

    assert COOKIE not in browser.cookies
    with database.reading() as session:
        count = session.connection().scalar(sa.select(sa.func.count()).select_from(LoginSession))
    assert count == 0


def test_signing_out_kills_the_session_and_not_only_the_cookie(browser: Client) -> None:
    sign_in(browser)
    secret = browser.cookies[COOKIE]

    answer = browser.post(
        "/sign-out", data={"_csrf_token": token_for(browser, "/")}, follow_redirects=False
    )

    assert answer.status_code == 303
    browser.cookies.set(COOKIE, secret, domain="testserver.local")
    assert not signed_in(browser)


def test_a_session_ends_by_itself(browser: Client, clock: Clock) -> None:
    sign_in(browser)

    clock.now = NOON + SESSION_LASTS - timedelta(seconds=1)
    assert signed_in(browser)
    clock.now = NOON + SESSION_LASTS
    assert not signed_in(browser)


def test_a_wrong_password_gives_no_session(browser: Client) -> None:
    answer = sign_in(browser, "wrong horse battery")

    assert answer.status_code == 401
    assert COOKIE not in browser.cookies


def test_the_api_ignores_cookies(browser: Client) -> None:
    sign_in(browser)

    assert_problem(browser.get("/api/v1/appointments"), 401, "sign-in-needed")


def test_pages_ignore_api_keys(browser: Client, make_key: MakeKey) -> None:
    assert browser.get("/sign-in", headers=make_key(), follow_redirects=False).status_code == 200


@pytest.mark.usefixtures("browser")
def test_the_production_cookie_is_for_https_and_this_host_only(
    database: Database, settings: Settings, clock: Clock
) -> None:
    secure = replace(settings, production=True, base_url="https://openings.example")
    app = create_app(secure, database=database, clock=clock)
    with TestClient(app, base_url="https://testserver.local") as safe:
        answer = sign_in(safe)

    cookies = {c.split("=")[0]: c.lower() for c in answer.headers.get_list("set-cookie")}
    assert "secure" in cookies["__Host-openings-session"]
    assert "domain=" not in cookies["__Host-openings-session"]


def page_posts() -> list[str]:
    return sorted(
        path
        for handler in pages.HANDLERS
        if "POST" in {str(method) for method in handler.http_methods}  # type: ignore[attr-defined]  # HTTP
        for path in handler.paths
    )


@pytest.mark.parametrize("path", page_posts())
@pytest.mark.parametrize("proof", ["nothing", "a wrong token"])
def test_no_form_is_taken_without_its_token(browser: Client, path: str, proof: str) -> None:
    sign_in(browser)
    wrong = {"_csrf_token": "0" * 104} if proof == "a wrong token" else {}
    address = re.sub(r"\{\w+:uuid\}", str(uuid4()), path)
    address = re.sub(r"\{\w+(:\w+)?\}", "x", address)

    refused = browser.post(address, data=wrong, follow_redirects=False)

    assert refused.status_code == 403
    assert signed_in(browser)


def test_every_handler_has_one_method() -> None:
    for handler in [*pages.HANDLERS, *app_module.API_HANDLERS, *app_module.PLAIN_HANDLERS]:
        methods = {str(method) for method in handler.http_methods}  # type: ignore[attr-defined]  # HTTP
        assert len(methods) == 1, f"{handler}: one method, or HEAD and GET part ways"
