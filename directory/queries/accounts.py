"""Who is asking? From a secret to a viewer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam
from sqlmodel import Session, col, select

from directory.errors import NotFoundError
from directory.models.accounts import Account, ApiKey, CalendarFeed, LoginSession
from directory.models.organizations import Organization
from directory.quick import QuickStatement
from directory.tokens import hash_token
from directory.viewer import Viewer


def find_viewer_of_session(session: Session, token: str, *, now: datetime) -> Viewer | None:
    """Return who signed in with this cookie, or None when it counts for nothing (any more)."""
    account = session.exec(
        select(Account)
        .join(LoginSession, col(LoginSession.account_id) == Account.id)
        .where(LoginSession.token_hash == hash_token(token))
        .where(LoginSession.expires_at > now)
        .where(col(Account.disabled_at).is_(None))
    ).one_or_none()
    return _as_viewer(account)


# Asked with every request of software.
_LIVE_KEY = QuickStatement(
    select(ApiKey.organization_id, ApiKey.role, ApiKey.name)
    .where(col(ApiKey.token_hash) == bindparam("token_hash"))
    .where(col(ApiKey.revoked_at).is_(None))
)


def find_viewer_of_key(asking: Session | Connection, token: str) -> Viewer | None:
    """Return the organization and role of an API key, or None for one unknown or revoked."""
    key = _LIVE_KEY.row(asking, {"token_hash": hash_token(token)})
    return None if key is None else Viewer(key["organization_id"], key["role"], name=key["name"])


def get_viewer_of_feed(session: Session, token: str) -> Viewer:
    """Return whose calendar this is. Raises ``NotFoundError`` for a dead or unknown address."""
    account = session.exec(
        select(Account)
        .join(CalendarFeed, col(CalendarFeed.account_id) == Account.id)
        .where(CalendarFeed.token_hash == hash_token(token))
        .where(col(CalendarFeed.revoked_at).is_(None))
        .where(col(Account.disabled_at).is_(None))
    ).one_or_none()
    viewer = _as_viewer(account)
    if viewer is None:
        raise NotFoundError("calendar")
    return viewer


def get_account_by_email(session: Session, email: str) -> Account:
    """Return the account that signs in with an e-mail address."""
    account = session.exec(
        select(Account).where(Account.email == email.strip().lower())
    ).one_or_none()
    if account is None:
        raise NotFoundError("account")
    return account


def get_organization_by_name_or_id(session: Session, text: str) -> Organization:
    """Return the organization somebody named at the command line."""
    try:
        found = session.get(Organization, UUID(text))
    except ValueError:
        found = session.exec(select(Organization).where(Organization.name == text)).first()
    if found is None:
        raise NotFoundError("organization")
    return found


def _as_viewer(account: Account | None) -> Viewer | None:
    if account is None:
        return None
    return Viewer(account.organization_id, account.role, account.id, account.name)
