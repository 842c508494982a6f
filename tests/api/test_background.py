"""Work by the clock: safe to repeat, and done by one process of many."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from api.background import (
    TICKS,
    AdvisoryLeadership,
    FileLeadership,
    Leadership,
    leadership_of,
    run_tick,
)
from directory.database import Database
from directory.errors import BusyError
from directory.models.organizations import Organization
from tests.conftest import NOON
from tests.factories import make_organization, make_window

ROOT = Path(__file__).parents[2]


class Follower:
    """Somebody else leads."""

    def held(self) -> bool:
        return False

    def release(self) -> None: ...


@pytest.mark.parametrize(("name", "_seconds", "tick"), TICKS, ids=[name for name, _, _ in TICKS])
def test_a_tick_that_comes_twice_does_nothing_the_second_time(
    session: Session, name: str, _seconds: int, tick: Any
) -> None:
    make_window(session)
    assert name

    tick(session, now=NOON)

    assert tick(session, now=NOON) == 0


def add_agency(session: Session, *, now: Any) -> int:
    assert now == NOON
    make_organization(session, "Ticked")
    return 1


def agencies(database: Database) -> int:
    with database.reading() as session:
        return len(session.exec(select(Organization)).all())


def test_a_tick_is_a_transaction_of_its_own(database: Database, tmp_path: Path) -> None:
    leader = leadership_of(database, tmp_path)

    assert run_tick(database, leader, lambda: NOON, "add", add_agency) == 1

    assert agencies(database) == 1
    leader.release()


def test_who_does_not_lead_does_nothing(database: Database) -> None:
    assert run_tick(database, Follower(), lambda: NOON, "add", add_agency) is None

    assert agencies(database) == 0


def test_a_busy_database_is_left_to_the_next_tick(database: Database, tmp_path: Path) -> None:
    def busy(_session: Session, *, now: Any) -> int:
        assert now
        raise BusyError

    leader = leadership_of(database, tmp_path)

    assert run_tick(database, leader, lambda: NOON, "busy", busy) is None
    leader.release()


def test_the_lock_fits_the_database(database: Database, tmp_path: Path) -> None:
    expected = FileLeadership if database.is_sqlite else AdvisoryLeadership

    assert isinstance(leadership_of(database, tmp_path), expected)


def test_of_three_one_leads_and_another_follows_it(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    databases = [database, Database(database_url), Database(database_url)]
    three: list[Leadership] = [leadership_of(each, tmp_path) for each in databases]

    assert [each.held() for each in three] == [True, False, False]
    assert [each.held() for each in three] == [True, False, False]
    three[0].release()
    assert [each.held() for each in three[1:]] == [True, False]
    assert not three[0].held()

    for each in three:
        each.release()
    for each in databases[1:]:
        each.close()


LEAD = """
import sys
from pathlib import Path
from api.background import leadership_of
from directory.database import Database
leader = leadership_of(Database(sys.argv[1]), Path(sys.argv[2]))
print(leader.held(), flush=True)
sys.stdin.read()
"""


def test_a_leader_that_is_killed_is_followed(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", LEAD, database_url, str(tmp_path)]
    leader = subprocess.Popen(  # noqa: S603  (our own code)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert leader.stdout is not None
    assert leader.stdout.readline() == "True\n"
    successor = leadership_of(database, tmp_path)
    assert not successor.held()

    leader.send_signal(signal.SIGKILL)
    leader.communicate(timeout=30)

    assert any(successor.held() for _ in range(2000))  # the server has to notice
    successor.release()
