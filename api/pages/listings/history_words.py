"""What history keeps of columns, in the words that people use for them."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from babel.dates import format_date

from api.area_words import area_words
from api.eligibility_words import rule_line
from api.languages import Language
from api.languages import marked as _
from api.pages.listings.areas import DRAWN, area_group_words
from api.pages.listings.forms import LABELS, STATUSES, VISIBILITIES
from api.pages.listings.groups import said
from api.pages.listings.rules import rule_group_words
from api.words import clock_words, locale_of, weekday_words
from directory.eligibility_rules import parse_rule
from directory.errors import InvalidError
from directory.models import TABLES
from directory.needs import NEEDS_BY_CODE
from directory.opening_rules import parse_byday
from directory.recorded_values import kind_of
from geo.areas import short_names

#: What people call the columns of what hangs on a record; LABELS has those of the forms.
_COLUMNS: Final = {
    "opens_at": _("From"),
    "closes_at": _("To"),
    "byday": _("Days"),
    "bymonthday": _("Days of the month"),
    "freq": _("Repeats"),
    "repeat_interval": _("Every how many times"),
    "dtstart": _("First day"),
    "valid_from": _("First day"),
    "valid_to": _("Last day"),
    "until": _("Last day"),
    "number": _("Number"),
    "extension": _("Extension"),
    "type": _("Kind"),
    "extent": _("Area"),
    "extent_type": _("Kind"),
    "document": _("Document"),
    "taxonomy_term_id": _("Need"),
    "option": _("For whom or what"),
    "amount_cents": _("Dollars"),
    "amount_description": _("In words"),
    "currency": _("Currency"),
    "code": _("Code"),
    "address_1": _("Street and number"),
    "address_2": _("Room, floor"),
    "city": _("Town"),
    "state_province": _("State, such as MI"),
    "postal_code": _("ZIP code"),
}
_CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "freq": {"WEEKLY": _("each week"), "MONTHLY": _("each month")},
    "status": dict(STATUSES),
    "address_visibility": dict(VISIBILITIES),
}
_MONDAY: Final = date(2024, 1, 1)


def label_of(field: str) -> str:
    """Return what people call a column, to be translated; its name where there is no word."""
    return LABELS.get(field) or _COLUMNS.get(field) or field.replace("_", " ")


def value_words(table: str, field: str, value: str, language: Language) -> str:
    """Say what a column held. What came with a history from elsewhere may be anything."""
    if not value:
        return ""
    is_drawn = field == "extent" and value.lstrip().startswith("{")  # thousands of numbers
    words = DRAWN if is_drawn else _CODES.get(field, {}).get(value)
    if words is not None:
        return language.translate(words)
    with suppress(ValueError, OverflowError, RecursionError, InvalidError):
        if field in _FIELDS:
            return _FIELDS[field](value, language)
        if table in TABLES and field in TABLES[table].c:
            return _by_kind(kind_of(TABLES[table].c[field]), value, language)
    return value


def _weekdays(value: str, language: Language) -> str:
    days = parse_byday(value)
    if any(week is not None for week, _number in days):
        return value
    return ", ".join(weekday_words(_MONDAY + timedelta(n), language.tag) for _week, n in days)


def _rule(value: str, language: Language) -> str:
    return rule_line(parse_rule(json.loads(value)), language)


def _areas(value: str, language: Language) -> str:
    return area_words(short_names(value) or (), language) or value


def _by_kind(kind: Any, value: str, language: Language) -> str:
    for of, say in _KINDS.items():
        if isinstance(kind, of):
            return say(value, language)
    return value


def _yes_or_no(value: str, language: Language) -> str:
    words = {"true": _("yes"), "false": _("no")}.get(value)
    return value if words is None else language.translate(words)


def _clock(value: str, language: Language) -> str:
    at = time.fromisoformat(value)
    return clock_words(at, language=language.tag, translate=language.translate)


def _date(value: str, language: Language) -> str:
    return format_date(date.fromisoformat(value), "long", locale=locale_of(language.tag))


def group_words(name: str, value: Any, language: Language) -> str:
    """Say the value of a group of a form, to lay it beside another."""
    if name == "hours":
        week = {_weekdays(day, language): spans for day, spans in value["week"].items() if spans}
        return said({**value, "week": week})
    if name == "rule":
        return rule_group_words(value, language)
    if name == "areas":
        return area_group_words(value, language)
    if name == "needs":
        needs = ((code, NEEDS_BY_CODE.get(code)) for code in value)
        return said([language.translate(need.name) if need else code for code, need in needs])
    if isinstance(value, str) and value in _CODES.get(name, {}):
        return language.translate(_CODES[name][value])
    return said(value)


_KINDS: Final[Mapping[type[Any], Callable[[str, Language], str]]] = {
    sa.Boolean: _yes_or_no,
    sa.Time: _clock,
    sa.Date: _date,
    sa.Float: lambda value, _language: value.removesuffix(".0"),
}
_FIELDS: Final[Mapping[str, Callable[[str, Language], str]]] = {
    "byday": _weekdays,
    "amount_cents": lambda value, _language: f"{int(value) / 100:.2f}",
    "eligibility_rule": _rule,
    "extent": _areas,
}
