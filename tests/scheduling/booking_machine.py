"""Everything people do with slots, in any order, on the database and on the model at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
)
from sqlmodel import Session, SQLModel

from directory.database import Database, find_rows
from directory.errors import DomainError
from directory.viewer import PUBLIC, Viewer
from scheduling.commands import appointments, approvals, holds, visits, windows
from scheduling.commands.hold_limits import HoldLimits
from scheduling.drafts import WindowDraft
from scheduling.models.agreements import AgreementStatus
from scheduling.models.windows import Approval, BookableBy
from scheduling.queries import slots as slot_queries
from tests.conftest import NOON
from tests.factories import make_agreement, make_offer, make_organization, make_viewer
from tests.scheduling.booking_model import (
    COVERED_THROUGH,
    MINUTE,
    ORGANIZATION_OF,
    PER_ACCOUNT,
    PER_ORGANIZATION,
    Model,
    ModelHold,
    ModelWindow,
    Refusal,
    SlotKey,
)

MOST_WINDOWS = 4
FIRST_DAY = date(2030, 6, 3)

tables = SQLModel.metadata.tables

who = st.sampled_from(sorted(ORGANIZATION_OF))
#: The one whose it is, or somebody who tries it.
whose = st.none() | who
#: Mostly the host, sometimes somebody who may not.
says = st.sampled_from(["host"] * 6 + ["partner", "stranger"])
#: The steps of the host's, looked up when taken, so that faults can be planted in them.
SAID: dict[str, tuple[ModuleType, str, dict[str, str]]] = {
    "approve": (approvals, "approve_appointment", {}),
    "decline": (approvals, "decline_appointment", {"reason": "no-room"}),
    "check_in": (visits, "check_in", {}),
    "no_show": (visits, "mark_no_show", {}),
    "fulfill": (visits, "fulfill_appointment", {}),
    "undo": (visits, "undo_visit", {}),
}
#: A client whom an agency knows, or a new one.
handle = st.sampled_from([None, None, "7K2M-QX4P"])
#: How old the clock reading is that a request comes with, after it waited for its lock.
stale = st.sampled_from([timedelta(0)] * 6 + [timedelta(seconds=1), MINUTE, 10 * MINUTE])


class BookingMachine(RuleBasedStateMachine):
    """One host, a partner with two coordinators, a stranger and the public.

    A whole example is one transaction, undone at its end; each command is a savepoint in it.
    """

    held: Bundle[int] = Bundle("held")
    booked: Bundle[int] = Bundle("booked")

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._open = database.transaction()
        self.session: Session = self._open.__enter__()
        self.model = Model()
        self.now = NOON
        self.window_ids: list[UUID] = []
        self.hold_ids: list[UUID] = []
        self.booked_ids: list[tuple[UUID, str | None]] = []
        self._set_the_scene()

    def teardown(self) -> None:
        self.session.rollback()
        self._open.__exit__(None, None, None)

    def _set_the_scene(self) -> None:
        names = ("host", "partner", "stranger", "other")
        self.organizations = {name: make_organization(self.session, name) for name in names}
        host, partner = (self.organizations[name].id for name in ("host", "partner"))
        self.agreement = make_agreement(self.session, host, partner, ends_on=COVERED_THROUGH)
        make_agreement(self.session, host, self.organizations["other"].id)
        self.offer = make_offer(self.session, organization=self.organizations["host"])
        self.viewers = {
            name: make_viewer(self.session, self.organizations[name])
            for name in ("host", "partner", "stranger")
        }
        colleague = make_organization(self.session, "brings an account of its own")
        account = make_viewer(self.session, colleague).account_id
        self.viewers["colleague"] = Viewer(partner, None, account)
        self.viewers["software"] = Viewer(partner)
        self.viewers["public"] = PUBLIC
        for bookable_by in ("public", "partners"):  # so that there is something to do at once
            self._publish(
                ModelWindow(
                    number=len(self.window_ids),
                    opens_at=time(13),
                    starts_on=FIRST_DAY,
                    bookable_by=bookable_by,
                    kept_for=None,
                    capacity=2,
                    notice=0 * MINUTE,
                    horizon=timedelta(2),
                    cutoff=90 * MINUTE,
                    asks_first=bookable_by == "partners",
                )
            )

    @contextmanager
    def _savepoint(self) -> Iterator[Session]:
        with self.session.begin_nested():
            yield self.session

    def _agree(self, expected: Refusal | None, command: Callable[[Session], Any]) -> Any:
        """Run a command, and check that it is refused exactly when, and as, the model says."""
        refused: Refusal | None = None
        result = None
        try:
            with self._savepoint() as session:
                result = command(session)
        except DomainError as error:
            refused = type(error)
        assert refused == expected
        return result

    # -- what people do

    @precondition(lambda self: len(self.window_ids) < MOST_WINDOWS)
    @rule(
        bookable_by=st.sampled_from(["public", "partners", "partners", "own"]),
        kept_for=st.sampled_from([None, None, "partner", "other"]),
        capacity=st.integers(1, 3),
        opens_at=st.sampled_from([time(9), time(13)]),
        notice=st.sampled_from([0, 120]),
        horizon=st.integers(1, 2),
        cutoff=st.sampled_from([0, 90]),
        asks_first=st.booleans(),
    )
    def publish(self, kept_for: str | None, horizon: int, **terms: Any) -> None:
        window = ModelWindow(
            number=len(self.window_ids),
            starts_on=FIRST_DAY,
            kept_for=kept_for,
            horizon=timedelta(horizon),
            notice=terms.pop("notice") * MINUTE,
            cutoff=terms.pop("cutoff") * MINUTE,
            **terms,
        )
        self._publish(window)

    def _publish(self, window: ModelWindow) -> None:
        expected = self.model.publish(window, self.now)
        published = self._agree(
            expected,
            lambda session: windows.publish_window(
                session, self._draft(window), viewer=self.viewers["host"], now=self.now
            ),
        )
        if published is not None:
            self.window_ids.append(published.id)

    def _draft(self, window: ModelWindow) -> WindowDraft:
        kept_for = self.organizations[window.kept_for].id if window.kept_for else None
        return WindowDraft(
            service_at_location_id=self.offer.id,
            title="Intake",
            timezone="America/Detroit",
            starts_on=window.starts_on,
            freq="DAILY",
            opens_at=window.opens_at,
            closes_at=window.opens_at.replace(hour=window.opens_at.hour + 1),
            slot_minutes=30,
            capacity=window.capacity,
            notice_minutes=window.notice // MINUTE,
            horizon_days=window.horizon.days,
            cancel_cutoff_minutes=window.cutoff // MINUTE,
            bookable_by=BookableBy(window.bookable_by),
            approval=Approval.HOST if window.asks_first else Approval.AUTOMATIC,
            partner_organization_ids=[kept_for] if kept_for else [],
        )

    @rule(
        target=held,
        nth=st.integers(0, 4),
        who=who,
        places=st.sampled_from([1, 1, 1, 2, 3]),
        old=stale,
    )
    def hold(self, nth: int, who: str, places: int, old: timedelta) -> int | MultipleResults[int]:
        return self._hold(nth, who, places, old)

    @rule(target=held, nth=st.integers(0, 1), who=who)
    def hold_one_of_the_next(self, nth: int, who: str) -> int | MultipleResults[int]:
        """The usual case, so that slots fill up."""
        return self._hold(nth, who, 1, timedelta(0))

    def _hold(self, nth: int, who: str, places: int, old: timedelta) -> int | MultipleResults[int]:
        now = self.now - old
        slot = self._some_slot(nth)
        expected = self.model.hold(slot, who, places, now)
        row = self._agree(
            expected,
            lambda session: holds.place_hold(
                session,
                self._id_of(slot),
                viewer=self.viewers[who],
                now=now,
                wanted=places,
                limits=HoldLimits(PER_ACCOUNT, PER_ORGANIZATION),
            ),
        )
        if row is None:
            return multiple()
        self.hold_ids.append(row["id"])
        number = len(self.hold_ids) - 1
        self.model.held(number, ModelHold(slot, who, places, now + 10 * MINUTE), now)
        return number

    @rule(target=booked, number=held, somebody=whose, old=stale, handle=handle)
    def confirm(
        self, number: int, somebody: str | None, old: timedelta, handle: str | None
    ) -> int | MultipleResults[int]:
        return self._confirm(number, somebody or self._holder(number), old, handle)

    @rule(target=booked, nth=st.integers(0, 1), who=who, handle=handle)
    def book_one_of_the_next(
        self, nth: int, who: str, handle: str | None
    ) -> int | MultipleResults[int]:
        """Hold and confirm at once, as most people do."""
        held = self._hold(nth, who, 1, timedelta(0))
        return self._confirm(held, who, timedelta(0), handle) if isinstance(held, int) else held

    def _confirm(
        self, number: int, who: str, old: timedelta, handle: str | None
    ) -> int | MultipleResults[int]:
        now = self.now - old
        handle = None if who == "public" else handle
        booked = self._agree(
            self.model.confirm(number, who, now, handle),
            lambda session: appointments.confirm_hold(
                session,
                self.hold_ids[number],
                viewer=self.viewers[who],
                now=now,
                client_handle=handle,
            ),
        )
        if booked is None:
            return multiple()
        self.booked_ids.append((booked.appointment["id"], booked.manage_token))
        self.model.confirmed(number, len(self.booked_ids) - 1, now, handle)
        return len(self.booked_ids) - 1

    @rule(number=held, somebody=whose)
    def release(self, number: int, somebody: str | None) -> None:
        who = somebody or self._holder(number)
        self._agree(
            self.model.release(number, who),
            lambda session: holds.release_hold(
                session, self.hold_ids[number], viewer=self.viewers[who], now=self.now
            ),
        )

    @rule(number=booked, somebody=whose, old=stale)
    def cancel(self, number: int, somebody: str | None, old: timedelta) -> None:
        now = self.now - old
        who = somebody or self.model.appointments[number].holder
        appointment_id, token = self.booked_ids[number]
        if who == "public" and token is not None:
            own = token  # for the type checker: the lambda outlives the test above
            self._agree(
                self.model.cancel(number, who, now),
                lambda session: appointments.cancel_own_appointment(session, own, now=now),
            )
            return
        self._agree(
            self.model.cancel(number, who, now),
            lambda session: appointments.cancel_appointment(
                session,
                appointment_id,
                viewer=self.viewers[who],
                now=now,
                reason="mistake",
            ),
        )

    @rule(number=booked, nth=st.integers(0, 3), somebody=whose, old=stale)
    def reschedule(self, number: int, nth: int, somebody: str | None, old: timedelta) -> None:
        now = self.now - old
        who = somebody or self.model.appointments[number].holder
        slot = self._some_slot(nth)
        appointment_id, token = self.booked_ids[number]
        expected = self.model.reschedule(number, slot, who, now)
        if who == "public" and token is not None:
            own = token
            self._agree(
                expected,
                lambda session: appointments.reschedule_own_appointment(
                    session, own, self._id_of(slot), now=now
                ),
            )
            return
        self._agree(
            expected,
            lambda session: appointments.reschedule_appointment(
                session, appointment_id, self._id_of(slot), viewer=self.viewers[who], now=now
            ),
        )

    @rule(number=booked, what=st.sampled_from(sorted(SAID)), who=says, old=stale)
    def say(self, number: int, what: str, who: str, old: timedelta) -> None:
        now = self.now - old
        module, name, words = SAID[what]
        self._agree(
            self.model.say(number, what, who, now),
            lambda session: getattr(module, name)(
                session, self.booked_ids[number][0], viewer=self.viewers[who], now=now, **words
            ),
        )

    @rule(minutes=st.sampled_from([1, 5, 10, 10, 45, 240, 900]))
    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(what=st.sampled_from(["tidy", "roll", "suspend or resume", "decline"]), old=stale)
    def keep_house(self, what: str, old: timedelta) -> None:
        if what == "tidy":
            self._tidy(old)
        elif what == "roll":
            self._roll(old)
        elif what == "decline":
            self._decline_unanswered(old)
        else:
            self._suspend_or_resume()

    def _tidy(self, old: timedelta) -> None:
        with self._savepoint() as session:
            forgotten = holds.forget_lapsed_holds(session, now=self.now - old)
        assert forgotten == self.model.tidy(self.now - old)

    def _roll(self, old: timedelta) -> None:
        with self._savepoint() as session:
            windows.roll_windows(session, now=self.now - old)
        self.model.roll(self.now - old)

    def _decline_unanswered(self, old: timedelta) -> None:
        with self._savepoint() as session:
            declined = approvals.decline_unanswered(session, now=self.now - old)
        assert declined == self.model.decline_unanswered(self.now - old)

    def _suspend_or_resume(self) -> None:
        self.model.suspended = not self.model.suspended
        self.agreement.status = (
            AgreementStatus.SUSPENDED if self.model.suspended else AgreementStatus.ACTIVE
        )
        self.session.flush()

    @rule(who=who)
    def ask_for_the_next_slot(self, who: str) -> None:
        following = slot_queries.find_next_slots(
            self.session, self.viewers[who], [self.offer.id], now=self.now
        )
        listed = self.model.listing(who, self.now)
        first = min((self.model.start(slot) for slot in listed), default=None)
        assert [row["starts_at"] for row in following.values()] == ([first] if first else [])

    # -- what must hold after each of it

    @invariant()
    def each_viewer_sees_what_the_model_says(self) -> None:
        for name in ("public", "host", "partner", "stranger"):  # one of each organization
            rows = slot_queries.find_bookable_slots(self.session, self.viewers[name], now=self.now)
            listed = {self._key_of(row): row["places_left"] for row in rows}
            assert listed == self.model.listing(name, self.now), name

    @invariant()
    def the_slots_are_the_models(self) -> None:
        assert {self._key_of(row) for row in self._all("slot")} == self.model.slots

    @invariant()
    def no_slot_is_overbooked(self) -> None:
        """Counted twice: from the numbered places, and from what people were told they have."""
        places = self._count_by("slot_id", self._live_places())
        told = self._count_by("slot_id", [*self._live("hold"), *self._live("appointment")])
        capacity = {row["id"]: row["capacity"] for row in self._all("slot")}
        for slot_id in places | told:
            assert places[slot_id] == told[slot_id] <= capacity[slot_id]

    @invariant()
    def everyone_has_exactly_their_places(self) -> None:
        rows = self._live_places()
        held = self._count_by("hold_id", [row for row in rows if row["hold_id"]])
        booked = self._count_by("appointment_id", [row for row in rows if row["appointment_id"]])
        assert held == {row["id"]: row["places"] for row in self._live("hold")}
        assert booked == {row["id"]: row["places"] for row in self._live("appointment")}

    @invariant()
    def every_history_is_whole(self) -> None:
        steps: dict[UUID, list[int]] = {}
        for row in self._all("appointment_change"):
            steps.setdefault(row["appointment_id"], []).append(row["sequence"])
        status = {row["id"]: row["status"] for row in self._all("appointment")}
        for number, (appointment_id, _) in enumerate(self.booked_ids):
            changes = self.model.appointments[number].changes
            assert status[appointment_id] == self.model.appointments[number].status
            assert sorted(steps.pop(appointment_id)) == list(range(changes + 1))
        assert not steps

    # -- looking things up

    def _all(self, table: str) -> Any:
        return find_rows(self.session, sa.select(tables[table]))

    def _live(self, table: str) -> list[Any]:
        if table == "hold":
            return [row for row in self._all("hold") if row["expires_at"] > self.now]
        return [row for row in self._all(table) if row["status"] != "cancelled"]

    def _live_places(self) -> list[Any]:
        return [
            row
            for row in self._all("slot_place")
            if row["expires_at"] is None or row["expires_at"] > self.now
        ]

    @staticmethod
    def _count_by(column: str, rows: list[Any]) -> dict[UUID, int]:
        """Add up places; a row of ``slot_place`` is one."""
        counted: dict[UUID, int] = {}
        for row in rows:
            counted[row[column]] = counted.get(row[column], 0) + row.get("places", 1)
        return counted

    def _holder(self, number: int) -> str:
        hold = self.model.holds.get(number)
        return hold.holder if hold else "partner"

    def _some_slot(self, nth: int) -> SlotKey:
        """One of the next slots; those that began within the hour are among them."""
        coming = sorted(
            (self.model.start(slot), slot)
            for slot in self.model.slots
            if self.model.start(slot) > self.now - 60 * MINUTE
        ) or sorted((self.model.start(slot), slot) for slot in self.model.slots)
        return coming[nth % len(coming)][1]

    def _key_of(self, row: Any) -> SlotKey:
        return SlotKey(
            self.window_ids.index(row["window_id"]), row["local_date"], row["slot_index"]
        )

    def _id_of(self, slot: SlotKey) -> UUID:
        table = tables["slot"]
        found = self.session.connection().execute(
            sa.select(table.c.id).where(
                table.c.window_id == self.window_ids[slot.window],
                table.c.local_date == slot.day,
                table.c.slot_index == slot.number,
            )
        )
        slot_id: UUID = found.scalar_one()
        return slot_id
