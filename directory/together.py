"""Changes that wait for each other anyway are committed together.

SQLite has one writer at a time, and a commit waits for the disk, which costs more than all that
came before it. Whoever gets the turn to write does what all who wait came for, in one transaction
with a savepoint for each, and commits once.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlmodel import Session

from directory.errors import BusyError, UnavailableError
from directory.quick import keep_in_hand

R = TypeVar("R")

#: So many changes share a commit at most; the others take the next one.
MOST_TOGETHER = 64


class _Change(Generic[R]):
    """What somebody came for and, once it is over, what came of it."""

    def __init__(self, work: Callable[[Session], R]) -> None:
        self.work = work
        self.is_over = False
        self.result: R
        self.error: BaseException | None = None

    def answer(self) -> R:
        if self.error is not None:
            raise self.error
        return self.result


class Together:
    """The line of those who want to change something in one SQLite database.

    ``transaction`` opens a transaction that commits at its end.
    """

    def __init__(
        self, transaction: Callable[[], AbstractContextManager[Session]], *, patience: float
    ) -> None:
        self._transaction = transaction
        self._patience = patience
        self._waiting: deque[_Change[Any]] = deque()
        self._turn = Lock()

    def change(self, work: Callable[[Session], R]) -> R:
        """Do ``work`` and return what it returns, once that is on disk.

        What fails by itself is undone by itself; when the commit fails, it fails for all. Raises
        ``BusyError`` after ``patience`` seconds in line; nothing was changed then.
        """
        mine = _Change(work)
        self._waiting.append(mine)
        self._wait_for_turn(mine)
        try:
            while not mine.is_over:  # nobody before us did it along with theirs
                self._do_what_waits()
        finally:
            self._turn.release()
        return mine.answer()

    def _wait_for_turn(self, mine: _Change[Any]) -> None:
        if self._turn.acquire(timeout=self._patience):
            return
        try:
            self._waiting.remove(mine)
        except ValueError:  # somebody is at it: its outcome is what to tell
            self._turn.acquire()
        else:
            raise BusyError

    def _do_what_waits(self) -> None:
        changes = list(self._come_forward())
        try:
            with self._transaction() as session:
                if len(changes) == 1:  # and nobody else's to undo
                    changes[0].result = changes[0].work(session)
                else:
                    for change in changes:
                        _do_upon_a_savepoint(change, session)
        except BaseException as error:  # noqa: BLE001  (each hears of it in its own thread)
            for change in changes:
                change.error = error
        for change in changes:
            change.is_over = True

    def _come_forward(self) -> Iterator[_Change[Any]]:
        """Yield the first in line. Nobody counts them: whoever waits too long leaves meanwhile."""
        with suppress(IndexError):
            for _ in range(MOST_TOGETHER):
                yield self._waiting.popleft()


def _do_upon_a_savepoint(change: _Change[Any], session: Session) -> None:
    """Do one change upon a savepoint of its own.

    A disk that is full makes SQLite undo the whole transaction at once; what comes after it
    would be a transaction of its own, and what came before is gone.
    """
    connection = session.connection()
    try:
        with Session(
            connection, join_transaction_mode="create_savepoint", info=session.info
        ) as own:
            keep_in_hand(own)
            change.result = change.work(own)
            own.commit()
    except Exception as error:
        change.error = error
        if not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
            raise UnavailableError from error
