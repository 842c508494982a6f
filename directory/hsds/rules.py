"""What a record must keep to so that both databases take it. Pure.

The constraints of the tables in words that a report can say, so that a row is refused by itself
and not the whole import by an error of the database.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from math import isfinite
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from directory.hsds.columns import COLUMNS
from directory.models import TABLES
from directory.models.locations import AddressVisibility
from directory.opening_rules import parse_byday

Values = Mapping[str, Any]
#: A column, and why its value cannot be kept.
Broken = tuple[str, str]

_SMALLEST: Final = -(2**31)
_LARGEST: Final = 2**31 - 1
_MOST_WEEKS: Final = 52


def broken_rule(table: str, values: Values) -> Broken | None:
    """Return the first rule that a record breaks, None where it can be kept.

    ``values`` may lack columns; what is not there breaks nothing.
    """
    return next(_broken(table, values), None)


def _broken(table: str, values: Values) -> Iterator[Broken]:
    for name, longest in _lengths(table).items():
        value = values.get(name)
        if value is not None and len(value) > longest:
            yield name, f"longer than {longest} characters"
    for name in _numbers(table):
        value = values.get(name)
        if value is not None and not isfinite(value):
            yield name, "not a number"
        elif type(value) is int and not _SMALLEST <= value <= _LARGEST:
            yield name, "too large a number"
    if table in _RULES:
        yield from _RULES[table](values)


@cache
def _lengths(table: str) -> dict[str, int]:
    """Return how long the texts of a table may be, where that is limited."""
    columns = TABLES[table].columns
    texts = [name for name, column in COLUMNS[table].items() if column.type is str]
    lengths = {name: getattr(columns[name].type, "length", None) for name in texts}
    return {name: length for name, length in lengths.items() if length}


@cache
def _numbers(table: str) -> tuple[str, ...]:
    return tuple(name for name, column in COLUMNS[table].items() if column.type in {int, float})


def _named(values: Values) -> Iterator[Broken]:
    if values.get("name") == "":
        yield "name", "empty"


def _in_order(values: Values, first: str, last: str, reason: str) -> Iterator[Broken]:
    low, high = values.get(first), values.get(last)
    if low is not None and high is not None and high < low:
        yield last, reason


def _service(values: Values) -> Iterator[Broken]:
    yield from _named(values)
    if (values.get("minimum_age") or 0) < 0:
        yield "minimum_age", "below nothing"
    yield from _in_order(values, "minimum_age", "maximum_age", "below the lowest age")


def _location(values: Values) -> Iterator[Broken]:
    latitude, longitude = values.get("latitude"), values.get("longitude")
    if (latitude is None) != (longitude is None):
        yield "latitude", "one coordinate without the other"
    elif latitude is not None and longitude is not None:
        if not -90 <= latitude <= 90:  # noqa: PLR2004  # degrees
            yield "latitude", "not a latitude"
        if not -180 <= longitude <= 180:  # noqa: PLR2004  # degrees
            yield "longitude", "not a longitude"
        if values.get("address_visibility", AddressVisibility.PUBLIC) != AddressVisibility.PUBLIC:
            yield "latitude", "a place that is not public has no point"
    if values.get("timezone") and not is_zone(values["timezone"]):
        yield "timezone", "not a time zone"


def _schedule(values: Values) -> Iterator[Broken]:
    yield from _in_order(values, "valid_from", "valid_to", "ends before it begins")
    if values.get("freq") not in {None, "WEEKLY", "MONTHLY"}:
        yield "freq", "neither WEEKLY nor MONTHLY"
    if not 1 <= values.get("repeat_interval", 1) <= _MOST_WEEKS:
        yield "repeat_interval", f"not from 1 to {_MOST_WEEKS}"
    if values.get("byday") and not _can(parse_byday, values["byday"]):
        yield "byday", "not days of the week"
    if values.get("bymonthday") and not _can(_whole_numbers, values["bymonthday"]):
        yield "bymonthday", "not days of the month"


def _cost(values: Values) -> Iterator[Broken]:
    if (values.get("amount_cents") or 0) < 0:
        yield "amount_cents", "below nothing"


def _capacity(values: Values) -> Iterator[Broken]:
    if (values.get("available") or 0) < 0:
        yield "available", "below nothing"
    yield from _in_order(values, "available", "maximum", "fewer than are free")
    updated, expires_at = values.get("updated"), values.get("expires_at")
    if updated is not None and expires_at is not None and expires_at <= updated:
        yield "expires_at", "over before it was said"


def _phone(values: Values) -> Iterator[Broken]:
    if values.get("number") == "":
        yield "number", "empty"


def _url(values: Values) -> Iterator[Broken]:
    if values.get("url") == "":
        yield "url", "empty"


_RULES: Final[Mapping[str, Callable[[Values], Iterator[Broken]]]] = MappingProxyType(
    {
        "organization": _named,
        "service": _service,
        "location": _location,
        "schedule": _schedule,
        "cost_option": _cost,
        "service_capacity": _capacity,
        "phone": _phone,
        "url": _url,
    }
)


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Say whether a name is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # KeyError: there is none of that name
        return False
    return True


def _whole_numbers(words: str) -> list[int]:
    return [int(word) for word in words.split(",")]


def _can(read: Callable[[str], object], words: str) -> bool:
    try:
        read(words)
    except (ValueError, KeyError):
        return False
    return True
