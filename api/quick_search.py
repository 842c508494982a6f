"""Answering a search at once, on the event loop, when all that it takes is in memory.

It is what most searches come to: somebody without an account asks what is near. The answer is the
one that the database would give at this moment (``api.copy_keeper``), to the byte; what is missing
is read by the usual way, in a thread, and then remembered.
"""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Final, NamedTuple, cast
from uuid import UUID

import msgspec
from litestar.concurrency import sync_to_thread

from api.copy_keeper import CopyKeeper
from api.finding import AskTheDatabaseError, Finder, find_answer, places_of, read_query
from api.found import NextSlots, how_found, offer_reply, say_answer
from api.known_slots import KnownSlots
from api.languages import Language
from api.schemas.search import HitReply, HowFound, SearchRequest
from directory.database import Database, Row
from directory.openings import find_live
from directory.search_copy.answering import answer_from_copy
from directory.search_copy.copy import Remembered, SearchCopy
from directory.search_query import Answer, Hit, SearchQuery
from directory.viewer import PUBLIC, Viewer
from scheduling.queries.slots import find_next_slots

#: So many results are remembered as they are said.
MOST_SAID: Final = 40_000

MINUTE: Final = timedelta(minutes=1)

_encode = msgspec.json.Encoder().encode


class _Said(NamedTuple):
    """What is said of a row in any answer, until the clock says otherwise."""

    row: Row
    since: datetime
    until: datetime
    body: bytes


class QuickSearch:
    """One process's memory for searches."""

    def __init__(self) -> None:
        self.copy = SearchCopy()
        self.keeper = CopyKeeper(self.copy)
        self._slots = KnownSlots()
        self._said: Remembered[tuple[UUID, str], _Said] = Remembered(MOST_SAID)

    async def answer(
        self,
        request: SearchRequest,
        *,
        database: Database,
        finder: Finder,
        viewer: Viewer,
        language: Language,
        now: datetime,
    ) -> bytes:
        """Return an answer as JSON. Raises ``InvalidError`` naming every mistake."""
        moment: Hashable = None
        if viewer == PUBLIC and finder.copy is self.copy:
            moment = await self.keeper.refreshed(database)
            if moment is not None:
                body = self._recall(request, finder, language, now, moment)
                if body is not None:
                    return body

        def ask() -> bytes:
            with database.snapshot() as session:
                query, answer = find_answer(session, request, viewer=viewer, finder=finder, now=now)
                finder.tally.note(query, answer, now=now)
                ids = places_of(answer)
                if viewer == PUBLIC:
                    slots = self._slots.find(session, ids, moment=moment, now=now)
                else:
                    slots = find_next_slots(session, viewer, ids, now=now)
            return self._say(query, answer, slots, language, now)

        return await sync_to_thread(ask)

    def _recall(
        self,
        request: SearchRequest,
        finder: Finder,
        language: Language,
        now: datetime,
        moment: Hashable,
    ) -> bytes | None:
        """Answer without asking the database anything, or not at all."""
        try:
            query = read_query(None, request, viewer=PUBLIC, settings=finder.settings, now=now)
        except AskTheDatabaseError:
            return None
        answer = answer_from_copy(self.copy, None, query, now=now)
        if answer is None:
            return None
        slots = self._slots.recall(places_of(answer), moment=moment, now=now)
        if slots is None:
            return None
        finder.tally.note(query, answer, now=now)
        return self._say(query, answer, slots, language, now)

    def _say(
        self,
        query: SearchQuery,
        answer: Answer,
        slots: NextSlots,
        language: Language,
        now: datetime,
    ) -> bytes:
        def say_hit(hit: Hit) -> HitReply:
            found = _encode(HowFound(**how_found(hit, slots, language)))
            # Two objects become one: the first without its end, the second without its beginning.
            whole = b"%b,%b" % (self._said_of(hit, language, now)[:-1], found[1:])
            return cast("HitReply", msgspec.Raw(whole))

        return _encode(say_answer(query, answer, language, now, say_hit))

    def _said_of(self, hit: Hit, language: Language, now: datetime) -> bytes:
        key = (hit.entry["id"], language.tag)
        said = self._said.get(key)
        if said is None or said.row is not hit.entry or not said.since <= now < said.until:
            body = _encode(offer_reply(hit, language, now))
            said = _Said(hit.entry, now, _until(hit, now), body)
            self._said.put({key: said})
        return said.body


def _until(hit: Hit, now: datetime) -> datetime:
    """Return until when the same is said of a row: to the minute, or to what it says changes."""
    row, hours = hit.entry, hit.hours
    instants: list[datetime | None] = [
        *(row[name] for name in ("opens_at", "closes_at", "hours_claimed_until")),
        *(row[name] for name in ("opening_expires_at", "opening_room_until")),
        *((hours.starts_at, hours.ends_at) if hours else ()),
        *(opening.expires_at for opening in find_live(row, now)),
    ]
    next_minute = now.replace(second=0, microsecond=0) + MINUTE
    return min([next_minute, *(at for at in instants if at is not None and at > now)])
