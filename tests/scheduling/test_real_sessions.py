"""Real dated sessions of a food bank, published as windows with added days."""

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from scheduling.models.slots import Slot
from scheduling.schedule import AddedDay
from tests.factories import make_offer, make_window

SESSIONS = Path(os.environ.get("OPENINGS_SHARED", "/nowhere")) / "data/columbus-food-sessions.jsonl"
HERE = ZoneInfo("America/New_York")

#: The most places of one time, here. Five real sessions have 650: they are two windows of 325.
MOST_PLACES = 500


class Real(NamedTuple):
    """A real session: whose, when by the clock on the wall, and for how many."""

    event: int
    day: date
    opens: datetime
    closes: datetime
    capacity: int


def clock(day: str, words: str) -> datetime:
    """Read "1 PM" or "10:30 AM"."""
    pattern = "%Y-%m-%d %I:%M %p" if ":" in words else "%Y-%m-%d %I %p"
    return datetime.strptime(f"{day} {words}", pattern)  # noqa: DTZ007  (a wall clock)


def real_sessions() -> Iterator[Real]:
    for line in SESSIONS.read_text().splitlines():
        for event in json.loads(line)["events"]:
            for row in event["sessions"]:
                opens, closes = (clock(row["date"], row[at]) for at in ("start_time", "end_time"))
                yield Real(event["id"], opens.date(), opens, closes, row["capacity"])


def windows_of(sessions: list[Real]) -> dict[Any, list[date]]:
    """The days of each event by hours and capacity: what one window with added days can say."""
    days: dict[Any, list[date]] = defaultdict(list)
    for each in sessions:
        parts = -(-each.capacity // MOST_PLACES)
        for part in range(parts):
            key = (each.event, each.opens.time(), each.closes.time(), each.capacity // parts, part)
            days[key].append(each.day)
    return days


@pytest.mark.skipif(not SESSIONS.exists(), reason="OPENINGS_SHARED has no sessions of Columbus")
def test_real_dated_sessions_come_out_exactly_as_they_were(session: Session) -> None:
    sessions = list(real_sessions())
    assert all(each.opens < each.closes and each.capacity > 0 for each in sessions)
    now = datetime.combine(min(each.day for each in sessions), datetime.min.time(), UTC)
    offer = make_offer(session, timezone=str(HERE))

    made = set()
    for (_, opens, closes, capacity, _), days in windows_of(sessions).items():
        first, *others = sorted(days)
        length = datetime.combine(first, closes) - datetime.combine(first, opens)
        window = make_window(
            session,
            offer,
            timezone=str(HERE),
            starts_on=first,
            freq=None,
            byday=(),
            added_on=[AddedDay(day) for day in others],
            opens_at=opens,
            closes_at=closes,
            slot_minutes=int(length / timedelta(minutes=1)),
            capacity=capacity,
            horizon_days=120,
            now=now,
        )
        made.add(window.id)

    slots = session.exec(select(Slot)).all()
    found = Counter((slot.starts_at, slot.ends_at, slot.capacity) for slot in slots)
    expected: Counter[Any] = Counter()
    for each in sessions:
        span = tuple(at.replace(tzinfo=HERE).astimezone(UTC) for at in (each.opens, each.closes))
        parts = -(-each.capacity // MOST_PLACES)
        expected[(*span, each.capacity // parts)] += parts
    assert len(sessions) == 2739
    assert found == expected
