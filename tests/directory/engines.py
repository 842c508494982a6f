"""Both ways to search, held against each other: the tables, and the copy of them in memory."""

from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session

from directory import search as searching
from directory.offers import entries
from directory.search_copy.answering import answer_from_copy, is_for_copy
from directory.search_copy.copy import SearchCopy
from directory.search_query import Answer, Hit, SearchQuery


def search(session: Session, query: SearchQuery, *, now: datetime) -> Answer:
    """Search the tables, having made sure that a copy of them answers the same, if it can."""
    answer = searching.search(session, query, now=now)
    if is_for_copy(query, now=now):
        copy = SearchCopy()
        copy.load(session)
        assert_answers_the_same(copy, session, query, answer, now=now)
    return answer


def assert_answers_the_same(
    copy: SearchCopy, session: Session | None, query: SearchQuery, answer: Answer, *, now: datetime
) -> None:
    """Hold what a copy answers against what the tables do."""
    copied = answer_from_copy(copy, session, query, now=now)
    if copied is None:
        pytest.fail("The copy had no answer.")
    assert told(copied) == told(answer)


def told(answer: Answer) -> dict[str, Any]:
    """Return all that an answer tells, to compare."""
    parts = {name: getattr(answer, name) for name in Answer.__dataclass_fields__}
    return parts | {
        "corrected": tuple(answer.corrected),
        "hits": [told_of(hit) for hit in answer.hits],
        "excluded_nearer": [(told_of(each.hit), each.asked) for each in answer.excluded_nearer],
    }


def told_of(hit: Hit) -> dict[str, Any]:
    """Return all that a result tells."""
    names = ("distance_km", "hours", "summary", "judgement", "match", "serves", "cursor")
    row = {column.name: hit.entry[column.name] for column in entries.columns}
    return row | {name: getattr(hit, name) for name in names}
