"""What may stand in a field that a person or a program fills in.

A rule takes what was given, never None, and returns what is stored; it raises ValueError with
what would be right, in words for the person who typed. A value with parts raises InvalidError
naming each mistake by its path, which begins with the field.
"""

import enum
import re
from collections.abc import Callable
from datetime import time
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from directory.eligibility_rules import as_json, parse_rule
from directory.hsds.mend import CannotMendError, phones, places
from directory.opening_rules import parse_byday
from geo.areas import short_names
from geo.geojson import GeoJSONError, read_shape

Rule = Callable[[Any], Any]

SHORT: Final = 300
LONG: Final = 5000
OLDEST: Final = 130
LONGEST_EMAIL: Final = 254
LONGEST_ADDRESS: Final = 1000
MOST_CENTS: Final = 100_000_000

_EMAIL: Final = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\".]+(\.[^@\s<>,;\".]+)+")
_DIALLED: Final = re.compile(r"[0-9A-Za-z+*#().,/ -]{3,40}")
_FEWEST_DIGITS: Final = 3  # 211, 988
_LAST_DAY: Final = 31


def words(longest: int) -> Rule:
    """Return the rule of a text of at most so many letters."""

    def rule(value: str) -> str | None:
        text = value.replace("\r\n", "\n").strip()
        if len(text) > longest:
            raise ValueError(f"Use at most {longest} letters.")
        return text or None

    return rule


short = words(SHORT)
long = words(LONG)


def email(value: str) -> str | None:
    """Take an e-mail address."""
    text = value.strip()
    if text and (len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text)):
        raise ValueError("Give an e-mail address, such as help@agency.example.")
    return text or None


def web_address(value: str) -> str | None:
    """Take an address on the web: only http and https, so that no link can run anything."""
    text = value.strip()
    if text and not _is_web_address(text):
        raise ValueError("Give a web address that begins with http:// or https://.")
    return text or None


def _is_web_address(text: str) -> bool:
    if len(text) > LONGEST_ADDRESS or re.search(r'[\s<>"\\]', text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port  # raises for what is no number
    except ValueError:
        return False
    is_host = re.fullmatch(r"[^.@:]+(\.[^.@:]+)+\.?", host) is not None
    return parts.scheme in ("http", "https") and is_host and "@" not in parts.netloc


def phone_number(value: str) -> str | None:
    """Take a number to call; those of North America are all written in one way."""
    text = " ".join(value.split())
    if not text:
        return None
    try:
        (number,), _ = phones.numbers(text)
    except (CannotMendError, ValueError):
        number = phones.PhoneNumber("")
    digits = sum(character.isdigit() for character in number.number)
    if digits < _FEWEST_DIGITS or not _DIALLED.fullmatch(number.number) or number.extension:
        raise ValueError("Give one phone number, such as (517) 555-0123.")
    return number.number


def extension(value: str) -> str | None:
    """Take the digits to press after a number."""
    text = value.strip()
    if text and not re.fullmatch(r"[0-9]{1,10}", text):
        raise ValueError("Give the digits of the extension alone.")
    return text or None


def clock(value: str) -> time | None:
    """Take a reading of the clock, HH:MM."""
    text = value.strip()
    if not text:
        return None
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("Give a time such as 13:00.")
    return time.fromisoformat(text)


def byday(value: str) -> str | None:
    """Take weekdays, each with its week of the month if one is meant: ``"1MO,3WE"``."""
    try:
        parse_byday(value)
    except ValueError:
        raise ValueError(
            "Write MO, TU, WE, TH, FR, SA or SU, with commas between them; "
            "with a week of the month before it if you mean one, as in 1MO or -1FR."
        ) from None
    return ",".join(part.strip().upper() for part in value.split(",") if part.strip()) or None


def bymonthday(value: str) -> str | None:
    """Take days of the month: ``"1,15,-1"``."""
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if not all(
        re.fullmatch(r"-?[0-9]{1,2}", part) and 1 <= abs(int(part)) <= _LAST_DAY for part in parts
    ):
        raise ValueError("Give days of the month from 1 to 31, or from -1 for the last one.")
    return ",".join(str(int(part)) for part in parts) or None


def age(value: float) -> float:
    """Take an age in years."""
    if not 0 <= value <= OLDEST:  # and what is no number
        raise ValueError(f"Give an age from 0 to {OLDEST} years.")
    return value


def eligibility(value: dict[str, Any]) -> dict[str, Any]:
    """Take an eligibility rule, in its one form."""
    return as_json(parse_rule(value))


def whole(least: int, most: int) -> Rule:
    """Return the rule of a whole number."""

    def rule(value: int) -> int:
        if not least <= value <= most:
            raise ValueError(f"Give a whole number from {least} to {most}.")
        return value

    return rule


def one_of(members: type[enum.StrEnum]) -> Rule:
    """Return the rule of a field that has a list of its own."""
    listed = ", ".join(member.value for member in members)

    def rule(value: str) -> enum.StrEnum | None:
        text = value.strip()
        if text and text not in [member.value for member in members]:
            raise ValueError(f"Give one of: {listed}.")
        return members(text) if text else None

    return rule


def one_word_of(*choices: str) -> Rule:
    """Return the rule of a text that is one of a few."""

    def rule(value: str) -> str | None:
        text = value.strip()
        if text and text not in choices:
            raise ValueError(f"Give one of: {', '.join(choices)}.")
        return text or None

    return rule


def degrees(most: int) -> Rule:
    """Return the rule of a latitude (at most 90) or a longitude (at most 180)."""

    def rule(value: float) -> float:
        if not -most <= value <= most:
            raise ValueError(f"Give degrees from -{most} to {most}.")
        return value

    return rule


def timezone(value: str) -> str | None:
    """Take the name of a time zone."""
    text = value.strip()
    try:
        ZoneInfo(text or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("Give a time zone by its name, such as America/Detroit.") from None
    return text or None


def language_code(value: str) -> str | None:
    """Take a code of ISO 639."""
    text = value.strip().lower()
    if text and not re.fullmatch(r"[a-z]{2,3}", text):
        raise ValueError("Give a language by its code of 2 or 3 letters, such as es.")
    return text or None


def currency(value: str) -> str | None:
    """Take a code of ISO 4217."""
    text = value.strip().upper()
    if text and not re.fullmatch(r"[A-Z]{3}", text):
        raise ValueError("Give a currency by its 3 letters, such as USD.")
    return text or None


def country(value: str) -> str | None:
    """Take a code of ISO 3166."""
    text = value.strip().upper()
    if text and not re.fullmatch(r"[A-Z]{2}", text):
        raise ValueError("Give a country by its 2 letters, such as US.")
    return text or None


def state(value: str) -> str | None:
    """Take a state; those of the US become their two letters."""
    code, _ = places.state(value[:LONGEST_ADDRESS])
    if len(code) > SHORT:
        raise ValueError(f"Use at most {SHORT} letters.")
    return code or None


def postal_code(value: str) -> str | None:
    """Take a postal code; whether it is a ZIP is asked where the country is known."""
    text = " ".join(value.split()).upper()
    if len(text) > 12:  # noqa: PLR2004  (the longest there are have ten)
        raise ValueError("Give a ZIP code such as 48933.")
    return text or None


def extent(value: str) -> str | None:
    """Take areas in our short form (``geo.areas``), or a polygon as GeoJSON."""
    text = value.strip()
    if text.startswith("{"):
        try:
            read_shape(text)
        except GeoJSONError as error:
            raise ValueError(str(error)) from None
        return text
    names = short_names(text)
    if names is None:
        raise ValueError(
            "Give ZIP codes, states or counties, such as 48933, MI or MI:Ingham_County, "
            "or a polygon as GeoJSON."
        )
    return " ".join(names) or None


def as_is(value: Any) -> Any:
    """Take what its type alone makes right."""
    return value
