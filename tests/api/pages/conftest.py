"""A host with a window for its partner, and an appointment between the two."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session

from directory.database import Database
from directory.models.accounts import Role
from directory.viewer import Viewer
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
    sign_in,
)


@dataclass
class Scene:
    """Tuesdays from June 4, 1 pm to 3 pm in Detroit, half hours, two places each.

    The appointment is on the first Tuesday at 1 pm: 29 hours from NOON.
    """

    host: UUID
    partner: UUID
    stranger: UUID
    offer: UUID
    window: UUID
    slots: list[UUID]
    appointment: UUID
    code: str
    client: TestClient[Litestar]
    database: Database

    def set_clock(self, now: datetime) -> None:
        self.client.app.state.clock = lambda: now

    def sign_in(self, whose: UUID, role: Role) -> Viewer:
        return sign_in(self.client, whose, role)


def book(session: Session, slot: UUID, viewer: Viewer) -> tuple[UUID, str]:
    hold = place_hold(session, slot, viewer=viewer, now=NOON)
    row = confirm_hold(session, hold["id"], viewer=viewer, now=NOON).appointment
    return row["id"], row["code"]


@pytest.fixture
def scene(database: Database, client: TestClient[Litestar]) -> Scene:
    with database.transaction() as session:
        host = make_organization(session, "Lanternfish Pantry")
        partner = make_organization(session, "Moonbeam Desk")
        stranger = make_organization(session, "No Agreement Inc.")
        make_agreement(session, host.id, partner.id)
        offer = make_offer(session, organization=host)
        window = make_window(
            session,
            offer,
            capacity=2,
            cancel_cutoff_minutes=24 * 60,
            bookable_by=BookableBy.PARTNERS,
            partner_organization_ids=(partner.id,),
            documents=("Photo ID",),
        )
        coordinator = make_viewer(session, partner)
        slots = [row["id"] for row in find_bookable_slots(session, coordinator, now=NOON)]
        appointment, code = book(session, slots[0], coordinator)
        return Scene(
            host.id, partner.id, stranger.id, offer.id, window.id, slots, appointment, code,
            client, database,
        )  # fmt: skip
