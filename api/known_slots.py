"""The next times that the public may book, remembered while they cannot have changed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlmodel import Session

from api.schemas.search import NextSlotReply
from directory.search_copy.copy import AskTheTablesError, Beside, SearchCopy
from directory.viewer import PUBLIC, Viewer
from scheduling.queries.slots import find_next_changes, find_next_slots


class _Next(NamedTuple):
    slot: NextSlotReply | None
    asked_at: datetime
    until: datetime


_ALWAYS: Final = datetime(1, 1, 1, tzinfo=UTC)
_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

#: Of a result that is nowhere.
_NONE: Final = _Next(None, _ALWAYS, _NEVER)

#: Where each result may be booked.
Places = Sequence[UUID | None]

#: The next time at each of them, if there is one.
NextSlots = list[NextSlotReply | None]


def next_slots(session: Session, viewer: Viewer, places: Places, *, now: datetime) -> NextSlots:
    """Return the next time that somebody may book at each place."""
    ids = [id_ for id_ in places if id_ is not None]
    found = find_next_slots(session, viewer, ids, now=now)
    slots = {id_: NextSlotReply.of(slot) for id_, slot in found.items()}
    return [None if id_ is None else slots.get(id_) for id_ in places]


def _with_calendar(beside: Beside, places: Places) -> Places:
    """Return None in place of those where nothing can be booked."""
    bookable = beside.with_calendar
    return [id_ if bookable is None or id_ in bookable else None for id_ in places]


def recall_slots(copy: SearchCopy, places: Places, *, now: datetime) -> NextSlots | None:
    """Return the next time of the public at each place, if all are remembered."""
    try:
        with copy.as_of(copy.version) as (_, beside):
            asked = _with_calendar(beside, places)
            known = [_NONE if id_ is None else beside.calendars.get(id_) for id_ in asked]
    except AskTheTablesError:
        return None
    found = [next_.slot for next_ in known if next_ and next_.asked_at <= now < next_.until]
    return found if len(found) == len(places) else None


def find_slots(
    copy: SearchCopy, version: int | None, session: Session, places: Places, *, now: datetime
) -> NextSlots:
    """Ask the database for them, and remember them beside the version that the session sees."""
    if version is None:
        return next_slots(session, PUBLIC, places, now=now)
    try:
        with copy.as_of(version) as (_, beside):
            asked = _with_calendar(beside, places)
    except AskTheTablesError:
        return next_slots(session, PUBLIC, places, now=now)
    ids = [id_ for id_ in asked if id_]
    if not ids:
        return [None] * len(places)
    found = next_slots(session, PUBLIC, asked, now=now)
    changes = find_next_changes(session, ids, now=now)
    new = {
        id_: _Next(slot, now, changes.get(id_, _NEVER))
        for id_, slot in zip(asked, found, strict=True)
        if id_
    }
    with suppress(AskTheTablesError), copy.as_of(version) as (_, beside):
        beside.calendars.put(new)
    return found
