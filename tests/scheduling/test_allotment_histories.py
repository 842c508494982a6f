"""Through random histories the scheduler and a plain model of allotments agree on every step."""

from collections import Counter
from datetime import time, timedelta
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Database, find_rows
from directory.errors import ConflictError, NotFoundError
from directory.models.accounts import Role
from directory.viewer import PUBLIC, Viewer
from scheduling import bookable, reserves
from scheduling.bookable import slots
from scheduling.commands import appointments, places
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold, release_hold
from scheduling.commands.places import allotment_places
from scheduling.errors import AgreementEndedError
from scheduling.models.agreements import Agreement, AgreementStatus
from scheduling.models.windows import BookableBy
from scheduling.queries.agreements import account_of
from scheduling.queries.slots import find_bookable_slots
from scheduling.rules import week_of
from tests.conftest import NOON
from tests.factories import (
    make_agreement,
    make_allotment,
    make_offer,
    make_organization,
    make_viewer,
    make_window,
)
from tests.scheduling.allotment_model import Model, ModelAllotment, ModelSlot, Taken
from tests.scheduling.faults import Fault, plant

STEPS = ("hold",) * 6 + ("confirm",) * 3 + ("drop", "cancel", "clock", "suspend")


class History:
    """A host, three partners and everybody else, over two weeks of two windows."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.random = session, Random(seed)  # noqa: S311  (no secrets)
        host = make_organization(session, "Host")
        offer = make_offer(session, organization=host)
        terms: dict[str, Any] = {
            "horizon_days": 14,
            "capacity": 2,
            "byday": ("TU", "SU"),
            "freq": "WEEKLY",
        }
        open_to = self.random.choice((BookableBy.PUBLIC, BookableBy.PARTNERS))
        windows = [
            make_window(session, offer, bookable_by=BookableBy.PARTNERS, **terms),
            make_window(session, offer, bookable_by=open_to, opens_at=time(22), closes_at=time(0),
                        slot_minutes=60, **terms),
        ]  # fmt: skip
        self.viewers = {"public": PUBLIC, "host": Viewer(host.id, Role.PUBLISHER)}
        self.agreements: dict[str, Agreement] = {}
        for name in ("first", "second", "informal"):
            partner = make_organization(session, name)
            self.viewers[name] = make_viewer(session, partner)
            self.agreements[name] = make_agreement(session, host.id, partner.id)
        rows = find_rows(session, sa.select(slots))
        public = {w.id for w in windows if w.bookable_by == BookableBy.PUBLIC}
        model_slots = {
            row["id"]: ModelSlot(
                row["id"], row["window_id"] in public, row["capacity"], row["starts_at"],
                row["local_date"],
            )
            for row in rows
        }  # fmt: skip
        allotments = []
        for name in ("first", "first", "second"):
            scope = self.random.choice(([windows[0]], [windows[1]], windows))
            release = self.random.choice((None, 60, 2880))
            number = self.random.randint(1, 9)
            made = make_allotment(
                session, self.agreements[name], number, windows=scope, release_minutes=release
            )
            ids = {row["id"] for row in rows if row["window_id"] in {w.id for w in scope}}
            lets_go = timedelta(minutes=release or 0)
            allotments.append(ModelAllotment(made.id, name, number, ids, lets_go))
        self.model = Model(model_slots, allotments, {"informal"}, now=NOON)
        self.holders: dict[Any, str] = {}

    def step(self) -> None:
        getattr(self, self.random.choice(STEPS))()
        self.check()

    def hold(self) -> None:
        model, who = self.model, self.random.choice(list(self.viewers))
        slot = self.random.choice(list(model.slots.values()))
        wanted = self.random.choice((1, 1, 1, 2))
        can, way = model.way(who, slot, wanted)
        can = can and slot.starts_at > model.now
        viewer = self.viewers[who]
        try:
            held = place_hold(self.session, slot.id, viewer=viewer, now=model.now, wanted=wanted)
        except (ConflictError, NotFoundError):
            assert not can
            return
        assert can
        assert held["allotment_id"] == (way.id if way else None)
        model.taken[held["id"]] = Taken(slot, wanted, held["expires_at"], way)
        self.holders[held["id"]] = who

    def confirm(self) -> None:
        holds = [id_ for id_, taken in self.model.taken.items() if taken.expires_at]
        if not holds:
            return
        id_ = self.random.choice(holds)
        taken, who = self.model.taken[id_], self.holders[id_]
        viewer, now = self.viewers[who], self.model.now
        gone = who in self.model.suspended and (
            taken.allotment is not None or not self.model.may_book(who, taken.slot)
        )
        try:
            with self.session.begin_nested():  # what is refused is undone
                booked = confirm_hold(self.session, id_, viewer=viewer, now=now).appointment
        except AgreementEndedError:
            assert gone or not self.model.may_book(who, taken.slot)
            return
        except (ConflictError, NotFoundError):
            assert taken.expires_at is not None
            assert taken.expires_at <= now or taken.slot.starts_at <= now
            return
        assert not gone
        del self.model.taken[id_]
        self.model.taken[booked["id"]] = Taken(taken.slot, taken.places, None, taken.allotment)
        self.holders[booked["id"]] = who

    def drop(self) -> None:
        holds = [id_ for id_, taken in self.model.taken.items() if taken.expires_at]
        if holds:
            id_ = self.random.choice(holds)
            try:
                release_hold(
                    self.session, id_, viewer=self.viewers[self.holders[id_]], now=self.model.now
                )
            except NotFoundError:  # somebody cleared away what had lapsed
                assert self.model.taken[id_] not in self.model.live()
            del self.model.taken[id_]

    def cancel(self) -> None:
        booked = [
            id_
            for id_, taken in self.model.taken.items()
            if taken.expires_at is None and taken.slot.starts_at > self.model.now
        ]
        if booked:
            id_ = self.random.choice(booked)
            host, now = self.viewers["host"], self.model.now
            for _ in range(2):
                cancel_appointment(self.session, id_, viewer=host, now=now, reason="mistake")
            del self.model.taken[id_]

    def clock(self) -> None:
        self.model.now += timedelta(minutes=self.random.choice((1, 9, 11, 300, 2000)))

    def suspend(self) -> None:
        who = self.random.choice(list(self.agreements))
        self.model.suspended ^= {who}
        suspended = who in self.model.suspended
        self.agreements[who].status = (
            AgreementStatus.SUSPENDED if suspended else AgreementStatus.ACTIVE
        )
        self.session.flush()

    def check(self) -> None:
        """Everybody is shown what they may take, and nobody has more than was granted."""
        model = self.model
        for who, viewer in self.viewers.items():
            rows = find_bookable_slots(self.session, viewer, now=model.now)
            shown = {row["id"]: row["places_left"] for row in rows}
            left = {id_: model.places_left(who, slot) for id_, slot in model.slots.items()}
            assert shown == {id_: number for id_, number in left.items() if number}, who
        used = Counter(
            (row["allotment_id"], row["week_on"])
            for row in find_rows(self.session, sa.select(allotment_places))
            if row["expires_at"] is None or row["expires_at"] > model.now
        )
        expected: Counter[Any] = Counter()
        for taken in model.live():
            if taken.allotment:
                expected[taken.allotment.id, taken.slot.week_on] += taken.places
        assert used == expected
        numbers = {each.id: each.places for each in model.allotments}
        assert all(number <= numbers[id_] for (id_, _), number in used.items())

    def check_accounts(self) -> None:
        for name in ("first", "second"):
            lines = account_of(
                self.session, self.agreements[name].id, now=self.model.now,
                weeks_from=week_of(NOON.date()), weeks_to=week_of(NOON.date()) + timedelta(21),
            )  # fmt: skip
            for line in lines:
                allotment = next(a for a in self.model.allotments if a.id == line.allotment_id)
                week = [
                    slot
                    for slot in self.model.slots.values()
                    if slot.week_on == line.week_on and slot.id in allotment.slot_ids
                ]
                used = sum(
                    taken.places
                    for taken in self.model.taken.values()
                    if taken.allotment is allotment
                    and taken.slot.week_on == line.week_on
                    and taken.expires_at is None
                )
                ahead = self.model.ahead(allotment, line.week_on)
                kept = sum(self.model.free(self.model.slots[id_]) for id_ in ahead)
                published = sum(slot.capacity for slot in week)
                unused = max(0, min(allotment.places, published) - used)
                assert line.granted == allotment.places
                assert line.published == published
                assert line.used == used
                assert line.released == unused - min(unused, kept)


def live_through(database: Database, seed: int, steps: int) -> None:
    with database.transaction() as session:
        history = History(session, seed)
        history.check()
        for _ in range(steps):
            history.step()
        history.check_accounts()
        session.rollback()


@pytest.mark.parametrize("seed", range(4))
def test_scheduler_and_model_of_allotments_agree(database: Database, seed: int) -> None:
    live_through(database, seed, 40 if database.is_sqlite else 20)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_scheduler_and_model_of_allotments_agree_for_long(database: Database, seed: int) -> None:
    live_through(database, seed, 400)


FAULTS = {
    "nothing is kept": Fault(
        reserves, "_kept_places", "covered.c.released_at > now", "covered.c.released_at > '2100'"
    ),
    "nothing is released": Fault(
        reserves, "_kept_places", "covered.c.released_at > now", "sa.true()"
    ),
    "released slots still fill the week": Fault(
        reserves, "_slots_of_the_week", "beside.c.released_at > now,", ""
    ),
    "slots that are over still fill the week": Fault(
        reserves,
        "_slots_of_the_week",
        "beside.c.released_at > now,\n            other.c.withdrawn_at.is_(None),\n"
        "            other.c.bookable_until > now,",
        "other.c.withdrawn_at.is_(None),",
    ),
    "every week is one": Fault(
        reserves, "_slots_of_the_week", "& (beside.c.week_on == kept.c.week_on)", ""
    ),
    "suspended agreements keep places": Fault(
        reserves, "in_force", "agreement.c.status == AgreementStatus.ACTIVE,", ""
    ),
    "held places of the week are not counted": Fault(
        reserves,
        "_kept_places",
        "allotment_places.c.expires_at.is_(None) | (allotment_places.c.expires_at > now),",
        "allotment_places.c.expires_at.is_(None),",
    ),
    "anybody uses an allotment": Fault(
        reserves,
        "_kept_places",
        "is_party(agreements) if is_party else sa.false()",
        "sa.true()",
    ),
    "an allotment has no number": Fault(
        reserves, "_ways", 'kept.c.unused.label("granted")', '_NO_END.label("granted")'
    ),
    "the places of the week are not taken": Fault(
        places, "take_places", 'slot["allotment_id"] is not None', "False"
    ),
    "the places of the week are not given back": Fault(
        places, "give_back", "(places, allotment_places)", "(places,)"
    ),
    "the place of the week stays with the hold": Fault(
        appointments, "_take_over_places", 'if hold["allotment_id"] is not None', "if False"
    ),
    "the agreement behind an allotment is not looked at again": Fault(
        bookable,
        "_agreement_under",
        "reserves.in_force(agreements, slots.c.local_date),",
        "",
    ),
    "allotments open what they do not name": Fault(
        bookable, "_admits", ".where(~_has_allotments() | released)", ""
    ),
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_histories_find(fault: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, *FAULTS[fault])

    with pytest.raises((AssertionError, sa.exc.SQLAlchemyError, ConflictError)):
        live_through_many(database)


def live_through_many(database: Database) -> None:
    for seed in range(40):
        live_through(database, seed, 50)
