"""The copy itself: the columns of one moment, kept current, and what was asked for beside them."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row
from directory.eligibility_rules import Rule
from directory.offers import entries
from directory.opening_rules import OpeningRule
from directory.search_copy.columns import Columns
from directory.search_copy.feed import Seen, news_since, seen_now
from directory.search_copy.reading import read_rows
from directory.search_words import Correction
from directory.service_areas import Whereabouts
from geo.places import Place

K = TypeVar("K")
V = TypeVar("V")

#: So many whole rows are remembered, with their hours; and places, and readings of words.
MOST_ROWS: Final = 20_000
MOST_QUESTIONS: Final = 10_000

#: A directory of so many rows is read while somebody waits; of a larger one that is a task.
FEW_ROWS: Final = 20_000


class AskTheTablesError(Exception):
    """The copy cannot answer this, or not yet, or no more as of the moment that was asked for."""


class Whole(NamedTuple):
    """A search row as it is in the table, and its published hours if it tells any."""

    row: Row
    rules: Sequence[OpeningRule] | None


class Remembered(Generic[K, V]):
    """The values that were asked for last, by their keys."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return a value, or None."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, values: Mapping[K, V]) -> None:
        """Remember values, and forget those that were not asked for longest."""
        self._values.update(values)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

    def forget(self, keys: Collection[K]) -> None:
        """Forget these."""
        for key in keys:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()


class Beside:
    """What was read beside the columns, as of the same moment."""

    def __init__(self) -> None:
        self.rows: Remembered[bytes, Whole] = Remembered(MOST_ROWS)
        self.places: Remembered[Place, Whereabouts] = Remembered(MOST_QUESTIONS)
        self.words: Remembered[str, tuple[Correction, ...]] = Remembered(MOST_QUESTIONS)
        self.rules: dict[UUID, Rule] = {}  # a rule under an id never changes
        self.hours_as_of = 0  # in microseconds: the columns know the hours from then on


class SearchCopy:
    """The search rows of one database, as one moment saw them. Threads may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._columns: Columns | None = None
        self._beside = Beside()
        self._seen: Seen = 0

    @property
    def seen(self) -> Seen:
        """The moment."""
        return self._seen

    @property
    def is_loaded(self) -> bool:
        """Whether there is something to ask; not before it is loaded, nor when it is too old."""
        return self._columns is not None

    def load(self, session: Session) -> None:
        """Read all rows."""
        seen = seen_now(session)
        columns = Columns()
        for batch in read_rows(session):
            columns.add(batch)
        columns.settle()
        with self._lock:
            self._columns, self._beside, self._seen = columns, Beside(), seen

    def refresh(self, session: Session) -> bool:
        """Take in what the session sees, and say whether the copy is as of what it sees.

        If not, it has to be loaded, or somebody who sees more has refreshed it meanwhile. Never
        do this in a session that has changed something and may yet undo it.
        """
        if self._columns is None and _are_few(session):
            self.load(session)
        with self._lock:
            if self._columns is None:
                return False
            news = news_since(session, self._seen)
            if news is None:
                return False
            if news.ids is None:
                self._columns = None
                return False
            if news.ids:
                self._take_in(self._columns, session, news.ids)
            self._seen = news.seen
            return True

    def _take_in(self, columns: Columns, session: Session, ids: Sequence[UUID]) -> None:
        rows = [row for batch in read_rows(session, ids) for row in zip(*batch, strict=True)]
        drawn = columns.change(ids, tuple(zip(*rows, strict=True)))
        self._beside.rows.forget([id_.bytes for id_ in ids])
        self._beside.words.clear()
        if drawn:
            self._beside.places.clear()

    @contextmanager
    def as_of(self, seen: Seen) -> Iterator[tuple[Columns, Beside]]:
        """Yield what there is as of a moment, while nobody changes it.

        Raises ``AskTheTablesError`` when the moment is over.
        """
        with self._lock:
            if self._columns is None or self._seen != seen:
                raise AskTheTablesError
            yield self._columns, self._beside


def _are_few(session: Session) -> bool:
    further = sa.select(entries.c.id).offset(FEW_ROWS).limit(1)
    return session.connection().execute(further).first() is None
