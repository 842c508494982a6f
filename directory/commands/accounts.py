"""Letting people and software in, and out again."""

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, delete, select

from directory.errors import FieldError, InvalidError, NotFoundError, UnauthenticatedError
from directory.models.accounts import Account, ApiKey, CalendarFeed, LoginSession, Role
from directory.models.organizations import Organization
from directory.tokens import hash_token, new_token

SESSION_LASTS = timedelta(hours=12)
MINIMUM_PASSWORD_LENGTH = 10
MAXIMUM_PASSWORD_LENGTH = 256


class WrongPasswordError(UnauthenticatedError):
    """No such account, or not its password: which of the two is not said."""

    code = "wrong-password"

    def __init__(self) -> None:
        super().__init__("This e-mail address and password do not belong together.")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Return a hash to verify against when there is no account, so that both take as long."""
    return _hasher().hash(new_token())


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password. Takes about a tenth of a second, on purpose."""
    return _hasher().hash(password)


def create_account(
    session: Session,
    *,
    organization_id: UUID,
    email: str,
    name: str,
    role: Role,
    password: str,
    now: datetime,
) -> Account:
    """Let a person in. Raises ``InvalidError`` naming what is wrong."""
    if session.get(Organization, organization_id) is None:
        raise NotFoundError("organization")
    email = email.strip().lower()
    mistakes = _account_mistakes(session, email, name, password)
    if mistakes:
        raise InvalidError(mistakes)
    account = Account(
        organization_id=organization_id,
        email=email,
        name=name.strip(),
        role=role,
        password_hash=hash_password(password),
        created_at=now,
    )
    session.add(account)
    return account


def _account_mistakes(session: Session, email: str, name: str, password: str) -> list[FieldError]:
    mistakes = []
    if "@" not in email[1:-1] or len(email) > 254 or any(c.isspace() for c in email):  # noqa: PLR2004  (RFC 5321)
        mistakes.append(FieldError("email", "Give an e-mail address."))
    elif session.exec(select(Account.id).where(Account.email == email)).first():
        mistakes.append(FieldError("email", "There is an account with this e-mail address."))
    if not 1 <= len(name.strip()) <= 120:  # noqa: PLR2004  (as the column)
        mistakes.append(FieldError("name", "Give a name of 1 to 120 letters."))
    if not MINIMUM_PASSWORD_LENGTH <= len(password) <= MAXIMUM_PASSWORD_LENGTH:
        mistakes.append(
            FieldError("password", f"Use at least {MINIMUM_PASSWORD_LENGTH} letters or signs.")
        )
    return mistakes


def sign_in(session: Session, *, email: str, password: str, now: datetime) -> str:
    """Begin a session for the account and return its secret, which goes into a cookie.

    The secret is always new: what a browser brought along before signing in is worth nothing
    afterwards. Raises ``WrongPasswordError``.
    """
    account = session.exec(
        select(Account).where(Account.email == email.strip().lower())
    ).one_or_none()
    known = account is not None and account.disabled_at is None
    stored = account.password_hash if account is not None and known else _nobodys_hash()
    if not _verify(stored, password) or account is None or not known:
        raise WrongPasswordError
    token = new_token()
    session.add(
        LoginSession(
            token_hash=hash_token(token),
            account_id=account.id,
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
    )
    return token


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password[: MAXIMUM_PASSWORD_LENGTH + 1])
    except (VerificationError, InvalidHashError):
        return False


def sign_out(session: Session, token: str) -> None:
    """End a session. One that is over already stays so."""
    session.exec(delete(LoginSession).where(col(LoginSession.token_hash) == hash_token(token)))


def forget_old_sessions(session: Session, *, now: datetime) -> int:
    """Delete sessions that are over. Only tidies."""
    return session.exec(delete(LoginSession).where(col(LoginSession.expires_at) <= now)).rowcount


def create_api_key(
    session: Session, *, organization_id: UUID, role: Role, name: str, now: datetime
) -> str:
    """Return a new key for software of the organization. It is shown once and kept as a hash."""
    if session.get(Organization, organization_id) is None:
        raise NotFoundError("organization")
    token = f"ok_{new_token()}"
    session.add(
        ApiKey(
            organization_id=organization_id,
            role=role,
            name=name,
            token_hash=hash_token(token),
            created_at=now,
        )
    )
    return token


def renew_calendar_feed(session: Session, account_id: UUID, *, now: datetime) -> str:
    """Return the secret of a new calendar address; the old one stops working at once."""
    feeds = session.exec(
        select(CalendarFeed)
        .where(CalendarFeed.account_id == account_id)
        .where(col(CalendarFeed.revoked_at).is_(None))
    )
    for feed in feeds:
        feed.revoked_at = now
    token = new_token()
    session.add(CalendarFeed(account_id=account_id, token_hash=hash_token(token), created_at=now))
    return token
