"""The index for words and the vocabulary: damage of any kind is told and mended."""

from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.models import TABLES
from directory.offers import entries
from directory.search import search
from directory.search_query import SearchQuery
from directory.search_text import text_of
from directory.search_upkeep import (
    count_index_mistakes,
    find_wrong_words,
    make_index_anew,
    mend_vocabulary,
)
from tests.conftest import NOON
from tests.factories import make_offer

vocabulary = TABLES["search_word"]

#: A number that no row has.
NOBODYS = 999

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def lanterns(session: Session) -> Session:
    """Two listings, of which one alone has the word "lanterns"."""
    make_offer(session, name="Soup")
    make_offer(session, name="Lanterns")
    assert count_index_mistakes(session) == 0
    assert find_wrong_words(session) == ([], [])
    return session


def do(session: Session, statement: str, **values: object) -> None:
    session.connection().execute(sa.text(statement), values)


def found(session: Session, words: str) -> list[str]:
    hits = search(session, SearchQuery(words=words), now=NOON).hits
    return [hit.entry["service_name"] for hit in hits]


def of_lanterns(session: Session) -> tuple[int, str]:
    """The number that SQLite's index knows the row by, and the row's text."""
    number, text = session.connection().execute(
        sa.text(
            "SELECT number, text FROM search_text_row JOIN search_entry ON id = entry_id"
            " WHERE service_name = 'Lanterns'"
        )
    ).one()  # fmt: skip
    return number, text


# ------------------------------------------------------------------------------------ the index


def empty(session: Session) -> None:
    do(session, "INSERT INTO search_text (search_text) VALUES ('delete-all')")


def lose_the_words_of_a_row(session: Session) -> None:
    number, text = of_lanterns(session)
    lose = "INSERT INTO search_text (search_text, rowid, text) VALUES ('delete', :number, :text)"
    do(session, lose, number=number, text=text)


def lose_a_word(session: Session) -> None:
    number, _ = of_lanterns(session)
    lose = "INSERT INTO search_text (search_text, rowid, text) VALUES ('delete', :number, :text)"
    do(session, lose, number=number, text="lanterns")


def add_a_word(session: Session) -> None:
    number, _ = of_lanterns(session)
    do(session, "INSERT INTO search_text (rowid, text) VALUES (:number, 'otter')", number=number)


def add_words_of_no_row(session: Session) -> None:
    do(session, "INSERT INTO search_text (rowid, text) VALUES (:number, 'otter')", number=NOBODYS)


def lose_a_number(session: Session) -> None:
    number, _ = of_lanterns(session)
    do(session, "DELETE FROM search_text_row WHERE number = :number", number=number)


def add_a_number(session: Session) -> None:
    number = "INSERT INTO search_text_row (number, entry_id) VALUES (:number, :entry)"
    do(session, number, number=NOBODYS, entry=uuid4().hex)


def swap_numbers(session: Session) -> None:
    rows = session.connection().execute(sa.text("SELECT number, entry_id FROM search_text_row"))
    (one, its_entry), (other, others_entry) = rows.all()
    do(session, "DELETE FROM search_text_row")
    for number, entry in ((one, others_entry), (other, its_entry)):
        do(session, "INSERT INTO search_text_row VALUES (:n, :e)", n=number, e=entry)


def break_it(session: Session) -> None:
    do(session, "DELETE FROM search_text_data WHERE id > 10")


DAMAGE: list[Callable[[Session], None]] = [
    empty,
    lose_the_words_of_a_row,
    lose_a_word,
    add_a_word,
    add_words_of_no_row,
    lose_a_number,
    add_a_number,
    swap_numbers,
    break_it,
]


@on_sqlite
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_told_and_mended(
    lanterns: Session, damage: Callable[[Session], None]
) -> None:
    damage(lanterns)
    assert count_index_mistakes(lanterns) > 0

    make_index_anew(lanterns)

    assert count_index_mistakes(lanterns) == 0
    assert found(lanterns, "lanterns") == ["Lanterns"]
    assert found(lanterns, "otter") == []
    make_offer(lanterns, name="Otter")
    assert found(lanterns, "otter") == ["Otter"]
    assert count_index_mistakes(lanterns) == 0


@on_postgresql
def test_postgresql_lets_nobody_write_the_words_of_a_row(lanterns: Session) -> None:
    """So there is nothing to compare, and nothing to mend."""
    refused = pytest.raises(sa.exc.ProgrammingError, match="can only be updated to DEFAULT")
    with refused, lanterns.begin_nested():
        do(lanterns, "UPDATE search_entry SET words = array_to_tsvector('{otter}')")

    assert count_index_mistakes(lanterns) == 0
    make_index_anew(lanterns)
    assert found(lanterns, "lanterns") == ["Lanterns"]


# ------------------------------------------------------------------------------- the vocabulary


def test_a_word_that_is_missing_is_told_and_mended(lanterns: Session) -> None:
    lost = sa.delete(vocabulary).where(vocabulary.c.word == "lanterns")
    lanterns.connection().execute(lost)
    assert find_wrong_words(lanterns) == (["lanterns"], [])
    assert found(lanterns, "lantrens") == []

    mend_vocabulary(lanterns)

    assert find_wrong_words(lanterns) == ([], [])
    assert found(lanterns, "lantrens") == ["Lanterns"]


@pytest.mark.parametrize("word", ["otters", "hall", "the", "żółw", "𞤀𞤣𞤤𞤢𞤥"])
def test_a_word_that_no_row_has_or_nobody_means_is_told_and_mended(
    lanterns: Session, word: str
) -> None:
    """The rows have "the" and "hall", and "the" is too short to be meant."""
    lanterns.connection().execute(sa.update(entries).values(text=text_of(["the hall"], [], [])))
    mend_vocabulary(lanterns)
    before = [*lanterns.connection().execute(sa.select(vocabulary.c.word)).scalars()]
    lanterns.connection().execute(sa.insert(vocabulary).values(word=word))

    assert find_wrong_words(lanterns) == ([], [] if word == "hall" else [word])
    mend_vocabulary(lanterns)

    after = lanterns.connection().execute(sa.select(vocabulary.c.word)).scalars()
    assert set(after) == set(before) == {"hall"}


def test_a_vocabulary_that_is_gone_comes_back(lanterns: Session) -> None:
    before = lanterns.connection().execute(sa.select(vocabulary.c.word)).scalars().all()
    lanterns.connection().execute(sa.delete(vocabulary))
    lanterns.connection().execute(sa.insert(vocabulary), [{"word": "otters"}, {"word": "żółw"}])

    mend_vocabulary(lanterns)

    after = lanterns.connection().execute(sa.select(vocabulary.c.word)).scalars().all()
    assert sorted(after) == sorted(before)
