"""The next times that the public may book, remembered while they cannot have changed."""

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Final, NamedTuple
from uuid import UUID

from sqlmodel import Session

from api.schemas.search import NextSlotReply
from directory.viewer import PUBLIC, Viewer
from scheduling.queries.slots import find_next_changes, find_next_slots

#: So many places are remembered.
MOST_PLACES: Final = 50_000


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


class KnownSlots:
    """What was found at one moment of the database (``directory.watch``)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._moment: Hashable = None
        self._known: dict[UUID, _Next] = {}

    def recall(self, places: Places, *, moment: Hashable, now: datetime) -> NextSlots | None:
        """Return the next time at each place; None where one of them is not known."""
        with self._lock:
            if moment != self._moment:
                return None
            known = [_NONE if id_ is None else self._known.get(id_) for id_ in places]
        found = [next_.slot for next_ in known if next_ and next_.asked_at <= now < next_.until]
        return found if len(found) == len(places) else None

    def find(
        self, session: Session, places: Places, *, moment: Hashable, now: datetime
    ) -> NextSlots:
        """Ask the database, and remember it as of a moment that the session sees, or a later one.

        Without a moment nothing is remembered.
        """
        found = next_slots(session, PUBLIC, places, now=now)
        if moment is None:
            return found
        changes = find_next_changes(session, [id_ for id_ in places if id_], now=now)
        new = {
            id_: _Next(slot, now, changes.get(id_, _NEVER))
            for id_, slot in zip(places, found, strict=True)
            if id_
        }
        with self._lock:
            if moment != self._moment or len(self._known) > MOST_PLACES:
                self._moment, self._known = moment, {}
            self._known |= new
        return found
