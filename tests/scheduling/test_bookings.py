from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, select

from directory.database import Database
from directory.errors import NotFoundError
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.appointments import (
    cancel_appointment,
    cancel_own_appointment,
    confirm_hold,
)
from scheduling.commands.holds import forget_lapsed_holds, place_hold, release_hold
from scheduling.errors import (
    AgreementEndedError,
    AppointmentFinalError,
    CancelTooLateError,
    HoldExpiredError,
    SlotClosedError,
    SlotFullError,
)
from scheduling.models.agreements import AgreementStatus
from scheduling.models.slots import Slot
from scheduling.models.windows import BookableBy
from scheduling.queries.slots import count_places_taken, find_bookable_slots
from tests.conftest import NOON
from tests.factories import (
    TEN_MINUTES,
    make_agreement,
    make_offer,
    make_organization,
    make_slot,
    make_viewer,
    make_window,
)

SECOND = timedelta(seconds=1)


def hold_and_confirm(session: Session, slot_id: Any, viewer: Viewer = PUBLIC) -> Any:
    hold = place_hold(session, slot_id, viewer=viewer, now=NOON)
    return confirm_hold(session, hold["id"], viewer=viewer, now=NOON)


def test_hold_lasts_ten_minutes(session: Session) -> None:
    hold = place_hold(session, make_slot(session), viewer=PUBLIC, now=NOON)

    assert hold["expires_at"] == NOON + TEN_MINUTES


def test_full_slot_cannot_be_held(session: Session) -> None:
    slot = make_slot(session)
    place_hold(session, slot, viewer=PUBLIC, now=NOON)

    with pytest.raises(SlotFullError):
        place_hold(session, slot, viewer=PUBLIC, now=NOON)


@pytest.mark.parametrize("role", Role)
def test_host_gets_no_place_that_is_not_there(session: Session, role: Role) -> None:
    window = make_window(session)
    slot = find_bookable_slots(session, PUBLIC, now=NOON)[0]["id"]
    hold_and_confirm(session, slot)

    with pytest.raises(SlotFullError):
        place_hold(session, slot, viewer=Viewer(window.organization_id, role), now=NOON)


def test_lapsed_hold_frees_its_place_without_any_job(session: Session) -> None:
    slot = make_slot(session)
    hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)

    place_hold(session, slot, viewer=PUBLIC, now=hold["expires_at"])


def test_clearing_away_what_lapsed_leaves_live_holds(session: Session) -> None:
    slot = make_slot(session, capacity=2)
    lapsed = place_hold(session, slot, viewer=PUBLIC, now=NOON)
    live = place_hold(session, slot, viewer=PUBLIC, now=NOON + SECOND)
    place_hold(session, slot, viewer=PUBLIC, now=lapsed["expires_at"])

    confirm_hold(session, live["id"], viewer=PUBLIC, now=lapsed["expires_at"])


def test_slot_is_closed_once_it_has_started(session: Session) -> None:
    slot = make_slot(session)

    with pytest.raises(SlotClosedError):
        place_hold(session, slot, viewer=PUBLIC, now=NOON + timedelta(days=1, hours=5))


def test_family_of_four_takes_four_places_or_none(session: Session) -> None:
    slot = make_slot(session, capacity=5)
    place_hold(session, slot, viewer=PUBLIC, now=NOON, wanted=4)

    with pytest.raises(SlotFullError):
        place_hold(session, slot, viewer=PUBLIC, now=NOON, wanted=2)
    assert count_places_taken(session, slot, now=NOON) == 4


def test_confirming_keeps_the_place(session: Session) -> None:
    slot = make_slot(session)
    hold_and_confirm(session, slot)

    assert count_places_taken(session, slot, now=NOON + timedelta(hours=1)) == 1


def test_lapsed_hold_cannot_be_confirmed(session: Session) -> None:
    hold = place_hold(session, make_slot(session), viewer=PUBLIC, now=NOON)

    with pytest.raises(HoldExpiredError):
        confirm_hold(session, hold["id"], viewer=PUBLIC, now=hold["expires_at"])


def test_late_confirmation_cannot_take_a_place_given_away_meanwhile(session: Session) -> None:
    slot = make_slot(session)
    lapsed = place_hold(session, slot, viewer=PUBLIC, now=NOON)
    place_hold(session, slot, viewer=PUBLIC, now=lapsed["expires_at"])
    read_before_waiting_for_the_lock = lapsed["expires_at"] - SECOND

    with pytest.raises(HoldExpiredError):
        confirm_hold(session, lapsed["id"], viewer=PUBLIC, now=read_before_waiting_for_the_lock)


def test_hold_of_another_does_not_exist(session: Session) -> None:
    slot = make_slot(session)
    hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)
    stranger = make_viewer(session, make_organization(session, "Somebody Else"))

    with pytest.raises(NotFoundError):
        confirm_hold(session, hold["id"], viewer=stranger, now=NOON)
    with pytest.raises(NotFoundError):
        release_hold(session, hold["id"], viewer=stranger, now=NOON)


def test_released_hold_frees_its_place_at_once(session: Session) -> None:
    slot = make_slot(session)
    hold = place_hold(session, slot, viewer=PUBLIC, now=NOON)

    release_hold(session, hold["id"], viewer=PUBLIC, now=NOON)

    place_hold(session, slot, viewer=PUBLIC, now=NOON)


def test_releasing_while_confirming_ends_one_way_or_the_other(database: Database) -> None:
    """Both write the hold and its places; in one order, or they could wait for each other."""

    def try_to(step: Callable[[Session], object]) -> bool:
        try:
            with database.transaction() as session:
                step(session)
        except (NotFoundError, HoldExpiredError):
            return False
        return True

    with database.transaction() as session:
        slot_id = make_slot(session, capacity=8)
    for _ in range(8):
        with database.transaction() as session:
            hold = place_hold(session, slot_id, viewer=PUBLIC, now=NOON)["id"]
        steps: list[Callable[[Session], object]] = [
            partial(confirm_hold, hold_id=hold, viewer=PUBLIC, now=NOON),
            partial(release_hold, hold_id=hold, viewer=PUBLIC, now=NOON),
        ]
        with ThreadPoolExecutor(2) as callers:
            done = list(callers.map(try_to, steps))
        assert sum(done) == 1


def test_cancelling_frees_the_place_once_however_often_it_is_done(session: Session) -> None:
    slot = make_slot(session, capacity=2)
    first = hold_and_confirm(session, slot)
    hold_and_confirm(session, slot)
    assert first.manage_token is not None

    once = cancel_own_appointment(session, first.manage_token, now=NOON)
    twice = cancel_own_appointment(session, first.manage_token, now=NOON)

    assert (once["status"], once["sequence"]) == (twice["status"], twice["sequence"])
    assert count_places_taken(session, slot, now=NOON) == 1


def test_person_cannot_cancel_after_the_cut_off_but_the_host_can(session: Session) -> None:
    slot = make_slot(session, cancel_cutoff_minutes=24 * 60)
    booked = hold_and_confirm(session, slot)
    assert booked.manage_token is not None
    late = booked.appointment["starts_at"] - timedelta(hours=23)
    host = Viewer(booked.appointment["host_organization_id"], Role.PUBLISHER)

    with pytest.raises(CancelTooLateError):
        cancel_own_appointment(session, booked.manage_token, now=late)
    cancelled = cancel_appointment(
        session, booked.appointment["id"], viewer=host, now=late, reason="host-closed"
    )

    assert cancelled["cancelled_by"] == "host"


def test_past_appointment_cannot_be_cancelled(session: Session) -> None:
    booked = hold_and_confirm(session, make_slot(session))
    host = Viewer(booked.appointment["host_organization_id"], Role.PUBLISHER)

    with pytest.raises(AppointmentFinalError):
        cancel_appointment(
            session,
            booked.appointment["id"],
            viewer=host,
            now=booked.appointment["starts_at"],
            reason="mistake",
        )


def test_tidying_forgets_lapsed_holds_and_no_others(session: Session) -> None:
    slot = make_slot(session, capacity=2)
    place_hold(session, slot, viewer=PUBLIC, now=NOON)
    place_hold(session, slot, viewer=PUBLIC, now=NOON + SECOND)

    a_day_later = NOON + TEN_MINUTES + timedelta(days=1)
    assert forget_lapsed_holds(session, now=NOON + TEN_MINUTES) == 0
    assert count_places_taken(session, slot, now=NOON + TEN_MINUTES) == 1
    assert forget_lapsed_holds(session, now=a_day_later) == 1


class Partners:
    """A host with a window for partners, and a partner under an agreement."""

    def __init__(self, session: Session, **terms: Any) -> None:
        self.session = session
        self.host = make_organization(session, "The Paper Crane Clinic")
        self.partner = make_organization(session, "Moonbeam Desk")
        self.agreement = make_agreement(session, self.host.id, self.partner.id)
        self.coordinator = make_viewer(session, self.partner)
        self.window = make_window(
            session,
            make_offer(session, organization=self.host),
            bookable_by=BookableBy.PARTNERS,
            **terms,
        )

    def seen_by(self, viewer: Viewer) -> int:
        return len(find_bookable_slots(self.session, viewer, now=NOON))


def test_partner_under_an_agreement_sees_and_books_what_others_cannot(session: Session) -> None:
    scene = Partners(session)
    stranger = make_viewer(session, make_organization(session, "No Agreement Inc."))
    slot = find_bookable_slots(session, scene.coordinator, now=NOON)[0]["id"]

    booked = hold_and_confirm(session, slot, scene.coordinator)

    assert booked.appointment["agreement_id"] == scene.agreement.id
    assert scene.seen_by(stranger) == scene.seen_by(PUBLIC) == 0
    for viewer in (stranger, PUBLIC):
        with pytest.raises(NotFoundError):
            place_hold(session, slot, viewer=viewer, now=NOON)


def test_window_kept_for_a_named_partner_is_closed_to_the_others(session: Session) -> None:
    scene = Partners(session)
    other = make_organization(session, "Another Partner")
    make_agreement(session, scene.host.id, other.id)
    offer = make_offer(session, organization=scene.host)
    make_window(
        session,
        offer,
        bookable_by=BookableBy.PARTNERS,
        partner_organization_ids=(other.id,),
    )

    def seen(viewer: Viewer) -> int:
        ids = [offer.id]
        return len(find_bookable_slots(session, viewer, now=NOON, service_at_location_ids=ids))

    assert seen(scene.coordinator) == 0
    assert seen(make_viewer(session, other)) == 12


@pytest.mark.parametrize("status", [s for s in AgreementStatus if s != AgreementStatus.ACTIVE])
def test_only_an_active_agreement_opens_the_window(
    session: Session, status: AgreementStatus
) -> None:
    scene = Partners(session)
    scene.agreement.status = status
    session.flush()

    assert scene.seen_by(scene.coordinator) == 0


def test_agreement_covers_only_slots_within_its_dates(session: Session) -> None:
    scene = Partners(session)
    all_of_them = scene.seen_by(scene.coordinator)
    scene.agreement.ends_on = scene.window.starts_on
    session.flush()

    assert all_of_them == 12  # three Tuesdays
    assert scene.seen_by(scene.coordinator) == 4


def test_agreement_that_ends_between_hold_and_confirm_stops_the_booking(session: Session) -> None:
    scene = Partners(session)
    slot = find_bookable_slots(session, scene.coordinator, now=NOON)[0]["id"]
    hold = place_hold(session, slot, viewer=scene.coordinator, now=NOON)
    scene.agreement.status = AgreementStatus.ENDED
    session.flush()

    with pytest.raises(AgreementEndedError):
        confirm_hold(session, hold["id"], viewer=scene.coordinator, now=NOON)


def test_what_is_listed_can_be_booked_and_the_reverse(session: Session) -> None:
    scene = Partners(session, capacity=2)
    make_window(session, make_offer(session, organization=scene.host), starts_on=NOON.date())
    every_slot = session.exec(select(Slot.id)).all()

    for viewer in (PUBLIC, scene.coordinator, Viewer(scene.host.id, Role.PUBLISHER)):
        listed = {row["id"] for row in find_bookable_slots(session, viewer, now=NOON)}
        bookable = set()
        for slot_id in every_slot:
            try:
                hold = place_hold(session, slot_id, viewer=viewer, now=NOON)
            except NotFoundError:
                continue
            release_hold(session, hold["id"], viewer=viewer, now=NOON)
            bookable.add(slot_id)
        assert listed == bookable


def test_last_place_goes_to_one_of_eight_callers(database: Database) -> None:
    with database.transaction() as session:
        slot_id = make_slot(session)

    def try_to_hold(_: int) -> bool:
        try:
            with database.transaction() as session:
                place_hold(session, slot_id, viewer=PUBLIC, now=NOON)
        except SlotFullError:
            return False
        return True

    with ThreadPoolExecutor(8) as callers:
        assert sum(callers.map(try_to_hold, range(8))) == 1
