"""Who may sign in, and the secrets that prove it. Secrets are kept only as hashes."""

import enum
from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from directory.database import enum_type


class Role(enum.StrEnum):
    """What an account or key may do, always within its own organization."""

    PUBLISHER = "publisher"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Account(SQLModel, table=True):
    """A staff member of an organization. ``email`` is what they sign in with, lower case."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=120)
    role: Role = Field(sa_type=enum_type(Role))
    password_hash: str
    created_at: datetime
    disabled_at: datetime | None = None


class ApiKey(SQLModel, table=True):
    """What software shows instead of signing in. ``token_hash`` is SHA-256, in hex."""

    __tablename__ = "api_key"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    organization_id: UUID = Field(foreign_key="organization.id", index=True)
    role: Role = Field(sa_type=enum_type(Role))
    name: str = Field(max_length=120)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime
    revoked_at: datetime | None = None


class LoginSession(SQLModel, table=True):
    """A browser that has signed in. Only the hash of its cookie is kept."""

    __tablename__ = "login_session"

    token_hash: str = Field(primary_key=True, max_length=64)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    created_at: datetime
    expires_at: datetime


class CalendarFeed(SQLModel, table=True):
    """The address of one person's calendar. Whoever knows the token can read it: times only."""

    __tablename__ = "calendar_feed"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime
    revoked_at: datetime | None = None
