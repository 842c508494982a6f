"""T01: nobody keeps so many times that nothing is left for others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from directory.database import Database
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.hold_limits import HoldLimits
from scheduling.commands.holds import forget_lapsed_holds, place_hold, release_hold
from scheduling.errors import HeldBeforeError, TooManyHoldsError
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_viewer, make_window

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Scene:
    """A service with twelve slots of twenty places, and an agency with two people and a key."""

    def __init__(self, session: Session) -> None:
        self.session = session
        offer = make_offer(session)
        make_window(session, offer, capacity=20)
        rows = find_bookable_slots(session, PUBLIC, now=NOON, service_at_location_ids=[offer.id])
        self.slots = [row["id"] for row in rows]
        agency = make_organization(session, "Moonbeam Desk")
        self.one = make_viewer(session, agency)
        elsewhere = make_viewer(session, make_organization(session, "Heron House"))
        self.other = Viewer(agency.id, None, elsewhere.account_id)
        self.software = Viewer(agency.id)
        self.stranger = elsewhere

    def hold(self, slot: UUID, viewer: Viewer, now: Any = NOON, **more: Any) -> UUID:
        hold: UUID = place_hold(self.session, slot, viewer=viewer, now=now, **more)["id"]
        return hold


@pytest.fixture
def scene(session: Session) -> Scene:
    return Scene(session)


def test_t01_one_person_keeps_three_times_of_a_service(scene: Scene) -> None:
    kept = [scene.hold(slot, scene.one) for slot in scene.slots[:3]]

    with pytest.raises(TooManyHoldsError):
        scene.hold(scene.slots[3], scene.one)
    scene.hold(scene.slots[3], scene.other)
    release_hold(scene.session, kept[0], viewer=scene.one, now=NOON)
    scene.hold(scene.slots[3], scene.one)


def test_t01_one_agency_keeps_ten_and_others_still_book(scene: Scene) -> None:
    for slot in scene.slots[:10]:
        scene.hold(slot, scene.software)

    for viewer in (scene.software, scene.one):
        with pytest.raises(TooManyHoldsError):
            scene.hold(scene.slots[10], viewer)
    scene.hold(scene.slots[10], scene.stranger)
    scene.hold(scene.slots[10], PUBLIC)


def test_what_was_booked_or_has_lapsed_does_not_count(scene: Scene) -> None:
    for slot in scene.slots[:3]:
        hold = scene.hold(slot, scene.one)
        confirm_hold(scene.session, hold, viewer=scene.one, now=NOON)
    for slot in scene.slots[3:6]:
        scene.hold(slot, scene.one)

    scene.hold(scene.slots[6], scene.one, NOON + 10 * MINUTE)


def test_limit_counts_for_each_service_alone(scene: Scene) -> None:
    for slot in scene.slots[:3]:
        scene.hold(slot, scene.one)
    offer = make_offer(scene.session, name="Another service")
    make_window(scene.session, offer)
    found = find_bookable_slots(scene.session, PUBLIC, now=NOON, service_at_location_ids=[offer.id])

    scene.hold(found[0]["id"], scene.one)


def test_installation_says_how_many(scene: Scene) -> None:
    scene.hold(scene.slots[0], scene.one, limits=HoldLimits(1, 0))

    with pytest.raises(TooManyHoldsError):
        scene.hold(scene.slots[1], scene.one, limits=HoldLimits(1, 0))
    for slot in scene.slots:
        scene.hold(slot, scene.software, limits=HoldLimits(0, 0))


def test_t01_time_that_one_let_lapse_can_be_kept_again_ten_minutes_later(scene: Scene) -> None:
    slot = scene.slots[0]
    scene.hold(slot, scene.one)
    lapsed = NOON + 10 * MINUTE

    for now in (lapsed, lapsed + 10 * MINUTE - SECOND):
        with pytest.raises(HeldBeforeError):
            scene.hold(slot, scene.one, now)
    scene.hold(slot, scene.other, lapsed)
    scene.hold(scene.slots[1], scene.one, lapsed)
    scene.hold(slot, scene.one, lapsed + 10 * MINUTE)


def test_tidying_does_not_forget_who_let_a_time_lapse(scene: Scene) -> None:
    scene.hold(scene.slots[0], scene.one)
    lapsed = NOON + 10 * MINUTE

    assert forget_lapsed_holds(scene.session, now=lapsed) == 0
    with pytest.raises(HeldBeforeError):
        scene.hold(scene.slots[0], scene.one, lapsed)
    assert forget_lapsed_holds(scene.session, now=lapsed + timedelta(days=1)) == 1


def test_released_hold_is_not_held_against_anybody(scene: Scene) -> None:
    hold = scene.hold(scene.slots[0], scene.one)
    release_hold(scene.session, hold, viewer=scene.one, now=NOON)

    scene.hold(scene.slots[0], scene.one, NOON + 10 * MINUTE)


def test_t05_no_number_of_requests_at_once_passes_the_limit(database: Database) -> None:
    """In different slots: their locks alone would let all of them pass."""
    with database.transaction() as session:
        scene = Scene(session)

    def try_to_hold(slot: UUID) -> bool:
        try:
            with database.transaction() as session:
                place_hold(session, slot, viewer=scene.software, now=NOON, limits=HoldLimits(0, 3))
        except TooManyHoldsError:
            return False
        return True

    with ThreadPoolExecutor(8) as callers:
        assert sum(callers.map(try_to_hold, scene.slots[:8])) == 3


def test_t01_limits_of_the_installation_hold_unless_others_are_given(scene: Scene) -> None:
    scene.session.info["hold_limits"] = HoldLimits(1, 0)
    scene.hold(scene.slots[0], scene.one)

    with pytest.raises(TooManyHoldsError):
        scene.hold(scene.slots[1], scene.one)
    scene.hold(scene.slots[1], scene.one, limits=HoldLimits(2, 0))
