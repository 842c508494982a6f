from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from directory.models.openings import OpeningStatus
from scheduling.models.waitlists import WaitlistKind
from tests.conftest import NOON

Every = Callable[[str], Sequence[Any]]


def newest(every: Every) -> dict[UUID, Any]:
    reports = sorted(every("service_capacity"), key=lambda row: row.updated)
    return {row.service_at_location_id: row for row in reports}


def test_there_are_reports_of_every_age(every: Every) -> None:
    reports = newest(every).values()
    live = [row for row in reports if row.expires_at > NOON]
    assert any(NOON - row.updated < timedelta(hours=1) for row in live)
    assert any(NOON - row.updated > timedelta(hours=5) for row in live)
    assert any(row.expires_at <= NOON for row in reports)
    assert all(row.updated <= NOON for row in reports)


def test_there_are_live_reports_of_every_status(every: Every) -> None:
    live = {row.status for row in newest(every).values() if row.expires_at > NOON}
    assert live == set(OpeningStatus)


def test_beds_seats_and_intake_places_are_counted(every: Every) -> None:
    names = {row.id: row.name for row in every("unit")}
    counted = {names[row.unit_id] for row in every("service_capacity")}
    assert counted == {"beds", "seats", "intake places"}


def test_some_places_that_count_have_never_reported(every: Every) -> None:
    reported, places = set(newest(every)), {row.id for row in every("service_at_location")}
    assert len(places - reported) > 20


def test_counts_agree_with_the_status(every: Every) -> None:
    for row in every("service_capacity"):
        if row.status in (OpeningStatus.CALL, OpeningStatus.ASSESSMENT):
            assert (row.available, row.maximum) == (None, None)
        else:
            assert (row.available > 0) == (row.status == OpeningStatus.OPEN)
            assert row.available <= row.maximum


def test_people_wait_only_where_there_is_a_waiting_list(every: Every) -> None:
    entries = every("waitlist_entry")
    lines = {row.service_at_location_id for row in entries} - {None}
    assert {row.kind for row in entries} == set(WaitlistKind)
    last_word = newest(every)
    assert lines
    assert {last_word[place].status for place in lines} == {OpeningStatus.WAITLIST}
