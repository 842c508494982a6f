"""The copy itself: the columns of one moment, kept current, and what was asked for beside them."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row
from directory.drawn_areas import Drawn, find_drawn
from directory.eligibility_rules import Rule
from directory.offers import entries
from directory.opening_rules import OpeningRule
from directory.search_copy.columns import Batch, Columns
from directory.search_copy.feed import News, Seen, news_since, seen_now
from directory.search_copy.reading import read_rows
from directory.search_query import Answer
from directory.search_words import Correction
from directory.service_areas import Whereabouts
from geo.places import Place

K = TypeVar("K")
V = TypeVar("V")

#: So many whole rows are remembered, with their hours; places, and readings of words; answers.
MOST_ROWS: Final = 50_000
MOST_QUESTIONS: Final = 10_000
MOST_ANSWERS: Final = 2_000

#: So often somebody else may be quicker to take in what changed.
_TRIES: Final = 5

#: A directory of so many rows is read while somebody waits; of a larger one that is a task.
FEW_ROWS: Final = 2_000


class AskTheTablesError(Exception):
    """The copy cannot answer this, or not yet, or no more as of the moment that was asked for."""


class Whole(NamedTuple):
    """A search row as it is in the table, and its published hours if it tells any.

    ``rule_id`` is the row's.
    """

    row: Row
    rules: Sequence[OpeningRule] | None
    rule_id: UUID | None


class Kept(NamedTuple):
    """An answer, and from when until when the clock alone does not change it."""

    answer: Answer
    since: datetime
    until: datetime


class Remembered(dict[K, V]):
    """Some values by their keys: of too many, those that have been here longest are forgotten."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def put(self, values: Mapping[K, V]) -> None:
        """Remember values."""
        self.update(values)
        for key in list(islice(self, max(0, len(self) - self._most))):
            self.pop(key, None)

    def forget(self, keys: Collection[K]) -> None:
        """Forget these."""
        for key in keys:
            self.pop(key, None)


class Beside:
    """What was read beside the columns, as of the same moment.

    ``calendars`` is for whoever knows them: by the ids of rows, and forgotten when what can be
    booked there may have changed. Of a row that is not in ``with_calendar`` nothing can be booked.
    It and ``drawn`` are None when they are not known.
    """

    def __init__(self) -> None:
        self.with_calendar: set[UUID] | None = None
        self.calendars: Remembered[UUID, Any] = Remembered(MOST_ROWS)
        self.rows: Remembered[bytes, Whole] = Remembered(MOST_ROWS)
        self.places: Remembered[Place, Whereabouts] = Remembered(MOST_QUESTIONS)
        self.words: Remembered[str, tuple[Correction, ...]] = Remembered(MOST_QUESTIONS)
        self.sketches: Remembered[Hashable, Any] = Remembered(MOST_ANSWERS)
        self.answers: Remembered[Hashable, Kept] = Remembered(MOST_ANSWERS)
        self.drawn: Drawn | None = None
        self.rules: dict[UUID, Rule] = {}  # a rule under an id never changes
        self.hours_as_of = 0  # in microseconds: the columns know the hours from then on


class SearchCopy:
    """The search rows of one database, as one moment saw them. Threads may share it.

    ``columns`` is None until they are loaded, and when they are too old; ``beside`` is what else
    was read. With every change that is taken in they are another ``version``: read them ``as_of``
    one.
    """

    def __init__(self, find_calendars: Callable[[Session], Iterable[UUID]] | None = None) -> None:
        """``find_calendars`` finds the ids of the rows where something may be booked."""
        self._find_calendars = find_calendars
        self.lock = Lock()
        self.columns: Columns | None = None
        self.beside = Beside()
        self.version = 1
        self._seen: Seen = 0

    @property
    def is_loaded(self) -> bool:
        """Whether there is something to ask; not before it is loaded, nor when it is too old."""
        return self.columns is not None

    def load(self, session: Session) -> None:
        """Read all rows. If somebody else has done so meanwhile, that is taken."""
        began = self.version
        seen = seen_now(session)
        columns = Columns()
        for batch in read_rows(session):
            columns.add(batch)
        columns.settle()
        beside = Beside()
        beside.drawn = find_drawn(session)
        if self._find_calendars is not None:
            beside.with_calendar = set(self._find_calendars(session))
        with self.lock:
            if self.columns is None or self.version == began:
                self.columns, self.beside, self._seen = columns, beside, seen
                self.version += 1

    def refresh(self, session: Session) -> int | None:
        """Take in what the session sees, and return the version that is as of what it sees.

        None: the copy has to be loaded, or somebody who sees more has refreshed it meanwhile. Never
        do this in a session that has changed something and may yet undo it.

        While the database is asked nobody has to wait for it.
        """
        if self.columns is None and _are_few(session):
            self.load(session)
        for _ in range(_TRIES):
            columns, seen = self._now()
            if columns is None:
                return None
            news = news_since(session, seen)
            if news is None:
                return None
            rows = [row for batch in read_rows(session, news.rows or ()) for row in _rows_of(batch)]
            with self.lock:
                if self.columns is not columns or self._seen != seen:
                    continue  # somebody was quicker: go on from there
                if news.rows is None:
                    self.columns = None
                    return None
                self._take_in(columns, news, rows)
                version = self.version
            self._read_drawn(session, version)
            return version
        return None

    def _now(self) -> tuple[Columns | None, Seen]:
        with self.lock:
            return self.columns, self._seen

    def _take_in(self, columns: Columns, news: News, rows: Sequence[tuple[Any, ...]]) -> None:
        self._seen = news.seen
        if not news.rows and not news.calendars:
            return
        self.version += 1
        self.beside.calendars.forget(news.calendars)
        if self.beside.with_calendar is not None:
            self.beside.with_calendar.update(news.calendars)
        if not news.rows:
            return
        drawn = columns.change(news.rows, tuple(zip(*rows, strict=True)))
        self.beside.rows.forget([id_.bytes for id_ in news.rows])
        self.beside.words.clear()
        self.beside.sketches.clear()
        self.beside.answers.clear()
        if drawn:
            self.beside.places.clear()
            self.beside.drawn = None

    def _read_drawn(self, session: Session, version: int) -> None:
        if self.beside.drawn is None:
            drawn = find_drawn(session)
            with self.lock:
                if self.version == version:
                    self.beside.drawn = drawn

    def as_of(self, version: int) -> "_AsOf":
        """Yield the columns and what is beside them in a version, while nobody changes them.

        Raises ``AskTheTablesError`` when there is a later one.
        """
        return _AsOf(self, version)


class _AsOf:
    """Holds the lock of a copy. It is entered often: a generator would cost five times as much."""

    def __init__(self, copy: SearchCopy, version: int) -> None:
        self._copy, self._version = copy, version

    def __enter__(self) -> tuple[Columns, Beside]:
        copy = self._copy
        copy.lock.acquire()
        if copy.columns is None or copy.version != self._version:
            copy.lock.release()
            raise AskTheTablesError
        return copy.columns, copy.beside

    def __exit__(self, *_error: object) -> None:
        self._copy.lock.release()


def _rows_of(batch: Batch) -> Iterator[tuple[Any, ...]]:
    return zip(*batch, strict=True)


def _are_few(session: Session) -> bool:
    further = sa.select(entries.c.id).offset(FEW_ROWS).limit(1)
    return session.connection().execute(further).first() is None
