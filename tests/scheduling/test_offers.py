"""A freed place goes to the first in line whom it fits, and to nobody else in between."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from directory.database import find_rows
from directory.errors import NotFoundError
from directory.tokens import hash_token
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.answers import accept_offer, decline_offer, lapse_offer
from scheduling.commands.appointments import confirm_hold
from scheduling.commands.holds import place_hold, release_hold
from scheduling.commands.offers import GRACE, pass_on
from scheduling.commands.waitlists import leave_waitlist
from scheduling.errors import AgreementEndedError, OfferEndedError, SlotFullError
from scheduling.models import TABLES
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.slots import Slot
from scheduling.models.waitlists import WaitlistKind, WaitlistStatus
from scheduling.models.windows import BookableBy
from scheduling.queries.open_lines import find_slots_to_pass_on
from scheduling.queries.slots import count_places_taken
from scheduling.queries.waitlists import (
    find_lapsed_offers,
    get_entry_by_token,
    get_offer,
    get_offer_of_entry,
)
from tests.conftest import NOON
from tests.scheduling.lining_up import (
    cancel,
    entry_row,
    fill,
    lay_out,
    line_up,
    offers_of,
    reasons,
    statuses,
)

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def own_offer(session: Session, joined: Any) -> Any:
    """The open offer of a person, as their page finds it."""
    entry = get_entry_by_token(session, hash_token(joined.token))
    return get_offer_of_entry(session, entry, offers_of(session, joined)[-1]["id"])


# ------------------------------------------------------------------------------- who gets it


def test_cancelled_place_is_offered_and_is_free_to_nobody_in_between(session: Session) -> None:
    scene = lay_out(session)
    booked = fill(session, scene.slots[0], scene.host)
    first = line_up(session, scene)

    cancel(session, booked, scene.host)

    assert statuses(session, first) == ["open"]
    with pytest.raises(SlotFullError):
        place_hold(session, scene.slots[0], viewer=PUBLIC, now=NOON)


def test_released_hold_is_offered(session: Session) -> None:
    scene = lay_out(session)
    hold = place_hold(session, scene.slots[0], viewer=PUBLIC, now=NOON)
    first = line_up(session, scene)

    release_hold(session, hold["id"], viewer=PUBLIC, now=NOON)

    assert statuses(session, first) == ["open"]


def test_one_person_is_told_and_not_everybody(session: Session) -> None:
    """Other schedulers write to all, and whoever clicks first wins (LibreBooking)."""
    scene = lay_out(session)
    booked = fill(session, scene.slots[0], scene.host)
    line = [line_up(session, scene, now=NOON + n * MINUTE) for n in range(3)]

    cancel(session, booked, scene.host, now=NOON + HOUR)

    assert [statuses(session, each) for each in line] == [["open"], [], []]


def test_priority_comes_before_arrival(session: Session) -> None:
    scene = lay_out(session)
    booked = fill(session, scene.slots[0], scene.host)
    early = line_up(session, scene, scene.host)
    urgent = line_up(session, scene, scene.host, now=NOON + MINUTE, priority=2)

    cancel(session, booked, scene.host, now=NOON + HOUR)

    assert (statuses(session, early), statuses(session, urgent)) == ([], ["open"])


def test_who_is_inside_an_agreement_comes_first(session: Session) -> None:
    scene = lay_out(session)
    booked = fill(session, scene.slots[0], scene.host)
    outside = line_up(session, scene, scene.host, priority=9)
    inside = line_up(session, scene, scene.partner, now=NOON + MINUTE)

    cancel(session, booked, scene.host, now=NOON + HOUR)

    assert (statuses(session, outside), statuses(session, inside)) == ([], ["open"])


def test_agreement_that_does_not_cover_the_day_counts_for_nothing(session: Session) -> None:
    scene = lay_out(session)
    for agreement in session.exec(select(Agreement)):
        agreement.ends_on = date(2030, 6, 3)
    session.flush()
    booked = fill(session, scene.slots[0], scene.host)
    person = line_up(session, scene)
    partner = line_up(session, scene, scene.partner, now=NOON + MINUTE)

    cancel(session, booked, scene.host, now=NOON + HOUR)

    assert (statuses(session, person), statuses(session, partner)) == (["open"], [])


def test_all_places_that_are_free_are_offered_and_no_more(session: Session) -> None:
    """Other schedulers forget that a slot has a capacity (LibreBooking)."""
    scene = lay_out(session, capacity=3)
    booked = fill(session, scene.slots[0], scene.host, places=2)
    fill(session, scene.slots[0], scene.host)
    line = [line_up(session, scene, now=NOON + n * MINUTE) for n in range(3)]

    cancel(session, booked, scene.host, now=NOON + HOUR)

    assert [statuses(session, each) for each in line] == [["open"], ["open"], []]
    assert count_places_taken(session, scene.slots[0], now=NOON + HOUR) == 3


def test_passing_on_twice_does_nothing_more(session: Session) -> None:
    scene = lay_out(session, capacity=2)
    first = line_up(session, scene)

    assert pass_on(session, [scene.slots[0], scene.slots[0]], now=NOON) == 1
    assert pass_on(session, scene.slots[:1], now=NOON) == 0
    assert statuses(session, first) == ["open"]


# ----------------------------------------------------------------------------- what one waits for


@pytest.mark.parametrize("kind", list(WaitlistKind))
def test_every_kind_of_entry_is_offered_what_it_waits_for(
    session: Session, kind: WaitlistKind
) -> None:
    scene = lay_out(session)
    target: dict[str, Any] = {
        WaitlistKind.SERVICE: {"service_id": _service_of(session, scene)},
        WaitlistKind.SERVICE_AT_LOCATION: {},
        WaitlistKind.WINDOW: {"window_id": scene.window_id},
        WaitlistKind.ORGANIZATION: {"host_organization_id": scene.host.organization_id},
        WaitlistKind.NEED: {"need": "food"},  # the pantry's need is a narrower one
        WaitlistKind.DATE: {"window_id": scene.window_id, "event_on": date(2030, 6, 11)},
    }[kind]
    entry = line_up(session, scene, kind=kind, **target)

    pass_on(session, scene.slots, now=NOON)

    days = {scene.slots[0]: date(2030, 6, 4)}
    offered = session.get_one(Slot, offers_of(session, entry)[0]["slot_id"])
    expected = date(2030, 6, 11) if kind is WaitlistKind.DATE else days[scene.slots[0]]
    assert offered.local_date in (expected, *_days(session, scene, kind))


def _days(session: Session, scene: Any, kind: WaitlistKind) -> list[date]:
    """Of several slots that are passed on at once any may come first: they go by id."""
    if kind is WaitlistKind.DATE:
        return []
    return [session.get_one(Slot, slot_id).local_date for slot_id in scene.slots]


@pytest.mark.parametrize("kind", list(WaitlistKind))
def test_no_kind_of_entry_is_offered_anything_else(session: Session, kind: WaitlistKind) -> None:
    scene, other = lay_out(session), lay_out(session)
    target: dict[str, Any] = {
        WaitlistKind.SERVICE: {"service_id": _service_of(session, other)},
        WaitlistKind.SERVICE_AT_LOCATION: {"service_at_location_id": other.offer_id},
        WaitlistKind.WINDOW: {"window_id": other.window_id},
        WaitlistKind.ORGANIZATION: {"host_organization_id": other.host.organization_id},
        WaitlistKind.NEED: {"need": "shelter"},
        WaitlistKind.DATE: {"window_id": scene.window_id, "event_on": date(2030, 6, 11)},
    }[kind]
    entry = line_up(session, scene, kind=kind, **target)

    pass_on(session, scene.slots[:1], now=NOON)

    assert statuses(session, entry) == []
    assert reasons(session, entry) == []  # and was not passed over either


def _service_of(session: Session, scene: Any) -> Any:
    places = TABLES["service_at_location"]
    found = sa.select(places.c.service_id).where(places.c.id == scene.offer_id)
    return session.connection().execute(found).scalar_one()


# ------------------------------------------------------------------------ who is passed over, why


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"earliest_on": date(2030, 6, 5)}, "out-of-dates"),
        ({"latest_on": date(2030, 6, 3)}, "out-of-dates"),
        ({"suits": [{"byday": ["MO", "WE"]}]}, "does-not-suit"),
        ({"suits": [{"opens_at": "13:15"}]}, "does-not-suit"),
        ({"suits": [{"byday": ["TU"], "closes_at": "13:29"}]}, "does-not-suit"),
        ({"places": 2}, "too-many-places"),
    ],
)
def test_whom_it_does_not_fit_is_passed_over_and_the_reason_is_kept(
    session: Session, wish: dict[str, Any], reason: str
) -> None:
    scene = lay_out(session)
    picky, next_one = line_up(session, scene, **wish), line_up(session, scene, now=NOON + MINUTE)

    pass_on(session, scene.slots[:1], now=NOON + HOUR)

    assert (statuses(session, picky), reasons(session, picky)) == ([], [reason])
    assert (statuses(session, next_one), reasons(session, next_one)) == (["open"], [])


@pytest.mark.parametrize(
    "suits",
    [[{"byday": ["TU"], "opens_at": "13:00", "closes_at": "13:30"}], [{"byday": ["FR"]}, {}]],
)
def test_whom_it_suits_to_the_minute_is_offered_it(session: Session, suits: Any) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene, suits=suits)

    pass_on(session, scene.slots[:1], now=NOON)

    assert statuses(session, entry) == ["open"]


def test_place_too_far_away_is_not_offered(session: Session) -> None:
    scene = lay_out(session)  # in Lansing
    far = line_up(session, scene, kind=WaitlistKind.NEED, need="food", near="49503", within_km=50)
    near = line_up(
        session, scene, now=NOON + MINUTE,
        kind=WaitlistKind.NEED, need="food", near="48933", within_km=50,
    )  # fmt: skip

    pass_on(session, scene.slots[:1], now=NOON + HOUR)

    assert (statuses(session, far), reasons(session, far)) == ([], ["too-far"])
    assert statuses(session, near) == ["open"]


def test_what_is_not_open_to_an_agency_is_not_offered_to_it(session: Session) -> None:
    scene = lay_out(session, bookable_by=BookableBy.PARTNERS)
    stranger = line_up(session, scene, scene.stranger)
    person = line_up(session, scene, now=NOON + MINUTE)
    partner = line_up(session, scene, scene.partner, now=NOON + 2 * MINUTE)

    pass_on(session, [scene.slots[1]], now=NOON + HOUR)
    assert statuses(session, partner) == ["open"]
    pass_on(session, [scene.slots[0]], now=NOON + HOUR)

    assert reasons(session, stranger) == ["not-open-to-you"] == reasons(session, person)
    assert reasons(session, partner) == ["has-an-offer"]
    assert [statuses(session, each) for each in (stranger, person)] == [[], []]


def test_client_who_is_somewhere_else_then_is_passed_over(session: Session) -> None:
    scene, elsewhere = lay_out(session), lay_out(session)
    hold = place_hold(session, elsewhere.slots[0], viewer=scene.host, now=NOON)
    handle = confirm_hold(session, hold["id"], viewer=scene.host, now=NOON).appointment[
        "client_handle"
    ]
    busy = line_up(session, scene, scene.host, client_handle=handle)
    namesake = line_up(session, scene, scene.stranger, client_handle=handle, now=NOON + MINUTE)

    pass_on(session, scene.slots[:1], now=NOON)

    assert reasons(session, busy) == ["client-busy"]
    assert statuses(session, namesake) == ["open"]  # a handle means nothing elsewhere


def test_client_with_an_offer_for_the_same_time_is_not_offered_another(session: Session) -> None:
    scene, elsewhere = lay_out(session), lay_out(session)
    one = line_up(session, scene, scene.host, client_handle="7K2M-QX4P")
    two = line_up(session, elsewhere, scene.host, client_handle="7K2M-QX4P")

    pass_on(session, [scene.slots[0], elsewhere.slots[0]], now=NOON)

    assert sorted([statuses(session, one), statuses(session, two)]) == [[], ["open"]]


# ------------------------------------------------------------------------------ what becomes of it


def test_offer_lasts_two_office_hours_of_the_host(session: Session) -> None:
    """NOON in UTC is eight in Detroit on a Monday: the hours begin at nine."""
    scene = lay_out(session)
    entry = line_up(session, scene)

    pass_on(session, scene.slots[:1], now=NOON)

    assert offers_of(session, entry)[0]["expires_at"] == NOON + 3 * HOUR


def test_offer_never_lasts_longer_than_the_slot_can_be_booked(session: Session) -> None:
    scene = lay_out(session, notice_minutes=26 * 60)
    entry = line_up(session, scene)

    pass_on(session, scene.slots[:1], now=NOON)

    (offer,) = offers_of(session, entry)
    assert offer["expires_at"] == session.get_one(Slot, scene.slots[0]).bookable_until


def test_nothing_is_offered_after_the_last_moment_to_book(session: Session) -> None:
    """Other schedulers offer what has begun (LibreBooking; pretix 1031)."""
    scene = lay_out(session)
    entry = line_up(session, scene)
    start = session.get_one(Slot, scene.slots[0]).starts_at

    assert pass_on(session, scene.slots[:1], now=start) == 0
    assert pass_on(session, scene.slots[:1], now=start - MINUTE) == 1
    assert offers_of(session, entry)[0]["expires_at"] == start


def test_accepting_books_and_the_same_link_opens_the_appointment(session: Session) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene)
    pass_on(session, scene.slots[:1], now=NOON)

    booked = accept_offer(session, own_offer(session, entry), viewer=PUBLIC, now=NOON + HOUR)

    assert entry_row(session, entry)["status"] is WaitlistStatus.BOOKED
    (offer,) = offers_of(session, entry)
    assert (offer["status"], offer["appointment_id"]) == ("accepted", booked.appointment["id"])
    table = TABLES["appointment"]
    (row,) = find_rows(session, sa.select(table).where(table.c.id == offer["appointment_id"]))
    assert row["manage_token_hash"] == hash_token(entry.token or "")
    assert row["organization_id"] is None


def test_coordinators_colleague_accepts_for_the_client(session: Session) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene, scene.partner, client_handle="7K2M-QX4P")
    pass_on(session, scene.slots[:1], now=NOON)
    colleague = Viewer(scene.partner.organization_id, None, scene.host.account_id)
    offer = get_offer(session, offers_of(session, entry)[0]["id"], colleague)

    booked = accept_offer(session, offer, viewer=colleague, now=NOON).appointment

    assert booked["client_handle"] == "7K2M-QX4P"
    assert booked["account_id"] == colleague.account_id
    assert booked["agreement_id"] is not None


def test_accepting_twice_is_once(session: Session) -> None:
    scene = lay_out(session, capacity=2)
    entry = line_up(session, scene)
    pass_on(session, scene.slots[:1], now=NOON)

    first = accept_offer(session, own_offer(session, entry), viewer=PUBLIC, now=NOON)
    again = accept_offer(session, own_offer(session, entry), viewer=PUBLIC, now=NOON)

    assert again.appointment["id"] == first.appointment["id"]
    assert count_places_taken(session, scene.slots[0], now=NOON) == 1


@pytest.mark.parametrize("late", [0 * MINUTE, GRACE / 2])
def test_offer_cannot_be_accepted_from_the_moment_it_lapses(
    session: Session, late: timedelta
) -> None:
    """The place is kept a little longer, for the next in line, and not for this one."""
    scene = lay_out(session)
    entry = line_up(session, scene)
    pass_on(session, scene.slots[:1], now=NOON)
    offer = own_offer(session, entry)

    with pytest.raises(OfferEndedError):
        accept_offer(session, offer, viewer=PUBLIC, now=offer["expires_at"] + late)


def test_declined_place_passes_on_and_the_entry_keeps_its_place_in_line(session: Session) -> None:
    scene = lay_out(session)
    first, second = line_up(session, scene), line_up(session, scene, now=NOON + MINUTE)
    pass_on(session, scene.slots[:1], now=NOON)

    decline_offer(session, own_offer(session, first), now=NOON + HOUR)
    assert (statuses(session, first), statuses(session, second)) == (["declined"], ["open"])

    decline_offer(session, own_offer(session, second), now=NOON + HOUR)
    assert statuses(session, first) == ["declined"]  # never the same again
    assert reasons(session, first) == ["had-this-offer"]
    pass_on(session, [scene.slots[1]], now=NOON + HOUR)
    assert statuses(session, first) == ["declined", "open"]  # and still the first


def test_lapsed_place_passes_on_in_line_before_it_is_free_to_anybody(session: Session) -> None:
    scene = lay_out(session)
    first, second = line_up(session, scene), line_up(session, scene, now=NOON + MINUTE)
    pass_on(session, scene.slots[:1], now=NOON)
    (offer,) = offers_of(session, first)
    late = offer["expires_at"] + GRACE / 2

    with pytest.raises(SlotFullError):
        place_hold(session, scene.slots[0], viewer=PUBLIC, now=late)
    assert list(find_lapsed_offers(session, now=late)) == [offer["id"]]
    assert lapse_offer(session, offer["id"], now=late)

    assert (statuses(session, first), statuses(session, second)) == (["lapsed"], ["open"])


def test_without_a_worker_a_lapsed_offer_ends_by_the_clock(session: Session) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene)
    pass_on(session, scene.slots[:1], now=NOON)
    (offer,) = offers_of(session, entry)

    place_hold(session, scene.slots[0], viewer=PUBLIC, now=offer["expires_at"] + GRACE)


def test_job_that_comes_too_late_does_nothing(session: Session) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene)
    pass_on(session, scene.slots[:1], now=NOON)
    (offer,) = offers_of(session, entry)

    assert not lapse_offer(session, offer["id"], now=offer["expires_at"] - MINUTE)
    accept_offer(session, own_offer(session, entry), viewer=PUBLIC, now=NOON)
    assert not lapse_offer(session, offer["id"], now=offer["expires_at"] + HOUR)

    assert statuses(session, entry) == ["accepted"]
    assert count_places_taken(session, scene.slots[0], now=offer["expires_at"] + HOUR) == 1


def test_cancelled_booking_of_one_who_waited_goes_to_the_next_and_not_back(
    session: Session,
) -> None:
    """Elsewhere the old voucher is armed again: the seat is neither free nor offered (pretix)."""
    scene = lay_out(session)
    first, second = line_up(session, scene, scene.host), line_up(session, scene, scene.stranger)
    pass_on(session, scene.slots[:1], now=NOON)
    taken, other = sorted((first, second), key=lambda each: not statuses(session, each))
    owner = scene.host if taken is first else scene.stranger
    offer = get_offer(session, offers_of(session, taken)[0]["id"], owner)
    booked = accept_offer(session, offer, viewer=owner, now=NOON).appointment["id"]

    cancel(session, booked, scene.host, now=NOON + HOUR)

    assert (statuses(session, taken), statuses(session, other)) == (["accepted"], ["open"])
    assert entry_row(session, taken)["status"] is WaitlistStatus.BOOKED
    cancelled = get_offer(
        session,
        offers_of(session, other)[0]["id"],
        scene.stranger if taken is first else scene.host,
    )
    decline_offer(session, cancelled, now=NOON + HOUR)
    place_hold(session, scene.slots[0], viewer=PUBLIC, now=NOON + HOUR)  # and then it is free


def test_who_leaves_lets_their_offer_pass_on(session: Session) -> None:
    scene = lay_out(session)
    first, second = line_up(session, scene), line_up(session, scene, now=NOON + MINUTE)
    pass_on(session, scene.slots[:1], now=NOON)

    leave_waitlist(session, first.id, now=NOON + HOUR)

    assert entry_row(session, first)["status"] is WaitlistStatus.LEFT
    assert (statuses(session, first), statuses(session, second)) == (["withdrawn"], ["open"])


def test_offer_of_a_slot_that_was_withdrawn_is_taken_back(session: Session) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene)
    pass_on(session, scene.slots[:1], now=NOON)
    session.get_one(Slot, scene.slots[0]).withdrawn_at = NOON
    session.flush()

    pass_on(session, scene.slots[:1], now=NOON)

    assert statuses(session, entry) == ["withdrawn"]
    assert entry_row(session, entry)["status"] is WaitlistStatus.WAITING


def test_agreement_is_asked_again_when_accepting(session: Session) -> None:
    scene = lay_out(session, bookable_by=BookableBy.PARTNERS)
    entry = line_up(session, scene, scene.partner)
    pass_on(session, scene.slots[:1], now=NOON)
    for agreement in session.exec(select(Agreement)):
        agreement.status = AgreementStatus.SUSPENDED
    session.flush()
    offer = get_offer(session, offers_of(session, entry)[0]["id"], scene.partner)

    with pytest.raises(AgreementEndedError):
        accept_offer(session, offer, viewer=scene.partner, now=NOON)


def test_offer_is_nobody_elses_to_answer(session: Session) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene, scene.partner)
    pass_on(session, scene.slots[:1], now=NOON)
    (offer,) = offers_of(session, entry)

    for other in (scene.host, scene.stranger, PUBLIC):
        with pytest.raises(NotFoundError):
            get_offer(session, offer["id"], other)


def test_on_the_day_the_host_calls_those_who_wait_for_it(session: Session) -> None:
    scene = lay_out(session)
    event: dict[str, Any] = {
        "kind": WaitlistKind.DATE,
        "window_id": scene.window_id,
        "event_on": date(2030, 6, 4),
    }
    entry = line_up(session, scene, **event)
    pass_on(session, scene.slots[:1], now=NOON)
    offer = get_offer(session, offers_of(session, entry)[0]["id"], scene.host)

    booked = accept_offer(session, offer, viewer=scene.host, now=NOON).appointment

    assert booked["organization_id"] is None  # it is the person's, not the host's
    assert entry_row(session, entry)["status"] is WaitlistStatus.BOOKED


# ------------------------------------------------------------------------------- ticklers, looking


def test_coordinator_is_reminded_before_an_offer_lapses_until_it_is_answered(
    session: Session,
) -> None:
    scene = lay_out(session)
    entry = line_up(session, scene, scene.partner)
    pass_on(session, scene.slots[:1], now=NOON)
    (offer,) = offers_of(session, entry)
    table = TABLES["tickler"]

    (tickler,) = find_rows(session, sa.select(table))
    assert tickler["due_at"] == offer["expires_at"] - timedelta(minutes=30)
    assert (tickler["organization_id"], tickler["kind"]) == (
        scene.partner.organization_id,
        "offer-lapsing",
    )
    decline_offer(session, get_offer(session, offer["id"], scene.partner), now=NOON + HOUR)
    (tickler,) = find_rows(session, sa.select(table))
    assert tickler["done_at"] == NOON + HOUR


def test_place_of_a_lapsed_hold_is_found_for_who_waits(session: Session) -> None:
    scene = lay_out(session)
    for slot_id in scene.slots:
        if slot_id != scene.slots[2]:
            fill(session, slot_id, scene.host)
    place_hold(session, scene.slots[2], viewer=PUBLIC, now=NOON)
    line_up(session, scene)
    line_up(session, scene, suits=[{"byday": ["FR"]}])

    assert list(find_slots_to_pass_on(session, now=NOON)) == []
    assert list(find_slots_to_pass_on(session, now=NOON + 10 * MINUTE)) == [scene.slots[2]]
