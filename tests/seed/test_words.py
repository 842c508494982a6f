"""Typos in the demo county, which is as wordy as a real one."""

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from directory.models import TABLES
from directory.offers import entries
from directory.search import SearchQuery, search
from directory.search_words import correct
from tests.conftest import NOON

vocabulary = TABLES["search_word"]


def words_of_county(session: Session) -> list[str]:
    return sorted(session.connection().execute(sa.select(vocabulary.c.word)).scalars())


def found(session: Session, word: str) -> set[object]:
    hits = search(session, SearchQuery(words=word, limit=1000), now=NOON).hits
    return {hit.entry["id"] for hit in hits}


def slipped(word: str, at: int, letter: str) -> list[str]:
    """Swap with the next, drop, double, and replace the letter at a place."""
    return [
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + letter + word[at + 1 :],
    ]


def test_no_word_that_is_right_is_corrected(session: Session) -> None:
    texts = session.connection().execute(sa.select(entries.c.text)).scalars()
    words = sorted({word for text in texts for word in text.split()})

    assert len(words) > 500
    for word in words:
        assert correct(session, word) == ()
        assert correct(session, word[: max(1, len(word) - 2)]) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_slip_in_a_long_word_finds_what_the_right_word_finds_or_begins_another(
    session: Session, data: st.DataObject
) -> None:
    words = [word for word in words_of_county(session) if len(word) >= 5]
    word = data.draw(st.sampled_from(words))
    at = data.draw(st.integers(0, len(word) - 1))
    typed = data.draw(st.sampled_from(slipped(word, at, data.draw(st.sampled_from("aeknsz")))))

    right = found(session, word)
    assert right
    if correct(session, typed):
        assert right <= found(session, typed)
