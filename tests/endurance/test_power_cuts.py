"""The power is cut while SQLite writes bookings: what was acknowledged is there afterwards.

The real commands, through the real ``Database``, upon a disk that forgets (``power``). With the
same disk and a weaker sync, acknowledged bookings are lost: so the test can fail.
"""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
import sqlalchemy as sa

from directory.database import Database
from directory.errors import UnavailableError
from directory.viewer import PUBLIC
from scheduling.commands.appointments import cancel_own_appointment, confirm_hold
from scheduling.commands.holds import place_hold
from tests.conftest import NOON
from tests.endurance.power import Disk, Driver
from tests.endurance.stores import find_torn, lost
from tests.factories import make_slot

PATH = "/openings.db"
URL = f"sqlite:///{PATH}"

MOST_BOOKINGS = 30

#: Of five bookings this one is cancelled again.
CANCELLED = 4


class Start(NamedTuple):
    """A disk with one slot, before anybody has booked."""

    files: dict[str, bytes]
    slot_id: UUID


@contextmanager
def opened(disk: Disk, synchronous: str = "FULL") -> Iterator[Database]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("directory.database.SQLITE_DRIVER", Driver(disk, synchronous))
        with closing(Database(URL)) as database:
            yield database
    disk.unregister()  # or it is kept for ever


@pytest.fixture
def start(sqlite_template: Path) -> Start:
    disk = Disk({PATH: sqlite_template.read_bytes()})
    with opened(disk) as database, database.transaction() as session:
        slot_id = make_slot(session, capacity=200)
    return Start({name: bytes(file.live) for name, file in disk.files.items()}, slot_id)


def book_while_there_is_power(database: Database, slot_id: UUID) -> list[str]:
    """Book, and cancel every fifth; return the bookings that were acknowledged and stand."""
    acknowledged: list[str] = []
    with suppress(UnavailableError, sa.exc.DBAPIError):
        for number in range(MOST_BOOKINGS):
            with database.transaction() as session:
                hold = place_hold(session, slot_id, viewer=PUBLIC, now=NOON)
            with database.transaction() as session:
                booked = confirm_hold(session, hold["id"], viewer=PUBLIC, now=NOON)
            if number % 5 == CANCELLED:
                with database.transaction() as session:
                    cancel_own_appointment(session, booked.manage_token or "", now=NOON)
            else:
                acknowledged.append(str(booked.appointment["id"]))
    return acknowledged


class Outcome(NamedTuple):
    """What was told, what of it is gone, and what is there by half, over all cuts."""

    acknowledged: int
    cuts_with_losses: int
    torn: set[str]


def cut_again_and_again(start: Start, cuts: int, synchronous: str = "FULL") -> Outcome:
    dice = random.Random(13)  # noqa: S311  (chance, not secrecy)
    told, losses, torn = 0, 0, set[str]()
    for _ in range(cuts):
        disk = Disk(start.files)
        with opened(disk, synchronous) as database:
            with database.reading() as session:  # opening writes too, and is not what is cut
                session.connection()
            disk.power_lasts = disk.done + dice.randrange(1, 1_000)
            acknowledged = book_while_there_is_power(database, start.slot_id)
            left = Disk(disk.after_cut(dice))
        with opened(left) as database, database.reading() as session:
            told += len(acknowledged)
            sound = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar_one()
            torn |= {*find_torn(session, now=NOON), *([] if sound == "ok" else ["the file"])}
            losses += bool(lost(session, acknowledged))
    return Outcome(told, losses, torn)


@pytest.mark.parametrize("cuts", [40, pytest.param(1_000, marks=pytest.mark.long)])
def test_what_was_acknowledged_survives_every_power_cut(start: Start, cuts: int) -> None:
    outcome = cut_again_and_again(start, cuts)

    assert outcome.acknowledged > cuts
    assert outcome.cuts_with_losses == 0
    assert outcome.torn == set()


def test_with_a_weaker_sync_acknowledged_bookings_are_lost(start: Start) -> None:
    """The test can fail: this is all that ``synchronous = FULL`` is for."""
    outcome = cut_again_and_again(start, 20, "NORMAL")

    assert outcome.cuts_with_losses > 0
    assert outcome.torn == set()
