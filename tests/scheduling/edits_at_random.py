"""A window's life at random, beside what people were told: edits never touch that (I9)."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.errors import DomainError
from directory.models.accounts import Role
from directory.models.services import ServiceAtLocation
from directory.viewer import PUBLIC, Viewer
from scheduling.commands import closures, window_changes, windows
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.decisions import Decision, DecisionKind
from scheduling.drafts import WindowDraft
from scheduling.errors import DecisionsNeededError
from scheduling.models import TABLES
from scheduling.models.windows import AvailabilityWindow, WindowStatus
from scheduling.queries.slots import find_bookable_slots
from scheduling.queries.window_terms import schedule_of
from scheduling.schedule import AddedDay, Closed
from tests.conftest import NOON
from tests.factories import make_offer, make_window

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Told(NamedTuple):
    """What somebody was told of their booking."""

    slot_id: UUID
    starts_at: datetime
    ends_at: datetime
    places: int
    sequence: int = 0
    live: bool = True


class EditsAtRandom:
    """Two windows of one host, whatever is done to them, and everyone who booked."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.dice, self.now = session, random.Random(seed), NOON  # noqa: S311  (a die)
        self.offer: ServiceAtLocation = make_offer(session)
        self.windows: list[UUID] = []
        self.closures: list[UUID] = []
        self.told: dict[UUID, Told] = {}
        self.numbers: dict[tuple[UUID, date, int], datetime] = {}
        self._publish()
        self._publish()
        window = session.get_one(AvailabilityWindow, self.windows[0])
        self.host = Viewer(window.organization_id, Role.PUBLISHER)

    def run(self, steps: int) -> None:
        """Do so many things, and look after each."""
        for _ in range(steps):
            do = self.dice.choice(
                [self._book] * 4 + [self._edit] * 4 + [self._except] * 2
                + [self._cancel, self._hold, self._pause, self._close, self._lift, self._wait,
                   self._roll, self._end]
            )  # fmt: skip
            try:
                with self.session.begin_nested():
                    do()
            except DecisionsNeededError:
                raise  # everything was decided
            except DomainError:
                pass
            self.session.expire_all()
            self.check()

    # -- what is done

    def _publish(self) -> None:
        window = make_window(
            self.session, self.offer, now=self.now, horizon_days=9, capacity=2, freq="DAILY",
            byday=(), slot_minutes=60, starts_on=self.now.date(),
        )  # fmt: skip
        self.windows.append(window.id)

    def _book(self) -> None:
        slots = find_bookable_slots(self.session, PUBLIC, now=self.now, limit=12)
        if slots:
            slot = self.dice.choice(slots)
            wanted = self.dice.choice([1, 1, 2])
            hold = place_hold(self.session, slot["id"], viewer=PUBLIC, now=self.now, wanted=wanted)
            booked = confirm_hold(self.session, hold["id"], viewer=PUBLIC, now=self.now)
            self.told[booked.appointment["id"]] = Told(
                slot["id"], slot["starts_at"], slot["ends_at"], wanted
            )

    def _hold(self) -> None:
        for slot in find_bookable_slots(self.session, PUBLIC, now=self.now, limit=3):
            place_hold(self.session, slot["id"], viewer=PUBLIC, now=self.now)

    def _cancel(self) -> None:
        coming = [id_ for id_, told in self.told.items() if told.live and told.starts_at > self.now]
        if coming:
            id_ = self.dice.choice(coming)
            cancel_appointment(self.session, id_, viewer=self.host, now=self.now, reason="mistake")
            self._ended(id_)

    def _edit(self) -> None:
        opens = self.dice.randrange(8, 16)
        terms: dict[str, Any] = {
            "opens_at": time(opens),
            "closes_at": time(opens + self.dice.choice([1, 2, 4])),
            "slot_minutes": self.dice.choice([30, 60, 45]),
            "gap_minutes": self.dice.choice([0, 15]),
            "capacity": self.dice.choice([1, 2, 3]),
            "horizon_days": self.dice.choice([3, 9, 14]),
            "notice_minutes": self.dice.choice([0, 120]),
            "freq": self.dice.choice(["DAILY", "WEEKLY"]),
            "byday": self.dice.choice([(), ("TU", "TH"), ("MO", "SA")]),
            "timezone": self.dice.choice(["America/Detroit", "America/Chicago"]),
            "title": "Talk",
        }
        some = self.dice.sample(sorted(terms), self.dice.choice([1, 1, 2, 4]))
        self._change(lambda draft: replace(draft, **{name: terms[name] for name in some}))

    def _except(self) -> None:
        day = self.now.date() + self.dice.randrange(0, 9) * DAY
        self._change(
            self.dice.choice(
                [
                    window_changes.closed_on(day, "Training"),
                    window_changes.added_on(AddedDay(day, time(10), time(12))),
                    window_changes.as_usual_on(day),
                ]
            )
        )

    def _end(self) -> None:
        if self.dice.random() < 0.3:
            self._change(window_changes.ended)
            self._publish()

    def _change(self, change: Callable[[WindowDraft], WindowDraft | None]) -> None:
        window = self._some_window()
        more: Any = {"expected": window.version, "viewer": self.host, "now": self.now}
        plan = window_changes.preview_change(self.session, window.id, change, **more)
        decisions = self._decide(plan.affected, {row["id"] for row in plan.slots.gone})
        window_changes.change_window(self.session, window.id, change, decisions=decisions, **more)
        self._carried_out(decisions)

    def _close(self) -> None:
        first = self.now.date() + self.dice.randrange(0, 9) * DAY
        days = Closed(first, first + self.dice.randrange(0, 2) * DAY)
        more: Any = {"viewer": self.host, "now": self.now}
        plans = closures.preview_closure(self.session, days, **more)
        affected = [row for plan in plans for row in plan.affected]
        decisions = self._decide(affected, {row["id"] for p in plans for row in p.slots.gone})
        closure = closures.declare_closure(self.session, days, None, decisions=decisions, **more)
        self.closures.append(closure.id)
        self._carried_out(decisions)

    def _lift(self) -> None:
        if self.closures:
            closures.lift_closure(self.session, self.closures.pop(), viewer=self.host, now=self.now)

    def _pause(self) -> None:
        window = self._some_window()
        more: Any = {"expected": window.version, "viewer": self.host}
        if window.status is WindowStatus.PAUSED:
            window_changes.resume_window(self.session, window.id, now=self.now, **more)
        else:
            window_changes.pause_window(self.session, window.id, **more)

    def _wait(self) -> None:
        self.now += self.dice.choice([10 * HOUR / 60, 5 * HOUR, 2 * DAY])

    def _roll(self) -> None:
        windows.roll_windows(self.session, now=self.now)

    # -- deciding

    def _decide(self, affected: Sequence[Row], gone: set[UUID]) -> list[Decision]:
        open_now = find_bookable_slots(self.session, PUBLIC, now=self.now)
        targets = [slot["id"] for slot in open_now if slot["id"] not in gone]
        decisions = []
        for row in affected:
            kind = self.dice.choice(list(DecisionKind) if targets else [DecisionKind.KEEP])
            to = self.dice.choice(targets) if kind is DecisionKind.MOVE else None
            decisions.append(
                Decision(
                    appointment_id=row["appointment_id"],
                    sequence=row["sequence"],
                    kind=kind,
                    slot_id=to,
                )
            )
        return decisions

    def _carried_out(self, decisions: Sequence[Decision]) -> None:
        """Tell people what was decided, and nothing else."""
        for decision in decisions:
            if decision.kind is DecisionKind.CANCEL:
                self._ended(decision.appointment_id)
            elif decision.kind is DecisionKind.MOVE and decision.slot_id is not None:
                told, slot = self.told[decision.appointment_id], self._slot(decision.slot_id)
                if told.slot_id != slot["id"]:
                    self.told[decision.appointment_id] = Told(
                        slot["id"], slot["starts_at"], slot["ends_at"], told.places,
                        told.sequence + 1,
                    )  # fmt: skip

    def _ended(self, appointment_id: UUID) -> None:
        told = self.told[appointment_id]
        self.told[appointment_id] = told._replace(live=False, sequence=told.sequence + 1)

    # -- what must hold

    def check(self) -> None:
        """Everyone has what they were told, and each window has the slots of its rule."""
        slots = {row["id"]: row for row in self._all("slot")}
        found = {
            row["id"]: Told(
                row["slot_id"],
                slots[row["slot_id"]]["starts_at"],
                slots[row["slot_id"]]["ends_at"],
                row["places"],
                row["sequence"],
                row["status"] == "booked",
            )
            for row in self._all("appointment")
        }
        assert found == self.told
        self._check_places(slots)
        for row in slots.values():
            key = (row["window_id"], row["local_date"], row["slot_index"])
            assert self.numbers.setdefault(key, row["starts_at"]) == row["starts_at"]
        for window_id in self.windows:
            self._check_rule(window_id, [r for r in slots.values() if r["window_id"] == window_id])

    def _check_places(self, slots: dict[UUID, Row]) -> None:
        booked: dict[UUID, int] = {}
        used: dict[UUID, int] = {}
        for row in self._all("slot_place"):
            used[row["slot_id"]] = used.get(row["slot_id"], 0) + 1
            if row["appointment_id"] is not None:
                booked[row["appointment_id"]] = booked.get(row["appointment_id"], 0) + 1
                assert self.told[row["appointment_id"]].slot_id == row["slot_id"]
        assert booked == {id_: told.places for id_, told in self.told.items() if told.live}
        assert all(count <= slots[id_]["capacity"] for id_, count in used.items())

    def _check_rule(self, window_id: UUID, rows: list[Row]) -> None:
        window = self.session.get_one(AvailabilityWindow, window_id)
        wanted: set[Any] = set()
        if window.status is not WindowStatus.ENDED and window.rolled_through is not None:
            yesterday = self.now.astimezone(ZoneInfo(window.timezone)).date() - DAY
            schedule = schedule_of(self.session, window)  # last night's may still go on
            made = schedule.slots(max(yesterday, window.starts_on), window.rolled_through)
            wanted = {(s.day, *s.interval) for s in made if s.interval.starts_at > self.now}
        open_now = [
            (row["local_date"], row["starts_at"], row["ends_at"])
            for row in rows
            if row["withdrawn_at"] is None and row["starts_at"] > self.now
        ]
        assert len(open_now) == len(set(open_now))
        assert set(open_now) == wanted

    # -- looking things up

    def _some_window(self) -> AvailabilityWindow:
        window_id = self.dice.choice(self.windows[-2:])
        return self.session.get_one(AvailabilityWindow, window_id)

    def _slot(self, slot_id: UUID) -> Row:
        table = TABLES["slot"]
        (row,) = find_rows(self.session, sa.select(table).where(table.c.id == slot_id))
        return row

    def _all(self, table: str) -> Sequence[Row]:
        return find_rows(self.session, sa.select(TABLES[table]))
