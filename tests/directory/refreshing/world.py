"""A small directory, and what a case is."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.index import find_stale_services, refresh_services
from directory.models.accounts import Role
from directory.models.contacts import Phone
from directory.models.locations import Address, Location
from directory.models.services import Service
from directory.offers import services
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_viewer, weekly


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """An agency with Soup in its Hall, a Help line that is nowhere, and an Annex to the west of it.

    Another agency, which nothing should happen to, gives Bread.
    """

    session: Session
    folder: Path
    publisher: Viewer
    administrator: Viewer
    agency: UUID
    hall: UUID
    annex: UUID
    soup: UUID
    soup_in_the_hall: UUID
    line: UUID
    other_agency: UUID
    bread: UUID

    def stale(self) -> set[str]:
        """The names of the services whose search rows differ from their records."""
        stale = find_stale_services(self.session, now=NOON)
        named = sa.select(services.c.name).where(services.c.id.in_(stale))
        return {row["name"] for row in find_rows(self.session, named)}


#: What is before the ``yield`` has to have happened before; what is after it is the case.
Happening = Callable[[World], Iterator[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """Something that happens to a directory, by a command.

    ``refreshed_by`` is the module that makes the rows anew, by the name ``refresh_services``;
    ``stale`` are the services whose rows would be wrong if it did not. Nobody makes any where
    the command changes nothing that a row is made from.
    """

    command: Callable[..., Any]
    refreshed_by: ModuleType | None
    happening: Happening
    stale: Collection[str] = ()

    @property
    def name(self) -> str:
        return self.happening.__name__.replace("_", " ")


def make_world(session: Session, folder: Path) -> World:
    agency = make_organization(session, "Lanternfish Pantry")
    soup = make_offer(
        session,
        name="Soup",
        organization=agency,
        hours=[weekly("MO", time(6), time(18))],
        needs=["food"],
        minimum_age=16,
    )
    hall = session.get_one(Location, soup.location_id)
    annex = Location(name="Annex", timezone="America/Chicago")
    line = Service(organization_id=agency.id, name="Help line")
    session.add_all([annex, line])
    session.flush()
    hall.organization_id = annex.organization_id = agency.id
    session.add(Address(location_id=hall.id, address_1="1 Lantern Way", postal_code="48933"))
    session.add(Phone(organization_id=agency.id, number="517-555-0100"))
    other = make_organization(session, "Heron House")
    bread = make_offer(session, name="Bread", organization=other)
    refresh_services(session, [soup.service_id, line.id, bread.service_id], now=NOON)
    office = make_organization(session, "The Network")
    return World(
        session=session,
        folder=folder,
        publisher=make_viewer(session, agency, Role.PUBLISHER),
        administrator=make_viewer(session, office, Role.ADMINISTRATOR),
        agency=agency.id,
        hall=hall.id,
        annex=annex.id,
        soup=soup.service_id,
        soup_in_the_hall=soup.id,
        line=line.id,
        other_agency=other.id,
        bread=bread.service_id,
    )
