"""Real connections at the same moment: an answer against the clock, two cancellations, one line.

Each guard is tried alone, and then none: without both it must go wrong, or this shows nothing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Barrier, Event
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from directory.database import Database, Row, find_rows
from directory.errors import BusyError, DomainError
from directory.tokens import hash_token
from directory.viewer import PUBLIC
from scheduling.commands import offers
from scheduling.commands.answers import accept_offer, lapse_offer
from scheduling.commands.offers import pass_on
from scheduling.models import TABLES
from scheduling.models.waitlists import OfferStatus
from scheduling.queries import in_line
from scheduling.queries.waitlists import get_entry_by_token, get_offer_of_entry
from tests.conftest import NOON
from tests.scheduling.faults import plant, replace_everywhere
from tests.scheduling.lining_up import Scene, cancel, fill, lay_out, line_up, offers_of
from tests.scheduling.unguarded import UnlockedDatabase, remove_slot_lock
from tests.scheduling.waiting_model import MINUTE

ROUNDS = 8
SECOND = MINUTE / 60

Work = Callable[[Database], Any]


def at_once(url: str, works: list[Work], open_: Callable[[str], Database] = Database) -> list[str]:
    """Do each in a process's own database, all from the same moment; say what came of each."""
    start = Barrier(len(works))

    def do(work: Work) -> str:
        with closing(open_(url)) as own:
            start.wait(timeout=60)
            while True:
                try:
                    return str(work(own))
                except BusyError:  # nothing was changed: the same again
                    continue
                except (DomainError, DBAPIError) as error:
                    return type(error).__name__

    with ThreadPoolExecutor(len(works)) as callers:
        return list(callers.map(do, works))


def every(database: Database, table: str) -> list[Row]:
    with database.reading() as session:
        return list(find_rows(session, sa.select(TABLES[table])))


# ------------------------------------------------------------------- accepting against the clock


class Offered:
    """One place, offered to the first of two people; it is about to lapse."""

    def __init__(self, database: Database) -> None:
        with database.transaction() as session:
            scene = lay_out(session)
            self.first = line_up(session, scene)
            self.second = line_up(session, scene, now=NOON + SECOND)
            pass_on(session, scene.slots[:1], now=NOON + MINUTE)
            (offer,) = offers_of(session, self.first)
        self.slot_id, self.offer_id = scene.slots[0], offer["id"]
        self.ends = offer["expires_at"]

    def accept(self, database: Database) -> str:
        with database.transaction() as session:
            entry = get_entry_by_token(session, hash_token(self.first.token or ""))
            offer = get_offer_of_entry(session, entry, self.offer_id)
            accept_offer(session, offer, viewer=PUBLIC, now=self.ends - SECOND)
        return "accepted"

    def lapse(self, database: Database) -> str:
        with database.transaction() as session:
            return str(lapse_offer(session, self.offer_id, now=self.ends))

    def told(self, database: Database) -> tuple[str, str, int, int]:
        """Return what the first and the offer are told, and how many have or are kept a place."""
        (entry,) = (r for r in every(database, "waitlist_entry") if r["id"] == self.first.id)
        made = every(database, "offer")
        (offer,) = (row for row in made if row["id"] == self.offer_id)
        taken = [row for row in every(database, "slot_place") if row["slot_id"] == self.slot_id]
        open_ = [row for row in made if row["status"] == "open"]
        return str(entry["status"]), str(offer["status"]), len(taken), len(open_)


def test_an_offer_is_accepted_or_lapses_and_never_both(database: Database) -> None:
    for _ in range(ROUNDS):
        offered = Offered(database)

        accepted, lapsed = at_once(database.url, [offered.accept, offered.lapse])

        told = offered.told(database)
        if accepted == "accepted":
            assert (lapsed, told) == ("False", ("booked", "accepted", 1, 0))
        else:
            assert (accepted, lapsed) == ("OfferEndedError", "True")
            assert told == ("waiting", "lapsed", 1, 1)
        _empty_out(database)


def test_without_the_lock_and_the_swap_an_offer_is_both(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same two, and nothing in their way."""
    offered = Offered(database)
    remove_slot_lock(monkeypatch)
    plant(monkeypatch, offers, "decide", ", offers.c.status == OfferStatus.OPEN", "")
    accepted = _lapse_after_accepting(monkeypatch)

    def accept_and_tell(own: Database) -> str:
        try:
            return offered.accept(own)
        finally:
            accepted.set()

    at_once(database.url, [accept_and_tell, offered.lapse], _unlocked)

    (offer,) = (row for row in every(database, "offer") if row["id"] == offered.offer_id)
    assert offer["status"] == "lapsed"
    assert offer["appointment_id"] is not None  # and booked: each side was told another thing


def _lapse_after_accepting(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Let both have read before either writes, and the clock write last."""
    both, accepted = Barrier(2), Event()
    decide = offers.decide

    def wait(
        session: Session, offer_id: UUID, status: OfferStatus, *args: Any, **more: Any
    ) -> None:
        both.wait(timeout=60)
        if status is OfferStatus.LAPSED:
            accepted.wait(timeout=60)
        decide(session, offer_id, status, *args, **more)

    replace_everywhere(monkeypatch, "decide", decide, wait)
    return accepted


# ------------------------------------------------------------------- two cancellations, one line


class TwoFull:
    """Two full slots, and two people who would take either."""

    def __init__(self, database: Database) -> None:
        with database.transaction() as session:
            self.scene: Scene = lay_out(session)
            self.booked = [fill(session, slot, self.scene.host) for slot in self.scene.slots[:2]]
            self.line = [line_up(session, self.scene, now=NOON + n * SECOND) for n in range(2)]

    def cancelling(self, appointment_id: UUID) -> Work:
        def work(database: Database) -> str:
            with database.transaction() as session:
                cancel(session, appointment_id, self.scene.host, now=NOON + MINUTE)
            return "cancelled"

        return work

    @property
    def both(self) -> list[Work]:
        return [self.cancelling(each) for each in self.booked]

    def offered(self, database: Database) -> list[int]:
        """How many places each of the two has been offered."""
        made = every(database, "offer")
        return [sum(1 for row in made if row["entry_id"] == one.id) for one in self.line]


def test_two_cancellations_offer_to_two_people_one_each(database: Database) -> None:
    for _ in range(ROUNDS):
        full = TwoFull(database)

        assert at_once(database.url, full.both) == ["cancelled"] * 2

        assert full.offered(database) == [1, 1]
        _empty_out(database)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_without_the_lock_on_the_line_the_index_alone_holds_on_postgresql(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = TwoFull(database)
    plant(monkeypatch, in_line, "lock_line", ".with_for_update()", "")
    _write_after_both_have_read(monkeypatch)

    outcomes = at_once(database.url, full.both)

    assert sorted(outcomes) == ["IntegrityError", "cancelled"]
    assert sum(full.offered(database)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_any_transaction_the_index_alone_holds_on_sqlite(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = TwoFull(database)
    _write_after_both_have_read(monkeypatch)

    outcomes = at_once(database.url, full.both, _unlocked)

    assert sorted(outcomes) == ["IntegrityError", "cancelled"]
    assert max(full.offered(database)) == 1


def test_without_both_one_person_is_offered_two_places(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    full = TwoFull(database)
    plant(monkeypatch, in_line, "lock_line", ".with_for_update()", "")
    _write_after_both_have_read(monkeypatch)

    with _no_index(database):
        assert at_once(database.url, full.both, _unlocked) == ["cancelled"] * 2
        assert full.offered(database) == [2, 0]
        with database.transaction() as session:
            session.connection().execute(sa.delete(TABLES["tickler"]))
            session.connection().execute(sa.delete(TABLES["offer"]))


def _write_after_both_have_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody offer anything before both have read the line."""
    both = Barrier(2)
    lock_line = in_line.lock_line

    def wait(*args: Any, **kwargs: Any) -> Any:
        line = lock_line(*args, **kwargs)
        both.wait(timeout=60)
        return line

    replace_everywhere(monkeypatch, "lock_line", lock_line, wait)


def _unlocked(url: str) -> Database:
    return UnlockedDatabase(url, begin="SELECT 1")


@contextmanager
def _no_index(database: Database) -> Iterator[None]:
    (index,) = (i for i in TABLES["offer"].indexes if i.name == "uq_offer_open_entry")
    index.drop(database.engine)
    try:
        yield
    finally:
        index.create(database.engine)


def _empty_out(database: Database) -> None:
    """Let the next round begin with nobody in line."""
    offer, entry = TABLES["offer"], TABLES["waitlist_entry"]
    with database.transaction() as session:
        session.connection().execute(
            sa.update(offer)
            .where(offer.c.status == "open")
            .values(status="withdrawn", decided_at=NOON)
        )
        session.connection().execute(sa.update(entry).values(status="left"))
