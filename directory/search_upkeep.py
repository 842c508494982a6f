"""Whether the words that searches look up are those of the search rows, and putting that right.

Search rows are compared with the records they are made of by ``directory.index``; here, what is
made of their texts is compared with these: the index for words, and the vocabulary. On PostgreSQL
the index is over a column that the database itself makes of the text and lets nobody write: it
cannot say anything else, so there is nothing to compare.

Both sides are read in one order, beside each other: memory grows with what is wrong and not with
the directory.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import stream_rows
from directory.models import TABLES
from directory.search_words import may_be_meant

_K = TypeVar("_K", int, str)
_V = TypeVar("_V")

#: How many rows are read, or words written, at a time.
BATCH = 1_000

#: SQLite's code for "this is no index any more"; finer codes have it in their last byte.
_CORRUPT, _PRIMARY = 11, 0xFF

_vocabulary = TABLES["search_word"]

#: What SQLite's index has, as tables: each word of each row, by the row's number; and each word.
_OPEN_INDEX = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_text_instance
        USING fts5vocab (main, search_text, instance)""",
    """CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_text_term
        USING fts5vocab (main, search_text, row)""",
)
_INDEXED = """SELECT doc, group_concat(term, ' ') FROM temp.search_text_instance
    GROUP BY doc ORDER BY doc"""
_WRITTEN = """SELECT number, text FROM search_text_row JOIN search_entry ON id = entry_id
    ORDER BY number"""
_UNMATCHED = """SELECT
    (SELECT count(*) FROM search_entry
        WHERE NOT EXISTS (SELECT 1 FROM search_text_row WHERE entry_id = id))
    + (SELECT count(*) FROM search_text_row
        WHERE NOT EXISTS (SELECT 1 FROM search_entry WHERE id = entry_id))"""
_MAKE_ANEW = (
    "INSERT INTO search_text (search_text) VALUES ('delete-all')",
    "DELETE FROM search_text_row",
    "INSERT INTO search_text_row (entry_id) SELECT id FROM search_entry ORDER BY id",
    f"INSERT INTO search_text (rowid, text) {_WRITTEN}",
)


class WrongWords(NamedTuple):
    """Words that some row has and the vocabulary has not; and those it has and no row."""

    missing: list[str]
    left: list[str]


def count_index_mistakes(session: Session) -> int:
    """Return how often the index for words says something else than the texts of the rows.

    An index that cannot be read at all is one mistake.
    """
    if not _is_sqlite(session):
        return 0
    try:
        _open_index(session)
        unmatched: int = session.connection().exec_driver_sql(_UNMATCHED).scalar_one()
        beside = _beside(_words_by_number(session, _INDEXED), _words_by_number(session, _WRITTEN))
        return unmatched + sum((has or set()) != (says or set()) for _, has, says in beside)
    except sa.exc.DatabaseError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & _PRIMARY != _CORRUPT:
            raise
        return 1


def make_index_anew(session: Session) -> None:
    """Let the index for words have the words of every row, and no others.

    Other writers wait: a second or so for 100,000 rows.
    """
    for statement in _MAKE_ANEW if _is_sqlite(session) else ():
        session.connection().exec_driver_sql(statement)


def find_wrong_words(session: Session) -> WrongWords:
    """Return in what the vocabulary differs from the words of the index, which has to be right."""
    wrong = WrongWords([], [])
    # What is kept is read first: a word that comes in between is then missing, and not left.
    for word, kept, said in _beside(_kept(session), _said(session)):
        if kept is None:
            wrong.missing.append(word)
        elif said is None:
            wrong.left.append(word)
    return wrong


def mend_vocabulary(session: Session) -> None:
    """Remember the words that are missing, and forget those that no row has."""
    missing, left = find_wrong_words(session)
    if left:
        gone = sa.delete(_vocabulary).where(_vocabulary.c.word == sa.bindparam("gone"))
        session.connection().execute(gone, [{"gone": word} for word in left])
    if missing:
        session.connection().execute(sa.insert(_vocabulary), [{"word": each} for each in missing])


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _open_index(session: Session) -> None:
    for statement in _OPEN_INDEX:
        session.connection().exec_driver_sql(statement)


def _words_by_number(session: Session, statement: str) -> Iterator[tuple[int, set[str]]]:
    for number, text in _rows(session, sa.text(statement)):
        yield number, set(text.split())


def _kept(session: Session) -> Iterator[tuple[str, str]]:
    """Yield the words of the vocabulary; in the order of code points, as Python has it."""
    word = _vocabulary.c.word
    ordered = word if _is_sqlite(session) else word.collate("C")
    for (each,) in _rows(session, sa.select(word).order_by(ordered)):
        yield each, each


def _said(session: Session) -> Iterator[tuple[str, str]]:
    """Yield the words of all rows that a misspelt one may have meant, in the same order."""
    for (each,) in _rows(session, sa.text(_words_in_index(session))):
        if may_be_meant(each):
            yield each, each


def _words_in_index(session: Session) -> str:
    if _is_sqlite(session):
        _open_index(session)
        return "SELECT term FROM temp.search_text_term ORDER BY term"
    # A million rows take longer than a page may.
    session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
    return """SELECT word FROM ts_stat('SELECT words FROM search_entry')
        ORDER BY word COLLATE "C" """


def _rows(session: Session, statement: sa.Executable) -> Iterator[Any]:
    return chain.from_iterable(stream_rows(session, statement, size=BATCH))


def _beside(
    left: Iterable[tuple[_K, _V]], right: Iterable[tuple[_K, _V]]
) -> Iterator[tuple[_K, _V | None, _V | None]]:
    """Yield each key of two streams that are sorted by it, with what either has under it."""
    tagged = merge(
        ((key, 0, value) for key, value in left),
        ((key, 1, value) for key, value in right),
        key=itemgetter(0),
    )
    for key, group in groupby(tagged, key=itemgetter(0)):
        found = {side: value for _, side, value in group}
        yield key, found.get(0), found.get(1)
