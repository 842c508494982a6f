"""What people call their needs, and the codes that a search knows."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import chain, islice
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.folding import fold
from directory.needs import EVERYDAY_ID, EVERYDAY_NEEDS, NEEDS_BY_CODE
from directory.term_closure import synonyms, terms
from directory.typos import nearest

#: So many words are offered for one that no need is called by.
_MOST_OFFERED = 3


def find_codes(session: Session, asked: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return what each word or code means, as codes of needs; nothing where it is unknown.

    A code of ours or of any taxonomy is itself. Other words are compared with the names of our
    needs and the words for them, without case and accents: "Panales" is what "pañales" is.
    """
    wanted = dict.fromkeys(asked)
    found: dict[str, tuple[str, ...]] = {text: (text,) for text in wanted if text in NEEDS_BY_CODE}
    rest = [text for text in wanted if text not in found]
    if rest:
        known = session.connection().execute(
            sa.select(terms.c.code).where(terms.c.code.in_(rest)).distinct()
        )
        found |= {code: (code,) for code in known.scalars()}
    words = [text for text in rest if text not in found]
    if words:
        by_word = _by_word(session)
        found |= {text: by_word[fold(text)] for text in words if fold(text) in by_word}
    return {text: found.get(text, ()) for text in wanted}


def find_words_alike(session: Session, asked: str) -> list[str]:
    """Return what needs are called that is spelled nearly so, the nearest first."""
    spelled = {fold(words): words for words, _code in reversed(_said(session))}
    alike = chain.from_iterable(nearest(fold(asked), spelled))
    return [spelled[words] for words in islice(alike, _MOST_OFFERED)]


def find_term_names(session: Session, ids: Iterable[str]) -> Mapping[str, str]:
    """Return the names of taxonomy terms by identifier, as history writes it."""
    wanted = set()
    for each in ids:
        with suppress(ValueError):  # a history from elsewhere may say anything
            wanted.add(UUID(each))
    rows = find_rows(session, sa.select(terms.c.id, terms.c.name).where(terms.c.id.in_(wanted)))
    return {str(row["id"]): row["name"] for row in rows}


def _by_word(session: Session) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for words, code in _said(session):
        found.setdefault(fold(words), {})[code] = None
    return {words: tuple(codes) for words, codes in found.items()}


def _said(session: Session) -> list[tuple[str, str]]:
    """Return the names of our needs and the words for them, each with the need's code."""
    rows = find_rows(
        session,
        sa.select(synonyms.c.words, terms.c.code)
        .join(terms, terms.c.id == synonyms.c.taxonomy_term_id)
        .where(terms.c.taxonomy_id == EVERYDAY_ID)
        .order_by(terms.c.code, synonyms.c.id),
    )
    names = [(need.name, need.code) for need in EVERYDAY_NEEDS]
    return [*names, *((row["words"], row["code"]) for row in rows)]
