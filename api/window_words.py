"""A window's rule as people say it: "Tuesdays and Thursdays, 1 pm-3 pm, every 30 minutes"."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, Protocol

from babel.dates import get_day_names
from babel.lists import format_list

from api.languages import Language
from api.words import EN_DASH, Translate, clock_words
from directory.opening_rules import parse_byday


class SaysDays(Protocol):
    """Says days to a reader; ``api.pages.times.Times`` does."""

    @property
    def language(self) -> Language:
        """The reader's language."""

    def short_day(self, day: date) -> str:
        """Name a day shortly."""


def rule_words(row: Mapping[str, Any], says: SaysDays) -> str:
    """Say when a window happens, how long each slot is, and how many places it has.

    ``row`` has the columns of ``availability_window``.
    """
    words = ", ".join(_parts(row, says))
    return words[:1].upper() + words[1:]


def _parts(row: Mapping[str, Any], says: SaysDays) -> Iterator[str]:
    tag, translate = says.language.tag, says.language.translate
    yield _days(row, says)
    yield EN_DASH.join(
        clock_words(row[name], language=tag, translate=translate)
        for name in ("opens_at", "closes_at")
    )
    step = row["slot_minutes"] + row["gap_minutes"]
    yield translate("every {count} minutes").format(count=step)
    yield (
        translate("1 place")
        if row["capacity"] == 1
        else translate("{count} places").format(count=row["capacity"])
    )
    if row["until"] is not None:
        yield translate("until {day}").format(day=says.short_day(row["until"]))
    if row["repeat_count"] is not None:
        yield translate("{count} times").format(count=row["repeat_count"])


def _days(row: Mapping[str, Any], says: SaysDays) -> str:
    tag, translate = says.language.tag, says.language.translate
    byday = parse_byday(row["byday"]) if row["byday"] else ()
    match row["freq"]:
        case None:
            return says.short_day(row["starts_on"])
        case "DAILY":
            days = _weekdays(byday, tag, translate) if byday else translate("Every day")
        case "WEEKLY":
            days = _weekdays(byday or ((None, row["starts_on"].weekday()),), tag, translate)
        case _ if byday:
            days = _days_of_month(byday, tag, translate)
        case _:
            days = translate("On day {number} of the month").format(number=row["starts_on"].day)
    return days + _every_other(row, translate)


def _weekdays(byday: Any, tag: str, translate: Translate) -> str:
    names = [_plural(weekday, translate) for weekday in sorted({day for _, day in byday})]
    return _listed(names, tag)


def _plural(weekday: int, translate: Translate) -> str:
    return (
        translate("Mondays"),
        translate("Tuesdays"),
        translate("Wednesdays"),
        translate("Thursdays"),
        translate("Fridays"),
        translate("Saturdays"),
        translate("Sundays"),
    )[weekday]


def _days_of_month(byday: Any, tag: str, translate: Translate) -> str:
    """Say them by weekday: ``"Every first and third Tuesday of the month"``."""
    names = get_day_names("wide", locale=tag)
    said = []
    for weekday, group in groupby(sorted(byday, key=_by_weekday), key=_by_weekday):
        ordinals = [_ordinal(nth, translate) for nth, _ in group if nth is not None]
        said.append(" ".join(filter(None, (_listed(ordinals, tag), names[weekday]))))
    return translate("Every {days} of the month").format(days=_listed(said, tag))


def _by_weekday(day: tuple[int | None, int]) -> int:
    return day[1]


def _ordinal(nth: int, translate: Translate) -> str:
    words = {
        1: translate("first"),
        2: translate("second"),
        3: translate("third"),
        4: translate("fourth"),
        5: translate("fifth"),
        -1: translate("last"),
        -2: translate("second to last"),
    }
    return words.get(nth, str(nth))


def _every_other(row: Mapping[str, Any], translate: Translate) -> str:
    """Say the interval, where it is not one."""
    count = row["repeat_interval"]
    if count == 1:
        return ""
    words = {
        "DAILY": translate("every {count} days"),
        "WEEKLY": translate("every {count} weeks"),
        "MONTHLY": translate("every {count} months"),
    }
    return f" ({words[row['freq']].format(count=count)})"


def _listed(names: list[str], tag: str) -> str:
    return format_list(names, locale=tag)
