"""The scheduler with a layer of its protection taken off, to see what the other one does alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from directory.database import Database
from scheduling.queries.slots import lock_slot
from tests.scheduling.faults import replace_everywhere

R = TypeVar("R")

places = SQLModel.metadata.tables["slot_place"]


def remove_slot_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let writers of a slot pass each other on PostgreSQL."""

    def no_lock(_session: Session, _slot_id: UUID) -> None: ...

    replace_everywhere(monkeypatch, "lock_slot", lock_slot, no_lock)


class UnlockedDatabase(Database):
    """On SQLite, writers pass each other: no queue, and another way to begin.

    With "BEGIN" SQLite locks at the first write. With "SELECT 1" nothing begins, and each
    statement is its own transaction, as it is with Python's driver left to itself.
    """

    def __init__(self, url: str, *, begin: str, terms: Mapping[str, Any] | None = None) -> None:
        super().__init__(url, terms=terms)
        self._begin = begin

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session, without the queue and without BEGIN IMMEDIATE."""
        if not self.is_sqlite:
            with super().transaction() as session:
                yield session
            return
        with Session(self.engine, info=self._terms) as session, session.begin():
            session.connection(execution_options={"begin": self._begin})
            yield session

    def change(self, work: Callable[[Session], R]) -> R:
        """Do the work, whoever else is at work."""
        with self.transaction() as session:
            return work(session)


@contextmanager
def no_constraints(database: Database) -> Iterator[None]:
    """Rebuild the table of places without its key and checks, and put it right afterwards."""
    bare: Any = sa.Table(
        "slot_place", sa.MetaData(), *[sa.Column(c.name, c.type) for c in places.c]
    )
    places.drop(database.engine)
    bare.create(database.engine)
    try:
        yield
    finally:
        bare.drop(database.engine)
        places.create(database.engine)
