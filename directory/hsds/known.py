"""What everybody may know, selected from whole tables: the rest is absent and not taken out.

The rules are those of ``directory.hsds.knowable``. Besides, what belongs to nothing is not there.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from directory.hsds.knowable import (
    AT_A_PLACE_BY,
    BELONGS,
    OF_ANYTHING,
    is_only_at_public,
    is_silenced,
    is_silenced_if_drawn,
    references,
)
from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import HSDS_TABLES, columns_of
from directory.models import TABLES
from directory.models.locations import AddressVisibility

_Table = sa.FromClause
_Rule = sa.ColumnElement[bool]


class Known:
    """Selects what everybody may know, of one source or of all, as of ``now``.

    Of a ``source`` are its services, its organizations and places and those that its services
    need, and all that belongs to these; taxonomies and units are everybody's. Without ``now``
    reports of openings never end. Whoever asks for ``few`` rows has each of them looked up;
    else databases first read through all that rows may belong to, once.
    """

    def __init__(
        self, *, now: datetime | None, source: str | None = None, few: bool = False
    ) -> None:
        self._now = now
        self.source = source
        self._few = few

    def rows(self, table: str) -> sa.Select[Any]:
        """Select a table's rows in the order of their ids, under our names of the columns."""
        it = TABLES[table]
        columns = [self._column(table, it, name) for name in told_columns(table)]
        return sa.select(*columns).where(*self._rules(table, it)).order_by(it.c.id)

    def among(self, table: str, ids: Collection[UUID]) -> sa.Select[Any]:
        """Select the ids of those of these records that are there, and which are ``quiet``."""
        it = TABLES[table]
        quiet = self._is_quiet(table, it).label("quiet")
        return sa.select(it.c.id, quiet).where(it.c.id.in_(ids), *self._rules(table, it))

    def keys(
        self, table: str, order: Sequence[str], *conditions: Callable[[_Table], _Rule]
    ) -> sa.Select[Any]:
        """Select what a table's rows are sorted by; conditions are given the table."""
        it = TABLES[table]
        rules = [*self._rules(table, it), *(condition(it) for condition in conditions)]
        columns = [it.c[name] for name in order]
        return sa.select(*columns).where(*rules).order_by(*columns)

    def has(self, table: str, column: str, id_: sa.ColumnElement[Any], *more: Any) -> _Rule:
        """Say whether a table has a row that may be known with this id in a column."""
        it = TABLES[table].alias()
        rules = (*self._rules(table, it), *(rule(it) for rule in more))
        return self._among(id_, it.c[column], *rules)

    def of_source(self, table: str, it: _Table) -> Iterator[_Rule]:
        """Yield that a record is of the source, or needed by it, if there is one."""
        if self.source is not None and table in _OF_A_SOURCE:
            yield _OF_A_SOURCE[table](it, self.source)

    def hidden_places(self) -> sa.Select[Any]:
        """Count the places of which only that they exist is told."""
        it = TABLES["location"]
        return (
            sa.select(sa.func.count())
            .select_from(it)
            .where(*self._rules("location", it), is_hidden(it))
        )

    def _rules(self, table: str, it: _Table) -> Iterator[_Rule]:
        if "merged_into_id" in it.c:
            yield it.c.merged_into_id.is_(None)
        yield from self.of_source(table, it)
        yield from self._owned(table, it)
        if table in OF_ANYTHING:
            yield self._about(table, it)
        if table == "service_capacity":
            yield from self._newest(it)

    def _owned(self, table: str, it: _Table) -> Iterator[_Rule]:
        """Yield that a record belongs to something, and that all it belongs to is there."""
        columns = BELONGS.get(table, ())
        optional = [column for column in columns if TABLES[table].c[column].nullable]
        for column in columns:
            there = self._has_owner(table, it, column)
            yield sa.or_(it.c[column].is_(None), there) if column in optional else there
        if columns and len(optional) == len(columns):
            yield sa.or_(*(it.c[column].is_not(None) for column in columns))

    def _has_owner(self, table: str, it: _Table, column: str) -> _Rule:
        owner = references(table)[column]
        if is_only_at_public(table, owner):
            return self.has(owner, "id", it.c[column], lambda row: ~self._is_quiet(owner, row))
        return self.has(owner, "id", it.c[column])

    def _about(self, table: str, it: _Table) -> _Rule:
        """Say that what a record is about is there, and not at a hidden place."""
        kind, id_ = OF_ANYTHING[table]
        return sa.or_(
            *(
                (it.c[kind] == other)
                & self.has(other, "id", it.c[id_], lambda row, of=other: ~self._is_quiet(of, row))
                for other in HSDS_TABLES
                if any(nested.table == table for nested in HSDS_TABLES[other].nested)
            )
        )

    def _newest(self, it: _Table) -> Iterator[_Rule]:
        """Yield that a report has a number, holds, and was the last of its place and unit.

        A report without a number does not make true again what was said before it.
        """
        later = TABLES["service_capacity"].alias()
        same = (
            later.c[name].is_not_distinct_from(it.c[name])
            for name in ("service_id", "service_at_location_id", "unit_id", "population")
        )
        after = sa.or_(
            later.c.updated > it.c.updated,
            (later.c.updated == it.c.updated) & (later.c.id < it.c.id),
        )
        yield it.c.available.is_not(None)
        if self._now is not None:
            yield it.c.expires_at > self._now
        yield ~sa.exists().where(*same, after)

    def _is_quiet(self, table: str, it: _Table) -> _Rule:
        """Say that a record is a hidden place, or belongs to a service at one."""
        if table == "location":
            return is_hidden(it)
        ways = []
        for column in AT_A_PLACE_BY:
            if column in it.c:
                owner = references(table)[column]
                above = TABLES[owner].alias()
                hidden = self._is_quiet(owner, above)
                at_one = self._among(it.c[column], above.c.id, hidden)
                ways.append(it.c[column].is_not(None) & at_one)  # else unknown, not false
        return sa.or_(sa.false(), *ways)

    def _among(
        self, id_: sa.ColumnElement[Any], column: sa.ColumnElement[Any], *rules: _Rule
    ) -> _Rule:
        """Say whether there is a row with this id in a column for which the rules hold."""
        if self._few:
            return sa.exists().where(column == id_, *rules)
        return id_.in_(sa.select(column).where(*rules))

    def _column(self, table: str, it: _Table, name: str) -> sa.ColumnElement[Any]:
        column = it.c[name]
        if table == "metadata" and name == "updated_by":
            return who_changed(it).label(name)
        rules = []
        if is_silenced(table, name):
            rules.append(~self._is_quiet(table, it))
        if is_silenced_if_drawn(table, name):
            rules.append(sa.or_(~self._is_quiet(table, it), _is_text(it)))
        owner = references(table).get(name)
        if owner is not None and name not in BELONGS.get(table, ()):
            rules.append(self.has(owner, "id", column))
        return sa.case((sa.and_(*rules), column)).label(name) if rules else column


def told_columns(table: str) -> list[str]:
    """Return our names of the columns that are told: the standard's and the profile's."""
    standard = [column for _, column in columns_of(table)]
    ours = [field.name for field in EXTENSIONS.get(table, ())]
    return list(dict.fromkeys([*standard, *ours]))


def is_hidden(place: _Table) -> _Rule:
    """Say that not everybody may know where a place is."""
    return place.c.address_visibility != AddressVisibility.PUBLIC


def _is_text(area: _Table) -> _Rule:
    """Say of a service area what ``directory.service_areas.is_text`` says."""
    kind = sa.func.lower(sa.func.trim(sa.func.coalesce(area.c.extent_type, "")))
    begins = sa.func.ltrim(sa.func.coalesce(area.c.extent, ""), " \t\n\r\f\v").startswith("{")
    return sa.or_(kind == "text", sa.and_(kind == "", ~begins))


def who_changed(it: _Table) -> sa.ColumnElement[Any]:
    """Select who made a change: of ours which organization, and no person."""
    organization = TABLES["organization"].alias()
    name = (
        sa.select(organization.c.name)
        .where(organization.c.id == it.c.organization_id)
        .correlate(it)
        .scalar_subquery()
    )
    ours = sa.or_(it.c.change_id.is_not(None), it.c.account_id.is_not(None))
    return sa.case((ours, sa.func.coalesce(name, "")), else_=it.c.updated_by)


def _organization_of(it: _Table, source: str) -> _Rule:
    service = TABLES["service"].alias()
    needed = sa.exists().where(service.c.organization_id == it.c.id, _mine(service, source))
    return sa.or_(it.c.source == source, needed)


def _location_of(it: _Table, source: str) -> _Rule:
    offer, service = TABLES["service_at_location"].alias(), TABLES["service"].alias()
    needed = sa.exists().where(
        offer.c.location_id == it.c.id,
        offer.c.service_id == service.c.id,
        _mine(service, source),
    )
    return sa.or_(it.c.source == source, needed)


def _mine(service: _Table, source: str) -> _Rule:
    return (service.c.source == source) & service.c.merged_into_id.is_(None)


#: The records that are of a source; what belongs to them goes with them.
_OF_A_SOURCE: Final[Mapping[str, Callable[[Any, str], _Rule]]] = {
    "organization": _organization_of,
    "location": _location_of,
    "service": lambda it, source: it.c.source == source,
    "meta_table_description": lambda it, source: it.c.source == source,
}
