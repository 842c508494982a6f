"""Who may sign in at each agency of the demo county. They are roles, not people."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from directory.commands.accounts import hash_password
from directory.models.accounts import Role
from seed.agencies import AGENCIES, NETWORK_OFFICE, Agency
from seed.listings import organization_id_of
from seed.logins import DEMO_PASSWORD
from seed.names import row_id

#: What an account's address begins with, and what its owner is called, by role.
_DESKS = {
    Role.PUBLISHER: ("provider", "Front desk"),
    Role.COORDINATOR: ("coordinator", "Coordinator"),
    Role.ADMINISTRATOR: ("administrator", "Administrator"),
}


def account_id_of(agency_key: str, role: Role) -> UUID:
    """Return the identifier of an agency's account."""
    return row_id("account", agency_key, role)


def account_rows(now: datetime) -> Iterator[dict[str, Any]]:
    """Yield a provider and a coordinator for every agency, and the one administrator."""
    password_hash = hash_password(DEMO_PASSWORD)  # slow on purpose: once for all
    for agency in AGENCIES:
        for role in _roles_at(agency):
            address, title = _DESKS[role]
            yield {
                "id": account_id_of(agency.key, role),
                "organization_id": organization_id_of(agency.key),
                "email": f"{address}@{agency.domain}",
                "name": f"{title}, {agency.short}",
                "role": role,
                "password_hash": password_hash,
                "created_at": now,
            }


def _roles_at(agency: Agency) -> Iterator[Role]:
    yield Role.PUBLISHER
    yield Role.COORDINATOR
    if agency.key == NETWORK_OFFICE:
        yield Role.ADMINISTRATOR
