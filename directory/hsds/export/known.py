"""What everybody may know: of each table of the standard the rows, and of each row the columns.

Every export selects by these rules, so that what may not leave is absent and not taken out:

- A record that was merged into another is not there, nor what belongs to it.
- Of a place that is not public there is that it exists, of which kind and of which
  organization. What belongs to it is not there, and nothing was ever said of it or changed in
  it. A service there keeps its hours, its telephones and its area, without words that may say
  how to find it, and without the people to ask for.
- What belongs to nothing is not there.
- Accounts and who of them did what are in no column that is selected.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from directory.hsds.profile import EXTENSIONS
from directory.hsds.standard import HSDS_TABLES, columns_of
from directory.models import TABLES
from directory.models.locations import AddressVisibility

_Table = sa.FromClause
_Rule = sa.ColumnElement[bool]

#: What a record belongs to: it is not there unless all of these are that it names, and it
#: names one at least. What else it refers to is left empty where that is not there.
_BELONGS: Final[Mapping[str, tuple[str, ...]]] = {
    "program": ("organization_id",),
    "service": ("organization_id",),
    "service_at_location": ("service_id", "location_id"),
    "address": ("location_id", "organization_id"),
    "phone": (
        "location_id",
        "service_id",
        "organization_id",
        "contact_id",
        "service_at_location_id",
    ),
    "contact": ("location_id", "service_id", "organization_id", "service_at_location_id"),
    "schedule": ("location_id", "service_id", "service_at_location_id"),
    "language": ("location_id", "service_id", "phone_id"),
    "accessibility": ("location_id",),
    "service_area": ("service_id", "service_at_location_id"),
    "required_document": ("service_id",),
    "cost_option": ("service_id",),
    "funding": ("organization_id", "service_id"),
    "service_capacity": ("service_id", "unit_id", "service_at_location_id"),
    "url": ("organization_id", "service_id"),
    "organization_identifier": ("organization_id",),
    "taxonomy_term": ("taxonomy_id",),
    "attribute": ("taxonomy_term_id",),
}
#: What may be said or changed of a record of any table: the columns with its table and its id.
_OF_ANYTHING: Final[Mapping[str, tuple[str, str]]] = {
    "attribute": ("link_entity", "link_id"),
    "metadata": ("resource_type", "resource_id"),
}
#: All that is told of a hidden place.
_TOLD_OF_PLACE: Final = frozenset({"id", "location_type", "organization_id", "address_visibility"})
#: Words and numbers that may say how to find a place, of what belongs to a service there.
_WORDS: Final = frozenset(
    {"description", "notes", "note", "attention", "schedule_link", "timezone"}
)
#: By which of its columns a record can be at a hidden place.
_AT: Final = ("location_id", "service_at_location_id", "contact_id", "phone_id")


class Known:
    """Selects what everybody may know, of one source or of all, as of ``now``.

    Of a ``source`` are its services, its organizations and places and those that its services
    need, and all that belongs to these; taxonomies and units are everybody's.
    """

    def __init__(self, *, now: datetime, source: str | None = None) -> None:
        self._now = now
        self._source = source

    def rows(self, table: str) -> sa.Select[Any]:
        """Select a table's rows in the order of their ids, under our names of the columns."""
        it = TABLES[table]
        columns = [self._column(table, it, name) for name in told_columns(table)]
        return sa.select(*columns).where(*self._rules(table, it)).order_by(it.c.id)

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
        rules = (rule(it) for rule in more)
        return sa.exists().where(it.c[column] == id_, *self._rules(table, it), *rules)

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
        if self._source is not None and table in _OF_A_SOURCE:
            yield _OF_A_SOURCE[table](it, self._source)
        yield from self._owned(table, it)
        if table in _OF_ANYTHING:
            yield self._about(table, it)
        if table == "service_capacity":
            yield from self._newest(it)

    def _owned(self, table: str, it: _Table) -> Iterator[_Rule]:
        """Yield that a record belongs to something, and that all it belongs to is there."""
        columns = _BELONGS.get(table, ())
        optional = [column for column in columns if TABLES[table].c[column].nullable]
        for column in columns:
            there = self._has_owner(table, it, column)
            yield sa.or_(it.c[column].is_(None), there) if column in optional else there
        if columns and len(optional) == len(columns):
            yield sa.or_(*(it.c[column].is_not(None) for column in columns))

    def _has_owner(self, table: str, it: _Table, column: str) -> _Rule:
        owner = _referred(table, column)
        if owner == "location" and table != "service_at_location":
            return self.has(owner, "id", it.c[column], lambda place: ~is_hidden(place))
        if owner == "service_at_location" and table == "contact":
            return self.has(owner, "id", it.c[column], lambda offer: ~_at_hidden(owner, offer))
        return self.has(owner, "id", it.c[column])

    def _about(self, table: str, it: _Table) -> _Rule:
        """Say that what a record is about is there, and not at a hidden place."""
        kind, id_ = _OF_ANYTHING[table]
        return sa.or_(
            *(
                (it.c[kind] == other)
                & self.has(other, "id", it.c[id_], lambda row, of=other: ~_at_hidden(of, row))
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
        yield it.c.expires_at > self._now
        yield ~sa.exists().where(*same, after)

    def _column(self, table: str, it: _Table, name: str) -> sa.ColumnElement[Any]:
        column = it.c[name]
        if table == "metadata" and name == "updated_by":
            return _who(it).label(name)
        if table == "location" and name not in _TOLD_OF_PLACE:
            return sa.case((~is_hidden(it), column)).label(name)
        if name in _WORDS and table != "location" and _may_be_at_hidden(table):
            return sa.case((~_at_hidden(table, it), column)).label(name)
        owner = _refers_to(table).get(name)
        if owner is None or name in _BELONGS.get(table, ()):
            return column
        return sa.case((self.has(owner, "id", column), column)).label(name)


def told_columns(table: str) -> list[str]:
    """Return our names of the columns that are told: the standard's and the profile's."""
    standard = [column for _, column in columns_of(table)]
    ours = [field.name for field in EXTENSIONS.get(table, ())]
    return list(dict.fromkeys([*standard, *ours]))


def is_hidden(place: _Table) -> _Rule:
    """Say that not everybody may know where a place is."""
    return place.c.address_visibility != AddressVisibility.PUBLIC


def _may_be_at_hidden(table: str) -> bool:
    return any(column in TABLES[table].c for column in _AT)


def _at_hidden(table: str, it: _Table) -> _Rule:
    """Say that a record is a hidden place, or belongs to a service at one."""
    if table == "location":
        return is_hidden(it)
    ways = []
    for column in _AT:
        if column in it.c:
            owner = _referred(table, column)
            above = TABLES[owner].alias()
            ways.append(sa.exists().where(above.c.id == it.c[column], _at_hidden(owner, above)))
    return sa.or_(sa.false(), *ways)


def _refers_to(table: str) -> dict[str, str]:
    """Return the tables that a table's columns refer to."""
    fields = (*HSDS_TABLES[table].fields, *EXTENSIONS.get(table, ()))
    return {field.name: field.refers_to for field in fields if field.refers_to}


def _referred(table: str, column: str) -> str:
    return _refers_to(table)[column]


def _who(it: _Table) -> sa.ColumnElement[Any]:
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
