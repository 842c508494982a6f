"""Answering a search at once, on the event loop, when all that it takes is in memory.

It is what most searches come to: somebody without an account asks what is near. The answer is the
one that the database would give at this moment (``api.copy_keeper``), to the byte; what is missing
is read by the usual way, in a thread, and then remembered.
"""

from datetime import datetime

from litestar.concurrency import sync_to_thread
from litestar.datastructures import State

from api.copy_keeper import CopyKeeper
from api.finding import AskTheDatabaseError, Finder, find_answer, places_of, read_query
from api.known_slots import find_slots, next_slots, recall_slots
from api.languages import Language
from api.saying import Saying
from api.schemas.search import SearchRequest
from directory.database import Database
from directory.search_copy.answering import answer_from_copy
from directory.search_copy.copy import SearchCopy
from directory.viewer import PUBLIC, Viewer
from scheduling.queries.slots import find_places_with_slots


class QuickSearch:
    """One process's memory for searches."""

    def __init__(self) -> None:
        self.copy = SearchCopy(find_places_with_slots)
        self.keeper = CopyKeeper(self.copy)
        self._saying = Saying()

    async def recall(
        self,
        request: SearchRequest,
        *,
        database: Database,
        finder: Finder,
        language: Language,
        now: datetime,
    ) -> bytes | None:
        """Return an answer as JSON where memory has all of it. Raises ``InvalidError``."""
        if finder.copy is not self.copy or not await self.keeper.refreshed(database):
            return None
        return self._recall(request, finder, language, now)

    async def read(
        self,
        request: SearchRequest,
        *,
        database: Database,
        finder: Finder,
        viewer: Viewer,
        language: Language,
        now: datetime,
    ) -> bytes:
        """Return an answer as JSON, which memory does not have. Raises ``InvalidError``."""

        def ask() -> bytes:
            with database.snapshot() as session:
                version = finder.copy.refresh(session) if finder.copy else None
                query, answer = find_answer(session, request, viewer=viewer, finder=finder, now=now)
                finder.tally.note(query, answer, now=now)
                places = places_of(answer)
                if viewer == PUBLIC:
                    slots = find_slots(self.copy, version, session, places, now=now)
                else:
                    slots = next_slots(session, viewer, places, now=now)
            return self._saying.say(query, answer, slots, language, now)

        return await sync_to_thread(ask)

    def _recall(
        self,
        request: SearchRequest,
        finder: Finder,
        language: Language,
        now: datetime,
    ) -> bytes | None:
        """Answer without asking the database anything, or not at all."""
        try:
            query = read_query(None, request, viewer=PUBLIC, settings=finder.settings, now=now)
        except AskTheDatabaseError:
            return None
        answer = answer_from_copy(self.copy, None, query, now=now)
        if answer is None:
            return None
        slots = recall_slots(self.copy, places_of(answer), now=now)
        if slots is None:
            return None
        finder.tally.note(query, answer, now=now)
        return self._saying.say(query, answer, slots, language, now)


def finder_of(state: State) -> Finder:
    """Return what every search uses."""
    copy = state.quick_search.copy if state.settings.search_copy else None
    return Finder(state.settings, state.tally, copy)
