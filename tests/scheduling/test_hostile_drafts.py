"""Drafts by people who mean harm: each is refused or harmless, and none is an error (T36)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.drafts import MAXIMUM_SLOTS, WindowDraft, find_mistakes, first_slots
from scheduling.schedule import AddedDay
from tests.conftest import NOON

numbers = st.sampled_from([-(10**18), -1, 0, 1, 2, 5, 30, 52, 90, 400, 548, 1440, 10**18])
days = st.sampled_from(
    [date.min, date(2000, 1, 1), date(2030, 6, 4), date(2030, 6, 5), date(2099, 12, 31), date.max]
) | st.dates(date(2030, 1, 1), date(2032, 1, 1))
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0)) | st.sampled_from(
    [time(0), time(9), time(13), time(23, 59, 59), time(9, tzinfo=UTC)]
)
zones = st.sampled_from(
    ["America/Detroit", "UTC", "Africa/Cairo", "Etc/GMT+14", "../../etc/passwd", "", "x\x00", "🕐"]
) | st.text(max_size=20)
weekdays = st.lists(
    st.sampled_from(["MO", "TU", "5TU", "-1FR", "53SU", "0MO", "XX", "", "MO,TU", "1" * 60 + "MO"])
    | st.text(max_size=5),
    max_size=15,
)
added = st.builds(
    AddedDay,
    days,
    st.none() | clocks,
    st.none() | clocks,
    st.none() | st.text(max_size=3) | st.just("x" * 201),
)

#: Good values, of which a few at a time are made bad: most hostile rules are almost right.
GOOD: dict[str, Any] = {
    "service_at_location_id": UUID(int=1),
    "title": "Intake",
    "timezone": "America/Detroit",
    "starts_on": date(2030, 6, 4),
    "opens_at": time(9),
    "closes_at": time(17),
    "slot_minutes": 30,
    "freq": "WEEKLY",
}
BAD: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["", " ", "x" * 10_000]),
    "timezone": zones,
    "starts_on": days,
    "opens_at": clocks,
    "closes_at": clocks,
    "slot_minutes": numbers,
    "freq": st.sampled_from([None, "DAILY", "MONTHLY", "SECONDLY", "YEARLY", ""]),
    "interval": numbers,
    "byday": weekdays,
    "until": st.none() | days,
    "count": st.none() | numbers,
    "gap_minutes": numbers,
    "capacity": numbers,
    "notice_minutes": numbers,
    "horizon_days": numbers,
    "cancel_cutoff_minutes": numbers,
    "closed_on": st.lists(days, max_size=4),
    "added_on": st.lists(added, max_size=4),
}


@st.composite
def drafts(draw: st.DrawFn) -> WindowDraft:
    hostile = draw(st.lists(st.sampled_from(sorted(BAD)), max_size=6, unique=True))
    return WindowDraft(**{**GOOD, **{name: draw(BAD[name]) for name in hostile}})


def check(draft: WindowDraft) -> None:
    if find_mistakes(draft):
        return
    schedule = draft.schedule()
    last = draft.starts_on + timedelta(draft.horizon_days)
    made = list(schedule.slots(draft.starts_on, last))
    assert len(made) <= MAXIMUM_SLOTS
    assert len({(slot.day, slot.number) for slot in made}) == len(made)
    assert all(slot.interval.starts_at < slot.interval.ends_at for slot in made)
    for now in (NOON, datetime(1999, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)):
        first_slots(draft, now=now)


@settings(max_examples=300)
@given(drafts())
def test_hostile_draft_is_refused_or_harmless(draft: WindowDraft) -> None:
    check(draft)


@pytest.mark.long
@settings(max_examples=10_000)
@given(drafts())
def test_ten_thousand_hostile_drafts_are_refused_or_harmless(draft: WindowDraft) -> None:
    check(draft)


@pytest.mark.parametrize(
    "fields",
    [
        {"added_on": [AddedDay(date(2030, 6, 4) + timedelta(n)) for n in range(1, 5000)]},
        {"byday": ["MO"] * 100_000},
        {"closed_on": [date(2030, 6, 4)] * 100_000},
        {"instructions": "x" * 10**6},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_lists_without_end_are_refused(fields: dict[str, Any]) -> None:
    assert find_mistakes(WindowDraft(**{**GOOD, **fields}))
