"""How far a search reaches: as far as was asked, and further when nothing is near."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from directory.search_query import Answer, SearchQuery

#: How far a search reaches when nothing is near, in kilometres, one step after the other.
WIDER_KM = (50.0, 100.0, 250.0)


class Tried(Protocol):
    """A search within a radius: what was found is counted, and not yet told."""

    @property
    def near(self) -> int:
        """How many of the results have a place: within the radius, or serving the area."""

    def answer(self) -> Answer:
        """Tell it."""


def reach_out(query: SearchQuery, attempt: Callable[[SearchQuery], Tried]) -> Answer:
    """Search as far as needed: until something is near, or as far as for the page before."""
    if query.after is not None:
        within_km = max(query.within_km, min(query.after.within_km, WIDER_KM[-1]))
        query = replace(query, corrections=query.after.corrected)
        answer = attempt(replace(query, within_km=within_km)).answer()
        return replace(answer, widened=within_km > query.within_km)
    first = attempt(query)
    if query.origin is None or first.near:
        return first.answer()
    for wider in WIDER_KM:
        if wider > query.within_km:
            further = attempt(replace(query, within_km=wider))
            if further.near:
                return replace(further.answer(), widened=True)
    return first.answer()
