"""An answer as JSON, from parts that are remembered as they were said before.

What is said of a row stays the same until the clock or a change says otherwise; of an answer that
is given again, only the times that may be booked are new.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from api.found import how_found, offer_reply, say_answer
from api.languages import Language
from api.schemas.search import NextSlotReply
from api.words import ONE_DAY, age_ends
from directory.database import Row
from directory.intervals import local_instant
from directory.openings import find_live
from directory.search_copy.copy import Remembered
from directory.search_query import Answer, Hit, SearchQuery

#: So many rows are remembered, and so many answers.
MOST_ROWS: Final = 40_000
MOST_ANSWERS: Final = 4_000

_NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)

#: Where the results go. No text can look like it: in a text the quotation marks are escaped.
_RESULTS: Final = b'"results":['

_encode = msgspec.json.Encoder().encode


class _Offer(NamedTuple):
    """What is said of a row in any answer, until the clock says otherwise."""

    row: Row
    since: datetime
    until: datetime
    body: bytes


class _Parts(NamedTuple):
    """An answer without what its results are, and of each of them how it was found.

    Until the clock says otherwise of a place that was left out.
    """

    answer: Answer
    since: datetime
    until: datetime
    before: bytes
    found: Sequence[bytes]
    after: bytes


class Saying:
    """What was said before, in every language."""

    def __init__(self) -> None:
        self._offers: Remembered[tuple[int, str], _Offer] = Remembered(MOST_ROWS)
        self._parts: Remembered[tuple[int, str], _Parts] = Remembered(MOST_ANSWERS)

    def say(
        self,
        query: SearchQuery,
        answer: Answer,
        slots: Sequence[NextSlotReply | None],
        language: Language,
        now: datetime,
    ) -> bytes:
        """Return the reply of ``api.finding.reply_to`` as JSON."""
        parts = self._parts_of(query, answer, language, now)
        results = [
            b"%b,%b,%b" % (self._offer(hit, language, now), found, _next_slot(slot))
            for hit, found, slot in zip(answer.hits, parts.found, slots, strict=True)
        ]
        return b"".join((parts.before, b",".join(results), parts.after))

    def _parts_of(
        self, query: SearchQuery, answer: Answer, language: Language, now: datetime
    ) -> _Parts:
        key = (id(answer), language.tag)
        known = self._parts.get(key)
        if known is not None and known.answer is answer and known.since <= now < known.until:
            return known
        left_out = [
            replace(each, hit=each.hit._replace(now=now)) for each in answer.excluded_nearer
        ]
        until = min([_NEVER, *(_until(each.hit, now) for each in left_out)])
        answer_now = replace(answer, excluded_nearer=left_out)
        body = _encode(say_answer(query, answer_now, language, now, []))
        before, _, after = body.partition(_RESULTS)
        found = [_encode(how_found(hit, language))[1:-1] for hit in answer.hits]
        parts = _Parts(answer, now, until, before + _RESULTS, found, after)
        self._parts.put({key: parts})
        return parts

    def _offer(self, hit: Hit, language: Language, now: datetime) -> bytes:
        """Say what a row is: an object without its end."""
        key = (id(hit.entry), language.tag)
        known = self._offers.get(key)
        if known is None or known.row is not hit.entry or not known.since <= now < known.until:
            hit = hit._replace(now=now)
            body = _encode(offer_reply(hit, language, now))[:-1]
            known = _Offer(hit.entry, now, _until(hit, now), body)
            self._offers.put({key: known})
        return known.body


def _next_slot(slot: NextSlotReply | None) -> bytes:
    return _NO_SLOT if slot is None else b'"next_slot":%b}' % _encode(slot)


_NO_SLOT: Final = b'"next_slot":null}'


def _until(hit: Hit, now: datetime) -> datetime:
    """Return until when the same is said of a row.

    Until what it says begins or ends, until a report is a minute or an hour older, and at most
    until midnight there: then "tomorrow" is today.
    """
    row, hours, live = hit.entry, hit.hours, find_live(hit.entry, now)
    local = now.astimezone(ZoneInfo(row["timezone"]))
    instants: list[datetime | None] = [
        *(row[name] for name in ("opens_at", "closes_at", "hours_claimed_until")),
        *(row[name] for name in ("opening_expires_at", "opening_room_until")),
        *((hours.starts_at, hours.ends_at) if hours else ()),
        *(opening.expires_at for opening in live),
        *(age_ends(opening.as_of, now) for opening in live),
    ]
    midnight = local_instant(local.date() + ONE_DAY, time(0), ZoneInfo(row["timezone"]))
    return min([midnight, *(at for at in instants if at is not None and at > now)])
