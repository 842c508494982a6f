"""The one search: near here or serving here, this need, in these words, open then, with room.

Reads ``search_entry`` and the areas that its rows are found by, and nothing else but for opening
hours that the row cannot settle; or ``directory.search_copy``, which is a copy of them in memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Session

from directory.database import Row, find_rows
from directory.drawn_areas import find_whereabouts
from directory.eligibility import Verdict
from directory.folding import fold, one_word
from directory.offers import entries, search_areas
from directory.open_at import open_at
from directory.search_copy.answering import answer_from_copy, is_for_copy
from directory.search_copy.copy import SearchCopy
from directory.search_page import find_left_out, find_page, hits_of
from directory.search_people import is_not_refused, judge_rules, tally_verdicts
from directory.search_query import Answer, Asked, SearchQuery
from directory.search_reach import reach_out
from directory.search_text import has_words, says
from directory.search_words import correct
from directory.service_areas import Whereabouts
from geo.grid import cell_ranges
from geo.places import Place
from geo.points import EarthCentred, to_earth_centred

Condition = sa.ColumnElement[bool]


def search(
    session: Session, query: SearchQuery, *, now: datetime, copy: SearchCopy | None = None
) -> Answer:
    """Answer a search. When nothing is near, it looks further, and says so.

    A place further away that says that it serves the origin's area is as good as near. A copy of
    the rows in memory answers the same, where it can, and is brought up to date for it: not in a
    session that has changed something.
    """
    if copy is not None and is_for_copy(query, now=now) and copy.refresh(session) is not None:
        answer = answer_from_copy(copy, session, query, now=now)
        if answer is not None:
            return answer
    here = find_whereabouts(session, query.origin) if query.origin else None
    if query.after is None:
        query = replace(query, corrections=correct(session, query.words))
    return reach_out(query, lambda query: _Tried(session, query, here, now))


class _Tried:
    """A search of the table within a radius."""

    def __init__(
        self, session: Session, query: SearchQuery, here: Whereabouts | None, now: datetime
    ) -> None:
        self._session, self._query, self._here, self._now = session, query, here, now
        self._chord = _chord_squared_to(query.origin)
        self._about = [_reachable(session, query, here, self._chord), *_about(session, query)]
        self._asked = dict(_asked(query, now))
        opened = (
            open_at(session, [*self._about, *self._asked.values()], now, now=now)
            if query.facets
            else None
        )
        if query.open_at is not None:
            conditions = [*self._about, *self._asked.values()]
            self._asked[Asked.OPEN] = open_at(session, conditions, query.open_at, now=now)
        self._by_rule = query.by_rule or bool(query.facts)
        conditions = [*self._about, *self._asked.values()]
        found = _count(session, conditions, opened, by_rule=self._by_rule)
        self._people = judge_rules(session, self._about, query.facts)
        self._groups, self._refused = _without_refused(found, self._people)
        if query.facts:
            self._asked = {Asked.ELIGIBLE: is_not_refused(session, self._people), **self._asked}

    @property
    def near(self) -> int:
        return sum(group["n"] for group in self._groups if group["placed"])

    def answer(self) -> Answer:
        session, query, groups = self._session, self._query, self._groups
        page = find_page(session, query, [*self._about, *self._asked.values()], self._chord)
        rules = _tally_rules(groups) if self._by_rule else Counter()
        return Answer(
            total=sum(group["n"] for group in groups),
            within_km=query.within_km,
            widened=False,
            corrected=query.corrections,
            **(_facets(groups) if query.facets else {}),
            rules=rules,
            verdicts=tally_verdicts(rules, self._people),
            refused=self._refused,
            hits=hits_of(session, page[: query.limit], query, self._here, self._now),
            more=len(page) > query.limit,
            excluded_nearer=find_left_out(
                session, query, self._about, self._asked, self._chord, page, self._here, self._now
            ),
        )


def _chord_squared_to(origin: Place | None) -> sa.ColumnElement[float]:
    """Measure, in square metres, the chord from the origin to a row's place."""
    if origin is None:
        return sa.literal(0.0)
    here: EarthCentred = to_earth_centred(origin.point)
    x, y, z = entries.c.x - here.x, entries.c.y - here.y, entries.c.z - here.z
    return sa.func.coalesce(x * x + y * y + z * z, 0.0)


def _reachable(
    session: Session,
    query: SearchQuery,
    here: Whereabouts | None,
    chord: sa.ColumnElement[float],
) -> sa.ColumnElement[bool]:
    """Keep what is near, and what is found by the area that it serves.

    The cells, and the rows of those areas, are a net that indexes can cast only if nothing else
    stands in their OR; then the chord and the areas decide.
    """
    if here is None:
        return sa.true()
    cell = entries.c.cell
    near_cells = (
        cell.between(cells.first, cells.last)
        for cells in cell_ranges(here.place.point, query.within_km)
    )
    served = sa.select(search_areas.c.entry_id).where(
        search_areas.c.word.in_(sorted(here.found_by))
    )
    return sa.and_(
        sa.or_(_is_among(session, served), *near_cells),
        sa.or_(
            sa.and_(cell.is_not(None), chord <= query.reach),
            entries.c.id.in_(served),
        ),
    )


def _is_among(session: Session, ids: sa.Select[UUID]) -> sa.ColumnElement[bool]:
    """Say "the row is one of these" so that an index finds them, inside an OR too."""
    if session.get_bind().dialect.name == "sqlite":
        return entries.c.id.in_(ids)
    kind = postgresql.ARRAY(sa.Uuid())
    return entries.c.id == sa.any_(sa.func.array(ids.scalar_subquery(), type_=kind))


def _about(session: Session, query: SearchQuery) -> list[Condition]:
    """Return what a service is to be about: it has the words and a need, and not the others."""
    needs = [_has_code(entries.c.needs, one_word(code)) for code in query.needs]
    return [
        *has_words(session, query.read_words, near=query.origin is not None),
        *(~says(fold(phrase)) for phrase in query.without_words),
        *(~_has_code(entries.c.needs, one_word(code)) for code in query.without_needs),
        *([sa.or_(*needs)] if needs else []),
    ]


def _asked(query: SearchQuery, now: datetime) -> Iterator[tuple[Asked, Condition]]:
    """Yield what else is asked of a service, but for whom it is for and when it is open."""
    if query.step_free:
        yield Asked.STEP_FREE, entries.c.step_free
    if query.remote:
        yield Asked.REMOTE, entries.c.remote
    if query.languages:
        wanted = (_has_code(entries.c.languages, code.lower()) for code in query.languages)
        yield Asked.LANGUAGE, sa.or_(*wanted)
    if query.free:
        yield Asked.FREE, entries.c.is_free
    if query.price_at_most is not None:
        yield Asked.PRICE, entries.c.price_cents <= query.price_at_most
    if query.openings:
        yield Asked.ROOM, entries.c.opening_room_until > now
    if query.bookable and query.first_time is not None:
        yield Asked.TIME, query.first_time(entries.c.service_at_location_id).is_not(None)


def _has_code(column: sa.ColumnElement[str], code: str) -> sa.ColumnElement[bool]:
    return _contains(column, f" {code} ")


def _contains(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    return column.contains(text, autoescape=True)


def _count(
    session: Session,
    conditions: Sequence[sa.ColumnElement[bool]],
    opened: sa.ColumnElement[bool] | None,
    *,
    by_rule: bool,
) -> Sequence[Row]:
    """Count all that was found, by all that is told about it; without ``opened``, by less."""
    told = [entries.c.rule_id] if by_rule else []
    labelled = [entries.c.cell.is_not(None).label("placed")]
    if opened is not None:
        told += [entries.c.needs, entries.c.languages, entries.c.is_free]
        labelled.append(opened.label("is_open"))
    found = sa.select(*told, *labelled, sa.func.count().label("n")).where(*conditions)
    return find_rows(session, found.group_by(*told, *(each.name for each in labelled)))


def _facets(groups: Sequence[Row]) -> dict[str, Any]:
    return {
        "needs": _tally(groups, "needs"),
        "languages": _tally(groups, "languages"),
        "open_now": sum(group["n"] for group in groups if group["is_open"]),
        "free": sum(group["n"] for group in groups if group["is_free"]),
    }


def _tally(groups: Sequence[Row], column: str) -> Counter[str]:
    tally: Counter[str] = Counter()
    for group in groups:
        for code in group[column].split():
            tally[code] += group["n"]
    return tally


def _without_refused(
    groups: Sequence[Row], people: Mapping[UUID, Verdict]
) -> tuple[list[Row], int]:
    """Return the groups that are not known to be for others, and how many rows the rest are."""
    kept, refused = [], 0
    for group in groups:
        if people and people.get(group["rule_id"]) is Verdict.NOT_ELIGIBLE:
            refused += group["n"]
        else:
            kept.append(group)
    return kept, refused


def _tally_rules(groups: Sequence[Row]) -> Counter[UUID | None]:
    tally: Counter[UUID | None] = Counter()
    for group in groups:
        tally[group["rule_id"]] += group["n"]
    return tally
