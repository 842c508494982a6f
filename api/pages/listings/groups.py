"""What a form is made of: groups of fields that are shown, sent, compared and filled in together.

The value of a group is plain (texts, lists, mappings), so that what the form showed can travel
with it, and three versions of it can be laid side by side: what was there when it was opened,
what is there now, and what was typed.
"""

import enum
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from directory.errors import FieldError, InvalidError
from directory.kinds.specs import Draft
from directory.queries.whole_records import Whole

Data = Mapping[str, Any]

#: The shape of a list with a row of fields for each record of it.
Rows = list[dict[str, str]]

#: How many empty rows wait below those that are filled in.
SPARE_ROWS: Final = 2
CENTS: Final = 100


@dataclass(frozen=True, slots=True)
class Group:
    """``show`` makes a value of a record, ``read`` of a form, and ``fill`` a draft of a value.

    ``record`` is None where the form makes a new one. ``shape`` is the type of the value.
    """

    name: str
    show: Callable[[Whole | None], Any]
    read: Callable[[Data], Any]
    fill: Callable[[Any, Whole | None], dict[str, Any]]
    shape: Any = str


@dataclass(frozen=True, slots=True)
class Form:
    """A form for one kind of record; ``template`` has its fields."""

    table: str
    draft: type[Draft]
    template: str
    groups: tuple[Group, ...]
    #: Puts right what one group means for another.
    together: Callable[[dict[str, Any], dict[str, Any]], None] = lambda _values, _typed: None

    def show(self, record: Whole | None) -> dict[str, Any]:
        """Return what the form shows of a record."""
        return {group.name: group.show(record) for group in self.groups}

    def read(self, data: Data) -> dict[str, Any]:
        """Return what somebody typed."""
        return {group.name: group.read(data) for group in self.groups}

    def read_shown(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the form says that it showed, read once more as a browser would send it.

        It came back from outside: groups that no form of ours can have shown are left out.
        """
        shown = {}
        for group in self.groups:
            with suppress(msgspec.ValidationError):
                shown[group.name] = msgspec.convert(sent.get(group.name), group.shape)
        fields: dict[str, list[str]] = {}
        for name, value in flattened(shown):
            fields.setdefault(name, []).append(value)
        return {group.name: group.read(fields) for group in self.groups if group.name in shown}

    def values(self, typed: Mapping[str, Any], record: Whole | None) -> dict[str, Any]:
        """Return the fields of a draft for those groups that are other than the record."""
        shown = self.show(record)
        values: dict[str, Any] = {}
        mistakes: list[FieldError] = []
        for group in self.groups:
            if typed[group.name] != shown[group.name]:
                try:
                    values |= group.fill(typed[group.name], record)
                except InvalidError as error:
                    mistakes += error.errors
        if mistakes:
            raise InvalidError(mistakes)
        self.together(values, dict(typed))
        return values


def plain(value: Any) -> str:
    """Return a text as it was typed, whatever the browser ends its lines with."""
    text = value[-1] if isinstance(value, list) else value
    return str(text or "").replace("\r\n", "\n").strip()


def text(name: str) -> Group:
    """Return the group of one text."""
    return Group(
        name,
        lambda record: "" if record is None or record[name] is None else plain(record[name]),
        lambda data: plain(data.get(name)),
        lambda typed, _record: {name: typed or None},
    )


def choice(name: str, default: str) -> Group:
    """Return the group of one word of a few."""
    return Group(
        name,
        lambda record: default if record is None else str(record[name] or ""),
        lambda data: plain(data.get(name)) or default,
        lambda typed, _record: {name: typed or None},
    )


def number(name: str) -> Group:
    """Return the group of one number."""

    def fill(typed: str, _record: Whole | None) -> dict[str, Any]:
        try:
            return {name: float(typed) if typed else None}
        except ValueError:
            raise InvalidError.of(name, "Give a number.") from None

    return Group(
        name, lambda record: _as_typed(record, name), lambda data: plain(data.get(name)), fill
    )


def _as_typed(record: Whole | None, name: str) -> str:
    """Write a number as people do: 18, not 18.0."""
    value = None if record is None else record[name]
    return "" if value is None else f"{value:g}"


def ticks(name: str) -> Group:
    """Return the group of boxes to tick."""

    def read(data: Data) -> list[str]:
        given = data.get(name) or []
        return sorted({plain(each) for each in (given if isinstance(given, list) else [given])})

    return Group(
        name,
        lambda record: [] if record is None else sorted(record[name]),
        read,
        lambda typed, _record: {name: typed},
        list[str],
    )


def lines(name: str, part: str, column: str) -> Group:
    """Return the group of a list with one line for each record of it."""

    def fill(typed: str, record: Whole | None) -> dict[str, Any]:
        there = {each[column]: each for each in _parts(record, part)}
        wanted = dict.fromkeys(line.strip() for line in typed.split("\n") if line.strip())
        return {part: [kept(there.get(line), **{column: line}) for line in wanted]}

    return Group(
        name,
        lambda record: "\n".join(each[column] or "" for each in _parts(record, part)),
        lambda data: plain(data.get(name)),
        fill,
    )


def rows(name: str, part: str, columns: Sequence[str]) -> Group:
    """Return the group of a list with a row of fields for each record of it."""

    def show(record: Whole | None) -> list[dict[str, str]]:
        return [
            {"id": str(each["id"]), **{column: plain(each[column]) for column in columns}}
            for each in _parts(record, part)
        ]

    def fill(typed: list[dict[str, str]], record: Whole | None) -> dict[str, Any]:
        there = {str(each["id"]): each for each in _parts(record, part)}
        return {
            part: [
                kept(there.get(row["id"]), **{column: row[column] or None for column in columns})
                for row in typed
            ]
        }

    return Group(name, show, lambda data: read_rows(data, name, columns), fill, Rows)


def read_rows(data: Data, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows that have anything in them: ``phones-0-number`` and so on."""
    found = []
    for index in row_numbers(data, name):
        row = {column: plain(data.get(f"{name}-{index}-{column}")) for column in columns}
        if any(row.values()):
            found.append({"id": plain(data.get(f"{name}-{index}-id")), **row})
    return found


def row_numbers(data: Data, name: str) -> list[int]:
    """Return the numbers of the rows that were sent, in their order."""
    found = (re.match(rf"{name}-([0-9]{{1,4}})-", key) for key in data)
    return sorted({int(each[1]) for each in found if each})


def _parts(record: Whole | None, part: str) -> list[Whole]:
    return [] if record is None else record[part]


#: What is in a record and in no draft.
_OURS: Final = frozenset({"source", "source_id", "original", "version"})


def kept(part: Whole | None, **changed: Any) -> dict[str, Any]:
    """Return a record of a list as a draft, with some of its fields changed."""
    if part is None:
        return changed
    return {**dict(_drafted(part)), **changed}


def _drafted(part: Whole) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a record that a draft of it can have."""
    for name, value in part.items():
        if name in _OURS or name.endswith("_id"):
            continue
        if isinstance(value, list):
            yield name, [dict(_drafted(each)) for each in value]
        else:
            yield name, value.value if isinstance(value, enum.Enum) else value


def costs() -> Group:
    """Return the group of prices: in words, and in dollars and cents."""
    columns = ("option", "amount", "amount_description")

    def show(record: Whole | None) -> list[dict[str, str]]:
        return [
            {
                "id": str(each["id"]),
                "option": plain(each["option"]),
                "amount": _dollars(each["amount_cents"]),
                "amount_description": plain(each["amount_description"]),
            }
            for each in _parts(record, "cost_options")
        ]

    def fill(typed: list[dict[str, str]], record: Whole | None) -> dict[str, Any]:
        there = {str(each["id"]): each for each in _parts(record, "cost_options")}
        return {
            "cost_options": [
                kept(
                    there.get(row["id"]),
                    option=row["option"] or None,
                    amount_description=row["amount_description"] or None,
                    **_amount(row["amount"], index, there.get(row["id"])),
                )
                for index, row in enumerate(typed)
            ]
        }

    return Group("costs", show, lambda data: read_rows(data, "costs", columns), fill, Rows)


def _dollars(cents: int | None) -> str:
    if cents is None:
        return ""
    return str(cents // CENTS) if cents % CENTS == 0 else f"{cents / CENTS:.2f}"


def _amount(typed: str, index: int, before: Whole | None) -> dict[str, Any]:
    currency = before["currency"] if before else None
    if not typed:
        return {"amount_cents": None, "currency": currency}
    whole, _, part = typed.lstrip("$").strip().replace(",", "").partition(".")
    digits = (whole + part).isascii() and (whole + part).isdigit()
    if not digits or len(whole) > 7 or len(part) > 2:  # noqa: PLR2004  (cents have two digits)
        raise InvalidError.of(f"cost_options.{index}.amount_cents", "Give an amount such as 12.50.")
    cents = int(whole or 0) * CENTS + int(part.ljust(2, "0") if part else 0)
    return {"amount_cents": cents, "currency": currency or "USD"}


def merged(
    was: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Lay a form beside what somebody saved meanwhile.

    Returns what both together say, and the groups that both changed in different ways: there
    ``mine`` stands, until the person has chosen.
    """
    both = {name: mine[name] if mine[name] != was.get(name) else theirs[name] for name in mine}
    clash = [
        name
        for name in mine
        if mine[name] != theirs[name] and mine[name] != was.get(name) != theirs[name]
    ]
    return both, clash


def flattened(typed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the fields that a browser would send for what was typed."""
    for name, value in typed.items():
        yield from _flat(name, value)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name == "hours":
        yield from _flat_hours(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _flat(f"{name}-{key}", each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            if isinstance(each, dict):
                yield from _flat(f"{name}-{index}", each)
            else:
                yield name, each
    else:
        yield name, value


def _flat_hours(value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for day, spans in value["week"].items():
        for index, (opens, closes) in enumerate(spans):
            yield f"hours-{day}-{index}-opens", opens
            yield f"hours-{day}-{index}-closes", closes
    yield "closed", value["closed"]
    for each in value["kept"]:
        yield "hours-kept", each


def said(value: Any) -> str:
    """Return the value of a group in a few words, to lay beside another."""
    if isinstance(value, dict) and "week" in value:
        week = (
            f"{day} {', '.join('-'.join(span) for span in spans)}"
            for day, spans in value["week"].items()
            if spans
        )
        return "; ".join([*week, *value["closed"].split()])
    if isinstance(value, dict):
        return ", ".join(each for each in value.values() if each)
    if isinstance(value, list):
        return "; ".join(
            said({k: v for k, v in each.items() if k != "id"}) if isinstance(each, dict) else each
            for each in value
        )
    return str(value)
