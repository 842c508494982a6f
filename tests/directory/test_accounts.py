"""Letting people and software in, and out again."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, select

from directory.commands import accounts
from directory.commands.accounts import (
    SESSION_LASTS,
    WrongPasswordError,
    create_account,
    create_api_key,
    forget_old_sessions,
    renew_calendar_feed,
    sign_in,
    sign_out,
)
from directory.errors import InvalidError, NotFoundError
from directory.models.accounts import Account, ApiKey, CalendarFeed, LoginSession, Role
from directory.queries.accounts import (
    find_viewer_of_key,
    find_viewer_of_session,
    get_viewer_of_feed,
)
from tests.conftest import NOON
from tests.factories import make_organization

EMAIL = "wren@heron-house.example"
PASSWORD = "correct horse battery"  # noqa: S105  (of a test's own account)


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: weak)
    accounts._nobodys_hash.cache_clear()


@pytest.fixture
def account(session: Session) -> Account:
    made = create_account(
        session,
        organization_id=make_organization(session).id,
        email=f" {EMAIL.upper()} ",
        name="Wren",
        role=Role.COORDINATOR,
        password=PASSWORD,
        now=NOON,
    )
    session.flush()
    return made


def test_a_person_signs_in_and_is_known_by_the_secret(session: Session, account: Account) -> None:
    token = sign_in(session, email=EMAIL, password=PASSWORD, now=NOON)

    viewer = find_viewer_of_session(session, token, now=NOON)

    assert viewer is not None
    assert (viewer.account_id, viewer.role) == (account.id, Role.COORDINATOR)
    assert token not in {row.token_hash for row in session.exec(select(LoginSession))}


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong"), (EMAIL, ""), ("nobody@x.example", PASSWORD), ("", ""), (EMAIL, "x" * 9999)],
)
@pytest.mark.usefixtures("account")
def test_whatever_is_wrong_the_answer_is_the_same(
    session: Session, email: str, password: str
) -> None:
    with pytest.raises(WrongPasswordError, match="do not belong together"):
        sign_in(session, email=email, password=password, now=NOON)


@pytest.mark.parametrize("email", [EMAIL, "nobody@x.example"])
@pytest.mark.usefixtures("account")
def test_an_unknown_address_costs_as_much_work_as_a_known_one(
    session: Session, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    def noting(stored: str, _password: str) -> bool:
        verified.append(stored)
        return False

    monkeypatch.setattr(accounts, "_verify", noting)
    with pytest.raises(WrongPasswordError):
        sign_in(session, email=email, password="wrong", now=NOON)  # noqa: S106  (a test)

    (stored,) = verified
    assert stored.startswith("$argon2id$")


def test_a_disabled_account_is_out_at_once(session: Session, account: Account) -> None:
    token = sign_in(session, email=EMAIL, password=PASSWORD, now=NOON)
    account.disabled_at = NOON
    session.flush()

    assert find_viewer_of_session(session, token, now=NOON) is None
    with pytest.raises(WrongPasswordError):
        sign_in(session, email=EMAIL, password=PASSWORD, now=NOON)


@pytest.mark.usefixtures("account")
def test_a_session_ends_when_it_is_over_or_signed_out(session: Session) -> None:
    first = sign_in(session, email=EMAIL, password=PASSWORD, now=NOON)
    second = sign_in(session, email=EMAIL, password=PASSWORD, now=NOON)
    assert first != second

    sign_out(session, first)

    assert find_viewer_of_session(session, first, now=NOON) is None
    just_before = NOON + SESSION_LASTS - timedelta(seconds=1)
    assert find_viewer_of_session(session, second, now=just_before) is not None
    assert find_viewer_of_session(session, second, now=NOON + SESSION_LASTS) is None


@pytest.mark.usefixtures("account")
def test_forgetting_old_sessions_keeps_those_that_count(session: Session) -> None:
    sign_in(session, email=EMAIL, password=PASSWORD, now=NOON - SESSION_LASTS)
    live = sign_in(session, email=EMAIL, password=PASSWORD, now=NOON)

    assert forget_old_sessions(session, now=NOON) == 1
    assert forget_old_sessions(session, now=NOON) == 0
    assert find_viewer_of_session(session, live, now=NOON) is not None


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"email": "no address", "name": " ", "password": "short"}, {"email", "name", "password"}),
        ({"email": EMAIL.upper()}, {"email"}),
        ({"password": "x" * 257, "name": "x" * 121}, {"password", "name"}),
    ],
)
def test_every_mistake_in_a_new_account_is_named(
    session: Session, account: Account, wrong: dict[str, Any], fields: set[str]
) -> None:
    good = {"email": "new@x.example", "name": "New", "password": PASSWORD}
    with pytest.raises(InvalidError) as caught:
        create_account(
            session,
            organization_id=account.organization_id,
            role=Role.AUDITOR,
            now=NOON,
            **{**good, **wrong},
        )

    assert {error.path for error in caught.value.errors} == fields


def test_an_account_and_a_key_need_an_organization(session: Session) -> None:
    with pytest.raises(NotFoundError):
        create_api_key(session, organization_id=uuid4(), role=Role.AUDITOR, name="x", now=NOON)


def test_a_key_is_kept_as_a_hash_and_can_be_revoked(session: Session, account: Account) -> None:
    token = create_api_key(
        session, organization_id=account.organization_id, role=Role.PUBLISHER, name="x", now=NOON
    )
    session.flush()
    key = session.exec(select(ApiKey)).one()

    viewer = find_viewer_of_key(session, token)
    assert viewer is not None
    assert (viewer.organization_id, viewer.role) == (account.organization_id, Role.PUBLISHER)
    assert token not in key.token_hash
    assert find_viewer_of_key(session, key.token_hash) is None

    key.revoked_at = NOON
    session.flush()
    assert find_viewer_of_key(session, token) is None


def test_a_renewed_calendar_kills_the_old_address(session: Session, account: Account) -> None:
    old = renew_calendar_feed(session, account.id, now=NOON)
    session.flush()
    assert get_viewer_of_feed(session, old).account_id == account.id

    new = renew_calendar_feed(session, account.id, now=NOON)
    session.flush()

    with pytest.raises(NotFoundError):
        get_viewer_of_feed(session, old)
    assert get_viewer_of_feed(session, new).account_id == account.id
    assert len(session.exec(select(CalendarFeed)).all()) == 2
