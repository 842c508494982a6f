"""The words of a search row: how they are written down, and the conditions that look at them.

A text has three parts, with three spaces between: the words of the service's name, the other
words of the listing itself, and those for its needs. Words are folded; there is one space between
them, and one at both ends of every part that has any. So ``LIKE '% soup %'`` finds a word, ``LIKE
'% sou%'`` its beginning, and two spaces after it (``'% soup %  %'``) tell in which part it stands.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from directory.folding import fold
from directory.offers import entries

Condition = sa.ColumnElement[bool]

#: The readings of one word of a query: a row is to have a word that begins with any of them.
Readings = Sequence[str]

#: So much of each part counts, and of a word: what PostgreSQL can index (1 MB, and 2 kB a word).
_MOST_LETTERS = 60_000
_LETTERS_OF_WORD = 200

#: So few rows are quicker looked up in SQLite's index than found by looking at all that are near.
FEW = 500

#: PostgreSQL's own column of a text's words, which it keeps itself; and SQLite's index, with the
#: numbers that it knows rows by. A question is put to the column that is called like the index.
_WORDS = sa.literal_column("search_entry.words", postgresql.TSVECTOR())
_INDEX = sa.table("search_text", sa.column("rowid", sa.Integer()), sa.column("search_text"))
_NUMBERS = sa.table(
    "search_text_row", sa.column("number", sa.Integer()), sa.column("entry_id", sa.Uuid())
)


def text_of(name: Iterable[str], own: Iterable[str], needs: Iterable[str]) -> str:
    """Write down the words of a row: of its name, the others of the listing, those for needs."""
    return " ".join(_part(each) for each in (name, own, needs))


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return [word[:_LETTERS_OF_WORD] for word in fold(text)[:_MOST_LETTERS].split()]


def _part(texts: Iterable[str]) -> str:
    words = words_of(" ".join(texts))
    return f" {' '.join(words)} " if words else " "


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


def has_words(session: Session, words: Sequence[Readings], *, near: bool) -> list[Condition]:
    """Ask for every word, in any of its readings, in the quickest way.

    PostgreSQL finds that out by itself. SQLite looks into its index; but ``near`` a place, where
    its cells leave few rows to look at, only for words that few rows have.
    """
    if not words:
        return []
    if near and _is_sqlite(session) and not _have_few(session, words):
        return looked_for(words)
    return [indexed(session, words)]


def looked_for(words: Sequence[Readings]) -> list[Condition]:
    """Ask for every word, in any of its readings, by looking at each text."""
    return [sa.or_(*map(begins, readings)) for readings in words]


def indexed(session: Session, words: Sequence[Readings]) -> Condition:
    """Ask for every word, in any of its readings, by the database's index for words."""
    if _is_sqlite(session):
        found = _NUMBERS.c.number.in_(_found_by_sqlite(words))
        return entries.c.id.in_(sa.select(_NUMBERS.c.entry_id).where(found))
    wanted = sa.cast(_tsquery(words), postgresql.TSQUERY())
    return _WORDS.op("@@", is_comparison=True)(wanted)


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _have_few(session: Session, words: Sequence[Readings]) -> bool:
    found = _found_by_sqlite(words).limit(FEW + 1).subquery()
    counted = session.connection().scalar(sa.select(sa.func.count()).select_from(found))
    return (counted or 0) <= FEW


def _found_by_sqlite(words: Sequence[Readings]) -> sa.Select[tuple[int]]:
    return sa.select(_INDEX.c.rowid).where(_INDEX.c.search_text.op("MATCH")(_match(words)))


def _match(words: Sequence[Readings]) -> str:
    """Write the question in the language of SQLite's FTS5; a folded word has no quotes."""
    terms = ([f'"{each}"*' for each in readings] for readings in words)
    return " AND ".join(f"({' OR '.join(each)})" for each in terms)


def _tsquery(words: Sequence[Readings]) -> str:
    """Write it in PostgreSQL's; a folded word has neither quotes nor backslashes."""
    terms = ([f"'{each}':*" for each in readings] for readings in words)
    return " & ".join(f"({' | '.join(each)})" for each in terms)


def _like(pattern: str) -> Condition:
    return entries.c.text.like(pattern, escape="/")


def _escaped(words: str) -> str:
    """Take the meaning from what LIKE gives one; of such letters, words have only this."""
    return words.replace("_", "/_")
