"""Single values as HSDS has them in JSON: pure, and None for what is better left out.

The standard's schemas refuse nulls, and its guidance prefers no property to an empty one.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final
from urllib.parse import quote

from directory.hsds.standard import Kind

#: A URI by its grammar (RFC 3986): a scheme, and nothing that would have to be escaped.
_URI: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    r"(?://(?:[\w.~!$&'()*+,;=:%-]*@)?"  # whose account
    r"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?(?=[/?#]|$))?"  # host and port
    r"(?!//)[\w.~!$&'()*+,;=:@%/-]*"  # path
    r"(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?"
    r"(?:\#[\w.~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST_FIRST: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}([/?#:].*)?"
)
_EMAIL: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
#: A number that reads the same when it has been one: "0123" does not.
_WHOLE: Final = re.compile(r"0|[1-9][0-9]{0,14}")


def as_json(kind: Kind, value: Any) -> Any:
    """Return a column's value as JSON has it, or None where there is nothing to say."""
    if value is None:
        return None
    return _SAID.get(kind, str)(value)


def number(value: float | str) -> int | float | None:
    """Return a number, whole where it is; None for text that is no number and for no number."""
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    if not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() else value


def amount(cents: int) -> int | float:
    """Return whole cents as money: 1250 is 12.5."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def day(value: date | datetime) -> str:
    """Return a date; of an instant, its date in UTC."""
    if isinstance(value, datetime):
        value = value.astimezone(UTC).date()
    return value.isoformat()


def instant(value: datetime) -> str:
    """Return an instant by RFC 3339 in UTC, to the millisecond, or finer where it is finer."""
    precision = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def uri(text: str) -> str | None:
    """Return a URI; what is one but for its scheme or its escapes is made one.

    "www.example.org" can only be meant for the web. None for what is no address at all.
    """
    text = text.strip()
    if _HOST_FIRST.fullmatch(text):
        text = f"http://{text}"
    if is_uri(text):
        return text
    escaped = quote(_BAD_ESCAPE.sub("%25", text), safe="%!#$&'()*+,/:;=?@[]~")
    return escaped if is_uri(escaped) else None


def is_uri(text: str) -> bool:
    """Say whether a text is a URI by RFC 3986, with a scheme."""
    return bool(_URI.fullmatch(text)) and not _BAD_ESCAPE.search(text)


def _email(text: str) -> str | None:
    return text if _EMAIL.fullmatch(text) else None


def _clock(value: time) -> str:
    """Return a reading of the clock, without an offset: it differs in summer and winter."""
    return value.replace(tzinfo=None).isoformat("seconds")


def _if_any(value: Any) -> Any:
    return value or None


_SAID: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.NUMBER: number,
    Kind.DATE: day,
    Kind.INSTANT: instant,
    Kind.CLOCK: _clock,
    Kind.URI: uri,
    Kind.EMAIL: _email,
    Kind.FLAG: _if_any,
    Kind.OBJECT: _if_any,
}
