"""Whatever was said, stepped and taken back: one plain model knows what a search has to say."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory.commands.openings import (
    OpeningReport,
    report_openings,
    step_openings,
    undo_openings,
)
from directory.database import Database, find_row
from directory.errors import NothingToUndoError
from directory.index import find_stale_services, refresh_services
from directory.models.accounts import Role
from directory.models.openings import OpeningStatus, ServiceCapacity, Unit
from directory.offers import entries
from directory.openings import find_live
from directory.queries.openings import find_said
from directory.search import search
from directory.search_query import SearchQuery
from directory.viewer import Viewer
from tests.conftest import NOON
from tests.factories import make_offer, make_organization

MINUTE = timedelta(minutes=1)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

Key = tuple[str, str]
KEYS: list[Key] = [("beds", ""), ("beds", "men"), ("seats", "")]


@dataclass(frozen=True)
class Word:
    """What somebody said: how many, what status, from when to when, and as of when."""

    available: int | None
    status: OpeningStatus
    updated: datetime
    expires_at: datetime
    as_of: datetime
    maximum: int | None = None

    @property
    def room(self) -> int:
        """How much room it tells of; 0 for none, 1 for some."""
        if self.status is not OpeningStatus.OPEN:
            return 0
        return 1 if self.available is None else self.available


@dataclass
class Model:
    """All words by what they are about, and of those of the place itself the pile that stands."""

    said: dict[Key, list[Word]] = field(default_factory=lambda: {key: [] for key in KEYS})
    pile: dict[Key, list[Word]] = field(default_factory=lambda: {key: [] for key in KEYS})
    own: dict[Key, list[Word]] = field(default_factory=lambda: {key: [] for key in KEYS})

    def next_instant(self, now: datetime) -> datetime:
        said = (word.updated + TICK for words in self.said.values() for word in words)
        return max([now, *said])

    def say(self, key: Key, word: Word, *, own: bool = True, undo: bool = False) -> None:
        self.said[key].append(word)
        if own:
            self.own[key].append(word)
        if own and not undo:
            self.pile[key].append(word)

    def undo(self, key: Key, now: datetime) -> bool:
        """Take the top off, if it is young enough, and say again what is below."""
        if not self.pile[key] or self.pile[key][-1].updated <= now - DAY:
            return False
        self.pile[key].pop()
        updated = self.next_instant(now)
        if self.pile[key]:
            below = self.pile[key][-1]
            word = replace(below, updated=updated)
        else:
            word = Word(None, OpeningStatus.CALL, updated, now, updated)
        self.say(key, word, undo=True)
        return True

    def live(self, at: datetime) -> dict[Key, Word]:
        """What counts at an instant."""
        newest = {
            key: max(words, key=lambda word: word.updated)
            for key, words in self.said.items()
            if words
        }
        return {key: word for key, word in newest.items() if word.expires_at > at}


MOVES = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 2000)),
    st.tuples(
        st.just("say"),
        st.sampled_from(KEYS),
        st.sampled_from([(0, None), (3, None), (7, None), (None, "open"), (2, "waitlist")]),
        st.integers(1, 3000),
    ),
    st.tuples(st.just("step"), st.sampled_from(KEYS), st.sampled_from([-1, 1])),
    st.tuples(st.just("undo"), st.sampled_from(KEYS)),
    st.tuples(st.just("source"), st.sampled_from(KEYS), st.integers(0, 5), st.integers(1, 3000)),
)


class Place:
    """A place whose provider, and a source, say things."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.model = Model()
        self.now = NOON
        organization = make_organization(session)
        self.offer = make_offer(session, organization=organization)
        self.host = Viewer(organization.id, Role.PUBLISHER)
        self.units = {name: Unit(name=name) for name in ("beds", "seats")}
        session.add_all(self.units.values())
        session.flush()

    def do(self, move: Any) -> None:
        name, *arguments = move
        getattr(self, f"_{name}")(*arguments)

    def _wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    def _say(self, key: Key, said: tuple[int | None, str | None], minutes: int) -> None:
        available, status = said
        report = OpeningReport(
            unit=key[0],
            population=key[1],
            available=available,
            status=OpeningStatus(status) if status else None,
            valid_for_minutes=minutes,
        )
        report_openings(self.session, self.offer.id, report, viewer=self.host, now=self.now)
        self._note(key, available, report.effective_status, minutes)

    def _step(self, key: Key, by: int) -> None:
        report = OpeningReport(unit=key[0], population=key[1], available=4)
        step_openings(self.session, self.offer.id, report, by=by, viewer=self.host, now=self.now)
        last = max(self.model.own[key], key=lambda word: word.updated, default=None)
        base = 4 if last is None or last.available is None else last.available
        count = max(0, base + by)
        self._note(key, count, OpeningStatus.OPEN if count else OpeningStatus.FULL, 12 * 60)

    def _note(self, key: Key, available: int | None, status: OpeningStatus, minutes: int) -> None:
        updated = self.model.next_instant(self.now)
        expires_at = max(self.now + minutes * MINUTE, updated + TICK)
        self.model.say(key, Word(available, status, updated, expires_at, updated))

    def _undo(self, key: Key) -> None:
        undo: Any = {"unit": key[0], "population": key[1], "viewer": self.host, "now": self.now}
        if self.model.undo(key, self.now):
            undo_openings(self.session, self.offer.id, **undo)
        else:
            with pytest.raises(NothingToUndoError):
                undo_openings(self.session, self.offer.id, **undo)

    def _source(self, key: Key, available: int, minutes: int) -> None:
        """A source that knows no places says something of the service as a whole."""
        self.now += MINUTE  # so that nothing is of the very same instant
        status = OpeningStatus.OPEN if available else OpeningStatus.FULL
        word = Word(available, status, self.now, self.now + minutes * MINUTE, self.now)
        row = ServiceCapacity(
            service_id=self.offer.service_id,
            unit_id=self.units[key[0]].id,
            population=key[1],
            status=status,
            available=available,
            updated=word.updated,
            expires_at=word.expires_at,
            said_by="Some directory",
            source="elsewhere",
        )
        self.session.add(row)
        refresh_services(self.session, [self.offer.service_id], now=self.now)
        self.model.say(key, word, own=False)

    def check(self) -> None:
        """What a search says now and at every coming edge is what the model knows."""
        words = [word for words in self.model.said.values() for word in words]
        edges = {word.expires_at for word in words if word.expires_at > self.now}
        row = find_row(self.session, sa.select(entries))
        assert row is not None
        for at in {self.now} | edges | {edge - TICK for edge in edges}:
            live = self.model.live(at)
            shown = find_live(row, at)
            assert {(each.unit, each.population) for each in shown} == set(live)
            for each in shown:
                word = live[each.unit, each.population]
                assert (each.available, each.status, each.as_of, each.expires_at) == (
                    word.available,
                    word.status,
                    word.as_of,
                    word.expires_at,
                )
            rooms = [word.room for word in live.values()]
            assert (search(self.session, SearchQuery(openings=True), now=at).total == 1) == any(
                rooms
            )
            if any(rooms):
                first = live[shown[0].unit, shown[0].population]
                assert first.room == max(rooms)
            assert (row["opening_expires_at"] is not None and row["opening_expires_at"] > at) == (
                bool(live)
            )
        assert find_stale_services(self.session, now=self.now) == set()

    def check_undo(self) -> None:
        """The front desk offers what undo would do, and nothing else."""
        said = find_said(self.session, [self.offer.id], now=self.now).get(self.offer.id, [])
        for each in said:
            key = (each.report["unit"], each.report["population"])
            pile = self.model.pile[key]
            can = bool(pile) and pile[-1].updated > self.now - DAY
            assert (each.undo is not None) == can
            if each.undo and each.undo.back_to:
                assert each.undo.back_to["updated"] == pile[-2].updated


@given(moves=st.lists(MOVES, max_size=14))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_search_says_what_the_model_knows(database: Database, moves: list[Any]) -> None:
    with database.transaction() as session:
        place = Place(session)
        for move in moves:
            place.do(move)
        place.check()
        place.check_undo()
        session.rollback()
