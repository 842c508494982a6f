"""The accounts that the demo tells people of."""

from typing import NamedTuple

from directory.models.accounts import Role

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
