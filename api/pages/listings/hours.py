"""Opening hours on a form: a week of simple hours, closed days, and the rest in words."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, Final, TypedDict

from api.languages import Language
from api.pages.listings.groups import Data, Group, kept, plain
from api.words import EN_DASH, clock_words
from directory.errors import FieldError, InvalidError
from directory.opening_rules import WEEKDAYS, OpeningRule, parse_byday
from directory.queries.schedules import as_rule
from directory.queries.whole_records import Whole

#: How often a day can open on the form.
TIMES_A_DAY: Final = 2
MOST_CLOSED_DAYS: Final = 60

#: What a simple week does not have.
_NOT_SIMPLE: Final = (
    "valid_from", "valid_to", "dtstart", "until", "count", "bymonthday", "description",
    "schedule_link", "attending_type", "notes",
)  # fmt: skip

_CLOCKS: Final = ("opens_at", "closes_at")

_READ: Final = "Give both when it opens and when it closes, or neither."
_CLOSED: Final = "Write each day as 2030-07-04, one a line."


class _Hours(TypedDict):
    """What the form shows of hours."""

    week: dict[str, list[tuple[str, str]]]
    closed: str
    kept: list[str]


def is_simple_week(row: Mapping[str, Any]) -> bool:
    """Say whether a row of hours fits into the week of the form."""
    return (
        row["freq"] == "WEEKLY"
        and row["repeat_interval"] == 1
        and bool(row["byday"])
        and all(week is None for week, _ in parse_byday(row["byday"]))
        and None not in (row["opens_at"], row["closes_at"])
        and not row["by_appointment"]
        and not any(row[name] for name in _NOT_SIMPLE)
    )


def is_closed_day(row: Mapping[str, Any]) -> bool:
    """Say whether a row says that it is closed on one day."""
    return (
        row["freq"] is None
        and row["valid_from"] is not None
        and row["valid_from"] == row["valid_to"]
        and row["opens_at"] is None
        and row["closes_at"] is None
        and not any(row[name] for name in ("byday", "bymonthday", "by_appointment"))
    )


def hours() -> Group:
    """Return the group of opening hours."""
    return Group("hours", show_hours, read_hours, fill_hours, _Hours)


def show_hours(record: Whole | None) -> dict[str, Any]:
    """Return the week, the closed days, and the ids of the rows that are neither."""
    week: dict[str, list[list[str]]] = {day: [] for day in WEEKDAYS}
    closed, other = [], []
    for row in _in_order([] if record is None else record["schedules"]):
        days = [WEEKDAYS[n] for _, n in parse_byday(row["byday"] or "")]
        if is_simple_week(row) and all(len(week[day]) < TIMES_A_DAY for day in days):
            for day in dict.fromkeys(days):
                week[day].append([f"{row['opens_at']:%H:%M}", f"{row['closes_at']:%H:%M}"])
        elif is_closed_day(row):
            closed.append(row["valid_from"].isoformat())
        else:
            other.append(str(row["id"]))
    return {"week": week, "closed": "\n".join(sorted(set(closed))), "kept": sorted(other)}


def _in_order(rows: Sequence[Whole]) -> list[Whole]:
    """Order rows by the clock, so that the same hours always look the same."""
    return sorted(rows, key=lambda row: (row["opens_at"] or time(0), str(row["id"])))


def read_hours(data: Data) -> dict[str, Any]:
    """Read the week, the closed days and the other rows of a form."""
    week = {
        day: [
            span
            for n in range(TIMES_A_DAY)
            if any(span := [plain(data.get(f"hours-{day}-{n}-{at}")) for at in ("opens", "closes")])
        ]
        for day in WEEKDAYS
    }
    given = data.get("hours-kept") or []
    listed = given if isinstance(given, list) else [given]
    closed = {line.strip() for line in plain(data.get("closed")).split("\n") if line.strip()}
    return {
        "week": week,
        "closed": "\n".join(sorted(closed)),
        "kept": sorted({plain(each) for each in listed}),
    }


def fill_hours(typed: Mapping[str, Any], record: Whole | None) -> dict[str, Any]:
    """Return the rows of hours that a form describes, the same ones where they are the same."""
    there = [] if record is None else record["schedules"]
    rows = [kept(row) for row in there if str(row["id"]) in typed["kept"]]
    closed_before = {row["valid_from"]: row for row in there if is_closed_day(row)}
    rows += [
        kept(closed_before.get(day), valid_from=day, valid_to=day)
        for day in _closed_days(typed["closed"])
    ]
    return {"schedules": [_as_draft(row) for row in [*rows, *_weekly(typed["week"])]]}


def _weekly(week: Mapping[str, Sequence[Sequence[str]]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each pair of times, with all days that have it."""
    days: dict[tuple[str, str], list[str]] = {}
    mistakes = []
    for day, spans in week.items():
        for opens, closes in spans:
            if not opens or not closes:
                mistakes.append(FieldError(f"hours-{day}", _READ))
            days.setdefault((opens, closes), []).append(day)
    if mistakes:
        raise InvalidError(mistakes)
    for (opens, closes), names in days.items():
        yield {
            "freq": "WEEKLY", "byday": ",".join(dict.fromkeys(names)), "opens_at": opens,
            "closes_at": closes,
        }  # fmt: skip


def _closed_days(text: str) -> list[date]:
    try:
        days = [date.fromisoformat(line) for line in text.split("\n") if line]
    except ValueError:
        raise InvalidError.of("closed", _CLOSED) from None
    if len(days) > MOST_CLOSED_DAYS:
        raise InvalidError.of("closed", f"Give at most {MOST_CLOSED_DAYS} of them.")
    return days


def _as_draft(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what a draft has in words: clock readings, and no columns of ours."""
    return {
        name: f"{value:%H:%M}" if isinstance(value, time) else value
        for name, value in row.items()
        if name not in ("timezone", "wkst", "byweekno", "byyearday")
    }


def rules_of_draft(rows: Sequence[Mapping[str, Any]]) -> list[OpeningRule]:
    """Return what the rows of a draft mean, to be said before they are saved."""
    blank = dict.fromkeys(
        ("valid_from", "valid_to", "dtstart", "until", "count", "freq", "byday", "bymonthday",
         "opens_at", "closes_at")
    )  # fmt: skip
    return [
        as_rule({**blank, "repeat_interval": 1, "by_appointment": False, **_timed(row)})
        for row in rows
    ]


def _timed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: time.fromisoformat(value) if name in _CLOCKS and isinstance(value, str) else value
        for name, value in row.items()
    }


def other_in_words(row: Mapping[str, Any], language: Language) -> str:
    """Say a row that the form cannot show: when it holds, on which days, from when to when."""
    translate = language.translate
    parts = []
    if row["valid_from"]:
        parts.append(translate("from {day}").format(day=row["valid_from"].isoformat()))
    if row["valid_to"] or row["until"]:
        parts.append(
            translate("until {day}").format(day=(row["valid_to"] or row["until"]).isoformat())
        )
    if row["freq"] == "MONTHLY":
        parts.append(translate("each month"))
    if row["repeat_interval"] > 1:
        parts.append(translate("every {count} times").format(count=row["repeat_interval"]))
    parts += [row[name] for name in ("byday", "bymonthday") if row[name]]
    if row["opens_at"] and row["closes_at"]:
        ends = (row["opens_at"], row["closes_at"])
        parts.append(
            EN_DASH.join(clock_words(at, language=language.tag, translate=translate) for at in ends)
        )
    if row["by_appointment"]:
        parts.append(translate("By appointment"))
    parts += [row[name] for name in ("description", "notes") if row[name]]
    return ", ".join(parts) or translate("Closed")
