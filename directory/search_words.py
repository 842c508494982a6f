"""What the words of a search are read as, typos corrected, and how well a row answers to them."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, reduce
from itertools import islice
from operator import add
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from directory.folding import fold
from directory.models import TABLES
from directory.models.search_entries import LONGEST_WORD
from directory.need_words import NEED_WORDS
from directory.needs import EVERYDAY_NEEDS
from directory.offers import entries
from directory.search_text import (
    Readings,
    begins_in_name,
    begins_in_needs,
    indexed,
    is_in_name,
    words_of,
)
from directory.typos import nearest, slips_forgiven

#: So many words of a query are corrected, into so many others, of so many that are looked at.
MOST_CORRECTED = 5
MOST_READINGS = 5
_MOST_LOOKED_AT = 50

#: What a word is worth, by where it stands in a row; 1 elsewhere.
_IN_NAME, _BEGINS_IN_NAME, _IN_NEEDS, _ELSEWHERE = 4, 3, 2, 1

_vocabulary = TABLES["search_word"]


class Correction(NamedTuple):
    """A word, folded, that nothing has, and those that were looked for instead, any of them."""

    word: str
    read_as: tuple[str, ...]


def read_words(text: str, corrections: Iterable[Correction]) -> list[Readings]:
    """Return the words of a query as they are read. The corrections may come from anybody."""
    corrected = {each.word: each.read_as[:MOST_READINGS] for each in corrections}
    return [
        [word for other in corrected.get(typed, ()) for word in words_of(other)] or [typed]
        for typed in dict.fromkeys(words_of(text))
    ]


def correct(session: Session, text: str) -> tuple[Correction, ...]:
    """Return what the misspelt words of a query are read as; words of which nothing is near stay.

    A word is misspelt when no row has a word that begins so, and no need is called so. What it
    is read as, some row has: whether a word was ever here and is not any more changes nothing.
    """
    words = list(dict.fromkeys(words_of(text)))
    unknown = [word for word in words if slips_forgiven(word) and not _is_known(session, word)]
    if not unknown:
        return ()
    known = _find_words_as_long(session, unknown[:MOST_CORRECTED])
    read: dict[str, Readings] = {word: [word] for word in words if word not in unknown}
    corrections = []
    for word in unknown[:MOST_CORRECTED]:
        found = _readings(session, word, known, list(read.values()))
        if found:
            read[word] = found
            corrections.append(Correction(word, tuple(found)))
    return tuple(corrections)


def score(words: Sequence[Readings]) -> sa.ColumnElement[int]:
    """Say how well a row answers to words: the sum of what each is worth where it stands best.

    4 as a word of the service's name, 3 as the beginning of one, 2 among the words for its
    needs, 1 elsewhere.
    """
    return reduce(add, map(_worth, words), sa.literal(0))


def _worth(readings: Readings) -> sa.ColumnElement[int]:
    return sa.case(
        (sa.or_(*map(is_in_name, readings)), _IN_NAME),
        (sa.or_(*map(begins_in_name, readings)), _BEGINS_IN_NAME),
        (sa.or_(*map(begins_in_needs, readings)), _IN_NEEDS),
        else_=_ELSEWHERE,
    )


def keep_vocabulary(session: Session, *, before: Iterable[str], after: Iterable[str]) -> None:
    """Remember the words of search rows that were made anew, and forget those that are gone.

    A place that is hidden takes its name with it. Call it when the rows are written.
    """
    now_said = _words_in(after)
    gone = [word for word in _words_in(before) - now_said if not _stands_in_a_row(session, word)]
    if gone:
        said = _as_table(session, sorted(gone))
        session.connection().execute(
            sa.delete(_vocabulary).where(_vocabulary.c.word.in_(sa.select(said.c.value)))
        )
    _remember(session, sorted(now_said))


def _words_in(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in text.split() if may_be_meant(word)}


def _stands_in_a_row(session: Session, word: str) -> bool:
    """Say whether some row has exactly this word: the index knows how words begin."""
    whole = entries.c.text.contains(f" {word} ", autoescape=True)
    found = sa.select(sa.literal(1)).where(indexed(session, [[word]]), whole).limit(1)
    return session.connection().execute(found).first() is not None


def _remember(session: Session, words: Sequence[str]) -> None:
    said = _as_table(session, words)
    known = sa.select(_vocabulary.c.id).where(_vocabulary.c.word == said.c.value)
    missing = sa.select(said.c.value).where(~sa.exists(known))
    session.connection().execute(sa.insert(_vocabulary).from_select(["word"], missing))


def spelled(word: str) -> str:
    """Return a folded word as the words for needs spell it: "panales" as "pañales"."""
    return _spellings().get(word, word)


def may_be_meant(word: str) -> bool:
    """Say whether a misspelt word may have meant this one."""
    return len(word) <= LONGEST_WORD and slips_forgiven(word) > 0


def _is_known(session: Session, word: str) -> bool:
    words = _words_for_needs()
    at = bisect_left(words, word)
    for_need = any(each.startswith(word) for each in words[at : at + 1])
    return for_need or _some_row_has(session, [[word]])


def _some_row_has(session: Session, words: Sequence[Readings]) -> bool:
    found = sa.select(sa.literal(1)).select_from(entries).where(indexed(session, words)).limit(1)
    return session.connection().execute(found).first() is not None


def _find_words_as_long(session: Session, words: Sequence[str]) -> Sequence[str]:
    """Return the words ever seen that are about as long as one of these."""
    length = sa.func.length(_vocabulary.c.word)
    about = (length.between(len(each) - 2, len(each) + 2) for each in words)
    found = sa.select(_vocabulary.c.word).where(sa.or_(*about)).distinct()
    return session.connection().execute(found).scalars().all()


def _readings(
    session: Session, word: str, known: Iterable[str], others: Sequence[Readings]
) -> list[str]:
    """Return the nearest words that stand in a row with the others; else the nearest in any."""
    levels = [level[:_MOST_LOOKED_AT] for level in nearest(word, known)]
    for beside in (others, ()) if others else ((),):
        for level in levels:
            found = (each for each in level if _some_row_has(session, [[each], *beside]))
            if readings := list(islice(found, MOST_READINGS)):
                return readings
    return []


def _as_table(session: Session, words: Sequence[str]) -> Any:
    """Hand words over as a table with the column ``value``: as one parameter."""
    value = sa.column("value", sa.Text())
    if session.get_bind().dialect.name == "sqlite":
        return sa.func.json_each(json.dumps(words)).table_valued(value, name="said")
    array = sa.literal(list(words), postgresql.ARRAY(sa.Text()))
    return sa.func.unnest(array).table_valued(value, name="said").render_derived()


@cache
def _words_for_needs() -> tuple[str, ...]:
    """Return the words for the everyday needs, folded, in their order."""
    said = [need.name for need in EVERYDAY_NEEDS] + _phrases_for_needs()
    return tuple(sorted({word for words in said for word in fold(words).split()}))


@cache
def _spellings() -> Mapping[str, str]:
    words = {word for phrase in _phrases_for_needs() for word in phrase.split()}
    return {fold(word): word for word in sorted(words) if fold(word) not in words}


def _phrases_for_needs() -> list[str]:
    return [
        phrase
        for by_language in NEED_WORDS.values()
        for phrases in by_language.values()
        for phrase in phrases
    ]
