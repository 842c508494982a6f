"""Reading search rows for the copy, as plain values: there may be a million of them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from directory.offers import entries
from directory.search_copy.columns import AFTER_ALL, BEFORE_ALL, NONE, READ, Batch

#: So many rows are read at a time.
BATCH = 20_000

_FAR_AHEAD = sa.literal(datetime(9999, 1, 1, tzinfo=UTC), entries.c.closes_at.type)

#: What tells no hours never opens, and its hours are never over.
_TELLS_HOURS = sa.and_(entries.c.hours_known, ~entries.c.temporarily_closed)

#: What stands for an instant that is not given, so that comparing comes out as with NULL.
_INSTANTS = {
    "opens_at": (sa.case((_TELLS_HOURS, entries.c.opens_at)), AFTER_ALL),
    "closes_at": (sa.case((_TELLS_HOURS, entries.c.closes_at), else_=_FAR_AHEAD), BEFORE_ALL),
    "claimed_until": (entries.c.hours_claimed_until, AFTER_ALL),
    "room_until": (entries.c.opening_room_until, BEFORE_ALL),
}
_PLAIN: Mapping[str, sa.ColumnElement[Any]] = {
    "cell": sa.func.coalesce(entries.c.cell, NONE),
    "x": sa.func.coalesce(entries.c.x, 0.0),
    "y": sa.func.coalesce(entries.c.y, 0.0),
    "z": sa.func.coalesce(entries.c.z, 0.0),
    "price_cents": sa.func.coalesce(entries.c.price_cents, NONE),
    **{name: entries.c[name] for name in ("is_free", "step_free", "remote")},
    **{name: entries.c[name] for name in ("needs", "languages", "areas", "text")},
    "name": entries.c.service_name,
}
_IDS = {"id": entries.c.id, "rule": entries.c.rule_id}


def read_rows(session: Session, ids: Collection[UUID] | None = None) -> Iterator[Batch]:
    """Yield these rows, or all, some at a time."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    wanted = sa.select(*(_read_as(name, is_sqlite=is_sqlite) for name in READ))
    if ids is None:
        yield from _read(session, wanted, is_sqlite=is_sqlite)
        return
    ordered = sorted(ids)
    for start in range(0, len(ordered), _IDS_AT_ONCE):
        some = entries.c.id.in_(ordered[start : start + _IDS_AT_ONCE])
        yield from _read(session, wanted.where(some), is_sqlite=is_sqlite)


#: Databases limit how many values a statement has.
_IDS_AT_ONCE = 1_000


def _read_as(name: str, *, is_sqlite: bool) -> sa.ColumnElement[Any]:
    """Read a column in the form that costs the driver least."""
    if name in _IDS:
        id_ = _IDS[name]
        return sa.type_coerce(id_, sa.Text()) if is_sqlite else sa.cast(id_, sa.Text())
    if name in _INSTANTS:
        column = _INSTANTS[name][0]
        if is_sqlite:
            return sa.type_coerce(column, sa.Text())
        return sa.cast(sa.extract("epoch", column) * 1_000_000, sa.BigInteger())
    return _PLAIN[name].label(name)


def _read(session: Session, wanted: sa.Select[Any], *, is_sqlite: bool) -> Iterator[Batch]:
    streaming = wanted.execution_options(yield_per=BATCH)
    with session.connection().execute(streaming) as found:
        for rows in found.partitions():
            columns = zip(*rows, strict=True)
            yield [
                _as_read(name, values, is_sqlite=is_sqlite)
                for name, values in zip(READ, columns, strict=True)
            ]


def _as_read(name: str, values: tuple[Any, ...], *, is_sqlite: bool) -> Any:
    if name in _IDS:
        return [value.replace("-", "") if value else "" for value in values]
    if name in _INSTANTS:
        missing = _INSTANTS[name][1]
        if is_sqlite:
            values = _microseconds(values)
        return [missing if value is None else value for value in values]
    return values


def _microseconds(texts: tuple[str | None, ...]) -> tuple[int | None, ...]:
    """Read instants as SQLite keeps them: in UTC, without saying so."""
    instants = np.array([text or "NaT" for text in texts], "datetime64[us]")
    return tuple(
        None if text is None else number
        for text, number in zip(texts, instants.astype(np.int64).tolist(), strict=True)
    )
