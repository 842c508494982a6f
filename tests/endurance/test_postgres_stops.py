"""PostgreSQL is stopped in the middle of its work, over and over: what was acknowledged is there.

Unlike a killed process of ours, this loses what was not synced: with ``synchronous_commit`` off,
the same test finds bookings gone. The server of ours stays, and goes on by itself.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from time import sleep
from typing import NamedTuple

import pytest

from directory.database import Database
from directory.migrate import migrate
from tests.conftest import NOON
from tests.endurance.private_postgres import PrivatePostgres, private_postgres
from tests.endurance.scene import set_the_scene
from tests.endurance.server import Server
from tests.endurance.stores import find_torn, lost
from tests.endurance.test_kills import CLIENTS, book_until, wait_until_it_answers

pytestmark = pytest.mark.postgres


class Outcome(NamedTuple):
    """What was told to clients, what of it is gone, and what is there by half."""

    acknowledged: int
    lost: set[str]
    torn: list[str]


def stopped_again_and_again(server: PrivatePostgres, folder: Path, cycles: int) -> Outcome:
    migrate(server.url)
    dice = random.Random(11)  # noqa: S311  (chance, not secrecy)
    over = Event()
    with closing(Database(server.url)) as database:
        scene = set_the_scene(database, slots=200, capacity=400, partners=CLIENTS)
    with Server(server.url, folder) as openings, ThreadPoolExecutor(CLIENTS) as threads:
        wait_until_it_answers(openings.port, scene.keys[0])
        working = [
            threads.submit(book_until, over, openings.port, key, scene.slot_ids[number::CLIENTS])
            for number, key in enumerate(scene.keys)
        ]
        try:
            for _ in range(cycles):
                sleep(dice.uniform(0.3, 1.0))
                server.stop_at_once()
                server.start()
        finally:
            over.set()
        acknowledged = [id_ for one in working for id_ in one.result(timeout=60)]
    with closing(Database(server.url)) as database, database.reading() as session:
        torn = list(find_torn(session, now=NOON))
        return Outcome(len(acknowledged), lost(session, acknowledged), torn)


@pytest.mark.parametrize("cycles", [2, pytest.param(50, marks=pytest.mark.long)])
def test_what_was_acknowledged_survives_every_stop(tmp_path: Path, cycles: int) -> None:
    with private_postgres() as server:
        outcome = stopped_again_and_again(server, tmp_path, cycles)

    assert outcome.acknowledged > 2 * cycles
    assert outcome.lost == set()
    assert outcome.torn == []


def test_with_commits_that_do_not_wait_for_the_disk_some_are_lost(tmp_path: Path) -> None:
    """The test can fail: the longest a commit may stay unwritten is three times this delay."""
    with private_postgres(synchronous_commit="off", wal_writer_delay="10s") as server:
        outcome = stopped_again_and_again(server, tmp_path, 3)

    assert outcome.lost
    assert outcome.torn == []
