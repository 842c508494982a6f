"""What a change opens goes to who waits in that very change, before anybody else sees it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Database
from directory.models.services import ServiceAtLocation
from scheduling.commands import offers
from scheduling.commands.closures import declare_closure, lift_closure
from scheduling.commands.holds import place_hold
from scheduling.commands.slot_changes import lock_coming_slots
from scheduling.commands.window_changes import change_window, pause_window, resume_window
from scheduling.errors import SlotFullError
from scheduling.models import TABLES
from scheduling.models.windows import AvailabilityWindow, BookableBy
from scheduling.queries.open_lines import find_slots_to_pass_on
from scheduling.schedule import Closed
from tests.conftest import NOON
from tests.factories import make_agreement, make_allotment, make_organization, make_window
from tests.scheduling.lining_up import Scene, fill, lay_out, line_up, offers_of, statuses


def edit(session: Session, scene: Scene, **terms: Any) -> None:
    version = session.connection().execute(
        sa.select(TABLES["availability_window"].c.version).where(
            TABLES["availability_window"].c.id == scene.window_id
        )
    )
    change_window(
        session,
        scene.window_id,
        lambda draft: replace(draft, **terms),
        expected=version.scalar_one(),
        viewer=scene.host,
        now=NOON,
    )


def resume(session: Session, scene: Scene) -> None:
    resume_window(session, scene.window_id, expected=2, viewer=scene.host, now=NOON)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Collect what is asked of the database."""
    said: list[str] = []
    bind = session.get_bind()

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    sa.event.listen(bind, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(bind, "before_cursor_execute", note)


def test_edit_offers_the_times_that_it_makes(session: Session) -> None:
    scene = lay_out(session, bookable_by=BookableBy.PARTNERS)
    first, second = (line_up(session, scene, scene.partner) for _ in range(2))
    wednesdays = line_up(session, scene, scene.partner, suits=[{"byday": ["WE"]}])
    assert statuses(session, wednesdays) == []

    edit(session, scene, byday=("TU", "WE"))

    assert [statuses(session, each) for each in (first, second, wednesdays)] == [["open"]] * 3
    (offer,) = offers_of(session, wednesdays)
    assert offer["slot_id"] not in scene.slots
    with pytest.raises(SlotFullError):
        place_hold(session, offer["slot_id"], viewer=scene.host, now=NOON)


def test_edit_offers_the_places_that_it_adds(session: Session) -> None:
    scene = lay_out(session)
    for slot_id in scene.slots:
        fill(session, slot_id, scene.host)
    first = line_up(session, scene)

    edit(session, scene, capacity=2)

    assert [offer["slot_id"] for offer in offers_of(session, first)] == scene.slots[:1]


def test_resumed_window_is_offered_to_who_waits(session: Session) -> None:
    scene = lay_out(session)
    pause_window(session, scene.window_id, expected=1, viewer=scene.host)
    first = line_up(session, scene, scene.host)
    edit(session, scene, title="Paused still")
    assert statuses(session, first) == []

    resume_window(session, scene.window_id, expected=3, viewer=scene.host, now=NOON)

    assert [offer["slot_id"] for offer in offers_of(session, first)] == scene.slots[:1]


def test_lifted_closure_is_offered_to_who_waits(session: Session) -> None:
    scene = lay_out(session)
    all_days = Closed(date(2030, 6, 1), date(2030, 6, 30))
    closure = declare_closure(session, all_days, None, viewer=scene.host, now=NOON)
    first = line_up(session, scene)

    lift_closure(session, closure.id, viewer=scene.host, now=NOON)

    assert statuses(session, first) == ["open"]


def test_new_window_is_offered_to_who_waits_for_its_service(session: Session) -> None:
    scene = lay_out(session)
    for slot_id in scene.slots:
        fill(session, slot_id, scene.host)
    first = line_up(session, scene)

    make_window(session, session.get_one(ServiceAtLocation, scene.offer_id))

    assert statuses(session, first) == ["open"]


def test_change_offers_nothing_of_other_windows(session: Session) -> None:
    scene, other = lay_out(session), lay_out(session)
    first, elsewhere = line_up(session, scene), line_up(session, other)
    pause_window(session, scene.window_id, expected=1, viewer=scene.host)

    resume(session, scene)

    assert (statuses(session, first), statuses(session, elsewhere)) == (["open"], [])


def test_where_nobody_waits_a_change_asks_once_whether_somebody_does(session: Session) -> None:
    scene, other = lay_out(session), lay_out(session)
    line_up(session, other)
    pause_window(session, scene.window_id, expected=1, viewer=scene.host)

    with statements(session) as said:
        resume(session, scene)

    assert sum("FROM waitlist_entry" in each for each in said) == 1
    assert not any("slot_place" in each for each in said)


def test_of_very_many_the_worker_offers_the_rest(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "MOST_OPENED", 2)
    scene = lay_out(session)
    line = [line_up(session, scene, scene.host) for _ in range(3)]
    pause_window(session, scene.window_id, expected=1, viewer=scene.host)

    resume(session, scene)

    assert sorted(statuses(session, each) for each in line) == [[], ["open"], ["open"]]
    assert list(find_slots_to_pass_on(session, now=NOON)) == scene.slots[2:3]


@pytest.mark.parametrize("named_by", ["window", "service"])
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_change_locks_the_allotments_that_its_new_times_may_get(
    database: Database, named_by: str
) -> None:
    """Else it would lock them after others, whose ids are higher, and after who waits."""
    with database.transaction() as session:
        scene = lay_out(session, starts_on=date(2031, 6, 3))  # no time of it yet
        partner = make_organization(session, "Second Partner")
        host_id = scene.host.organization_id
        assert host_id is not None
        service = session.get_one(ServiceAtLocation, scene.offer_id).service_id
        allotment = make_allotment(
            session,
            make_agreement(session, host_id, partner.id),
            2,
            windows=[session.get_one(AvailabilityWindow, scene.window_id)]
            if named_by == "window"
            else [],
            services=[service] if named_by == "service" else [],
        ).id
    table = TABLES["allotment"]
    free = sa.select(table.c.id).where(table.c.id == allotment).with_for_update(skip_locked=True)

    with closing(Database(database.url)) as elsewhere, database.transaction() as session:
        lock_coming_slots(session, [scene.window_id], now=NOON)
        with elsewhere.transaction() as other:
            assert other.connection().execute(free).all() == []
