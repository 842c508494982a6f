"""Small directories made by chance: every table of HSDS, and texts that are hard to carry.

What they hold is what the directory can hold. Rows are dicts by table, parents first.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel

from directory.hsds.columns import COLUMNS, MODELS
from directory.models import TABLES
from directory.models.locations import AddressVisibility
from directory.models.openings import OpeningStatus
from tests.directory.hsds.conftest import NOW

Rows = dict[str, list[dict[str, Any]]]
Draw = Callable[[st.SearchStrategy[Any]], Any]
#: Changes a row that was made; None where there can be none.
Touch = Callable[[Draw, dict[str, Any], Rows], dict[str, Any] | None]

AWKWARD = [
    "a, b",
    'She said "hello"',
    "two\nlines",
    "two\r\nlines",
    "\rodd",
    "=1+1",
    "'=1+1",
    "+1 517 555 0100",
    "@home",
    " spaces around ",
    "\ttab",
    "null",
    "NA",
    "(none)",
    "AT&amp;T &#8217;",
    "Zoë 🐢 汉字",
    "e\u0301",
    "\xa0",
    "\u200b",
    "'",
    '"',
    "\\n",
    "0123",
    "1e5",
    "true",
]
#: What a database takes: no half characters and no NUL.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.one_of(st.sampled_from(AWKWARD), st.text(CHARACTERS, max_size=12))
NAMES = TEXTS.filter(lambda text: text.strip() and text != "(none)")
INSTANTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  (as the strategy wants it)
    datetime(2029, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
#: Nights that end the next morning are made of these too.
CLOCKS = st.sampled_from([time(0), time(9), time(17, 30), time(22), time(23, 59, 59)])
URLS = st.sampled_from(["https://pantry.example/a?b=1#c", "http://xn--bcher-kva.example/%C3%A9"])
EMAILS = st.sampled_from(["desk@pantry.example", "+a.b@pantry.example"])

#: Columns that cannot say just anything, by table and name or by name alone.
SPECIAL: Mapping[str, st.SearchStrategy[Any]] = {
    "organization.uri": URLS,
    "schedule.timezone": st.sampled_from([-5.0, 5.75, 0.0]),
    "location.timezone": st.sampled_from(["America/Detroit", "Asia/Kathmandu"]),
    "service_capacity.status": st.sampled_from(OpeningStatus),
    "metadata.origin": st.sampled_from(["page", "api", "suggestion", "import"]),
    "language.code": st.sampled_from(["en", "spa"]),
    "name": NAMES,
    "number": NAMES,
    "url": URLS,
    "website": URLS,
    "uri": URLS,
    "term_uri": URLS,
    "schedule_link": URLS,
    "email": EMAILS,
    "assurer_email": EMAILS,
    "minimum_age": st.floats(0, 18),
    "maximum_age": st.floats(18, 120),
    "valid_from": st.dates(date(2000, 1, 1), date(2020, 1, 1)),
    "valid_to": st.dates(date(2020, 1, 2), date(2040, 1, 1)),
    "freq": st.sampled_from(["WEEKLY", "MONTHLY"]),
    "wkst": st.sampled_from(["MO", "SU"]),
    "byday": st.sampled_from(["MO", "2TU,-1FR", "MO,TU,WE,TH,FR"]),
    "bymonthday": st.sampled_from(["1", "1,15,-1"]),
    "repeat_interval": st.integers(1, 52),
    "count": st.integers(1, 100),
    "year_incorporated": st.integers(1800, 2029),
    "amount_cents": st.integers(0, 10**7),
    "available": st.integers(0, 10),
    "maximum": st.integers(10, 20),
    "eligibility_rule": st.sampled_from(
        [
            {"fact": "age", "at_least": 18},
            {
                "any": [
                    {"fact": "veteran", "is": True},
                    {"fact": "zip", "one_of": ["00701", "00702"]},
                ]
            },
        ]
    ),
    "currency": st.sampled_from(["USD", "EUR"]),
    "extension": st.sampled_from(["0", "12", "0123", "12 or 13", "=1"]),
}


@st.composite
def directories(draw: Draw) -> Rows:
    """Make up to two rows of each table, with or without what may be missing."""
    rows: Rows = {}
    for table in MODELS:
        made = [_row(draw, table, rows) for _ in range(draw(st.integers(0, 2)))]
        rows[table] = _once([row for row in made if row is not None], table)
    return rows


def write(session: Session, rows: Rows) -> None:
    """Put the rows into an empty database, with what else a row has."""
    for table, each in rows.items():
        defaults = _defaults(MODELS[table])
        for row in each:
            session.connection().execute(sa.insert(TABLES[table]), {**defaults, **row})


def _defaults(model: type[SQLModel]) -> dict[str, Any]:
    fields = model.model_fields.items()
    return {name: f.get_default() for name, f in fields if name != "id" and not f.is_required()}


def _row(draw: Draw, table: str, rows: Rows) -> dict[str, Any] | None:
    """Make one row; None where what it has to refer to is not there."""
    row: dict[str, Any] = {"id": draw(st.uuids(version=4))}
    for name, column in COLUMNS[table].items():
        if column.type is UUID:
            row[name] = _reference(draw, table, name, rows)
            if row[name] is None and not column.is_nullable:
                return None
        else:
            row[name] = _value(draw, table, name)
    touch = _TOUCH.get(table)
    return touch(draw, row, rows) if touch else row


def _reference(draw: Draw, table: str, name: str, rows: Rows) -> UUID | None:
    inner = {"parent_organization_id": "organization", "parent_id": "taxonomy_term"}
    referred = inner.get(name, name.removesuffix("_id"))
    known = [row["id"] for row in rows.get(referred, [])]
    if COLUMNS[table][name].is_nullable:
        known.append(None)
    found: UUID | None = draw(st.sampled_from(known)) if known else _of_anything(name)
    return found


def _of_anything(name: str) -> UUID | None:
    """Return what stands where ``_about`` puts a record of any table, None elsewhere."""
    return UUID(int=0) if name in {"link_id", "resource_id"} else None


def _value(draw: Draw, table: str, name: str) -> Any:
    column = COLUMNS[table][name]
    longest = getattr(TABLES[table].c[name].type, "length", None)
    strategy = SPECIAL.get(f"{table}.{name}", SPECIAL.get(name))
    if strategy is None:
        strategy = _of_type(column.type, longest)
    return draw(st.one_of(st.none(), strategy) if column.is_nullable else strategy)


def _of_type(kind: Any, longest: int | None) -> st.SearchStrategy[Any]:
    strategies: dict[Any, st.SearchStrategy[Any]] = {
        str: TEXTS.map(lambda text: text[:longest]),
        bool: st.booleans(),
        int: st.integers(0, 100),
        float: st.floats(-80, 80, allow_subnormal=False),
        date: st.dates(date(2000, 1, 1), date(2040, 12, 31)),
        datetime: INSTANTS,
        time: CLOCKS,
    }
    return strategies[kind] if kind in strategies else st.sampled_from(kind)


def _location(draw: Draw, row: dict[str, Any], _rows: Rows) -> dict[str, Any]:
    if row["address_visibility"] != AddressVisibility.PUBLIC or draw(st.booleans()):
        return {**row, "latitude": None, "longitude": None}
    return {**row, "latitude": draw(st.floats(-90, 90)), "longitude": draw(st.floats(-180, 180))}


def _capacity(draw: Draw, row: dict[str, Any], _rows: Rows) -> dict[str, Any]:
    """Make a report of which it is open whether it still holds."""
    updated = NOW - timedelta(minutes=draw(st.integers(10, 100)))
    expires_at = NOW + timedelta(minutes=draw(st.integers(-5, 99)))
    return {**row, "updated": updated, "expires_at": expires_at}


def _about(kind: str, id_: str) -> Touch:
    def touch(draw: Draw, row: dict[str, Any], rows: Rows) -> dict[str, Any] | None:
        known = [(table, each["id"]) for table, found in rows.items() for each in found]
        if not known:
            return None
        table, record = draw(st.sampled_from(known))
        return {**row, kind: table, id_: record}

    return touch


_TOUCH: Mapping[str, Touch] = {
    "location": _location,
    "service_capacity": _capacity,
    "attribute": _about("link_entity", "link_id"),
    "metadata": _about("resource_type", "resource_id"),
}
_UNIQUE = {
    "taxonomy": ("name",),
    "unit": ("name",),
    "taxonomy_term": ("taxonomy_id", "code"),
    "service_at_location": ("service_id", "location_id"),
    "attribute": ("link_id", "taxonomy_term_id", "link_type", "value"),
}


def _once(rows: list[dict[str, Any]], table: str) -> list[dict[str, Any]]:
    """Keep the first of rows that a table can have only once."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        kept.setdefault(tuple(row[column] for column in _UNIQUE.get(table, ("id",))), row)
    return list(kept.values())
