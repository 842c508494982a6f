"""Finding what was asked for (``directory.hsds.asking``), a page or a batch at a time, by id."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.drawn_areas import find_whereabouts
from directory.folding import fold
from directory.hsds.asking import Question, ids_of
from directory.models import TABLES

#: Where the words of a record are that the search table does not have.
_TEXTS: Final = {
    "organization": ("name", "alternate_name", "description"),
    "taxonomy": ("name", "description"),
    "taxonomy_term": ("code", "name", "description"),
}

#: How many records are looked through for words at a time.
_LOOKED_THROUGH: Final = 2000


def count_found(session: Session, table: str, question: Question) -> int:
    """Return how many records there are of what was asked for."""
    question = _located(session, question)
    if _needs_reading(table, question):
        return sum(1 for _ in _read_through(session, table, question, None))
    counted = sa.select(sa.func.count()).select_from(ids_of(table, question).subquery())
    return session.connection().execute(counted).scalar_one()


def find_ids(
    session: Session,
    table: str,
    question: Question,
    *,
    limit: int,
    offset: int = 0,
    after: UUID | None = None,
) -> Sequence[UUID]:
    """Return ids in their order: from behind ``after``, and then ``offset`` further on."""
    question = _located(session, question)
    if _needs_reading(table, question):
        found = _read_through(session, table, question, after)
        return list(islice(found, offset, offset + limit))
    page = _in_order(table, question, after).limit(limit).offset(offset)
    return session.connection().execute(page).scalars().all()


def _located(session: Session, question: Question) -> Question:
    """Find out which of the stated polygons the postcode is in, if one is asked for."""
    if question.postcode is None:
        return question
    here = find_whereabouts(session, question.postcode)
    return replace(question, polygons=here.polygons)


def _in_order(table: str, question: Question, after: UUID | None) -> sa.Select[Any]:
    column = TABLES[table].c.id
    found = ids_of(table, question).order_by(column)
    return found if after is None else found.where(column > after)


def _needs_reading(table: str, question: Question) -> bool:
    """Say whether records have to be read for their words: SQL cannot fold letters alike."""
    return table in _TEXTS and bool(fold(question.words))


def _read_through(
    session: Session, table: str, question: Question, after: UUID | None
) -> Iterator[UUID]:
    """Yield, in their order, the ids of records in which every word begins some word."""
    words = [f" {word}" for word in fold(question.words).split()]
    texts = [TABLES[table].c[name] for name in _TEXTS[table]]
    while True:
        some = _in_order(table, question, after).add_columns(*texts).limit(_LOOKED_THROUGH)
        rows = find_rows(session, some)
        for row in rows:
            if _has(row, table, words):
                yield row["id"]
        if len(rows) < _LOOKED_THROUGH:
            return
        after = rows[-1]["id"]


def _has(row: Row, table: str, words: Sequence[str]) -> bool:
    text = f" {fold(' '.join(row[name] or '' for name in _TEXTS[table]))}"
    return all(word in text for word in words)
