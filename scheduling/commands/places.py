"""Taking numbered places in a locked slot, and giving them back.

Whatever takes a place comes through here, whether for a hold or for an appointment: first
``lock_bookable``, which locks and looks whether there is room, then ``take_places``. The numbers
themselves are the database's own guard. Locks are taken in one order: slots by their ids, then
the allotments that cover them by theirs; ``lock_slots`` does it for several slots.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import Row
from directory.errors import NotFoundError
from directory.quick import QuickStatement
from directory.viewer import Viewer
from scheduling.bookable import (
    Prepared,
    allotment_in_the_way,
    allotment_used,
    bookable_slots,
    places,
    slots,
    slots_open_to,
    slots_without_allotments,
    windows,
)
from scheduling.errors import AllotmentUsedError, SlotClosedError, SlotFullError
from scheduling.models import TABLES
from scheduling.queries.slots import lock_slot
from scheduling.rules import week_of

allotments = TABLES["allotment"]
allotment_places = TABLES["allotment_place"]
covered = TABLES["allotment_slot"]
named_windows = TABLES["allotment_window"]
named_services = TABLES["allotment_service"]
at_locations = TABLES["service_at_location"]

_WANTED = cast("int", sa.bindparam("wanted", type_=sa.Integer()))
_THE_SLOT = slots.c.id == sa.bindparam("slot_id")


def _taken(table: sa.Table, number: sa.Column[int], which: Any) -> Any:
    has_lapsed = table.c.expires_at <= sa.bindparam("now")
    return sa.select(number.label("number"), has_lapsed.label("has_lapsed")).where(which)


# Built once: that costs more than running them.
_PLAIN_SLOT = Prepared(
    lambda viewer, now: slots_without_allotments(viewer, now=now, wanted=_WANTED).where(_THE_SLOT)
)
_BOOKABLE_SLOT = Prepared(
    lambda viewer, now: (
        bookable_slots(viewer, now=now, wanted=_WANTED)
        .add_columns(allotment_used(viewer, now=now, wanted=_WANTED).label("allotment_id"))
        .where(_THE_SLOT)
    )
)
_REFUSED_SLOT = Prepared(
    lambda viewer, now: (
        slots_open_to(viewer, now=now)
        .add_columns(allotment_in_the_way(viewer, now=now, wanted=_WANTED).label("in_the_way"))
        .where(_THE_SLOT)
    )
)


def _allotments(*which: sa.Select[Any]) -> sa.Select[Any]:
    return (
        sa.select(allotments.c.id, allotments.c.places)
        .where(sa.or_(*(allotments.c.id.in_(ids) for ids in which)))
        .order_by(allotments.c.id)
        .with_for_update(key_share=True)
    )


_COVERING = sa.select(covered.c.allotment_id).where(
    covered.c.slot_id.in_(sa.bindparam("slot_ids", expanding=True))
)
_THE_WINDOWS: sa.BindParameter[UUID] = sa.bindparam("window_ids", expanding=True)
_ALLOTMENTS = _allotments(_COVERING)
_ALLOTMENTS_OF_WINDOWS = _allotments(
    _COVERING,
    sa.select(named_windows.c.allotment_id).where(named_windows.c.window_id.in_(_THE_WINDOWS)),
    sa.select(named_services.c.allotment_id)
    .join(at_locations, at_locations.c.service_id == named_services.c.service_id)
    .join(windows, windows.c.service_at_location_id == at_locations.c.id)
    .where(windows.c.id.in_(_THE_WINDOWS)),
)
_OF_SLOT = places.c.slot_id == sa.bindparam("slot_id")
_TAKEN = QuickStatement(_taken(places, places.c.place, _OF_SLOT))
_DELETE_LAPSED = QuickStatement(
    sa.delete(places).where(_OF_SLOT, places.c.expires_at <= sa.bindparam("now"))
)
_INSERT_PLACE = QuickStatement(sa.insert(places))
_OF_WEEK = sa.and_(
    allotment_places.c.allotment_id == sa.bindparam("allotment_id"),
    allotment_places.c.week_on == sa.bindparam("week_on"),
)
_TAKEN_OF_WEEK = QuickStatement(_taken(allotment_places, allotment_places.c.number, _OF_WEEK))
_DELETE_LAPSED_OF_WEEK = QuickStatement(
    sa.delete(allotment_places).where(
        _OF_WEEK, allotment_places.c.expires_at <= sa.bindparam("now")
    )
)
_INSERT_ALLOTMENT_PLACE = QuickStatement(sa.insert(allotment_places))
_GRANTED = QuickStatement(
    sa.select(allotments.c.places).where(allotments.c.id == sa.bindparam("allotment_id"))
)


def lock_slots(session: Session, slot_ids: Collection[UUID]) -> None:
    """Lock several slots, and the allotments that cover them, before anything is looked at."""
    for slot_id in sorted(slot_ids):
        lock_slot(session, slot_id)
    lock_allotments(session, slot_ids)


def lock_allotments(session: Session, slot_ids: Collection[UUID]) -> None:
    """Make everybody wait who books anywhere under, or beside, the same allotments.

    What one of them takes may leave too little for another, in another slot of the week.
    """
    session.connection().execute(_ALLOTMENTS, {"slot_ids": list(slot_ids)}).all()


def lock_bookable(
    session: Session, slot_id: UUID, *, viewer: Viewer, now: datetime, wanted: int
) -> Row:
    """Lock a slot and return it, with ``allotment_id``, if the viewer may take ``wanted`` places.

    Else says what stands in the way: ``NotFoundError`` for a slot the viewer may not book into,
    ``SlotClosedError`` outside its time, ``SlotFullError`` when there are too few places, and
    ``AllotmentUsedError`` when there are enough, but not of the viewer's own allotment.
    """
    lock_slot(session, slot_id)
    values = {"slot_id": slot_id, "wanted": wanted}
    row = _PLAIN_SLOT.row(session, viewer, now=now, **values)
    if row is not None:
        if not row["has_room"]:
            raise SlotFullError
        if not row["is_at_its_time"]:
            raise SlotClosedError
        return {**row, "allotment_id": None}
    lock_allotments(session, [slot_id])
    row = _BOOKABLE_SLOT.row(session, viewer, now=now, **values)
    if row is not None:
        return row
    _refuse(_REFUSED_SLOT.row(session, viewer, now=now, **values), viewer, wanted)
    raise SlotClosedError


def lock_allotments_of(
    session: Session, window_ids: Collection[UUID], slot_ids: Collection[UUID]
) -> None:
    """Lock the allotments that cover some slots, and those that could cover slots of windows.

    For whoever makes slots, or changes who may book them: all locks come before what they lead to.
    """
    values = {"window_ids": list(window_ids), "slot_ids": list(slot_ids)}
    session.connection().execute(_ALLOTMENTS_OF_WINDOWS, values).all()


def take_places(
    session: Session, slot: Row, wanted: int, *, now: datetime, holder: Mapping[str, object]
) -> None:
    """Give ``wanted`` free numbers of a slot, and of its allotment's week, to ``holder``.

    ``slot`` is what ``lock_bookable`` returned; ``holder`` is ``{"hold_id": ..., "expires_at":
    ...}`` or ``{"appointment_id": ...}``.
    """
    its = {"slot_id": slot["id"], "slot_capacity": slot["capacity"], **holder}
    for number in _first(wanted, _free_numbers(session, slot["id"], slot["capacity"], now=now)):
        _INSERT_PLACE.change(session, {**its, "place": number})
    if slot["allotment_id"] is not None:
        _take_of_week(session, slot, wanted, now=now, holder=holder)


def give_back(
    session: Session, *, hold_id: UUID | None = None, appointment_id: UUID | None = None
) -> None:
    """Free the places that a hold or an appointment has, in its slot and of its allotment.

    That needs no lock. The order is that of taking them.
    """
    for table in (places, allotment_places):
        mine = table.c.hold_id == hold_id if hold_id else table.c.appointment_id == appointment_id
        session.connection().execute(sa.delete(table).where(mine))


def _refuse(slot: Row | None, viewer: Viewer, wanted: int) -> None:
    if slot is None:
        raise NotFoundError("time")
    if slot["in_the_way"] is not None and viewer.organization_id is not None:
        raise AllotmentUsedError(
            slot["in_the_way"], week_of(slot["local_date"]), viewer.organization_id
        )
    if slot["places_left"] < wanted:
        raise SlotFullError


def _free_numbers(session: Session, slot_id: UUID, capacity: int, *, now: datetime) -> list[int]:
    """Clear away the places of lapsed holds, and return the numbers nobody has."""
    which = {"slot_id": slot_id, "now": now}
    return _clear(session, _TAKEN, _DELETE_LAPSED, which, up_to=capacity)


def _first(wanted: int, free: Sequence[int]) -> Sequence[int]:
    if len(free) < wanted:  # whoever counted did not count right
        raise SlotFullError
    return free[:wanted]


def _take_of_week(
    session: Session, slot: Row, wanted: int, *, now: datetime, holder: Mapping[str, object]
) -> None:
    """Give ``wanted`` free numbers of the allotment in the slot's week to ``holder``."""
    week = {"allotment_id": slot["allotment_id"], "week_on": week_of(slot["local_date"])}
    granted = (_GRANTED.row(session, week) or {})["places"]
    its = {**week, "allotment_places": granted, **holder}
    for number in _first(wanted, _free_numbers_of_week(session, week, granted, now=now)):
        _INSERT_ALLOTMENT_PLACE.change(session, {**its, "number": number})


def _free_numbers_of_week(
    session: Session, week: Mapping[str, Any], granted: int, *, now: datetime
) -> list[int]:
    """Clear away what lapsed holds keep of an allotment's week; return the numbers nobody has."""
    which = {**week, "now": now}
    return _clear(session, _TAKEN_OF_WEEK, _DELETE_LAPSED_OF_WEEK, which, up_to=granted)


def _clear(
    session: Session,
    rows_taken: QuickStatement,
    delete: QuickStatement,
    which: Mapping[str, Any],
    *,
    up_to: int,
) -> list[int]:
    """Clear away what lapsed holds keep; return the numbers from 1 that nobody has."""
    rows = rows_taken.rows(session, which)
    if any(row["has_lapsed"] for row in rows):
        delete.change(session, which)
    taken = {row["number"] for row in rows if not row["has_lapsed"]}
    return [number for number in range(1, up_to + 1) if number not in taken]
