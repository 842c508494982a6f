"""The tables of HSDS 3.2 as facts: files, fields, kinds, what is required, what nests where.

Everything that reads or writes the standard (export, API, schemas, profile) goes by these
facts, so that they are written down once. Source: HSDS 3.2.3, its tabular data package and its
JSON Schemas (docs.openreferral.org). Ours stand apart, in ``directory.hsds.profile``.
"""

import enum
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

#: The release whose rules are kept. Its object schemas are those of 3.1.
VERSION: Final = "3.2.3"


class Kind(enum.StrEnum):
    """What a field holds. In CSV a clock reading has seconds, and a date no time.

    The standard has no flags and no objects: only our own fields (``directory.hsds.profile``) do.
    """

    UUID = "uuid"
    TEXT = "text"
    EMAIL = "email"
    URI = "uri"
    NUMBER = "number"
    DATE = "date"
    INSTANT = "instant"
    CLOCK = "clock"
    FLAG = "flag"
    OBJECT = "object"


class Needed(enum.Enum):
    """Where a field may not be missing."""

    NOWHERE = enum.auto()
    IN_CSV = enum.auto()
    EVERYWHERE = enum.auto()


class Field(NamedTuple):
    """One column. ``refers_to`` is the table whose id it holds, ``choices`` all it may say."""

    name: str
    kind: Kind = Kind.TEXT
    needed: Needed = Needed.NOWHERE
    refers_to: str | None = None
    choices: tuple[str, ...] = ()


class Nested(NamedTuple):
    """What an object has inside it in JSON: records of a table, many or one."""

    name: str
    table: str
    many: bool
    needed: bool


class Table(NamedTuple):
    """One table, which in JSON is one kind of object."""

    name: str
    file: str
    fields: tuple[Field, ...]
    nested: tuple[Nested, ...]

    def field(self, name: str) -> Field:
        """Return a field. Raises KeyError for a name that the table does not have."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("active", "inactive", "defunct", "temporarily closed"),
    "place": ("physical", "postal", "virtual"),
    "freq": ("WEEKLY", "MONTHLY"),
    "weekday": ("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
}

#: By table: its CSV file, then its fields in the order of the data package, then what nests.
#: ``name``, ``name:kind`` (or choices), ``name>table`` for a reference; ``!`` is required
#: everywhere and ``!csv`` in CSV only. ``name=table*`` nests many, without the star one.
_FACTS: Final[Mapping[str, tuple[str, str]]] = {
    "organization": (
        "organizations.csv",
        """
        id:uuid! name! alternate_name description! email:email website:uri tax_status tax_id
        year_incorporated:number legal_status logo uri:uri
        parent_organization_id>organization additional_websites=url* funding=funding*
        contacts=contact* phones=phone* locations=location* programs=program*
        organization_identifiers=organization_identifier* attributes=attribute*
        metadata=metadata*
        """,
    ),
    "program": (
        "programs.csv",
        """
        id:uuid! organization_id>organization!csv name! alternate_name description!
        attributes=attribute* metadata=metadata*
        """,
    ),
    "service": (
        "services.csv",
        """
        id:uuid! organization_id>organization!csv program_id>program name! alternate_name
        description url:uri email:email status:status! interpretation_services
        application_process fees_description wait_time fees accreditations
        eligibility_description minimum_age:number maximum_age:number assured_date:date
        assurer_email:email licenses alert last_modified:instant additional_urls=url*
        phones=phone* schedules=schedule* service_areas=service_area*
        service_at_locations=service_at_location* languages=language*
        organization=organization funding=funding* cost_options=cost_option* program=program
        required_documents=required_document* contacts=contact* capacities=service_capacity*
        attributes=attribute* metadata=metadata*
        """,
    ),
    "service_at_location": (
        "service_at_location.csv",
        """
        id:uuid! service_id>service!csv location_id>location!csv description
        service_areas=service_area* contacts=contact* phones=phone* schedules=schedule*
        location=location attributes=attribute* metadata=metadata*
        """,
    ),
    "location": (
        "locations.csv",
        """
        id:uuid! location_type:place! url:uri organization_id>organization name
        alternate_name description transportation latitude:number longitude:number
        external_identifier external_identifier_type languages=language* addresses=address*
        contacts=contact* accessibility=accessibility* phones=phone* schedules=schedule*
        attributes=attribute* metadata=metadata*
        """,
    ),
    "address": (
        "addresses.csv",
        """
        id:uuid! location_id>location attention address_1! address_2 city! region
        state_province! postal_code! country! address_type:place! attributes=attribute*
        metadata=metadata*
        """,
    ),
    "phone": (
        "phones.csv",
        """
        id:uuid! location_id>location service_id>service organization_id>organization
        contact_id>contact service_at_location_id>service_at_location number!
        extension:number type description languages=language* attributes=attribute*
        metadata=metadata*
        """,
    ),
    "contact": (
        "contacts.csv",
        """
        id:uuid! organization_id>organization service_id>service
        service_at_location_id>service_at_location location_id>location name title
        department email:email phones=phone* attributes=attribute* metadata=metadata*
        """,
    ),
    "schedule": (
        "schedules.csv",
        """
        id:uuid! service_id>service location_id>location
        service_at_location_id>service_at_location valid_from:date valid_to:date
        dtstart:date timezone:number until:date count:number wkst:weekday freq:freq
        interval:number byday byweekno bymonthday byyearday description opens_at:clock
        closes_at:clock schedule_link:uri attending_type notes attributes=attribute*
        metadata=metadata*
        """,
    ),
    "language": (
        "languages.csv",
        """
        id:uuid! service_id>service location_id>location phone_id>phone name code note
        attributes=attribute* metadata=metadata*
        """,
    ),
    "accessibility": (
        "accessibility.csv",
        """
        id:uuid! location_id>location description details url:uri attributes=attribute*
        metadata=metadata*
        """,
    ),
    "service_area": (
        "service_areas.csv",
        """
        id:uuid! service_id>service service_at_location_id>service_at_location name
        description extent extent_type uri attributes=attribute* metadata=metadata*
        """,
    ),
    "required_document": (
        "required_documents.csv",
        """
        id:uuid! service_id>service document uri:uri attributes=attribute*
        metadata=metadata*
        """,
    ),
    "cost_option": (
        "cost_options.csv",
        """
        id:uuid! service_id>service!csv valid_from:date valid_to:date option currency
        amount:number amount_description attributes=attribute* metadata=metadata*
        """,
    ),
    "funding": (
        "funding.csv",
        """
        id:uuid! organization_id>organization service_id>service source
        attributes=attribute* metadata=metadata*
        """,
    ),
    "service_capacity": (
        "service_capacity.csv",
        """
        id:uuid! service_id>service!csv unit_id>unit!csv available:number! maximum:number
        description updated:instant! unit=unit! attributes=attribute* metadata=metadata*
        """,
    ),
    "unit": (
        "units.csv",
        """
        id:uuid! name! scheme identifier uri:uri attributes=attribute* metadata=metadata*
        """,
    ),
    "url": (
        "url.csv",
        """
        id:uuid! label url:uri! organization_id>organization service_id>service
        attributes=attribute* metadata=metadata*
        """,
    ),
    "organization_identifier": (
        "organization_identifiers.csv",
        """
        id:uuid! organization_id>organization!csv identifier_scheme identifier_type!
        identifier! attributes=attribute* metadata=metadata*
        """,
    ),
    "taxonomy": (
        "taxonomies.csv",
        """
        id:uuid! name! description! uri:uri version metadata=metadata*
        """,
    ),
    "taxonomy_term": (
        "taxonomy_terms.csv",
        """
        id:uuid! code name! description! parent_id>taxonomy_term taxonomy language
        taxonomy_id>taxonomy term_uri:uri taxonomy_detail=taxonomy metadata=metadata*
        """,
    ),
    "attribute": (
        "attributes.csv",
        """
        id:uuid! link_id:uuid!csv taxonomy_term_id>taxonomy_term!csv link_type
        link_entity!csv value label taxonomy_term=taxonomy_term metadata=metadata*
        """,
    ),
    "metadata": (
        "metadata.csv",
        """
        id:uuid! resource_id:uuid!csv resource_type!csv last_action_date:date!
        last_action_type! field_name! previous_value! replacement_value! updated_by!
        """,
    ),
    "meta_table_description": (
        "meta_table_descriptions.csv",
        """
        id:uuid! name language character_set attributes=attribute* metadata=metadata*
        """,
    ),
}


def _table(name: str, file: str, facts: str) -> Table:
    words = facts.split()
    fields = tuple(_field(word) for word in words if "=" not in word)
    return Table(name, file, fields, tuple(_nested(word) for word in words if "=" in word))


def _field(word: str) -> Field:
    needed = Needed.NOWHERE
    if word.endswith("!csv"):
        needed = Needed.IN_CSV
    elif word.endswith("!"):
        needed = Needed.EVERYWHERE
    name, _, refers_to = word.removesuffix("csv").removesuffix("!").partition(">")
    name, _, kind = name.partition(":")
    if refers_to:
        return Field(name, Kind.UUID, needed, refers_to)
    if kind in _CHOICES:
        return Field(name, Kind.TEXT, needed, choices=_CHOICES[kind])
    return Field(name, Kind(kind or "text"), needed)


def _nested(word: str) -> Nested:
    name, _, table = word.partition("=")
    return Nested(name, table.rstrip("*!"), "*" in table, table.endswith("!"))


#: All 24 tables, what is referred to mostly before what refers to it.
HSDS_TABLES: Final[Mapping[str, Table]] = {
    name: _table(name, file, facts) for name, (file, facts) in _FACTS.items()
}

#: Where a column of ours has another name than the standard's field, and why: every record of
#: ours has a ``source`` and a ``version`` of its own, money is kept in whole cents, an interval
#: is a reserved word, and we know when a change was, not only on which day.
_OUR_COLUMN: Final[Mapping[tuple[str, str], str]] = {
    ("schedule", "interval"): "repeat_interval",
    ("cost_option", "amount"): "amount_cents",
    ("taxonomy", "version"): "version_label",
    ("funding", "source"): "source_of_funds",
    ("metadata", "last_action_date"): "last_action_at",
}
#: Deprecated in HSDS 3; an import puts what it says into the field that took its place.
_NOT_KEPT: Final = frozenset({("service", "fees")})


def column_of(table: str, field: str) -> str | None:
    """Return our column for a field of the standard, None for the one that we do not keep."""
    if (table, field) in _NOT_KEPT:
        return None
    return _OUR_COLUMN.get((table, field), field)


@cache
def required_texts(table: str) -> frozenset[str]:
    """Return the texts that CSV has to have; none for a table that is not the standard's."""
    facts = HSDS_TABLES.get("taxonomy_term" if table == "term" else table)
    return frozenset(
        field.name
        for field in (facts.fields if facts else ())
        if field.kind is Kind.TEXT and field.needed is not Needed.NOWHERE and not field.refers_to
    )


@cache
def columns_of(table: str) -> tuple[tuple[Field, str], ...]:
    """Return the fields of a table that we keep, with our columns for them."""
    columns = ((field, column_of(table, field.name)) for field in HSDS_TABLES[table].fields)
    return tuple((field, column) for field, column in columns if column is not None)
