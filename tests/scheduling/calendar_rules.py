"""Rules of RFC 5545 and 5546 that calendar parsers let pass, over the bytes of a feed.

A parser forgives; these do not. Each rule answers whether a feed breaks it, and leans on
nothing but the grammar of a line, so it shares no mistake with what writes the feed.
"""

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise, product
from typing import NamedTuple


class Line(NamedTuple):
    """A content line, unfolded, and the names of the components around it."""

    inside: str
    name: str
    params: str
    value: str


class Feed(NamedTuple):
    raw: bytes
    lines: list[Line]
    events: list[dict[str, list[Line]]]


def take_apart(raw: bytes) -> Feed:
    """Read a feed with nothing but the grammar of a line (RFC 5545 section 3.1)."""
    feed, around = Feed(raw, [], []), [""]
    for text in re.sub(rb"\r?\n[ \t]", b"", raw).decode(errors="replace").splitlines():
        head, _, value = text.partition(":")
        name, _, params = head.partition(";")
        if name == "BEGIN":
            around.append(f"{around[-1]}/{value}")
            feed.events.extend([{}] if value == "VEVENT" else [])
        feed.lines.append(Line(around[-1], name, params, value))
        if around[-1] == "/VCALENDAR/VEVENT":
            feed.events[-1].setdefault(name, []).append(feed.lines[-1])
        if name == "END":
            around.pop()
    return feed


def calendar_lines(feed: Feed) -> list[str]:
    return [line.name for line in feed.lines if line.inside == "/VCALENDAR"]


def has_bad_line_end(feed: Feed) -> bool:
    return bool(re.search(rb"\r(?!\n)|(?<!\r)\n", feed.raw)) or not feed.raw.endswith(b"\r\n")


def has_long_line(feed: Feed) -> bool:
    return any(len(line) > 75 for line in feed.raw.split(b"\r\n"))


def has_unwritable_character(feed: Feed) -> bool:
    for line in feed.raw.split(b"\r\n"):  # folded: no break may fall inside a character
        text = re.sub(r"[\t\r\n]", "", line.decode(errors="surrogateescape"))
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
            return True
    return False


def lacks_version_or_maker(feed: Feed) -> bool:
    names = calendar_lines(feed)
    version = Line("/VCALENDAR", "VERSION", "", "2.0") in feed.lines
    return not version or names.count("VERSION") != 1 or names.count("PRODID") != 1


def lacks_identity(feed: Feed) -> bool:
    required = ("UID", "DTSTAMP", "DTSTART")
    return any(len(event.get(name, [])) != 1 for event in feed.events for name in required)


def repeats(feed: Feed) -> bool:
    uids = [line.value for line in feed.lines if line.name == "UID"]
    twice = [line for event in feed.events for lines in event.values() for line in lines[1:]]
    return bool(twice) or len(set(uids)) < len(uids)


def has_time_without_zone(feed: Feed) -> bool:
    names = {"DTSTART", "DTEND", "DTSTAMP", "LAST-MODIFIED"}
    times = [line for line in feed.lines if line.name in names and line.inside.endswith("VEVENT")]
    return any(line.params or not re.fullmatch(r"\d{8}T\d{6}Z", line.value) for line in times)


def ends_too_early(feed: Feed) -> bool:
    return any(
        end.value <= start.value
        for event in feed.events
        for start, end in product(event.get("DTSTART", []), event.get("DTEND", []))
    )


def has_unescaped_text(feed: Feed) -> bool:
    texts = {"UID", "SUMMARY", "DESCRIPTION", "LOCATION", "NAME", "X-WR-CALNAME"}
    return any(
        not re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", line.value)
        for line in feed.lines
        if line.name in texts
    )


def has_unknown_word(feed: Feed) -> bool:
    words = {
        "STATUS": {"TENTATIVE", "CONFIRMED", "CANCELLED"},
        "CLASS": {"PUBLIC", "PRIVATE", "CONFIDENTIAL"},
        "TRANSP": {"OPAQUE", "TRANSPARENT"},
        "METHOD": {"PUBLISH", "REQUEST", "CANCEL"},
    }
    return any(line.value not in words.get(line.name, {line.value}) for line in feed.lines)


def lacks_organizer(feed: Feed) -> bool:
    """Find a message without a sender; a feed to look at needs none in practice."""
    mailed = any(line.name == "METHOD" and line.value != "PUBLISH" for line in feed.lines)
    return mailed and any("ORGANIZER" not in event for event in feed.events)


def has_nothing_inside(feed: Feed) -> bool:
    return all(line.inside == "/VCALENDAR" for line in feed.lines)


def is_out_of_order(feed: Feed) -> bool:
    """Find components left open, and calendar properties after the first component."""
    opened = [line.value for line in feed.lines if line.name == "BEGIN"]
    closed = [line.value for line in feed.lines if line.name == "END"]
    own = [n for n, line in enumerate(feed.lines) if line.inside == "/VCALENDAR"]
    gap = any(later - one > 1 for one, later in pairwise(own[:-1]))
    return gap or sorted(opened) != sorted(closed) or feed.lines[-1].value != "VCALENDAR"


RULES: list[Callable[[Feed], bool]] = [
    has_bad_line_end,
    has_long_line,
    has_unwritable_character,
    lacks_version_or_maker,
    lacks_identity,
    repeats,
    has_time_without_zone,
    ends_too_early,
    has_unescaped_text,
    has_unknown_word,
    lacks_organizer,
    has_nothing_inside,
    is_out_of_order,
]


def broken_rules(raw: bytes) -> list[str]:
    feed = take_apart(raw)
    return [rule.__name__ for rule in RULES if rule(feed)]
