import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.ical import CalendarEntry, write_calendar
from tests.scheduling.calendar_rules import broken_rules

NOON = datetime(2030, 6, 3, 12, tzinfo=UTC)
DETROIT = ZoneInfo("America/Detroit")
VISIT = CalendarEntry(
    uid="5f0c@openings.example",
    sequence=0,
    starts_at=NOON,
    ends_at=NOON + timedelta(minutes=30),
    changed_at=NOON - timedelta(days=3),
    status="CONFIRMED",
    summary="Intake",
    description="Bring a photo ID, if you have one; a letter will do.",
    location="Blue Door, Lansing",
    url="https://openings.example/desk?day=2030-06-03",
)

# --- what a reader gets back ---------------------------------------------------------------

HOSTILE = st.lists(
    st.text(max_size=8)
    | st.sampled_from(
        (
            *(",", ";", "\\", "\\n", "\\;", '"', ":", " ", "\t", "\n", "\r\n", "\r", "\n\n"),
            *("\0", "\x07", "\x0b", "\x0c", "\x1c", "\x7f", "\x85", "\u2028", "\u2029", "\ud800"),
            *("🙂", "é", "e\u0301", "\u200f", "\u202e", "\ufeff", "שלום", "x" * 300, " " * 300),
            *("\r\nATTENDEE:mailto:x@evil.example", "\nEND:VEVENT\nBEGIN:VEVENT", "🙂" * 80),
        )
    ),
    max_size=6,
).map("".join)


@st.composite
def entries(draw: st.DrawFn) -> CalendarEntry:
    starts_at = draw(
        st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.timezones())  # noqa: DTZ001 - the zone is drawn
    )
    length = timedelta(seconds=draw(st.integers(1, 8 * 86400)))
    return CalendarEntry(
        uid=draw(HOSTILE),
        sequence=draw(st.integers(0, 2**31 - 1)),
        starts_at=starts_at,
        ends_at=(starts_at.astimezone(UTC) + length).astimezone(starts_at.tzinfo),
        changed_at=draw(st.datetimes(datetime(1971, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001 - the zone is drawn
        status=draw(st.sampled_from(["TENTATIVE", "CONFIRMED", "CANCELLED"])),
        summary=draw(HOSTILE),
        description=draw(HOSTILE),
        location=draw(HOSTILE),
        url=draw(st.none() | HOSTILE.map(lambda text: f"https://x.example/?q=1,2;{text}")),
    )


# The number at the end keeps every uid different from the others, and not empty.
FEEDS = st.lists(entries(), max_size=4).map(
    lambda feed: [replace(entry, uid=f"{entry.uid}#{n}") for n, entry in enumerate(feed)]
)


def legible(text: str) -> str:
    """Say what of a text must survive, by the Unicode tables and not by our own pattern."""
    lines = re.sub("\r\n|[\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029]", "\n", text).removesuffix("\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})


def on_one_line(text: str) -> str:
    return legible(text).replace("\n", "").replace("\t", "").strip()


def as_uri(address: str) -> str:
    allowed = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=%._~-]")
    return "".join(
        c if allowed.match(c) else "".join(f"%{octet:02X}" for octet in c.encode()) for c in address
    )


def to_the_second(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)


def as_read(entry: CalendarEntry) -> dict[str, object]:
    expected: dict[str, object] = {
        "UID": on_one_line(entry.uid),
        "SEQUENCE": entry.sequence,
        "DTSTART": to_the_second(entry.starts_at),
        "DTEND": to_the_second(entry.ends_at),
        "DTSTAMP": to_the_second(entry.changed_at),
        "LAST-MODIFIED": to_the_second(entry.changed_at),
        "STATUS": entry.status,
        "CLASS": "PRIVATE",
        "TRANSP": "TRANSPARENT" if entry.status == "CANCELLED" else "OPAQUE",
        "SUMMARY": legible(entry.summary),
        "DESCRIPTION": legible(entry.description),
        "LOCATION": legible(entry.location),
        "URL": as_uri(on_one_line(entry.url or "")),
    }
    return {name: value for name, value in expected.items() if value != ""}


def value_of(prop: Any) -> object:
    if hasattr(prop, "dt"):
        return prop.dt
    return prop if isinstance(prop, int) else str(prop)


def read_back(feed: bytes) -> list[dict[str, object]]:
    calendar = icalendar.Calendar.from_ical(feed)
    assert [part.name for part in calendar.subcomponents] in (
        ["VTIMEZONE"],
        ["VEVENT"] * len(calendar.subcomponents),
    )
    return [{name: value_of(prop) for name, prop in e.items()} for e in calendar.events]


@settings(deadline=None)
@given(FEEDS)
def test_every_property_of_a_hostile_entry_reads_back(feed: list[CalendarEntry]) -> None:
    in_order = sorted(feed, key=lambda e: (to_the_second(e.starts_at), on_one_line(e.uid)))

    assert read_back(write_calendar(feed, name="Desk")) == [as_read(entry) for entry in in_order]


@settings(deadline=None)
@given(FEEDS.flatmap(lambda feed: st.tuples(st.just(feed), st.permutations(feed))))
def test_same_entries_in_any_order_are_the_same_bytes(
    feeds: tuple[list[CalendarEntry], list[CalendarEntry]],
) -> None:
    feed, shuffled = feeds

    assert write_calendar(feed, name="Desk") == write_calendar(iter(shuffled), name="Desk")


@settings(deadline=None)
@given(HOSTILE)
def test_name_of_the_calendar_cannot_add_lines(name: str) -> None:
    calendar = icalendar.Calendar.from_ical(write_calendar([], name=name))

    assert set(calendar) == {
        *("VERSION", "PRODID", "CALSCALE", "METHOD", "NAME", "X-WR-CALNAME"),
        *("REFRESH-INTERVAL", "X-PUBLISHED-TTL"),
    }


def test_calendar_says_who_wrote_it_what_it_is_called_and_when_to_ask_again() -> None:
    head, _, _ = write_calendar([VISIT], name="Desk, east", refresh_minutes=90).partition(
        b"BEGIN:VEVENT"
    )

    assert head.decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Openings//Openings//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "NAME:Desk\\, east",
        "X-WR-CALNAME:Desk\\, east",
        "REFRESH-INTERVAL;VALUE=DURATION:PT90M",
        "X-PUBLISHED-TTL:PT90M",
        "",
    ]


def test_cancelling_keeps_the_uid_raises_the_sequence_and_frees_the_time() -> None:
    cancelled = replace(VISIT, sequence=1, status="CANCELLED", changed_at=NOON)

    [before] = read_back(write_calendar([VISIT], name="Desk"))
    [after] = read_back(write_calendar([cancelled], name="Desk"))

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"SEQUENCE", "STATUS", "TRANSP", "DTSTAMP", "LAST-MODIFIED"}
    assert (after["SEQUENCE"], after["STATUS"], after["TRANSP"]) == (1, "CANCELLED", "TRANSPARENT")


def test_hour_that_happens_twice_is_ordered_by_instant_and_not_by_clock() -> None:
    first = datetime(2030, 11, 3, 1, 40, tzinfo=DETROIT)
    second = datetime(2030, 11, 3, 1, 10, fold=1, tzinfo=DETROIT)
    early = replace(VISIT, uid="early", starts_at=first, ends_at=second)
    late = replace(
        VISIT, uid="late", starts_at=second, ends_at=datetime(2030, 11, 3, 6, 40, tzinfo=UTC)
    )

    read = read_back(write_calendar([late, early], name="Desk"))

    assert [event["UID"] for event in read] == ["early", "late"]
    assert read[0]["DTSTART"] == datetime(2030, 11, 3, 5, 40, tzinfo=UTC)
    assert read[0]["DTEND"] == datetime(2030, 11, 3, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("https://x.example/?day=3,4;view=list#top", b"https://x.example/?day=3,4;view=list#top"),
        ("https://x.example/a%20b\r\nc", b"https://x.example/a%20bc"),
        ("https://x.example/\\n é", b"https://x.example/%5Cn%20%C3%A9"),
    ],
)
def test_address_is_written_as_an_address_and_not_as_text(address: str, written: bytes) -> None:
    feed = write_calendar([replace(VISIT, url=address)], name="Desk")

    assert b"\r\nURL:" + written + b"\r\n" in feed


# --- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("uid", ""),
        ("uid", " \r\n\t\0"),
        ("sequence", -1),
        ("sequence", 2**31),
        ("starts_at", NOON.replace(tzinfo=None)),
        ("ends_at", NOON.replace(tzinfo=None)),
        ("ends_at", NOON),
        ("ends_at", NOON - timedelta(minutes=1)),
        ("ends_at", NOON + timedelta(milliseconds=900)),
        ("changed_at", NOON.replace(tzinfo=None)),
        ("status", "DONE"),
    ],
)
def test_bad_entry_is_refused_by_the_name_of_its_field(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{field} must"):
        write_calendar([replace(VISIT, **{field: value})], name="Desk")


def test_uid_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^uid must be given once"):
        write_calendar([VISIT, replace(VISIT, uid=VISIT.uid + "\n")], name="Desk")


def test_refresh_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^refresh_minutes must"):
        write_calendar([VISIT], name="Desk", refresh_minutes=0)


def test_message_holds_only_what_it_is_sent_for() -> None:
    cancelled = replace(VISIT, status="CANCELLED")
    assert b"METHOD:REQUEST\r\n" in write_calendar([VISIT], name="Desk", method="REQUEST")
    assert b"METHOD:CANCEL\r\n" in write_calendar([cancelled], name="Desk", method="CANCEL")

    with pytest.raises(ValueError, match=r"^status does not go with METHOD:REQUEST"):
        write_calendar([cancelled], name="Desk", method="REQUEST")
    with pytest.raises(ValueError, match=r"^status does not go with METHOD:CANCEL"):
        write_calendar([VISIT], name="Desk", method="CANCEL")


# --- what parsers let pass: our own rules ---------------------------------------------------


@settings(deadline=None)
@given(FEEDS, HOSTILE)
def test_every_feed_keeps_the_rules(feed: list[CalendarEntry], name: str) -> None:
    assert broken_rules(write_calendar(feed, name=name)) == []


GOOD = write_calendar([VISIT, replace(VISIT, uid="other", summary="é" * 100)], name="Desk")


@pytest.mark.parametrize(
    ("rule", "pattern", "broken"),
    [
        ("has_bad_line_end", rb"CLASS:PRIVATE\r\n", b"CLASS:PRIVATE\n"),
        ("has_bad_line_end", rb"\r\n\Z", b""),
        ("has_long_line", rb"\r\n (?=\xc3)", b""),
        ("has_unwritable_character", rb"Intake", b"In\x07take"),
        ("has_unwritable_character", rb"\r\n \xc3", b"\xc3\r\n "),
        ("lacks_version_or_maker", rb"VERSION:2.0\r\n", b""),
        ("lacks_version_or_maker", rb"VERSION:2.0", b"VERSION:1.0"),
        ("lacks_version_or_maker", rb"PRODID:[^\r]*\r\n", b""),
        ("lacks_identity", rb"DTSTAMP:[^\r]*\r\n", b""),
        ("lacks_identity", rb"UID:[^\r]*\r\n", b""),
        ("repeats", rb"UID:other", b"UID:5f0c@openings.example"),
        ("repeats", rb"(CLASS:PRIVATE\r\n)", rb"\1\1"),
        ("has_time_without_zone", rb"(DTSTART:\w+)Z", rb"\1"),
        ("has_time_without_zone", rb"DTSTART:", b"DTSTART;TZID=America/Detroit:"),
        ("ends_too_early", rb"DTEND:2030", b"DTEND:2029"),
        ("has_unescaped_text", rb"\\,", b","),
        ("has_unescaped_text", rb"\\;", rb"\\x"),
        ("has_unknown_word", rb"STATUS:CONFIRMED", b"STATUS:DONE"),
        ("lacks_organizer", rb"METHOD:PUBLISH", b"METHOD:REQUEST"),
        ("has_nothing_inside", rb"(?s)BEGIN:VEVENT.*END:VEVENT\r\n", b""),
        ("is_out_of_order", rb"(?s)(METHOD:PUBLISH\r\n)(.*)(END:VCALENDAR)", rb"\2\1\3"),
        ("is_out_of_order", rb"END:VCALENDAR\r\n", b""),
    ],
)
def test_rule_catches_the_feed_that_breaks_it(rule: str, pattern: bytes, broken: bytes) -> None:
    spoilt = re.sub(pattern, broken, GOOD, count=1)

    assert spoilt != GOOD
    assert broken_rules(GOOD) == []
    assert rule in broken_rules(spoilt)


# --- a reader people have --------------------------------------------------------------------

KHAL_SETTINGS = """
[calendars]
[[feed]]
path = {folder}/feed
type = calendar
[locale]
local_timezone = UTC
default_timezone = UTC
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
default_calendar = feed
[sqlite]
path = {folder}/khal.db
"""


@pytest.fixture
def khal(tmp_path: Path) -> Callable[..., str]:
    program = shutil.which("khal")
    if program is None:
        pytest.skip("khal is not installed: no real reader to try the feed on")
    (tmp_path / "feed").mkdir()
    config = tmp_path / "khal.conf"
    config.write_text(KHAL_SETTINGS.format(folder=tmp_path))

    def run(*words: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own words, no shell
            [program, "-c", config, *words],
            capture_output=True,
            text=True,
            check=True,
            env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        )
        assert "rror" not in done.stderr
        assert "arning" not in done.stderr
        return done.stdout

    return run


def test_khal_imports_the_feed_and_its_cancellation(
    khal: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "feed.ics"
    awkward = replace(VISIT, uid="a,b;c\\d", summary="Soup, bread; 🙂 \\ " + "é" * 100)
    shown = ("list", "--format", "{start-time} {end-time} {status}{title}", "2030-06-03", "1d")

    path.write_bytes(write_calendar([VISIT, awkward], name="Desk"))
    khal("import", "--batch", str(path))
    before = khal(*shown)
    cancelled = replace(VISIT, sequence=1, status="CANCELLED")
    path.write_bytes(write_calendar([cancelled, awkward], name="Desk"))
    khal("import", "--batch", str(path))
    after = khal(*shown)

    assert "12:00 12:30 CONFIRMED Intake" in before
    assert awkward.summary in before
    assert "12:00 12:30 CANCELLED Intake" in after
    assert after.count("Intake") == 1


def test_khal_takes_a_feed_without_entries(khal: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "feed.ics"
    path.write_bytes(write_calendar([], name="Desk"))

    khal("import", "--batch", str(path))

    assert "2030-06-03" not in khal("list", "2030-06-03", "1d")
