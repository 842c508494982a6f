"""The times of a plan: those that the viewer may book and at which the client has nothing yet."""

from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row, find_row
from directory.errors import ConflictError
from directory.viewer import Viewer
from scheduling.bookable import slots
from scheduling.commands.appointments import cancel_appointment, confirm_hold
from scheduling.commands.holds import place_hold
from scheduling.queries.plan_times import Wanted, find_times
from tests.conftest import NOON
from tests.factories import make_offer, make_organization, make_viewer, make_window

MINE, OTHER = "7K2M-QX4P", "7K2M-QX4Q"
DAYS = Wanted(NOON, NOON, NOON + timedelta(days=14))


def overlap(one: Row, other: Row) -> bool:
    return bool(one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"])


@pytest.mark.parametrize("seed", range(4))
def test_no_time_of_a_plan_overlaps_what_the_client_has_and_no_other_is_left_out(
    session: Session, seed: int
) -> None:
    rng = Random(seed)  # noqa: S311  (no secrets)
    host = make_organization(session, "Host")
    offers = [make_offer(session, organization=host) for _ in range(3)]
    for offer, minutes in zip(offers, (15, 30, 40), strict=True):
        make_window(session, offer, slot_minutes=minutes, capacity=5)
    mine, elsewhere = (make_viewer(session, make_organization(session, n)) for n in ("A", "B"))
    at = [offer.id for offer in offers]
    free = find_times(session, mine, at, DAYS)
    has = []
    for _ in range(12):
        viewer, handle = rng.choice(((mine, MINE), (mine, OTHER), (elsewhere, MINE)))
        booked = book(session, rng.choice(free), viewer, handle, is_kept=rng.random() < 0.7)
        if booked and (viewer, handle) == (mine, MINE):
            has.append(booked)

    found = find_times(session, mine, at, DAYS._replace(client_handle=MINE))

    assert has
    assert [row["id"] for row in found] == [
        row["id"]
        for row in find_times(session, mine, at, DAYS)
        if not any(overlap(row, other) for other in has)
    ]


def book(session: Session, slot: Row, viewer: Viewer, handle: str, *, is_kept: bool) -> Row | None:
    """Book a time for a client; return it where it was not taken back."""
    try:
        with session.begin_nested():
            hold = place_hold(session, slot["id"], viewer=viewer, now=NOON)
            row = confirm_hold(
                session, hold["id"], viewer=viewer, now=NOON, client_handle=handle
            ).appointment
    except ConflictError:
        return None
    if not is_kept:
        cancel_appointment(session, row["id"], viewer=viewer, now=NOON, reason="mistake")
        return None
    return find_row(session, sa.select(slots).where(slots.c.id == slot["id"]))
