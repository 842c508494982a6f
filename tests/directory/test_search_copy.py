"""The copy of the search rows: true after every change, of whatever process, or silent."""

import threading
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory.commands.needs import ensure_needs
from directory.database import Database
from directory.drawn_areas import find_drawn
from directory.index import refresh_services
from directory.models.schedules import Schedule
from directory.models.services import Service, ServiceAtLocation
from directory.offers import entries
from directory.search import search
from directory.search_copy import answering, columns, feed
from directory.search_copy import copy as copies
from directory.search_copy.answering import answer_from_copy, remember_rows
from directory.search_copy.copy import SearchCopy
from directory.search_copy.feed import News, Seen, news_since
from directory.search_query import SearchQuery, Sort
from tests.conftest import NOON
from tests.directory.engines import assert_answers_the_same
from tests.directory.test_search import (
    HERE,
    add_listing,
    listings_near,
    origin_at,
    refresh_all,
    searches,
)
from tests.factories import make_offer, make_organization, weekly

QUERY = SearchQuery(origin=origin_at(HERE))


def assert_true(
    copy: SearchCopy, session: Session, query: SearchQuery = QUERY, now: datetime = NOON
) -> None:
    """Hold an answer of the copy, brought up to date, against the tables."""
    assert copy.refresh(session)
    answer = search(session, query, now=now)
    assert_answers_the_same(copy, session, query, answer, now=now)


def names(copy: SearchCopy, session: Session, query: SearchQuery = QUERY) -> list[str]:
    answer = answer_from_copy(copy, session, query, now=NOON)
    assert answer is not None
    return [hit.entry["service_name"] for hit in answer.hits]


# ----------------------------------------------------------------------------- a life of changes

CHANGES = st.sampled_from(("add", "remove", "rename"))


@settings(
    max_examples=settings().max_examples // 3,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), late=st.sampled_from((0, 2, 4_096)))
def test_a_copy_that_lives_through_changes_answers_as_the_tables_do(
    session: Session, data: st.DataObject, late: int
) -> None:
    """Rows are added, moved, changed where they stand and removed; hours end; lines are sorted."""
    before, columns.MOST_LATE = columns.MOST_LATE, late
    with session.begin_nested() as savepoint:
        organization = make_organization(session, "Lanternfish")
        ensure_needs(session)
        copy, now = SearchCopy(), NOON
        listings, query, _ = data.draw(searches())
        query = replace(query, sort=None, open_at=None)
        query = replace(query, origin=query.origin or origin_at(HERE))
        near = listings_near(query.origin.point if query.origin else HERE)
        written = [add_listing(session, each, organization.id) for each in listings]
        refresh_all(session)
        for _ in range(data.draw(st.integers(1, 5))):
            for change in data.draw(
                st.lists(st.sampled_from(("add", "remove", "rename")), max_size=3)
            ):
                if change == "add":
                    added = add_listing(session, data.draw(near), organization.id)
                    written.append(added)
                    refresh_services(session, [_service_of(session, added)], now=NOON)
                elif written:
                    chosen = written[data.draw(st.integers(0, len(written) - 1))]
                    _change(session, change, chosen)
            now += data.draw(st.sampled_from((timedelta(0), timedelta(hours=9), timedelta(days=2))))
            assert_true(copy, session, query, now)
        savepoint.rollback()
        session.expunge_all()
    columns.MOST_LATE = before


def _service_of(session: Session, id_: UUID) -> UUID:
    offer = session.get(ServiceAtLocation, id_)
    return offer.service_id if offer else id_


def _change(session: Session, change: str, id_: UUID) -> None:
    if change == "remove":
        session.connection().execute(sa.delete(entries).where(entries.c.id == id_))
        return
    service = session.get_one(Service, _service_of(session, id_))
    service.name = f"{service.name} renamed"
    refresh_services(session, [service.id], now=NOON)


def test_a_row_that_moves_is_found_where_it_is_now_and_nowhere_else(session: Session) -> None:
    offer = make_offer(session, name="Wanderer")
    copy = SearchCopy()
    assert_true(copy, session)
    far = replace(QUERY, origin=origin_at(HERE._replace(latitude=10.0)))

    move = {"latitude": 10.0, "cell": 0, "x": 1.0, "y": 1.0, "z": 1.0}
    session.connection().execute(sa.update(entries).where(entries.c.id == offer.id).values(move))

    assert_true(copy, session)
    assert names(copy, session) == []
    assert_true(copy, session, far)


def test_hours_that_are_over_are_looked_up_once(session: Session) -> None:
    offer = make_offer(session, hours=[weekly("MO", time(6), time(10))])
    copy = SearchCopy()
    tuesday = NOON + timedelta(days=1)
    assert_true(copy, session, QUERY, tuesday)

    # Nothing is missing in memory any more, so no session is asked for.
    answer = answer_from_copy(copy, None, QUERY, now=tuesday + timedelta(minutes=1))

    assert answer is not None
    assert (answer.total, answer.open_now) == (1, 0)
    session.connection().execute(
        sa.insert(Schedule.__table__),  # type: ignore[attr-defined]
        [{"id": uuid4(), "service_at_location_id": offer.id, **weekly("TU", time(0), time(23))}],
    )
    refresh_services(session, [offer.service_id], now=NOON)
    assert_true(copy, session, QUERY, tuesday)
    answer = answer_from_copy(copy, session, QUERY, now=tuesday)
    assert answer is not None
    assert answer.open_now == 1


def test_the_past_is_left_to_the_tables(session: Session) -> None:
    """What is known of hours was looked up at a later time, and does not count before."""
    make_offer(session, hours=[weekly("MO", time(6), time(10))])
    copy = SearchCopy()
    assert_true(copy, session, QUERY, NOON + timedelta(days=1))

    assert answer_from_copy(copy, session, QUERY, now=NOON) is None
    assert search(session, QUERY, now=NOON, copy=copy).open_now == 1


@pytest.mark.parametrize(
    "query",
    [
        SearchQuery(),
        replace(QUERY, sort=Sort.SOONEST),
        replace(QUERY, words="food", sort=Sort.RELEVANCE),
        replace(QUERY, open_at=NOON + timedelta(days=1)),
        replace(QUERY, bookable=True),
    ],
    ids=["nowhere", "soonest", "relevance", "another time", "bookable"],
)
def test_what_the_copy_does_not_know_the_tables_answer(
    session: Session, query: SearchQuery
) -> None:
    make_offer(session)
    copy = SearchCopy()
    copy.load(session)

    assert answer_from_copy(copy, session, query, now=NOON) is None
    assert search(session, replace(query, bookable=False), now=NOON, copy=copy) is not None


def test_from_memory_alone_nothing_is_guessed(session: Session) -> None:
    make_offer(session)
    copy = SearchCopy()
    copy.load(session)

    assert answer_from_copy(copy, None, QUERY, now=NOON) is None  # its row is not known yet
    assert_true(copy, session)
    answer = answer_from_copy(copy, None, QUERY, now=NOON)
    assert answer is not None
    assert answer.total == 1


# ---------------------------------------------------------------------------- what others write


@pytest.fixture
def copy(database: Database) -> SearchCopy:
    """A copy of a directory with one service."""
    with database.transaction() as session:
        make_offer(session, name="First")
    made = SearchCopy()
    with database.reading() as session:
        assert made.refresh(session)
        assert names(made, session) == ["First"]
    return made


def test_what_others_committed_is_in_the_next_answer(database: Database, copy: SearchCopy) -> None:
    with database.transaction() as session:
        second = make_offer(session, name="Second").id
    with database.reading() as session:
        assert_true(copy, session)
        assert names(copy, session) == ["First", "Second"]
    with database.transaction() as session:
        session.connection().execute(sa.delete(entries).where(entries.c.id == second))
    with database.reading() as session:
        assert_true(copy, session)
        assert names(copy, session) == ["First"]


def test_what_is_undone_was_never_there(database: Database, copy: SearchCopy) -> None:
    with database.transaction() as session:
        make_offer(session, name="Never")
        with database.reading() as reader:
            assert copy.refresh(reader)
        session.rollback()
    with database.reading() as session:
        assert_true(copy, session)
        assert names(copy, session) == ["First"]


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_writer_that_ends_late_is_not_missed(database: Database, copy: SearchCopy) -> None:
    """Its changes have lower numbers than those of one that began later and ended before."""
    with database.transaction() as slow:
        make_offer(slow, name="Slow")
        with database.transaction() as quick:
            make_offer(quick, name="Quick")
        with database.reading() as session:
            assert_true(copy, session)
            assert names(copy, session) == ["First", "Quick"]
    with database.reading() as session:
        assert_true(copy, session)
        assert names(copy, session) == ["First", "Quick", "Slow"]


def test_a_session_that_sees_less_than_the_copy_asks_the_tables(
    database: Database, copy: SearchCopy
) -> None:
    with database.snapshot() as old:
        assert copy.refresh(old)
        with database.transaction() as session:
            make_offer(session, name="Second")
        with database.reading() as session:
            assert copy.refresh(session)

        assert not copy.refresh(old)
        assert search(old, QUERY, now=NOON, copy=copy).total == 1
    with database.reading() as session:
        assert search(session, QUERY, now=NOON, copy=copy).total == 2


def test_an_answer_is_of_one_moment_or_of_the_tables(database: Database, copy: SearchCopy) -> None:
    """While somebody reads what is missing, somebody else takes in a change."""
    with database.snapshot() as old:
        assert copy.refresh(old)
        version = copy.version
        with database.transaction() as session:
            make_offer(session, name="Second")
        with database.reading() as session:
            assert copy.refresh(session)

        with pytest.raises(copies.AskTheTablesError), copy.as_of(version):
            pass


@pytest.mark.parametrize("most", [0, 1])
def test_forgotten_changes_have_all_rows_read_anew(
    database: Database, copy: SearchCopy, most: int
) -> None:
    with database.transaction() as session:
        make_offer(session, name="Second")
    with database.transaction() as session:
        assert feed.forget_old_changes(session, now=NOON, most=most)

    with database.reading() as session:
        assert not copy.refresh(session)  # what was read is too old
        assert not copy.is_loaded
        assert_true(copy, session)
        assert names(copy, session) == ["First", "Second"]


def test_few_changes_are_kept(database: Database, copy: SearchCopy) -> None:
    with database.transaction() as session:
        assert not feed.forget_old_changes(session, now=NOON)
    with database.reading() as session:
        assert_true(copy, session)


def test_so_many_changes_are_not_read_one_by_one(
    database: Database, copy: SearchCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_CHANGES", 2)
    with database.transaction() as session:
        for number in range(3):
            make_offer(session, name=f"Number {number}")

    with database.reading() as session:
        assert not copy.refresh(session)
        assert_true(copy, session)


def test_a_large_directory_is_not_read_while_somebody_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "FEW_ROWS", 0)
    with database.transaction() as session:
        make_offer(session)
    copy = SearchCopy()

    with database.reading() as session:
        assert not copy.refresh(session)
        assert search(session, QUERY, now=NOON, copy=copy).total == 1
        copy.load(session)
        assert_true(copy, session)


def test_readers_and_writers_together_see_every_moment_whole(database: Database) -> None:
    """A writer moves a service to and fro; there is always exactly one of it near."""
    with database.transaction() as session:
        make_offer(session, name="Pendulum")
        row = dict(session.connection().execute(sa.select(entries)).mappings().one())
    copy, wrong, stop = SearchCopy(), [], threading.Event()

    def write() -> None:
        while not stop.is_set():
            with database.transaction() as session:
                connection = session.connection()
                connection.execute(sa.delete(entries).where(entries.c.id == row["id"]))
                connection.execute(sa.insert(entries), row)

    def read() -> None:
        for _ in range(60):
            with database.snapshot() as session:
                found = search(session, QUERY, now=NOON, copy=copy)
                if found.total != 1 or len(found.hits) != 1:
                    wrong.append(found)

    writer = threading.Thread(target=write)
    readers = [threading.Thread(target=read) for _ in range(3)]
    for thread in (writer, *readers):
        thread.start()
    for thread in readers:
        thread.join()
    stop.set()
    writer.join()

    assert wrong == []


def test_rows_can_be_read_before_anybody_asks_for_them(session: Session) -> None:
    for name in ("A", "B", "C"):
        make_offer(session, name=name)
    copy = SearchCopy()
    copy.load(session)

    remember_rows(copy, session)

    answer = answer_from_copy(copy, None, QUERY, now=NOON)
    assert answer is not None
    assert len(answer.hits) == 3


@pytest.mark.parametrize("words", ["", "a"])
def test_from_memory_alone_not_too_much_is_looked_at(
    session: Session, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    for _ in range(3):
        make_offer(session, name="A")
    copy, query = SearchCopy(), replace(QUERY, words=words)
    assert_true(copy, session, query)
    name = "MOST_AT_ONCE_WITH_WORDS" if words else "MOST_AT_ONCE"

    monkeypatch.setattr(answering, name, 3)
    copy.beside.answers.clear()
    copy.beside.sketches.clear()
    assert answer_from_copy(copy, None, query, now=NOON) is not None

    monkeypatch.setattr(answering, name, 2)
    copy.beside.answers.clear()
    copy.beside.sketches.clear()
    assert answer_from_copy(copy, None, query, now=NOON) is None
    assert answer_from_copy(copy, session, query, now=NOON) is not None


def test_nobody_waits_while_the_database_is_asked(
    database: Database, copy: SearchCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who answers from memory must not stand still because a database does."""
    asked, answer = threading.Event(), threading.Event()

    def hang(session: Session, seen: Seen) -> News | None:
        asked.set()
        assert answer.wait(10)
        return news_since(session, seen)

    def refresh() -> None:
        with database.reading() as session:
            copy.refresh(session)

    monkeypatch.setattr(copies, "news_since", hang)
    slow = threading.Thread(target=refresh)
    slow.start()
    assert asked.wait(10)

    assert copy.lock.acquire(timeout=1)

    copy.lock.release()
    answer.set()
    slow.join()


def test_a_load_that_ends_late_does_not_bring_back_what_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        make_offer(session, name="First")
    copy = SearchCopy()
    late = find_drawn

    def be_overtaken(session: Session) -> object:
        monkeypatch.setattr(copies, "find_drawn", late)
        with database.transaction() as other:
            make_offer(other, name="Second")
        with database.reading() as other:
            assert copy.refresh(other) is not None
        return late(session)

    monkeypatch.setattr(copies, "find_drawn", be_overtaken)
    with database.snapshot() as session:
        copy.load(session)

    with database.reading() as session:
        assert names(copy, session) == ["First", "Second"]


def test_a_remembered_answer_is_of_its_day(session: Session) -> None:
    """Nothing opens or closes at midnight, and still the coming days are others."""
    make_offer(session, hours=[weekly("WE", time(6), time(18))])
    copy = SearchCopy()
    for minutes in (0, 15 * 60 + 59, 16 * 60 - 1, 16 * 60):  # midnight in Detroit
        assert_true(copy, session, QUERY, NOON + timedelta(minutes=minutes))
