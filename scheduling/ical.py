"""Appointments as iCalendar text (RFC 5545, RFC 7986), for feeds people subscribe to.

The one place that imports ``ics``. That package escapes texts and writes events well; what
it leaves undone is done here: DTSTAMP in every event, SEQUENCE, UID escaped as a text and
URL not, calendar properties before the events, a fixed order (equal feeds are equal bytes,
so an ETag holds), no control characters, lines of at most 75 octets, a last CRLF.

Times go out as UTC instants: a zone name would need a VTIMEZONE beside it, and readers get
the hour that happens twice in autumn wrong.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Literal
from urllib.parse import quote

from ics import Event
from ics.grammar.parse import Container, ContentLine
from ics.utils import escape_string

PRODID = "-//Openings//Openings//EN"
MAX_LINE_OCTETS = 75
MAX_SEQUENCE = 2**31 - 1

# TEXT may hold a tab and, escaped, a line feed; no other control. Half a surrogate pair is
# not a character and has no UTF-8.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# What RFC 3986 lets stand besides letters and digits. Readers trip over the rest: a backslash
# and an n in an address became a line break in one of them.
_URI_CHARACTERS = ":/?#[]@!$&'()*+,;=%-._~"

# RFC 5545 section 3.4 wants at least one component in every calendar; a zone shows nothing.
_UTC_ZONE = Container(
    "VTIMEZONE",
    ContentLine("TZID", value="UTC"),
    Container(
        "STANDARD",
        ContentLine("DTSTART", value="19700101T000000"),
        ContentLine("TZOFFSETFROM", value="+0000"),
        ContentLine("TZOFFSETTO", value="+0000"),
        ContentLine("TZNAME", value="UTC"),
    ),
)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One appointment as a calendar shows it; a change or a cancellation keeps its ``uid``.

    ``sequence`` rises with every change a reader must notice, cancelling included.
    ``changed_at`` is when the appointment last changed, not when the feed is read: it becomes
    both DTSTAMP and LAST-MODIFIED. Instants carry an offset or a zone, and are written in
    whole seconds. Texts are plain text of any length; who may read the feed may read them.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    status: Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
    summary: str
    description: str = ""
    location: str = ""
    url: str | None = None


def write_calendar(
    entries: Iterable[CalendarEntry],
    *,
    name: str,
    method: Literal["PUBLISH", "REQUEST", "CANCEL"] = "PUBLISH",
    refresh_minutes: int = 60,
) -> bytes:
    """Write a calendar called ``name`` as UTF-8, in order of (start, uid).

    ``refresh_minutes`` is how long a reader should wait before asking again; many ignore it.
    ``REQUEST`` and ``CANCEL`` are for mail; RFC 5546 then wants an ORGANIZER as well, which an
    entry does not have yet. A calendar without entries holds the UTC zone alone, because one
    with nothing in it is not valid.

    Raises:
        ValueError: naming the field, for a naive instant, an end not after its start, a uid
            that is empty or given twice, a sequence or a refresh out of range, a status
            unknown or at odds with the method.

    """
    if refresh_minutes < 1:
        raise ValueError(f"refresh_minutes must be 1 or more, not {refresh_minutes}")
    written = sorted(map(_as_written, entries), key=lambda entry: (entry.starts_at, entry.uid))
    _refuse_repeated_uids(written)
    _refuse_statuses_at_odds(written, method)
    calendar = Container("VCALENDAR", *_properties(name, method, refresh_minutes))
    calendar.extend([_event(entry) for entry in written] or [_UTC_ZONE])
    return _fold(str(calendar))


def _as_written(entry: CalendarEntry) -> CalendarEntry:
    """Give the entry as it will be read back: clean texts, UTC, whole seconds."""
    uid = _one_line(entry.uid)
    if not uid:
        raise ValueError("uid must not be empty")
    if not 0 <= entry.sequence <= MAX_SEQUENCE:
        raise ValueError(f"sequence must be from 0 to {MAX_SEQUENCE}, not {entry.sequence}")
    starts_at = _instant("starts_at", entry.starts_at)
    ends_at = _instant("ends_at", entry.ends_at)
    if ends_at <= starts_at:
        raise ValueError("ends_at must be at least a second after starts_at")
    return replace(
        entry,
        uid=uid,
        starts_at=starts_at,
        ends_at=ends_at,
        changed_at=_instant("changed_at", entry.changed_at),
        summary=_plain(entry.summary),
        description=_plain(entry.description),
        location=_plain(entry.location),
        url=quote(_one_line(entry.url or ""), safe=_URI_CHARACTERS),
    )


def _instant(field: str, value: datetime) -> datetime:
    if value.utcoffset() is None:
        raise ValueError(f"{field} must carry a time zone")
    return value.astimezone(UTC).replace(microsecond=0)


def _plain(text: str) -> str:
    """Make every kind of line end a line feed, drop the last one, drop what no reader takes."""
    return _UNWRITABLE.sub("", "\n".join(text.splitlines()))


def _one_line(text: str) -> str:
    """Clean a value that has no lines: an identifier or an address."""
    return re.sub(r"[\n\t]", "", _plain(text)).strip()


def _refuse_repeated_uids(written: list[CalendarEntry]) -> None:
    for one, other in pairwise(sorted(entry.uid for entry in written)):
        if one == other:
            raise ValueError("uid must be given once in a calendar: readers keep only one")


def _refuse_statuses_at_odds(written: list[CalendarEntry], method: str) -> None:
    """Let a feed show every status, but a message only what it is sent for (RFC 5546)."""
    if method == "PUBLISH":
        return
    if any((entry.status == "CANCELLED") != (method == "CANCEL") for entry in written):
        raise ValueError(f"status does not go with METHOD:{method}")


def _properties(name: str, method: str, refresh_minutes: int) -> Iterator[ContentLine]:
    """Yield the calendar's own lines: standard ones, then those Outlook and Apple know."""
    title = escape_string(_plain(name))
    yield ContentLine("VERSION", value="2.0")
    yield ContentLine("PRODID", value=PRODID)
    yield ContentLine("CALSCALE", value="GREGORIAN")
    yield ContentLine("METHOD", value=method)
    yield ContentLine("NAME", value=title)
    yield ContentLine("X-WR-CALNAME", value=title)
    yield ContentLine("REFRESH-INTERVAL", {"VALUE": ["DURATION"]}, f"PT{refresh_minutes}M")
    yield ContentLine("X-PUBLISHED-TTL", value=f"PT{refresh_minutes}M")


def _event(entry: CalendarEntry) -> str:
    """Write one VEVENT, unfolded. A cancelled one no longer takes up the reader's time."""
    event = Event(
        uid=escape_string(entry.uid),  # a TEXT like the others, but ics writes it raw
        begin=entry.starts_at,
        end=entry.ends_at,
        created=entry.changed_at,  # what ics writes as DTSTAMP
        last_modified=entry.changed_at,
        status=entry.status,
        transparent=entry.status == "CANCELLED",
        classification="PRIVATE",
        name=entry.summary,
        description=entry.description,
        location=entry.location,
    )
    event.extra.append(ContentLine("SEQUENCE", value=str(entry.sequence)))
    if entry.url:  # no TEXT: ics would put backslashes into it
        event.extra.append(ContentLine("URL", value=entry.url))
    written: str = event.serialize()
    return written


def _fold(text: str) -> bytes:
    """Encode lines, breaking the long ones with CRLF and a space, never inside a character."""
    lines = (b"\r\n ".join(_pieces(line.encode())) for line in text.split("\r\n"))
    return b"\r\n".join(lines) + b"\r\n"


def _pieces(line: bytes) -> Iterator[bytes]:
    room = MAX_LINE_OCTETS
    while len(line) > room:
        piece = line[:room].decode(errors="ignore").encode()  # less a character cut in two
        yield piece
        line = line[len(piece) :]
        room = MAX_LINE_OCTETS - 1  # the space that follows a break counts
    yield line
