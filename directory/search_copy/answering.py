"""Answering a search from the copy, with what is missing in it asked of the database."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from directory.database import find_rows
from directory.drawn_areas import find_whereabouts, recall_whereabouts
from directory.eligibility import Facts, Judgement, Verdict, verdict_of
from directory.eligibility_rules import Rule
from directory.hours import current_or_next
from directory.offers import entries
from directory.queries.schedules import BATCH, find_opening_rules
from directory.search_copy.asking import Asking, Standing, TooManyError
from directory.search_copy.columns import AFTER_ALL, Columns
from directory.search_copy.copy import MOST_ROWS, AskTheTablesError, Beside, Kept, SearchCopy, Whole
from directory.search_page import tells_hours
from directory.search_people import judge_for, tally_verdicts
from directory.search_query import Answer, Asked, Hit, LeftOut, SearchQuery, Sort
from directory.search_reach import reach_out
from directory.search_rules import find_rules
from directory.search_words import Correction, correct
from directory.service_areas import Whereabouts
from geo.places import Place

#: From memory alone so many rows are looked at, which takes a few milliseconds: whoever answers
#: so answers everybody, one after the other. A text takes longer than a number.
MOST_AT_ONCE: Final = 50_000
MOST_AT_ONCE_WITH_WORDS: Final = 5_000

#: For so long it is sure that nothing opens where no next hours are published.
SURELY_CLOSED: Final = timedelta(hours=6)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_QUARTER: Final = timedelta(minutes=15)
_LAST: Final = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


def is_for_copy(query: SearchQuery, *, now: datetime) -> bool:
    """Say whether the copy knows how to answer: from a place, by distance, and about now."""
    by_distance = query.origin is not None and query.order is Sort.DISTANCE
    return by_distance and not query.bookable and query.open_at in (None, now)


def answer_from_copy(
    copy: SearchCopy, session: Session | None, query: SearchQuery, *, now: datetime
) -> Answer | None:
    """Answer as ``directory.search`` does, as of the copy's last refresh; None: ask the tables.

    Without a session, which has to see that moment, only from memory.
    """
    if query.origin is None or not is_for_copy(query, now=now):
        return None
    source = _Source(copy, copy.version, session)
    question = _question_of(query)
    try:
        with source.as_of() as (_, beside):
            known, sketch = beside.answers.get(question), beside.sketches.get(question)
        if known is not None and known.since <= now < known.until:
            return known.answer
        if sketch is None or not sketch.since <= now < sketch.until:
            sketch = _sketch(source, query, query.origin, now)
            if question is not None:
                with source.as_of() as (_, beside):
                    beside.sketches.put({question: sketch})
        answer = _complete(source, sketch, now)
        if question is not None:
            with source.as_of() as (_, beside):
                beside.answers.put({question: Kept(answer, sketch.since, sketch.until)})
    except (AskTheTablesError, TooManyError):
        return None
    return answer


class Sketch(NamedTuple):
    """An answer of which the rows are still to be read, and from when until when it holds.

    ``query`` is as it was answered, with the radius that was needed.
    """

    told: Answer
    shown: Sequence[Standing]
    left_out: Sequence[tuple[Standing, Asked]]
    query: SearchQuery
    here: Whereabouts
    since: datetime
    until: datetime


def remember_rows(copy: SearchCopy, session: Session) -> None:
    """Read whole rows before anybody asks for them, as many as are remembered."""
    version = copy.refresh(session)
    if version is None:
        return
    with suppress(AskTheTablesError):
        with copy.as_of(version) as (columns, _):
            ids = columns.ids(columns.first(MOST_ROWS))
        for start in range(0, len(ids), BATCH):
            found = _read_whole(session, ids[start : start + BATCH])
            with copy.as_of(version) as (_, beside):
                beside.rows.put(found)


def _question_of(query: SearchQuery) -> Hashable:
    """Return a question that may be remembered; None for what somebody typed or told."""
    if query.words or query.without_words or query.facts:
        return None
    return (
        *(query.origin, query.within_km, tuple(query.needs), tuple(query.without_needs)),
        *(tuple(query.languages), query.free, query.price_at_most, query.step_free, query.remote),
        *(query.by_rule, query.openings, query.open_at is not None, query.facets),
        *(query.limit, query.after),
    )


def _sketch(source: "_Source", query: SearchQuery, origin: Place, now: datetime) -> Sketch:
    here = source.whereabouts(origin)
    if query.after is None and query.words:
        query = replace(query, corrections=source.corrections(query.words))
    tried: list[_Tried] = []

    def attempt(query: SearchQuery) -> _Tried:
        tried.append(_Tried(source, query, here, now))
        return tried[-1]

    told = reach_out(query, attempt)
    answered = next(each for each in tried if each.page is not None)
    until = min(_next_quarter(now), *(each.until for each in tried))
    page = answered.page or ()
    shown = page[: query.limit]
    return Sketch(told, shown, answered.left_out, answered.query, here, now, until)


def _next_quarter(now: datetime) -> datetime:
    """Return the end of the quarter of an hour, before which it is midnight nowhere."""
    return now - (now - _EPOCH) % _QUARTER + _QUARTER


def _complete(source: "_Source", sketch: Sketch, now: datetime) -> Answer:
    """Read the rows of an answer."""
    query, here, shown = sketch.query, sketch.here, len(sketch.shown)
    standings = [*sketch.shown, *(standing for standing, _ in sketch.left_out)]
    whole = source.whole([each.id for each in standings])
    judged = _judgements(source, [each.rule_id for each in whole], query.facts)
    hits = [
        Hit(
            *(row, 0, each.placeless, each.chord_squared, each.is_near),
            *(query, here, now, rules, judgement),
        )
        for each, (row, rules, _), judgement in zip(standings, whole, judged, strict=True)
    ]
    left_out = zip(hits[shown:], sketch.left_out, strict=True)
    return replace(
        sketch.told,
        hits=hits[:shown],
        excluded_nearer=[LeftOut(hit, asked) for hit, (_, asked) in left_out],
    )


def _judgements(
    source: "_Source", named: Sequence[UUID | None], facts: Facts
) -> Sequence[Judgement | None]:
    """Judge each rule once. Without facts they still say what to ask."""
    used = {id_ for id_ in named if id_ is not None}
    if not used:
        return [None] * len(named)
    rules = source.rules(sorted(used))
    judged = {id_: judge_for(rule, facts) for id_, rule in rules.items()}
    return [None if id_ is None else judged[id_] for id_ in named]


class _Source:
    """The copy as of a moment, and the database for what is not remembered."""

    def __init__(self, copy: SearchCopy, version: int, session: Session | None) -> None:
        self._copy, self._version, self._session = copy, version, session

    def as_of(self) -> AbstractContextManager[tuple[Columns, Beside]]:
        return self._copy.as_of(self._version)

    @property
    def session(self) -> Session:
        if self._session is None:
            raise AskTheTablesError
        return self._session

    def most_rows(self, query: SearchQuery) -> int | None:
        """How many rows may be looked at: from memory alone one does not wait for it."""
        if self._session is not None:
            return None
        return MOST_AT_ONCE_WITH_WORDS if query.words or query.without_words else MOST_AT_ONCE

    def whereabouts(self, place: Place) -> Whereabouts:
        with self.as_of() as (_, beside):
            known = beside.places.get(place)
            if known is None and beside.drawn is not None:
                known = recall_whereabouts(beside.drawn, place)
            if known is not None:
                beside.places.put({place: known})
        if known is None:
            known = find_whereabouts(self.session, place)
            with self.as_of() as (_, beside):
                beside.places.put({place: known})
        return known

    def corrections(self, words: str) -> tuple[Correction, ...]:
        with self.as_of() as (_, beside):
            known = beside.words.get(words)
        if known is None:
            known = correct(self.session, words)
            with self.as_of() as (_, beside):
                beside.words.put({words: known})
        return known

    def rules(self, ids: Sequence[UUID]) -> Mapping[UUID, Rule]:
        with self.as_of() as (_, beside):
            missing = [id_ for id_ in ids if id_ not in beside.rules]
        if missing:
            found = find_rules(self.session, missing)
            with self.as_of() as (_, beside):
                beside.rules |= found
        with self.as_of() as (_, beside):
            return {id_: beside.rules[id_] for id_ in ids}

    def whole(self, ids: Sequence[bytes]) -> list[Whole]:
        with self.as_of() as (_, beside):
            known = list(map(beside.rows.get, ids))
        if None not in known:
            return cast("list[Whole]", known)
        missing = [id_ for id_, row in zip(ids, known, strict=True) if row is None]
        found = _read_whole(self.session, missing)
        if len(found) < len(missing):  # somebody removed one since
            raise AskTheTablesError
        with self.as_of() as (_, beside):
            beside.rows.put(found)
        return [row or found[id_] for id_, row in zip(ids, known, strict=True)]

    def settle(self, ids: Sequence[bytes], now: datetime) -> None:
        """Look up hours that are over, and have the columns know which come next."""
        found = _read_whole(self.session, ids)
        with self.as_of() as (columns, beside):
            for id_, whole in found.items():
                columns.set_hours(id_, *_next_hours(whole, now))
            beside.hours_as_of = max(beside.hours_as_of, _microseconds(now))


def _read_whole(session: Session, ids: Sequence[bytes]) -> dict[bytes, Whole]:
    found: dict[bytes, Whole] = {}
    for start in range(0, len(ids), BATCH):
        some = [UUID(bytes=id_) for id_ in ids[start : start + BATCH]]
        rows = find_rows(session, sa.select(entries).where(entries.c.id.in_(some)))
        told = [row for row in rows if tells_hours(row)]
        rules = find_opening_rules(session, told) if told else {}
        found |= {
            row["id"].bytes: Whole(dict(row), rules.get(row["id"]), row["rule_id"]) for row in rows
        }
    return found


def _next_hours(whole: Whole, now: datetime) -> tuple[int, int]:
    interval = current_or_next(whole.rules or (), ZoneInfo(whole.row["timezone"]), now)
    if interval is None:
        return AFTER_ALL, _microseconds(now + SURELY_CLOSED)
    return _microseconds(interval.starts_at), _microseconds(interval.ends_at)


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _instant(microseconds: int) -> datetime:
    return _EPOCH + min(microseconds, _LAST) * _MICROSECOND


class _Tried:
    """A search of the copy within a radius."""

    def __init__(
        self, source: _Source, query: SearchQuery, here: Whereabouts, now: datetime
    ) -> None:
        self._source, self.query, self._here, self._now = source, query, here, now
        self.page: Sequence[Standing] | None = None
        self.left_out: Sequence[tuple[Standing, Asked]] = ()
        self._asking = self._ask()
        self._people: Mapping[UUID, Verdict] = {}
        self._judge()
        with source.as_of():
            self.near = self._asking.near
            self.until = _instant(self._asking.until)

    def _ask(self) -> Asking:
        """Ask, and once more when hours had to be looked up for it."""
        at, most = _microseconds(self._now), self._source.most_rows(self.query)
        with self._source.as_of() as (columns, beside):
            if at < beside.hours_as_of:  # they are not known for the past
                raise AskTheTablesError
            asking = Asking(columns, self.query, self._here, at, most=most)
            unsettled = columns.ids(asking.unsettled)
        if not unsettled:
            return asking
        self._source.settle(unsettled, self._now)
        with self._source.as_of() as (columns, _):
            return Asking(columns, self.query, self._here, at)

    def _judge(self) -> None:
        facts = self.query.facts
        if not facts:
            return
        with self._source.as_of():
            named = self._asking.rules
        rules = self._source.rules(named)
        self._people = {id_: verdict_of(rule, facts) for id_, rule in rules.items()}
        self._asking.judge(self._people)

    def answer(self) -> Answer:
        """Count, and note what the page is; its rows are read later."""
        query, asking = self.query, self._asking
        by_rule = query.by_rule or bool(query.facts)
        with self._source.as_of():
            self.page = asking.page()
            self.left_out = asking.left_out(self.page)
            rules = asking.tally_rules() if by_rule else Counter()
            return Answer(
                total=asking.total,
                within_km=query.within_km,
                widened=False,
                corrected=query.corrections,
                **(self._facets() if query.facets else {}),
                rules=rules,
                verdicts=tally_verdicts(rules, self._people),
                refused=asking.refused,
                more=len(self.page) > query.limit,
            )

    def _facets(self) -> dict[str, Any]:
        asking = self._asking
        return {
            "needs": asking.tally("needs"),
            "languages": asking.tally("languages"),
            "open_now": asking.open_now,
            "free": asking.free,
        }
