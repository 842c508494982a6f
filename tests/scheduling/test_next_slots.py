"""The next bookable time beside a search result is the first one the listing shows (I8)."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from directory.models.accounts import Role
from directory.models.services import ServiceAtLocation
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.holds import place_hold
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import find_bookable_slots, find_next_slots
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)


class Scene:
    """One host with four places, whose windows are open to different people."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.host, partner, stranger = (
            make_organization(session, name) for name in ("Host", "Partner", "Stranger")
        )
        make_agreement(session, self.host.id, partner.id, ends_on=date(2030, 6, 11))
        self.viewers = {
            "public": PUBLIC,
            "partner": make_viewer(session, partner),
            "stranger": make_viewer(session, stranger),
            "host": Viewer(self.host.id, Role.PUBLISHER),
        }
        self.places = [make_offer(session, organization=self.host) for _ in range(4)]
        everybody, partners, own, _nothing = self.places
        self.open_window(everybody, BookableBy.PUBLIC)
        self.open_window(everybody, BookableBy.PARTNERS, starts_on=date(2030, 6, 3), byday=("MO",))
        self.open_window(partners, BookableBy.PARTNERS, notice_minutes=24 * 60, capacity=2)
        self.open_window(own, BookableBy.OWN, horizon_days=7)

    def open_window(self, place: ServiceAtLocation, bookable_by: BookableBy, **terms: Any) -> None:
        make_window(self.session, place, bookable_by=bookable_by, **terms)


@pytest.mark.parametrize("who", ["public", "partner", "stranger", "host"])
def test_next_slot_of_each_place_is_the_first_that_is_listed(session: Session, who: str) -> None:
    scene = Scene(session)
    viewer = scene.viewers[who]
    ids = [place.id for place in scene.places]

    for hours in (0, 1, 6, 24, 30, 24 * 8, 24 * 14, 24 * 40):
        now = NOON + timedelta(hours=hours)
        following = find_next_slots(session, viewer, ids, now=now)
        listed = find_bookable_slots(session, viewer, now=now)
        first = {row["service_at_location_id"]: row["id"] for row in reversed(listed)}
        assert {place: row["id"] for place, row in following.items()} == first


def test_scene_shows_each_viewer_something_else(session: Session) -> None:
    scene = Scene(session)
    ids = [place.id for place in scene.places]

    shown = {
        who: len(find_next_slots(session, viewer, ids, now=NOON))
        for who, viewer in scene.viewers.items()
    }

    assert shown == {"public": 1, "partner": 2, "stranger": 1, "host": 3}


def test_next_slot_moves_on_when_the_first_is_taken_and_back_when_the_hold_lapses(
    session: Session,
) -> None:
    place = make_offer(session)
    make_window(session, place)
    first, second = find_bookable_slots(session, PUBLIC, now=NOON, limit=2)
    hold = place_hold(session, first["id"], viewer=PUBLIC, now=NOON)

    held = find_next_slots(session, PUBLIC, [place.id], now=NOON)
    lapsed = find_next_slots(session, PUBLIC, [place.id], now=hold["expires_at"])

    assert held[place.id]["id"] == second["id"]
    assert lapsed[place.id]["id"] == first["id"]
