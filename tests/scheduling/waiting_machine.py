"""Everything people do with a waiting list, in any order, here and on the model at once."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import Session

from directory.database import Database, Row, find_rows
from directory.errors import DomainError
from directory.viewer import PUBLIC, Viewer
from scheduling.commands import answers, appointments, holds, offers, waitlists
from scheduling.models import TABLES
from scheduling.queries import open_lines
from scheduling.queries import waitlists as waitlist_queries
from tests.conftest import NOON
from tests.scheduling.lining_up import Scene, lay_out, line_up
from tests.scheduling.waiting_model import (
    MINUTE,
    Model,
    ModelEntry,
    ModelHold,
    ModelOffer,
    ModelSlot,
    Refusal,
)

#: The two slots of the window begin at 1 and at 1:30 pm; which of them suit somebody.
BOTH, FIRST, SECOND = frozenset({0, 1}), frozenset({0}), frozenset({1})
SUITS: dict[frozenset[int], list[dict[str, Any]]] = {
    BOTH: [],
    FIRST: [{"closes_at": "13:30"}],
    SECOND: [{"opens_at": "13:30"}],
}
MOST_WAITING = 6

which = st.integers(0, 20)
somebody = st.fixed_dictionaries(
    {
        "who": st.sampled_from(["public", "host", "partner"]),
        "places": st.sampled_from([1, 1, 2]),
        "priority": st.sampled_from([0, 0, 3]),
        "suits": st.sampled_from([BOTH, BOTH, FIRST, SECOND]),
    }
)


class WaitingMachine(RuleBasedStateMachine):
    """A host, a partner inside an agreement, and people, before two slots of two places.

    A whole example is one transaction, undone at its end; each command is a savepoint in it.
    """

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._open = database.transaction()
        self.session: Session = self._open.__enter__()
        self.now = NOON
        self.scene: Scene = lay_out(
            self.session, capacity=2, freq=None, byday=(), closes_at=time(14)
        )
        self.viewers = {
            "host": self.scene.host,
            "partner": self.scene.partner,
            "public": PUBLIC,
        }
        starts = [row["starts_at"] for row in self._all("slot", "starts_at")]
        self.model = Model([ModelSlot(at, 2) for at in starts])
        self.hold_ids: list[UUID] = []
        self.appointment_ids: list[UUID] = []
        self.entry_ids: list[UUID] = []
        self.offer_ids: list[UUID] = []  # in the order in which they were seen first

    def teardown(self) -> None:
        self.session.rollback()
        self._open.__exit__(None, None, None)

    @initialize(line=st.lists(somebody, min_size=2, max_size=4), held=st.integers(0, 2))
    def fill_up(self, line: list[dict[str, Any]], held: int = 0) -> None:
        """Begin with everything taken, and some in line: only then does anything happen.

        The first places are only ``held``, so that releasing, too, frees what somebody waits for.
        """
        for number, slot in enumerate((0, 1, 0, 1)):
            take = self.hold if number < held else self.book
            take(slot, 1)
        for one in line:
            self.join(one)

    def _agree(self, expected: Refusal | None, command: Callable[[], Any]) -> Any:
        refused: Refusal | None = None
        result = None
        try:
            with self.session.begin_nested():
                result = command()
        except DomainError as error:
            refused = type(error)
        assert refused == expected
        return result

    # -- what people do

    @precondition(lambda self: len(self.entry_ids) < MOST_WAITING)
    @rule(one=somebody)
    def join(self, one: dict[str, Any]) -> None:
        self.now += timedelta(seconds=1)  # nobody comes at the same moment
        who, places, suits = one["who"], one["places"], one["suits"]
        priority = one["priority"] if who == "host" else 0
        joined = line_up(
            self.session, self.scene, self.viewers[who], now=self.now,
            places=places, priority=priority, suits=SUITS[suits],
        )  # fmt: skip
        self.entry_ids.append(joined.id)
        self.model.entries.append(ModelEntry(who, places, priority, suits))

    @rule(slot=st.integers(0, 1), places=st.sampled_from([1, 1, 2]))
    def hold(self, slot: int, places: int) -> None:
        row = self._agree(
            self.model.hold(slot, places, self.now),
            lambda: holds.place_hold(
                self.session, self.scene.slots[slot], viewer=PUBLIC, now=self.now,
                wanted=places,
            ),
        )  # fmt: skip
        if row is not None:
            self.hold_ids.append(row["id"])
            until = self.now + 10 * MINUTE
            self.model.holds[len(self.hold_ids) - 1] = ModelHold(slot, places, until)

    @rule(slot=st.integers(0, 1), places=st.sampled_from([1, 1, 2]))
    def book(self, slot: int, places: int) -> None:
        before = len(self.hold_ids)
        self.hold(slot, places)
        if len(self.hold_ids) > before:
            self.confirm(before)

    def confirm(self, number: int) -> None:
        hold = self.model.holds[number]
        booked = self._agree(
            self.model.confirm(hold, self.now),
            lambda: appointments.confirm_hold(
                self.session, self.hold_ids[number], viewer=PUBLIC, now=self.now
            ),
        )
        if booked is not None:
            del self.model.holds[number]
            self._booked(booked.appointment["id"], hold.slot, hold.places)

    def _booked(self, appointment_id: UUID, slot: int, places: int) -> None:
        self.appointment_ids.append(appointment_id)
        self.model.bookings[len(self.appointment_ids) - 1] = (slot, places)

    @precondition(lambda self: self.model.holds)
    @rule(nth=which)
    def release(self, nth: int) -> None:
        number = sorted(self.model.holds)[nth % len(self.model.holds)]
        slot = self.model.holds.pop(number).slot
        self.model.pass_on(slot, self.now)
        self._agree(
            None,
            lambda: holds.release_hold(
                self.session, self.hold_ids[number], viewer=PUBLIC, now=self.now
            ),
        )
        self._nobody_who_fits_is_left_out(slot)

    @precondition(lambda self: self.model.bookings and self.now < self.model.slots[0].starts_at)
    @rule(nth=which)
    def cancel(self, nth: int) -> None:
        number = sorted(self.model.bookings)[nth % len(self.model.bookings)]
        slot, _ = self.model.bookings.pop(number)
        self.model.pass_on(slot, self.now)
        self._agree(
            None,
            lambda: appointments.cancel_appointment(
                self.session, self.appointment_ids[number], viewer=self.scene.host,
                now=self.now, reason="mistake",
            ),
        )  # fmt: skip
        self._nobody_who_fits_is_left_out(slot)

    @precondition(lambda self: self.model.offers)
    @rule(nth=which)
    def accept(self, nth: int) -> None:
        offer = self._some_offer(nth)
        again = offer.status == "accepted"
        booked = self._agree(
            self.model.accept(offer, self.now),
            lambda: answers.accept_offer(
                self.session, self._found(offer), viewer=self._owner(offer), now=self.now
            ),
        )
        if booked is not None and not again:
            places = self.model.entries[offer.entry].places
            self._booked(booked.appointment["id"], offer.slot, places)

    @precondition(lambda self: self.model.offers)
    @rule(nth=which)
    def decline(self, nth: int) -> None:
        offer = self._some_offer(nth)
        self._agree(
            self.model.decline(offer, self.now),
            lambda: answers.decline_offer(self.session, self._found(offer), now=self.now),
        )

    @precondition(lambda self: self.entry_ids)
    @rule(nth=which)
    def leave(self, nth: int) -> None:
        number = nth % len(self.entry_ids)
        self._agree(
            self.model.leave(number, self.now),
            lambda: waitlists.leave_waitlist(self.session, self.entry_ids[number], now=self.now),
        )

    @rule(minutes=st.sampled_from([1, 5, 10, 60, 240]))
    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @precondition(lambda self: any(offer.status == "open" for offer in self.model.offers))
    @rule(past=st.sampled_from([timedelta(0), MINUTE, 2 * MINUTE, 3 * MINUTE]))
    def wait_until_an_offer_lapses(self, past: timedelta) -> None:
        ends = [offer.expires_at for offer in self.model.offers if offer.status == "open"]
        self.now = max(self.now, min(ends) + past)

    @rule()
    def tidy(self) -> None:
        holds.forget_lapsed_holds(self.session, now=self.now)
        for number, hold in list(self.model.holds.items()):
            if hold.expires_at <= self.now:
                del self.model.holds[number]

    @rule()
    def lapse(self) -> None:
        """What the worker does first: what lapsed passes on, with nothing else to help it."""
        lapsed = waitlist_queries.find_lapsed_offers(self.session, now=self.now)
        for offer_id in sorted(lapsed, key=self.offer_ids.index):  # ids differ from run to run
            number = self._number_of(offer_id)
            self.model.offers[number].status = "lapsed"
            self.model.pass_on(self.model.offers[number].slot, self.now)
            assert answers.lapse_offer(self.session, offer_id, now=self.now)

    @rule()
    def offer_what_is_free(self) -> None:
        """What the worker does then, which would heal what an earlier step forgot."""
        for _ in range(len(self.entry_ids) + 1):
            found = open_lines.find_slots_to_pass_on(self.session, now=self.now)
            for slot_id in found:
                self.model.pass_on(self.scene.slots.index(slot_id), self.now)
                offers.pass_on(self.session, [slot_id], now=self.now)
        for slot in (0, 1):
            self._nobody_who_fits_is_left_out(slot)

    @rule(nth=which)
    def run_a_stale_job(self, nth: int) -> None:
        if self.model.offers:
            offer = self._some_offer(nth)
            if offer.status != "open" or offer.expires_at > self.now:
                assert not answers.lapse_offer(self.session, self._found(offer)["id"], now=self.now)

    # -- what must hold

    def _nobody_who_fits_is_left_out(self, slot: int) -> None:
        """No place that was freed is open to everybody while somebody whom it fits waits."""
        for entry in range(len(self.entry_ids)):
            assert not self.model.fits(entry, slot, self.now)

    @invariant()
    def offers_are_those_of_the_model(self) -> None:
        made = self._made()
        for number, entry_id in enumerate(self.entry_ids):
            assert [
                (self.scene.slots.index(row["slot_id"]), str(row["status"]), row["expires_at"])
                for row in made
                if row["entry_id"] == entry_id
            ] == [
                (offer.slot, offer.status, offer.expires_at)
                for offer in self.model.offers
                if offer.entry == number
            ]

    @invariant()
    def those_who_wait_are_those_of_the_model(self) -> None:
        status = {row["id"]: str(row["status"]) for row in self._all("waitlist_entry")}
        assert [status[id_] for id_ in self.entry_ids] == [e.status for e in self.model.entries]

    @invariant()
    def no_slot_is_overbooked(self) -> None:
        """Counted from the numbered places, and from what people were told they have."""
        for number, slot_id in enumerate(self.scene.slots):
            taken = sum(
                1
                for row in self._all("slot_place")
                if row["slot_id"] == slot_id
                and (row["expires_at"] is None or row["expires_at"] > self.now)
            )
            assert taken <= 2
            assert taken == 2 - self.model.room(number, self.now)

    @invariant()
    def nobody_has_two_offers_nor_one_after_the_start(self) -> None:
        open_ = [row for row in self._all("offer") if row["status"] == "open"]
        assert len({row["entry_id"] for row in open_}) == len(open_)
        starts = dict(zip(self.scene.slots, self.model.slots, strict=True))
        for row in self._all("offer"):
            assert row["offered_at"] < row["expires_at"] <= starts[row["slot_id"]].starts_at

    @invariant()
    def who_is_booked_has_their_appointment(self) -> None:
        for row in self._all("offer"):
            assert (row["status"] == "accepted") == (row["appointment_id"] is not None)

    # -- looking things up

    def _all(self, table: str, order: str = "id") -> Any:
        columns = TABLES[table].c
        statement = sa.select(TABLES[table])
        return find_rows(self.session, statement.order_by(columns.get(order, sa.literal(1))))

    def _some_offer(self, nth: int) -> ModelOffer:
        """One of the last few, so that it is often open."""
        recent = self.model.offers[-4:]
        return recent[nth % len(recent)]

    def _found(self, offer: ModelOffer) -> Row:
        """The row of a model's offer: the same entry's, and the same in order."""
        nth = [each for each in self.model.offers if each.entry == offer.entry].index(offer)
        entry_id = self.entry_ids[offer.entry]
        row = [row for row in self._made() if row["entry_id"] == entry_id][nth]
        owner = self._owner(offer)
        if owner.is_public:
            (entry,) = find_rows(
                self.session,
                sa.select(TABLES["waitlist_entry"]).where(
                    TABLES["waitlist_entry"].c.id == row["entry_id"]
                ),
            )
            return waitlist_queries.get_offer_of_entry(self.session, entry, row["id"])
        return waitlist_queries.get_offer(self.session, row["id"], owner)

    def _owner(self, offer: ModelOffer) -> Viewer:
        return self.viewers[self.model.entries[offer.entry].who]

    def _number_of(self, offer_id: UUID) -> int:
        """Return the model's number of an offer, by its entry and its order among its offers."""
        (row,) = (row for row in self._made() if row["id"] == offer_id)
        mine = [each["id"] for each in self._made() if each["entry_id"] == row["entry_id"]]
        entry = self.entry_ids.index(row["entry_id"])
        numbers = [n for n, offer in enumerate(self.model.offers) if offer.entry == entry]
        return numbers[mine.index(offer_id)]

    def _made(self) -> list[Row]:
        """All offers, each entry's in their order: no step makes two of them to one entry.

        Their moments do not tell: one that is declined at once may be followed by another within
        the very same moment.
        """
        rows = {row["id"]: row for row in self._all("offer")}
        new = rows.keys() - set(self.offer_ids)
        self.offer_ids += sorted(new, key=lambda id_: self.entry_ids.index(rows[id_]["entry_id"]))
        return [rows[id_] for id_ in self.offer_ids]
