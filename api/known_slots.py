"""The next times that the public may book, remembered while they cannot have changed."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Final, NamedTuple
from uuid import UUID

from sqlmodel import Session

from directory.database import Row
from directory.viewer import PUBLIC
from scheduling.queries.slots import find_next_changes, find_next_slots

#: So many places are remembered.
MOST_PLACES: Final = 50_000


class _Next(NamedTuple):
    slot: Row | None
    asked_at: datetime
    until: datetime | None


class KnownSlots:
    """What was found at one moment of the database (``directory.watch``)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._moment: Hashable = None
        self._known: dict[UUID, _Next] = {}

    def recall(
        self, ids: Sequence[UUID], *, moment: Hashable, now: datetime
    ) -> Mapping[UUID, Row] | None:
        """Return the next slot of each place that has one; None where one is not known."""
        with self._lock:
            if moment != self._moment:
                return None
            found = {}
            for id_ in ids:
                known = self._known.get(id_)
                if known is None or not known.asked_at <= now:
                    return None
                if known.until is not None and known.until <= now:
                    return None
                if known.slot is not None:
                    found[id_] = known.slot
            return found

    def find(
        self, session: Session, ids: Sequence[UUID], *, moment: Hashable, now: datetime
    ) -> Mapping[UUID, Row]:
        """Ask the database, and remember it as of a moment that the session sees, or a later one.

        Without a moment nothing is remembered.
        """
        found = find_next_slots(session, PUBLIC, ids, now=now)
        if moment is None:
            return found
        changes = find_next_changes(session, ids, now=now)
        with self._lock:
            if moment != self._moment or len(self._known) > MOST_PLACES:
                self._moment, self._known = moment, {}
            self._known |= {id_: _Next(found.get(id_), now, changes.get(id_)) for id_ in ids}
        return found
