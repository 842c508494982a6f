from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from directory.models.verifications import VerificationMethod
from directory.queries.verifications import find_standings
from tests.conftest import NOON

Every = Callable[[str], Sequence[Any]]


def test_there_are_checks_of_every_kind_and_some_found_mistakes(every: Every) -> None:
    checks = every("verification")

    assert {row.method for row in checks} == set(VerificationMethod) - {
        VerificationMethod.EMAIL,
        VerificationMethod.SOURCE,
    }
    assert {row.changed for row in checks} == {True, False}
    assert all(row.verified_at <= NOON for row in checks)


def test_some_hours_are_not_claimed_any_more_and_most_are(every: Every) -> None:
    entries = [row for row in every("search_entry") if row.hours_known]
    unclaimed = [
        row for row in entries if row.hours_claimed_until and row.hours_claimed_until <= NOON
    ]

    assert 3 <= len(unclaimed) <= len(entries) / 10


def test_the_work_list_has_something_of_everything(session: Session) -> None:
    standings = find_standings(session, {}, now=NOON)

    assert any(each.is_unanswered(NOON) for each in standings)
    assert any(each.is_undelivered for each in standings)
    assert any(
        each.checked_at and NOON - each.checked_at < timedelta(days=15) for each in standings
    )
    assert any(each.is_due(NOON) for each in standings)
