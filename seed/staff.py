"""Who may sign in at each agency of the demo county. They are roles, not people."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from directory.commands.accounts import hash_password
from directory.models.accounts import Role
from seed.agencies import AGENCIES, NETWORK_OFFICE, Agency
from seed.listings import organization_id_of
from seed.names import row_id

#: The same for everybody, and printed at the start: the demo county has nothing to protect.
DEMO_PASSWORD = "openings-demo"  # noqa: S105  (meant to be known)


class DemoLogin(NamedTuple):
    """An account to show someone round with."""

    role: Role
    email: str
    password: str
    agency: str


#: A provider with openings and windows, a coordinator who books there, and the network's office.
DEMO_LOGINS = (
    DemoLogin(Role.PUBLISHER, "provider@lanternfish.example", DEMO_PASSWORD, "Lanternfish Pantry"),
    DemoLogin(
        Role.COORDINATOR, "coordinator@papercrane.example", DEMO_PASSWORD, "The Paper Crane Clinic"
    ),
    DemoLogin(
        Role.ADMINISTRATOR, "administrator@fogbell.example", DEMO_PASSWORD, "Fogbell Network Office"
    ),
)

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
