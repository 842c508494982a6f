"""What an allotment grants, what it keeps from others, and when it lets go."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.errors import NotFoundError
from directory.models.accounts import Role
from directory.models.services import Service
from directory.viewer import PUBLIC, Viewer
from scheduling.commands.allotments import cover_slots, note_refusal
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold, release_hold
from scheduling.commands.places import allotment_places, take_places
from scheduling.commands.windows import roll_window
from scheduling.errors import AgreementEndedError, AllotmentUsedError, SlotFullError
from scheduling.models import TABLES
from scheduling.models.agreements import (
    Agreement,
    AgreementStatus,
    ConsortiumMember,
    MemberStatus,
)
from scheduling.models.windows import AvailabilityWindow, BookableBy
from scheduling.queries.slots import find_bookable_slots
from tests.conftest import NOON
from tests.factories import (
    TEN_MINUTES,
    make_agreement,
    make_allotment,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


class Scene:
    """A host with a window of four slots each Tuesday, one place each, and two partners."""

    def __init__(self, session: Session, **terms: Any) -> None:
        self.session = session
        self.host = make_organization(session, "Host")
        self.partner = make_organization(session, "Partner")
        self.other = make_organization(session, "Other")
        self.offer = make_offer(session, organization=self.host)
        terms = {"bookable_by": BookableBy.PARTNERS, "horizon_days": 14, **terms}
        self.window: AvailabilityWindow = make_window(session, self.offer, **terms)
        self.agreement: Agreement = make_agreement(session, self.host.id, self.partner.id)
        make_agreement(session, self.host.id, self.other.id)
        self.ours = make_viewer(session, self.partner)
        self.theirs = make_viewer(session, self.other)
        self.own = Viewer(self.host.id, Role.PUBLISHER)

    def grant(self, places: int, **scope: Any) -> None:
        scope = scope or {"windows": [self.window]}
        make_allotment(self.session, self.agreement, places, **scope)

    def slots(self, viewer: Viewer, now: datetime = NOON) -> list[Any]:
        return list(find_bookable_slots(self.session, viewer, now=now))

    def hold(self, viewer: Viewer, slot_id: UUID, now: datetime = NOON, wanted: int = 1) -> Any:
        return place_hold(self.session, slot_id, viewer=viewer, now=now, wanted=wanted)

    def book(self, viewer: Viewer, slot_id: UUID, now: datetime = NOON) -> Any:
        hold = self.hold(viewer, slot_id, now)
        booked = confirm_hold(self.session, hold["id"], viewer=viewer, now=now)
        return booked.appointment

    def used(self) -> list[tuple[date, int]]:
        rows = self.session.connection().execute(
            sa.select(allotment_places.c.week_on, allotment_places.c.number).order_by(
                allotment_places.c.week_on, allotment_places.c.number
            )
        )
        return [(week, number) for week, number in rows]


FIRST, SECOND = date(2030, 6, 3), date(2030, 6, 10)


@pytest.fixture
def scene(session: Session) -> Scene:
    return Scene(session)


def test_without_allotments_partners_book_without_limit(scene: Scene) -> None:
    for slot in scene.slots(scene.ours):
        booked = scene.book(scene.ours, slot["id"])
        assert (booked["agreement_id"], booked["allotment_id"]) == (scene.agreement.id, None)

    assert scene.used() == []


def test_each_booking_takes_a_numbered_place_of_its_week(scene: Scene) -> None:
    scene.grant(2)
    listed = scene.slots(scene.ours)
    assert {row["places_left"] for row in listed} == {1}

    scene.book(scene.ours, listed[0]["id"])
    scene.hold(scene.ours, listed[1]["id"])
    scene.book(scene.ours, listed[4]["id"])

    assert scene.used() == [(FIRST, 1), (FIRST, 2), (SECOND, 1)]
    assert [row["local_date"] for row in scene.slots(scene.ours)] == [date(2030, 6, 11)] * 3


def test_a_used_up_allotment_is_said_and_noted(scene: Scene) -> None:
    scene.grant(1)
    first, second = scene.slots(scene.ours)[:2]
    scene.book(scene.ours, first["id"])

    with pytest.raises(AllotmentUsedError) as refused:
        scene.hold(scene.ours, second["id"])
    note_refusal(scene.session, refused.value, now=NOON)

    noted = scene.session.connection().execute(sa.select(TABLES["allotment_refusal"])).one()
    assert (noted.week_on, noted.organization_id, noted.at) == (FIRST, scene.partner.id, NOON)


def test_whoever_counts_wrong_gets_no_place_of_a_week_that_is_used_up(scene: Scene) -> None:
    scene.grant(1)
    first, second = scene.slots(scene.ours)[:2]
    used = scene.book(scene.ours, first["id"])
    miscounted = {**second, "allotment_id": used["allotment_id"]}

    with pytest.raises(SlotFullError):
        take_places(scene.session, miscounted, 1, now=NOON, holder={"appointment_id": used["id"]})


def test_a_full_slot_is_full_whatever_the_allotment(scene: Scene) -> None:
    scene.grant(1)
    first = scene.slots(scene.ours)[0]["id"]
    scene.book(scene.ours, first)

    with pytest.raises(SlotFullError):
        scene.hold(scene.ours, first)


def test_the_number_is_pooled_over_windows_and_services(session: Session) -> None:
    scene = Scene(session)
    second = make_window(
        session, scene.offer, bookable_by=BookableBy.PARTNERS, opens_at=time(9), closes_at=time(10)
    )
    service = session.get_one(Service, scene.offer.service_id).id
    scene.grant(2, services=[service])
    listed = scene.slots(scene.ours)
    in_first = next(row["id"] for row in listed if row["window_id"] == scene.window.id)
    in_second = next(row["id"] for row in listed if row["window_id"] == second.id)

    scene.book(scene.ours, in_first)
    scene.book(scene.ours, in_second)

    assert scene.used() == [(FIRST, 1), (FIRST, 2)]
    assert date(2030, 6, 4) not in {row["local_date"] for row in scene.slots(scene.ours)}


def test_an_agreement_with_allotments_opens_only_what_they_name(session: Session) -> None:
    scene = Scene(session)
    elsewhere = make_window(session, scene.offer, bookable_by=BookableBy.PARTNERS, opens_at=time(9))
    scene.grant(2)

    assert {row["window_id"] for row in scene.slots(scene.ours)} == {scene.window.id}
    outside = next(r["id"] for r in scene.slots(scene.theirs) if r["window_id"] == elsewhere.id)
    with pytest.raises(NotFoundError):
        scene.hold(scene.ours, outside)


def test_slots_that_are_rolled_later_are_covered_too(scene: Scene) -> None:
    scene.grant(1)
    later = NOON + 2 * WEEK

    roll_window(scene.session, scene.window, now=later)

    assert len(scene.slots(scene.ours, later)) == 8
    assert cover_slots(scene.session, scene.window.id) == 0  # once is enough


@pytest.mark.parametrize("who", ["theirs", "own"])
def test_unused_places_are_kept_from_everybody_else(scene: Scene, who: str) -> None:
    scene.grant(3)
    other = getattr(scene, who)
    first, second, *_ = scene.slots(other)

    scene.hold(other, first["id"])

    assert {row["local_date"] for row in scene.slots(other)} == {date(2030, 6, 11)}
    with pytest.raises(SlotFullError):
        scene.hold(other, second["id"])
    scene.hold(scene.ours, second["id"])  # what is kept is there to have
    assert {row["local_date"] for row in scene.slots(scene.ours)} >= {date(2030, 6, 4)}


def test_the_public_cannot_take_what_is_kept(session: Session) -> None:
    scene = Scene(session, bookable_by=BookableBy.PUBLIC)
    scene.grant(3)
    first, second = scene.slots(PUBLIC)[:2]

    scene.hold(PUBLIC, first["id"])

    with pytest.raises(SlotFullError):
        scene.hold(PUBLIC, second["id"])
    for row in scene.slots(scene.ours)[:3]:
        scene.book(scene.ours, row["id"])
    assert scene.used() == [(FIRST, 1), (FIRST, 2), (FIRST, 3)]


def test_places_left_are_those_that_may_be_taken(session: Session) -> None:
    scene = Scene(session, capacity=5)
    scene.grant(18)

    assert {r["places_left"] for r in scene.slots(scene.theirs)} == {2}
    assert {r["places_left"] for r in scene.slots(scene.ours)} == {5}
    first = scene.slots(scene.theirs)[0]["id"]
    with pytest.raises(SlotFullError):
        scene.hold(scene.theirs, first, wanted=3)
    scene.hold(scene.theirs, first, wanted=2)


def test_released_places_are_for_everyone_and_are_not_counted(scene: Scene) -> None:
    scene.grant(4, windows=[scene.window], release_minutes=60)
    tuesday = scene.slots(scene.ours)[0]["starts_at"]
    assert [r["starts_at"] for r in scene.slots(scene.theirs, tuesday - HOUR)][:1] == [tuesday]
    assert tuesday not in [
        r["starts_at"] for r in scene.slots(scene.theirs, tuesday - HOUR - timedelta(seconds=1))
    ]
    now = tuesday - HOUR
    first = scene.slots(scene.ours, now)[0]

    booked = scene.book(scene.ours, first["id"], now)

    assert booked["allotment_id"] is None
    assert booked["agreement_id"] == scene.agreement.id
    assert scene.used() == []


@pytest.mark.parametrize("end", ["release", "lapse", "cancel"])
def test_a_place_of_the_week_comes_back_once(scene: Scene, end: str) -> None:
    scene.grant(1)
    first, second = scene.slots(scene.ours)[:2]
    now = NOON
    if end == "cancel":
        booked = scene.book(scene.ours, first["id"])
        for _ in range(2):
            cancel_appointment(
                scene.session, booked["id"], viewer=scene.ours, now=NOON, reason="client-asked"
            )
    else:
        hold = scene.hold(scene.ours, first["id"])
        if end == "release":
            release_hold(scene.session, hold["id"], viewer=scene.ours, now=NOON)
        else:
            now = NOON + TEN_MINUTES

    scene.hold(scene.ours, second["id"], now)

    assert scene.used() == [(FIRST, 1)]
    with pytest.raises(AllotmentUsedError):
        scene.hold(scene.ours, first["id"], now)


@pytest.mark.parametrize("places", [None, 2])
@pytest.mark.parametrize("status", [AgreementStatus.SUSPENDED, AgreementStatus.ENDED])
def test_a_hold_is_not_confirmed_when_its_agreement_has_gone(
    scene: Scene, status: AgreementStatus, places: int | None
) -> None:
    if places:
        scene.grant(places)
    hold = scene.hold(scene.ours, scene.slots(scene.ours)[0]["id"])
    scene.agreement.status = status
    scene.session.flush()

    with pytest.raises(AgreementEndedError):
        confirm_hold(scene.session, hold["id"], viewer=scene.ours, now=NOON)


def test_another_agreement_does_not_carry_what_is_held_under_this_one(session: Session) -> None:
    """In a public window the slot itself stays open; the counted place does not."""
    scene = Scene(session, bookable_by=BookableBy.PUBLIC)
    scene.grant(2)
    hold = scene.hold(scene.ours, scene.slots(scene.ours)[0]["id"])
    scene.agreement.status = AgreementStatus.SUSPENDED
    session.flush()

    with pytest.raises(AgreementEndedError):
        confirm_hold(session, hold["id"], viewer=scene.ours, now=NOON)


def test_a_suspended_agreement_keeps_nothing(scene: Scene) -> None:
    scene.grant(4)
    assert {r["local_date"] for r in scene.slots(scene.theirs)} == set()
    scene.agreement.status = AgreementStatus.SUSPENDED
    scene.session.flush()

    assert len(scene.slots(scene.theirs)) == 8


def test_two_allotments_on_a_slot_are_kept_together(session: Session) -> None:
    """Each alone would leave two places of four; together they leave one."""
    scene = Scene(session)
    scene.grant(2)
    third = make_organization(session, "Third")
    agreement = make_agreement(session, scene.host.id, third.id)
    make_allotment(session, agreement, 1, windows=[scene.window])
    first, second = scene.slots(scene.theirs)[:2]

    scene.hold(scene.theirs, first["id"])

    with pytest.raises(SlotFullError):
        scene.hold(scene.theirs, second["id"])


def test_members_of_a_consortium_share_its_pool(session: Session) -> None:
    scene = Scene(session)
    scene.agreement.covers_members = True
    scene.grant(1)
    member = make_organization(session, "Member")
    viewer = make_viewer(session, member)
    assert scene.slots(viewer) == []
    row = ConsortiumMember(
        lead_organization_id=scene.partner.id,
        member_organization_id=member.id,
        status=MemberStatus.ACTIVE,
        invited_at=NOON,
        changed_at=NOON,
    )
    session.add(row)
    session.flush()
    first, second = scene.slots(viewer)[:2]

    scene.book(viewer, first["id"])

    with pytest.raises(AllotmentUsedError):
        scene.hold(scene.ours, second["id"])
    row.status = MemberStatus.LEFT
    session.flush()
    assert scene.slots(viewer) == []


@pytest.mark.parametrize(
    ("timezone", "sunday"),
    [
        ("America/Detroit", date(2030, 6, 9)),
        ("America/Detroit", date(2030, 11, 3)),  # clocks go back
        ("America/Detroit", date(2031, 3, 9)),  # and forward
        ("Australia/Lord_Howe", date(2030, 10, 6)),
        ("Pacific/Kiritimati", date(2030, 6, 9)),
    ],
)
def test_weeks_end_at_midnight_on_sunday_where_the_host_is(
    session: Session, timezone: str, sunday: date
) -> None:
    """At 23:30 on Saturday and Sunday it is still the old week there, whatever it is in UTC."""
    now = datetime.combine(sunday - timedelta(days=5), time(12), tzinfo=NOON.tzinfo)
    scene = Scene(
        session,
        timezone=timezone,
        starts_on=sunday - timedelta(days=1),
        freq="DAILY",
        byday=(),
        opens_at=time(23, 30),
        closes_at=time(0, 0),
        now=now,
    )
    scene.grant(2)
    saturday_night, sunday_night, monday_night = scene.slots(scene.ours, now)[:3]

    scene.book(scene.ours, saturday_night["id"], now)
    scene.book(scene.ours, monday_night["id"], now)
    scene.book(scene.ours, sunday_night["id"], now)

    monday = sunday + timedelta(days=1)
    old = monday - timedelta(days=7)
    assert scene.used() == [(old, 1), (old, 2), (monday, 1)]
