from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session, col, select

from directory.models.accounts import Role
from directory.models.services import Service
from directory.viewer import Viewer
from scheduling.commands.windows import publish_window
from scheduling.drafts import WindowDraft, first_slots
from scheduling.models.slots import Slot
from scheduling.schedule import AddedDay
from tests.conftest import NOON
from tests.factories import make_offer


def draft(place: UUID | None = None, **fields: Any) -> WindowDraft:
    return WindowDraft(
        **{
            "service_at_location_id": place or uuid4(),
            "title": "Intake",
            "timezone": "America/Detroit",
            "starts_on": date(2030, 6, 3),
            "opens_at": time(7),
            "closes_at": time(10),
            "slot_minutes": 60,
            "freq": "DAILY",
            **fields,
        }
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},  # NOON is 8 in the morning there: two of the first day's three are still to come
        {"freq": None},
        {"starts_on": date(2030, 5, 1), "interval": 3},
        {"freq": "MONTHLY", "byday": ("3WE",)},
        {"closed_on": (date(2030, 6, 3), date(2030, 6, 5))},
        {"starts_on": date(2030, 6, 10), "count": 4},
        {"freq": None, "added_on": (AddedDay(date(2030, 6, 9), time(1), time(3)),)},
        {"opens_at": time(22), "closes_at": time(2)},
    ],
)
def test_preview_is_what_publishing_makes(session: Session, fields: dict[str, Any]) -> None:
    offer = make_offer(session)
    host = session.get_one(Service, offer.service_id).organization_id
    wanted = draft(offer.id, **fields)
    window = publish_window(session, wanted, viewer=Viewer(host, Role.PUBLISHER), now=NOON)
    rows = session.exec(
        select(Slot).where(Slot.window_id == window.id).order_by(col(Slot.starts_at))
    ).all()
    last = min(row.local_date for row in rows) + timedelta(14)

    made = [(row.starts_at, row.ends_at) for row in rows if row.local_date < last]

    assert [tuple(slot) for slot in first_slots(wanted, now=NOON)] == made


def test_window_that_is_over_makes_nothing() -> None:
    past = draft(starts_on=date(2030, 5, 1), until=date(2030, 5, 31))

    assert first_slots(past, now=NOON) == []


def test_slot_that_the_clocks_jump_over_is_not_shown() -> None:
    night = draft(freq=None, starts_on=date(2031, 3, 9), opens_at=time(1), closes_at=time(4))

    slots = first_slots(night, now=NOON)

    assert [slot.starts_at for slot in slots] == [
        datetime.fromisoformat("2031-03-09T01:00-05:00"),
        datetime.fromisoformat("2031-03-09T03:00-04:00"),
    ]


def test_rest_of_last_night_is_shown() -> None:
    """Its night is yesterday's; that does not take a day from the two weeks of other windows."""
    terms: dict[str, Any] = {"freq": "DAILY", "byday": (), "slot_minutes": 60}
    terms["starts_on"] = date(2030, 6, 4)
    at_two = datetime.fromisoformat("2030-06-05T02:00-04:00")

    night = first_slots(draft(opens_at=time(22), closes_at=time(5), **terms), now=at_two)
    day = first_slots(draft(opens_at=time(9), closes_at=time(10), **terms), now=at_two)

    assert [slot.starts_at.isoformat() for slot in night[:2]] == [
        "2030-06-05T07:00:00+00:00",
        "2030-06-05T08:00:00+00:00",
    ]
    assert len(day) == 14
