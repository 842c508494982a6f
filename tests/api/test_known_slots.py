"""Next times that are remembered for the public, through lives of calendars with allotments.

What is taken in one slot may close another for everybody, at another place: so may an agreement
that is suspended, ends or is followed by another, and a place that is kept for who waits.
"""

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from api.known_slots import find_slots, next_slots, recall_slots
from directory.database import Database, Row, find_rows
from directory.errors import DomainError
from directory.models.accounts import Role
from directory.search_copy.copy import SearchCopy
from directory.viewer import PUBLIC, Viewer
from scheduling.bookable import slots, windows
from scheduling.commands.answers import decline_offer
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold, release_hold
from scheduling.commands.offers import pass_on
from scheduling.commands.waitlists import EntryDraft, join_waitlist
from scheduling.lines import offers
from scheduling.models import TABLES
from scheduling.models.agreements import AgreementStatus
from scheduling.models.allotments import Allotment
from scheduling.models.waitlists import WaitlistKind
from scheduling.models.windows import BookableBy, WindowStatus
from scheduling.queries.slots import find_places_with_slots
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_allotment,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)

STEPS = (
    *("hold",) * 5,
    *("confirm",) * 3,
    *("release", "cancel", "clock", "suspend", "follow", "allot", "grant", "narrow"),
    *("withdraw", "pause", "line_up", "decline"),
)


class Life:
    """A host with two places, whose allotment is over the windows of both."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.random, self.now = session, Random(seed), NOON  # noqa: S311
        host, partner = (make_organization(session, name) for name in ("Host", "Partner"))
        self.host = Viewer(host.id, Role.PUBLISHER)
        self.partner = make_viewer(session, partner)
        places = [make_offer(session, organization=host) for _ in range(2)]
        self.places = [place.id for place in places]
        self.windows = [
            make_window(session, place, horizon_days=9, slot_minutes=60, bookable_by=open_to)
            for place, open_to in zip(
                places, (BookableBy.PUBLIC, self.random.choice(list(BookableBy))), strict=True
            )
        ] + [make_window(session, places[1], horizon_days=9, slot_minutes=60)]
        self.agreement = make_agreement(session, host.id, partner.id)
        self.allot()
        self.copy = SearchCopy(find_places_with_slots)
        self.copy.load(session)

    def step(self) -> None:
        """Do something, or be refused; what is remembered is then still so."""
        with suppress(DomainError), self.session.begin_nested():
            getattr(self, self.random.choice(STEPS))()
        self.check()

    def check(self) -> None:
        version = self.copy.refresh(self.session)
        assert version is not None
        true = next_slots(self.session, PUBLIC, self.places, now=self.now)
        known = recall_slots(self.copy, self.places, now=self.now)
        assert known is None or known == true
        find_slots(self.copy, version, self.session, self.places, now=self.now)
        assert recall_slots(self.copy, self.places, now=self.now) == true

    def any_of(self, table: str, *where: sa.ColumnElement[bool]) -> Row | None:
        rows = find_rows(self.session, sa.select(TABLES[table]).where(*where))
        key = "entry_id" if table == "offer" else "id"
        return self.random.choice(sorted(rows, key=lambda row: row[key])) if rows else None

    def hold(self) -> None:
        row = self.any_of("slot", slots.c.starts_at > self.now)
        viewer = self.random.choice((PUBLIC, self.partner, self.partner, self.host))
        if row:
            place_hold(self.session, row["id"], viewer=viewer, now=self.now)

    def confirm(self) -> None:
        row = self.any_of("hold")
        if row:
            viewer = Viewer(row["organization_id"], None, row["account_id"])
            confirm_hold(self.session, row["id"], viewer=viewer, now=self.now)

    def release(self) -> None:
        row = self.any_of("hold")
        if row:
            viewer = Viewer(row["organization_id"], None, row["account_id"])
            release_hold(self.session, row["id"], viewer=viewer, now=self.now)

    def cancel(self) -> None:
        row = self.any_of("appointment")
        if row:
            cancel_appointment(
                self.session, row["id"], viewer=self.host, now=self.now, reason="mistake"
            )

    def clock(self) -> None:
        self.now += timedelta(minutes=self.random.choice((1, 11, 300, 1500)))

    def suspend(self) -> None:
        is_active = self.agreement.status is AgreementStatus.ACTIVE
        self.agreement.status = AgreementStatus.SUSPENDED if is_active else AgreementStatus.ACTIVE
        self.session.flush()

    def follow(self) -> None:
        """Let another agreement take the place of the one there is, on a day to come."""
        begins = (self.now + timedelta(days=self.random.choice((0, 7)))).date()
        old = self.agreement
        old.ends_on = max(old.starts_on, begins - timedelta(days=1))
        if old.ends_on < self.now.date():
            old.status = AgreementStatus.ENDED
        parties = old.host_organization_id, old.partner_organization_id
        self.agreement = make_agreement(
            self.session, *parties, starts_on=begins, replaces_id=old.id
        )
        self.allot()

    def allot(self) -> None:
        release = self.random.choice((None, 1440))
        number = self.random.randint(1, 4)
        make_allotment(
            self.session, self.agreement, number, windows=self.windows, release_minutes=release
        )

    def grant(self) -> None:
        """Grant more places a week."""
        for each in self.session.exec(select(Allotment).order_by(col(Allotment.id)).limit(1)):
            each.places += self.random.randint(1, 3)
        self.session.flush()

    def narrow(self) -> None:
        """Take a slot out of an allotment."""
        covered = TABLES["allotment_slot"]
        rows = find_rows(self.session, sa.select(covered).order_by(covered.c.released_at))
        if rows:
            row = rows[0]
            gone = sa.delete(covered).where(
                covered.c.slot_id == row["slot_id"], covered.c.allotment_id == row["allotment_id"]
            )
            self.session.connection().execute(gone)

    def withdraw(self) -> None:
        row = self.any_of("slot", slots.c.starts_at > self.now)
        if row:
            at = None if row["withdrawn_at"] else self.now
            change = sa.update(slots).where(slots.c.id == row["id"]).values(withdrawn_at=at)
            self.session.connection().execute(change)

    def pause(self) -> None:
        row = self.any_of("availability_window")
        if row:
            is_on = row["status"] is WindowStatus.PUBLISHED
            status = WindowStatus.PAUSED if is_on else WindowStatus.PUBLISHED
            change = sa.update(windows).where(windows.c.id == row["id"]).values(status=status)
            self.session.connection().execute(change)

    def line_up(self) -> None:
        """Wait for a place; what is free already is offered, and kept."""
        place = self.random.choice(self.places)
        draft = EntryDraft(kind=WaitlistKind.SERVICE_AT_LOCATION, service_at_location_id=place)
        viewer = self.random.choice((PUBLIC, self.partner))
        join_waitlist(self.session, draft, viewer=viewer, now=self.now)
        row = self.any_of("slot", slots.c.service_at_location_id == place)
        if row:
            pass_on(self.session, [row["id"]], now=self.now)

    def decline(self) -> None:
        row = self.any_of("offer", offers.c.status == "open")
        if row:
            decline_offer(self.session, row, now=self.now)


def live(database: Database, seed: int, steps: int, without: str = "") -> None:
    with database.transaction() as session:
        if without:
            session.connection().exec_driver_sql(f"DROP TRIGGER allotment_change_{without}")
        life = Life(session, seed)
        for _ in range(steps):
            life.step()
        session.rollback()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_remembered_is_what_the_tables_say(database: Database, seed: int) -> None:
    live(database, seed, 30)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_what_is_remembered_is_what_the_tables_say_for_long(database: Database, seed: int) -> None:
    live(database, seed, 300)


FAULTS = ("agreement_updated", "allotment_slot_deleted")


@pytest.mark.parametrize("without", FAULTS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_lives_find_that_a_change_is_not_noted(database: Database, without: str) -> None:
    with pytest.raises(AssertionError):
        live_through_many(database, without)


def live_through_many(database: Database, without: str) -> None:
    for seed in range(40):
        live(database, seed, 40, without)
