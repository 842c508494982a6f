"""How templates say things: distances, days, clock readings, ages, prices, telephone links."""

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from babel import Locale
from babel.dates import format_date, get_day_names
from babel.numbers import format_currency, format_decimal

from api.eligibility_words import Said, rule_words
from api.languages import Language
from api.words import age_words, clock_words, day_words, distance_words, locale_of
from directory.database import Row
from directory.eligibility_rules import Rule


@jinja2.pass_context
def miles(context: jinja2.runtime.Context, km: float) -> str:
    """Say a distance in kilometres as miles."""
    language = _language(context)
    return distance_words(km, language=language.tag, translate=language.translate)


@jinja2.pass_context
def clock(context: jinja2.runtime.Context, at: datetime, zone: str) -> str:
    """Say what the clock of a zone shows at an instant."""
    language = _language(context)
    local = at.astimezone(ZoneInfo(zone))
    return clock_words(local, language=language.tag, translate=language.translate)


@jinja2.pass_context
def day(context: jinja2.runtime.Context, at: datetime, zone: str, now: datetime) -> str:
    """Say the day of an instant in a zone; today and tomorrow by their names."""
    language = _language(context)
    local, today = (each.astimezone(ZoneInfo(zone)).date() for each in (at, now))
    return day_words(local, today, language=language.tag, translate=language.translate)


@jinja2.pass_context
def date_of_year(context: jinja2.runtime.Context, iso: str) -> str:
    """Say a date that may be long ago, given in ISO 8601."""
    locale = Locale.parse(f"{_language(context).tag}_US")
    return format_date(date.fromisoformat(iso), "long", locale=locale)


@jinja2.pass_context
def ago(context: jinja2.runtime.Context, at: datetime, now: datetime) -> str:
    """Say how long ago an instant was."""
    return age_words(at, now, translate=_language(context).translate)


@jinja2.pass_context
def price(context: jinja2.runtime.Context, cost: Row, today: date) -> str:
    """Say a price, and from when until when it counts: "A bag $2.00, until June 30, 2030"."""
    translate = _language(context).translate
    said = [cost["amount_description"] or cost["option"] or ""]
    if cost["amount_cents"] is not None:
        locale = Locale.parse(f"{_language(context).tag}_US")
        amount = cost["amount_cents"] / 100
        said.append(format_currency(amount, cost["currency"] or "USD", locale=locale))
    dates = []
    if cost["valid_from"] is not None and today < cost["valid_from"]:
        first = date_of_year(context, cost["valid_from"].isoformat())
        dates.append(translate("from {day}").format(day=first))
    if cost["valid_to"] is not None:
        last = date_of_year(context, cost["valid_to"].isoformat())
        dates.append(translate("until {day}").format(day=last))
    return ", ".join([" ".join(filter(None, said)), *dates])


@jinja2.pass_context
def language_name(context: jinja2.runtime.Context, code: str) -> str:
    """Name a language (ISO 639) in the reader's; an unknown code stays itself."""
    name = Locale.parse(_language(context).tag).languages.get(code, code)
    return str(name[:1].upper() + name[1:])


@jinja2.pass_context
def weekday_name(context: jinja2.runtime.Context, number: int) -> str:
    """Name a weekday, from Monday = 0."""
    name = str(get_day_names("wide", locale=_language(context).tag)[number])
    return name[:1].upper() + name[1:]


@jinja2.pass_context
def thousands(context: jinja2.runtime.Context, number: int) -> str:
    """Write a whole number as the reader's language groups it."""
    return format_decimal(number, locale=locale_of(_language(context).tag))


def tel(number: str) -> str:
    """Return the address that calls a number (RFC 3966), without its extension."""
    bare, _, extension = number.partition(" ext. ")
    digits = re.sub(r"[^0-9+]", "", bare)
    return f"tel:{digits};ext={extension}" if extension.isdecimal() else f"tel:{digits}"


def _language(context: jinja2.runtime.Context) -> Language:
    language: Language = context["language"]
    return language


@jinja2.pass_context
def rule_in_words(context: jinja2.runtime.Context, rule: Rule) -> Said:
    """Say a rule of eligibility."""
    return rule_words(rule, _language(context))


FILTERS: dict[str, Any] = {
    "miles": miles,
    "clock": clock,
    "day": day,
    "date_of_year": date_of_year,
    "ago": ago,
    "price": price,
    "language_name": language_name,
    "tel": tel,
    "thousands": thousands,
    "rule_words": rule_in_words,
    "weekday_name": weekday_name,
}
