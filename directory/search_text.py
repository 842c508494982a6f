"""The words of a search row: how they are written down, and the conditions that look at them.

A text has three parts, with three spaces between: the words of the service's name, the other
words of the listing itself, and those for its needs. Words are folded; there is one space between
them, and one at both ends of every part that has any. So ``LIKE '% soup %'`` finds a word, ``LIKE
'% sou%'`` its beginning, and two spaces after it (``'% soup %  %'``) tell in which part it stands.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from directory.folding import fold
from directory.offers import entries

Condition = sa.ColumnElement[bool]

#: The readings of one word of a query: a row is to have a word that begins with any of them.
Readings = Sequence[str]

#: So much of each part is kept: all that PostgreSQL can index of a row (1 MB of words).
_MOST_LETTERS = 60_000

#: PostgreSQL's index has so much of a word, and the text all of it.
_INDEXED_LETTERS = 200

#: The words of a text, as the migration that made PostgreSQL's index wrote it.
_WORDS = sa.literal_column(
    "array_to_tsvector(array_remove(string_to_array(regexp_replace("
    rf"search_entry.text, '([^ ]{{{_INDEXED_LETTERS}}})[^ ]+', '\1', 'g'), ' '), ''))",
    postgresql.TSVECTOR(),
)

#: SQLite's index; a question is put to the column that is called like it.
_TEXT = sa.table("search_text", sa.column("rowid", sa.Integer()), sa.column("search_text"))
_TEXT_ROW = sa.table(
    "search_text_row", sa.column("number", sa.Integer()), sa.column("entry_id", sa.Uuid())
)


def text_of(name: Iterable[str], own: Iterable[str], needs: Iterable[str]) -> str:
    """Write down the words of a row: of its name, the others of the listing, those for needs."""
    return " ".join(_part(each) for each in (name, own, needs))


def _part(words: Iterable[str]) -> str:
    folded = fold(" ".join(words))[:_MOST_LETTERS].strip()
    return f" {folded} " if folded else " "


def begins_in_name(word: str) -> Condition:
    """Ask for a word of the service's name that begins so."""
    return _like(f"% {_escaped(word)}%  %  %")


def is_in_name(word: str) -> Condition:
    """Ask for this word in the service's name."""
    return _like(f"% {_escaped(word)} %  %  %")


def begins_in_needs(word: str) -> Condition:
    """Ask for a word for the service's needs that begins so."""
    return _like(f"%  %  % {_escaped(word)}%")


def says(phrase: str) -> Condition:
    """Ask for these words, folded and one after the other, in what the listing itself says."""
    return _like(f"% {_escaped(phrase)} %  %")


def begins(word: str) -> Condition:
    """Ask for any word of the row that begins so."""
    return _like(f"% {_escaped(word)}%")


def begins_with_each(words: Sequence[Readings]) -> list[Condition]:
    """Ask for every word, in any of its readings. Looks at each text."""
    return [sa.or_(*(begins(each) for each in readings)) for readings in words]


def indexed(session: Session, words: Sequence[Readings]) -> list[Condition]:
    """Ask for the same so that the database looks into its index for words, and at no other row."""
    if not words:
        return []
    long = [readings for readings in words if len(max(readings, key=len)) > _INDEXED_LETTERS]
    if session.get_bind().dialect.name == "sqlite":
        found = sa.select(_TEXT.c.rowid).where(_TEXT.c.search_text.op("MATCH")(_match(words)))
        ids = sa.select(_TEXT_ROW.c.entry_id).where(_TEXT_ROW.c.number.in_(found))
        return [entries.c.id.in_(ids)]
    wanted = sa.cast(_tsquery(words), postgresql.TSQUERY())
    return [_WORDS.op("@@", is_comparison=True)(wanted), *begins_with_each(long)]


def _match(words: Sequence[Readings]) -> str:
    """Write the question in the language of SQLite's FTS5; a folded word has no quotes."""
    terms = ([f'"{each}"*' for each in readings] for readings in words)
    return " AND ".join(f"({' OR '.join(each)})" for each in terms)


def _tsquery(words: Sequence[Readings]) -> str:
    """Write it in PostgreSQL's; a folded word has neither quotes nor backslashes."""
    terms = ([f"'{each[:_INDEXED_LETTERS]}':*" for each in readings] for readings in words)
    return " & ".join(f"({' | '.join(each)})" for each in terms)


def _like(pattern: str) -> Any:
    return entries.c.text.like(pattern, escape="/")


def _escaped(words: str) -> str:
    """Take the meaning from what LIKE gives one; of such letters, words have only this."""
    return words.replace("_", "/_")
